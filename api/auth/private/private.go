// Package private checks that only this user can use the files and folders that hold secrets, and makes such folders.
// Its errors name the command that mends a file's mode or owner.
package private

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"strconv"
	"strings"
	"syscall"

	"github.com/gofrs/flock"

	"rolecall/api/auth/shell"
	"rolecall/api/auth/whole"
)

// The modes of files and folders that only their owner can use.
const (
	FileMode   fs.FileMode = 0o600
	folderMode fs.FileMode = 0o700
)

// PermissionError reports that other users of the machine own a file or folder,
// or can read or change it, so that it is not used. Its text has the command
// that mends that.
type PermissionError struct {
	Path  string
	Owner string      // the user id of another user who owns it; "": nobody else does
	Mode  fs.FileMode // the actual mode
	Open  string      // "is open to", "can be read by" or "can be changed by" other users
	Want  string      // the mode for chmod
}

func (e *PermissionError) Error() string {
	if e.Owner != "" {
		return fmt.Sprintf("%s belongs to the user with id %s, neither to you nor to root; if the content is yours, "+
			"run as root: %s", e.Path, e.Owner, e.Command())
	}
	return fmt.Sprintf("%s %s other users (mode %#o); run: %s", e.Path, e.Open, e.Mode, e.Command())
}

// Command returns the shell command that mends the mode or the owner.
func (e *PermissionError) Command() string {
	path := e.Path
	if strings.HasPrefix(path, "-") {
		path = "./" + path
	}
	if e.Owner != "" {
		return fmt.Sprintf("chown %d %s", os.Geteuid(), shell.Quote(path))
	}
	return fmt.Sprintf("chmod %s %s", e.Want, shell.Quote(path))
}

// Check checks that only this user and root can use a file or folder: one
// of them owns it, and its mode is at most 0600 or 0700. Its error is a
// *PermissionError, or that of os.Stat.
func Check(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	return CheckInfo(path, info)
}

// CheckInfo is Check for a known FileInfo.
func CheckInfo(path string, info fs.FileInfo) error {
	want := FileMode
	if info.IsDir() {
		want = folderMode
	}
	return refuse(path, info, 0o077, "is open to", fmt.Sprintf("%o", want))
}

// CheckReader checks that only this user and root can read or write a file. Its
// error is a *PermissionError.
func CheckReader(path string, info fs.FileInfo) error {
	return refuse(path, info, 0o077, "can be read by", "600")
}

// CheckWriter checks that only this user and root can write to a file or folder.
// Others may read it. Its error is a *PermissionError.
func CheckWriter(path string, info fs.FileInfo) error {
	return refuse(path, info, 0o022, "can be changed by", "go-w")
}

// CheckOwner checks that a file or folder belongs to this user or root. Only its owner and root can change its mode.
// The error is a *PermissionError.
func CheckOwner(path string, info fs.FileInfo) error {
	if owner, known := whole.Owner(info); known && owner != 0 && owner != os.Geteuid() {
		return &PermissionError{Path: path, Owner: strconv.Itoa(owner)}
	}
	return nil
}

// refuse returns a *PermissionError if another user owns a file, or if others
// have one of the forbidden rights. Windows has no such bits: there a user's
// folders are the user's own.
func refuse(path string, info fs.FileInfo, forbidden fs.FileMode, open, want string) error {
	if err := CheckOwner(path, info); err != nil {
		return err
	}
	if runtime.GOOS == "windows" || info.Mode().Perm()&forbidden == 0 {
		return nil
	}
	return &PermissionError{Path: path, Mode: info.Mode().Perm(), Open: open, Want: want}
}

// Folder makes a folder that only the owner can use. If the folder exists
// and others can use it, the error is a *PermissionError.
func Folder(path string) error {
	if err := os.MkdirAll(path, folderMode); err != nil {
		return err
	}
	return Check(path)
}

// CheckWritable checks that a file can be written in a folder: it makes a file
// there and removes it.
func CheckWritable(folder string) error {
	f, err := os.CreateTemp(folder, ".rolecall-")
	if err != nil {
		return err
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}

// CheckStore checks that files can be written and locked in a folder.
func CheckStore(folder string) error {
	f, err := os.CreateTemp(folder, ".rolecall-")
	if err != nil {
		return err
	}
	lock := flock.New(f.Name())
	_, err = lock.TryLock()
	return errors.Join(err, lock.Close(), f.Close(), os.Remove(f.Name()))
}

// LacksLocks reports whether err comes from a file system without locks. Some
// file systems that machines share have none (flock(2)).
func LacksLocks(err error) bool {
	return errors.Is(err, syscall.ENOLCK) || errors.Is(err, syscall.ENOTSUP) || errors.Is(err, syscall.ENOSYS)
}
