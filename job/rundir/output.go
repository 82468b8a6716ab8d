package rundir

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"rolecall/job/disk"
)

// OutputPlace looks at where a file is to be, which flag names, before anything is read, and gives its path as resume finds it from anywhere: the file itself where there is a link.
func OutputPlace(flag, to string) (string, error) {
	path, err := filepath.Abs(to)
	if err != nil {
		return "", &UsageError{Err: err}
	}
	if path, err = real(path); err != nil {
		return "", &UsageError{Err: fmt.Errorf("%s: %w", flag, err)}
	}
	switch info, err := os.Stat(path); {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return "", &UsageError{Err: fmt.Errorf("%s: %w", flag, err)}
	case info.IsDir():
		return "", &UsageError{Err: fmt.Errorf("%s %s is a folder: give a file", flag, to)}
	case !info.Mode().IsRegular():
		return "", &UsageError{Err: fmt.Errorf("%s %s is no regular file, so that it cannot be replaced whole: give another, or %s -", flag, to, flag)}
	}
	// Whether it can be written there is found out now, not after fifty thousand reads.
	w, err := disk.CreateWhole(path)
	if err != nil {
		return "", &UsageError{Err: fmt.Errorf("%s: %w", flag, err)}
	}
	w.Discard()
	return path, nil
}

// mostLinks is how many links lead from a name to a file, at most: as many as Linux follows (path_resolution(7)).
const mostLinks = 40

// real is the file that a path means, whether it is there yet or not: the same before the first export of a name and after it.
func real(path string) (string, error) {
	for range mostLinks {
		if folder, err := filepath.EvalSymlinks(filepath.Dir(path)); err == nil { // else the writing says what is wrong with the folder
			path = filepath.Join(folder, filepath.Base(path))
		}
		to, err := os.Readlink(path)
		if err != nil { // no link, or not there
			return path, nil //nolint:nilerr // as it says
		}
		if !filepath.IsAbs(to) {
			to = filepath.Join(filepath.Dir(path), to)
		}
		path = to
	}
	return "", fmt.Errorf("%s: links lead round in a circle", path)
}
