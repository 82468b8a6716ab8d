//go:build unix

package rundb

import (
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// The bytes that SQLite locks to have a file alone (SQLite, os.h: SHARED_FIRST and SHARED_SIZE).
const (
	sharedFirst = 0x40000000 + 2
	sharedSize  = 510
)

// Holder reports whether another process holds the run.db at path. pid is the id of that process, or 0 if it is not
// known, such as for a process in another container. Holder takes no lock. A process that has the file open must not
// call it: see Look.
func Holder(path string) (pid int, held bool, err error) {
	f, err := os.OpenFile(path, os.O_RDONLY|unix.O_NONBLOCK, 0) // the file of somebody else may be a pipe
	if err != nil {
		return 0, false, err
	}
	defer func() { _ = f.Close() }()
	lock := unix.Flock_t{Type: unix.F_RDLCK, Whence: io.SeekStart, Start: sharedFirst, Len: sharedSize}
	if err := unix.FcntlFlock(f.Fd(), unix.F_GETLK, &lock); err != nil {
		return 0, false, err
	}
	return int(max(lock.Pid, 0)), lock.Type != unix.F_UNLCK, nil
}
