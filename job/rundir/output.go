package rundir

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"rolecall/whole"
)

// OutputPlace checks the path of an output file before anything is read, and returns it as an absolute path without
// links, so that resume works from any folder. flag is the flag that gave the path, for messages. Its error is a
// *[UsageError]: the path is a folder or no regular file, or no file can be written there.
func OutputPlace(flag, to string) (string, error) {
	path, err := filepath.Abs(to)
	if err != nil {
		return "", &UsageError{Err: err}
	}
	if path, err = whole.Real(path); err != nil {
		return "", &UsageError{Err: fmt.Errorf("%s: %w", flag, err)}
	}
	switch info, err := os.Stat(path); {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return "", &UsageError{Err: fmt.Errorf("%s: %w", flag, err)}
	case info.IsDir():
		return "", &UsageError{Err: fmt.Errorf("%s %s is a folder: give a file", flag, to)}
	case !info.Mode().IsRegular():
		return "", &UsageError{Err: fmt.Errorf("%s %s is no regular file, so it cannot be replaced whole: "+
			"give another file, or %s -", flag, to, flag)}
	}
	// An unwritable folder must fail now, not after fifty thousand reads.
	w, err := whole.Create(path)
	if err != nil {
		return "", &UsageError{Err: fmt.Errorf("%s: %w", flag, err)}
	}
	w.Discard()
	return path, nil
}
