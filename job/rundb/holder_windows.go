package rundb

import (
	"errors"
	"os"

	"golang.org/x/sys/windows"
)

// sharedFirst is the first of the bytes that SQLite locks to have a file alone (SQLite, os.h: SHARED_FIRST).
const sharedFirst = 0x40000000 + 2

// Holder reports whether another process holds the run.db at path. pid is always 0, because Windows does not say which
// process it is. Holder takes the lock for a moment. A process that opens the file at that moment tries again.
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
