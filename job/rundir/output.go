package rundir

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"unicode/utf8"
)

// OutputPlace checks the path of an output file before anything is read, and returns it as an absolute path without
// links, so that resume works from any folder. flag is the flag that gave the path, for messages. Its error is a
// *[UsageError]: the path is a folder or no regular file, or no file can be written there.
func OutputPlace(flag, to string) (string, error) {
	if !utf8.ValidString(to) {
		return "", notUTF8(flag, to)
	}
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
		return "", &UsageError{Err: fmt.Errorf("%s %s is no regular file, so it cannot be replaced whole: "+
			"give another file, or %s -", flag, to, flag)}
	}
	// An unwritable folder must fail now, not after fifty thousand reads.
	w, err := CreateWhole(path)
	if err != nil {
		return "", &UsageError{Err: fmt.Errorf("%s: %w", flag, err)}
	}
	w.Discard()
	return path, nil
}

// mostLinks is the most links that real follows: as many as Linux does (path_resolution(7)).
const mostLinks = 40

// real returns the path of a file with all links followed, whether the file exists or not. So the first export of a
// name and later ones have one path.
func real(path string) (string, error) {
	for range mostLinks {
		// If the folder has a problem, writing the file reports it.
		if folder, err := filepath.EvalSymlinks(filepath.Dir(path)); err == nil {
			path = filepath.Join(folder, filepath.Base(path))
		}
		to, err := os.Readlink(path)
		if err != nil { // no link, or no file
			return path, nil //nolint:nilerr // a path that is no link is the result
		}
		if !filepath.IsAbs(to) {
			to = filepath.Join(filepath.Dir(path), to)
		}
		path = to
	}
	return "", fmt.Errorf("%s: links lead round in a circle", path)
}
