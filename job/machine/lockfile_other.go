//go:build !unix

package machine

import "github.com/gofrs/flock"

// lockFile is a file that processes lock. A process that dies loses its locks.
type lockFile struct {
	path string
	lock *flock.Flock // nil: not locked
}

// tryShared locks the file with others who share it. ok is false if another has it alone.
func (l *lockFile) tryShared() (ok bool, err error) {
	l.lock = newLock(l.path)
	return l.lock.TryRLock()
}

// tryAlone locks the file. ok is false if another has it.
func (l *lockFile) tryAlone() (ok bool, err error) {
	l.lock = newLock(l.path)
	return l.lock.TryLock()
}

// unlock gives the lock back.
func (l *lockFile) unlock() { _ = l.lock.Unlock() } // closing the file gives the lock back whatever happens
