//go:build unix

package machine

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// lockFile is a file that processes lock. It stays open between two locks, because opening takes six system calls, and
// each call to Zoho locks two files. A process that dies loses its locks (flock(2)).
type lockFile struct {
	path string
	file *os.File // nil before the first lock
}

// tryShared locks the file together with other processes. ok is false if another process has it alone.
func (l *lockFile) tryShared() (ok bool, err error) { return l.try(unix.LOCK_SH) }

// tryAlone locks the file for this process alone. ok is false if another process has it.
func (l *lockFile) tryAlone() (ok bool, err error) { return l.try(unix.LOCK_EX) }

func (l *lockFile) try(how int) (ok bool, err error) {
	if l.file == nil {
		// NFS gives an exclusive lock only on a file that is open for writing (flock(2)).
		if l.file, err = os.OpenFile(l.path, os.O_CREATE|os.O_RDWR, 0o600); err != nil {
			return false, err
		}
	}
	err = unix.Flock(int(l.file.Fd()), how|unix.LOCK_NB)
	if errors.Is(err, unix.EWOULDBLOCK) {
		return false, nil
	}
	return err == nil, err
}

// unlock releases the lock.
func (l *lockFile) unlock() {
	if unix.Flock(int(l.file.Fd()), unix.LOCK_UN) != nil {
		_ = l.file.Close() // closing the file releases the lock in any case
		l.file = nil
	}
}
