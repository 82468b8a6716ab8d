package whole

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// mostLinks is the most links that Real follows: as many as Linux does (path_resolution(7)).
const mostLinks = 40

// Real returns the path of a file with all links followed. The file need not exist, so a file has the same path before
// and after it is made.
func Real(path string) (string, error) {
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

// Same reports whether two paths are names of one file: by links, by hard links, or in another case on a disk that
// does not tell cases apart. The file need not exist.
func Same(a, b string) bool {
	a, errA := Real(a)
	b, errB := Real(b)
	if errA != nil || errB != nil {
		return false
	}
	thisA, errA := os.Stat(a)
	thisB, errB := os.Stat(b)
	if errA == nil && errB == nil {
		return os.SameFile(thisA, thisB)
	}
	if errA == nil || errB == nil { // two names of one file would both be found
		return false
	}
	folderA, errA := os.Stat(filepath.Dir(a))
	folderB, errB := os.Stat(filepath.Dir(b))
	if errA != nil || errB != nil {
		return filepath.Clean(a) == filepath.Clean(b)
	}
	return os.SameFile(folderA, folderB) && sameName(filepath.Dir(a), filepath.Base(a), filepath.Base(b))
}

// sameName reports whether two names are one name in a folder. It tries that on the disk, because each file system has
// its own rules for case and accents.
func sameName(folder, a, b string) bool {
	if a == b {
		return true
	}
	f, err := os.CreateTemp(folder, temporary(a))
	if err != nil {
		return false
	}
	defer func() { _ = f.Close(); _ = os.Remove(f.Name()) }()
	made := filepath.Base(f.Name())
	this, err := f.Stat()
	if err != nil {
		return false
	}
	other, err := os.Lstat(filepath.Join(folder, "."+b+strings.TrimPrefix(made, "."+a)))
	return err == nil && os.SameFile(this, other)
}

// Key returns a text that is the same for all names of the file at path, and another one for each other file. path is
// what Real returns. The file need not exist, and the key does not change when it is made.
func Key(path string) string {
	folder, base := filepath.Split(path)
	folder = filepath.Clean(folder)
	foldsCase := sameName(folder, "a", "A")
	composes := sameName(folder, "\u00e9", "e\u0301")
	if !foldsCase && !composes {
		return path
	}
	if foldsCase {
		base = strings.ToLower(base)
	}
	if composes {
		base = norm.NFC.String(base)
	}
	return filepath.Join(spelled(folder), base)
}

// spelled returns the path of a folder as the disk spells it. A part that cannot be found stays as it is.
func spelled(folder string) string {
	parent := filepath.Dir(folder)
	if parent == folder {
		return folder
	}
	name := filepath.Base(folder)
	all, _ := os.ReadDir(parent) // a folder that cannot be read leaves the name as it is
	exact := func(f os.DirEntry) bool { return f.Name() == name }
	if this, err := os.Stat(folder); err == nil && !slices.ContainsFunc(all, exact) {
		for _, f := range all {
			if other, err := os.Stat(filepath.Join(parent, f.Name())); err == nil && os.SameFile(this, other) {
				name = f.Name()
			}
		}
	}
	return filepath.Join(spelled(parent), name)
}
