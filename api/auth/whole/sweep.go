package whole

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
)

// ownPart follows the name of a file in the name of its temporary file. No other program makes such names.
const ownPart = ".rolecall-"

// temporary returns the pattern of os.CreateTemp for the temporary file of path.
func temporary(path string) string { return "." + filepath.Base(path) + ownPart + "*.tmp" }

// number is what os.CreateTemp and os.MkdirTemp put in place of the star of a pattern: 32 random bits.
const number = `[0-9]{1,10}`

// Sweep removes the temporary files that killed processes left for the file at path. If path ends with a separator,
// Sweep does so for all files of that folder. It leaves the files of running processes.
func Sweep(path string) {
	if path == "" {
		return
	}
	base := ".+"
	if !os.IsPathSeparator(path[len(path)-1]) {
		base = regexp.QuoteMeta(filepath.Base(path))
	}
	folder := filepath.Dir(path)
	for _, f := range Left(folder, regexp.MustCompile(`(?s)^\.`+base+`\.rolecall-`+number+`\.tmp$`)) {
		if left := filepath.Join(folder, f.Name()); f.Mode().IsRegular() && unused(left) {
			_ = os.Remove(left)
		}
	}
}

// Left returns the files and folders of a folder that belong to this user and whose names match a pattern. It does not
// follow links.
func Left(folder string, pattern *regexp.Regexp) (left []fs.FileInfo) {
	all, _ := os.ReadDir(folder) // a folder that cannot be read keeps what is left in it
	for _, f := range all {
		if !pattern.MatchString(f.Name()) {
			continue
		}
		if info, err := f.Info(); err == nil && info.Mode()&fs.ModeSymlink == 0 && own(info) {
			left = append(left, info)
		}
	}
	return left
}
