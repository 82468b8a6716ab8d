package auth

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"strings"
)

const (
	fileMode   fs.FileMode = 0o600
	folderMode fs.FileMode = 0o700
)

// PermissionError is a file or folder with secrets that other users of the
// machine can get at. It is not used, and mending it is the user's to do: the
// text has the command.
type PermissionError struct {
	Path string
	Mode fs.FileMode // as found
	Want fs.FileMode
}

// CacheError is what PermissionError was called when only the token cache was
// looked at.
type CacheError = PermissionError

func (e *PermissionError) Error() string {
	what := "file"
	if e.Want == folderMode {
		what = "folder"
	}
	return fmt.Sprintf("%s %s holds secrets and is open to other users (mode %#o); run: %s", what, e.Path, e.Mode, e.Command())
}

// Command is what mends it, as typed into a shell.
func (e *PermissionError) Command() string { return fmt.Sprintf("chmod %o %s", e.Want, quote(e.Path)) }

// quote makes a path one word of a shell.
func quote(path string) string {
	plain := func(c rune) bool {
		return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.ContainsRune("/._-+,@%=:", c)
	}
	if strings.HasPrefix(path, "-") {
		path = "./" + path
	}
	if path != "" && strings.IndexFunc(path, func(c rune) bool { return !plain(c) }) < 0 {
		return path
	}
	return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
}

// CheckPrivate looks whether a file or folder is its owner's alone: mode 0600
// or 0700 at most. It errors with a *PermissionError, or with what kept it from
// looking. Windows has no such bits: there a user's folders are the user's own.
func CheckPrivate(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if info.IsDir() {
		return private(path, info, folderMode)
	}
	return private(path, info, fileMode)
}

func private(path string, info fs.FileInfo, want fs.FileMode) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return &PermissionError{Path: path, Mode: mode, Want: want}
	}
	return nil
}

// StoreError is a folder that access tokens cannot be kept in: it cannot be
// made, or nothing can be written there.
type StoreError struct {
	Path string // of the folder
	Err  error
}

func (e *StoreError) Error() string {
	return fmt.Sprintf("access tokens cannot be kept in %s: %v", e.Path, e.Err)
}

// Unwrap gives what lies below.
func (e *StoreError) Unwrap() error { return e.Err }

// writable makes a file in a folder and takes it away again.
func writable(folder string) error {
	f, err := os.CreateTemp(folder, ".rolecall-")
	if err != nil {
		return err
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}

// privateFolder makes a folder that is its owner's alone, and refuses one that
// is not.
func privateFolder(path string) error {
	if err := os.MkdirAll(path, folderMode); err != nil {
		return err
	}
	return CheckPrivate(path)
}
