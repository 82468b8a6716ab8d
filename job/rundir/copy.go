package rundir

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// CopyPlace checks the path of --results before anything is sent, and returns it as an absolute path, so that resume
// works from any folder. It returns "" and "-" (stdout) as they are. Its error is a *[UsageError]: the folder of the
// path does not exist, or the path is the input, a folder, or a file in the run's own folder.
func CopyPlace(to, input, runDir string) (string, error) {
	if to == "" || to == "-" {
		return to, nil
	}
	path, err := filepath.Abs(to)
	if err != nil {
		return "", &UsageError{Err: err}
	}
	dir, err := os.Stat(filepath.Dir(path))
	if err != nil {
		return "", &UsageError{Err: fmt.Errorf("--results: %w", err)}
	}
	if run, err := os.Stat(runDir); err == nil && os.SameFile(dir, run) {
		return "", usagef("--results %s is in the run's own folder, which has a results.csv anyway: "+
			"choose another folder", to)
	}
	there, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return path, nil
	case err != nil:
		return "", &UsageError{Err: fmt.Errorf("--results: %w", err)}
	case there.IsDir():
		return "", usagef("--results %s is a folder: give a file", to)
	}
	if in, err := os.Stat(input); err == nil && os.SameFile(there, in) {
		return "", usagef("--results %s is the input itself: choose another file", to)
	}
	return path, nil
}

// CopyResults copies the result table at from to the path to, or to stdout for "-"; "" copies nothing. It replaces a
// regular file whole, also behind a link. It writes into a device or a pipe directly. copyTable writes the table.
func CopyResults(from, to string, stdout io.Writer, copyTable func(to io.Writer, from io.Reader) error) error {
	if to == "" {
		return nil
	}
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	if to == "-" {
		return copyTable(stdout, in)
	}
	if info, err := os.Stat(to); err == nil && !info.Mode().IsRegular() {
		return copyInto(to, in, copyTable)
	}
	if target, err := filepath.EvalSymlinks(to); err == nil {
		to = target
	}
	out, err := CreateWhole(to)
	if err != nil {
		return err
	}
	defer out.Discard()
	if err := copyTable(out, in); err != nil {
		return fmt.Errorf("write %s: %w", to, err)
	}
	return out.Commit()
}

// copyInto writes into a device or a pipe, which it must not replace.
func copyInto(to string, in io.Reader, copyTable func(io.Writer, io.Reader) error) error {
	out, err := os.OpenFile(to, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	err = copyTable(out, in)
	if e := out.Close(); err == nil {
		err = e
	}
	return err
}
