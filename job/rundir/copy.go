package rundir

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"rolecall/whole"
)

// CopyPlace checks the path of --results before anything is sent, and returns it as an absolute path, so that resume
// works from any folder. It returns "" and "-" (stdout) as they are. Its errors are those of [OutputPlace]; a device or
// a pipe will do, and the run's own folder and the files in it will not.
func CopyPlace(to, runDir string, taken ...Taken) (string, error) {
	if to == "" || to == "-" {
		return to, nil
	}
	path, err := filepath.Abs(to)
	if err != nil {
		return "", &UsageError{Err: err}
	}
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() && !info.IsDir() {
		return path, nil
	}
	target, err := whole.Real(path)
	if err != nil {
		return "", &UsageError{Err: fmt.Errorf("--results: %w", err)}
	}
	if whole.Same(filepath.Dir(target), runDir) {
		return "", usagef("--results %s is in the run's own folder, which has a results.csv anyway: "+
			"choose another folder", to)
	}
	_, err = OutputPlace("--results", to, append(taken, Taken{runDir, "the run's own folder"})...)
	return path, err
}

// CopyResults copies the result table at from to the path to, or to stdout for "-"; "" copies nothing. It replaces a
// regular file whole, also behind a link. It writes into a device or a pipe directly.
func CopyResults(from, to string, stdout io.Writer) error {
	if to == "" {
		return nil
	}
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	if to == "-" {
		_, err = io.Copy(stdout, in)
		return err
	}
	if info, err := os.Stat(to); err == nil && !info.Mode().IsRegular() {
		return copyInto(to, in)
	}
	if target, err := filepath.EvalSymlinks(to); err == nil {
		to = target
	}
	out, err := whole.Create(to)
	if err != nil {
		return err
	}
	defer out.Discard()
	if _, err := io.Copy(out, in); err != nil {
		return fmt.Errorf("write %s: %w", to, err)
	}
	return out.Commit()
}

// copyInto writes into a device or a pipe, which it must not replace.
func copyInto(to string, in io.Reader) error {
	out, err := os.OpenFile(to, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	if e := out.Close(); err == nil {
		err = e
	}
	return err
}
