//go:build unix

package machine

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// lockFile is a file that processes lock. It stays open between two locks: to open it takes six calls of the system,
// and each call to Zoho locks two files. A process that dies loses its locks (flock(2)).
type lockFile struct {
	path string
	file *os.File // nil before the first lock
}

// tryShared locks the file with others who share it. ok is false if another has it alone.
func (l *lockFile) tryShared() (ok bool, err error) { return l.try(unix.LOCK_SH) }

// tryAlone locks the file. ok is false if another has it.
func (l *lockFile) tryAlone() (ok bool, err error) { return l.try(unix.LOCK_EX) }

func (l *lockFile) try(how int) (ok bool, err error) {
	if l.file == nil {
		// NFS locks only a file that is open for writing alone (flock(2)).
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

// unlock gives the lock back.
func (l *lockFile) unlock() {
	if unix.Flock(int(l.file.Fd()), unix.LOCK_UN) != nil {
		_ = l.file.Close() // closing the file gives the lock back whatever happens
		l.file = nil
	}
}
