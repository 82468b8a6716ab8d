package rundb

import (
	"errors"
	"os"

	"golang.org/x/sys/windows"
)

// sharedFirst is the first of the bytes that SQLite locks to have a file for itself (SQLite, os.h: SHARED_FIRST).
const sharedFirst = 0x40000000 + 2

// Holder reports whether another process holds the run.db at path. Windows does not tell which, and only a lock for a
// moment shows it: a process that opens the file in that moment tries again.
func Holder(path string) (pid int, held bool, err error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, false, err
	}
	defer func() { _ = f.Close() }()
	at := windows.Overlapped{Offset: sharedFirst}
	err = windows.LockFileEx(windows.Handle(f.Fd()), windows.LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, &at)
	if errors.Is(err, windows.ERROR_LOCK_VIOLATION) {
		return 0, true, nil
	}
	if err != nil {
		return 0, false, err
	}
	return 0, false, windows.UnlockFileEx(windows.Handle(f.Fd()), 0, 1, 0, &at)
}
