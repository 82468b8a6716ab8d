package rundir

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"unicode/utf8"

	"rolecall/api/auth/whole"
)

// CopyPlace checks the path of --results before anything is sent, and returns it as an absolute path, so that resume
// works from any folder. It returns "" and "-" (stdout) as they are. It accepts a device or a pipe, but not the run's
// own folder or a file in it. Its errors are those of [OutputPlace].
func CopyPlace(to, runDir string, taken ...Taken) (string, error) {
	if to == "" || to == "-" {
		return to, nil
	}
	if !utf8.ValidString(to) {
		return "", notUTF8("--results", to)
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
// regular file whole, also behind a link. It writes into a device or a pipe directly, until the context ends. copyTable
// writes the table.
func CopyResults(
	ctx context.Context, from, to string, stdout io.Writer, copyTable func(to io.Writer, from io.Reader) error,
) error {
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
		return copyInto(ctx, to, in, copyTable)
	}
	if target, err := filepath.EvalSymlinks(to); err == nil {
		to = target
	}
	out, err := whole.Create(to)
	if err != nil {
		return err
	}
	defer out.Discard()
	if err := copyTable(out, in); err != nil {
		return fmt.Errorf("write %s: %w", to, err)
	}
	return out.Commit()
}

// notUTF8 refuses the name of an output that a run cannot record, so that resume would write another file.
func notUTF8(flag, name string) error {
	return usagef("%s %q: the name is not UTF-8, which the run cannot record: choose another name", flag, name)
}

// KeepsCopy reports whether a later process may write the copy of the results to the same path as an earlier one. That
// is false for stdout and for a pipe, because their readers belong to the earlier process.
func KeepsCopy(to string) bool {
	info, err := os.Stat(to)
	return to != "-" && (err != nil || info.Mode()&(fs.ModeNamedPipe|fs.ModeSocket) == 0)
}
