//go:build !unix

package whole

import (
	"io/fs"
	"os"
)

// keep does nothing: on Windows a file has the rights of its folder.
func keep(*os.File, string) {}

// Owner returns false: Go does not tell the owner of a file on Windows.
func Owner(fs.FileInfo) (user int, known bool) { return 0, false }

// own returns true: on Windows a user's folders are the user's own.
func own(fs.FileInfo) bool { return true }

// use does nothing: Windows does not remove an open file.
func use(*os.File) {}

// unused returns true, because Windows does not remove an open file.
func unused(string) bool { return true }
