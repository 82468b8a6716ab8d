//go:build !unix

package machine

import "github.com/gofrs/flock"

// lockFile is a file that processes lock. A process that dies loses its locks.
type lockFile struct {
	path string
	lock *flock.Flock // nil: not locked
}

// tryShared locks the file together with other processes. ok is false if another process has it alone.
func (l *lockFile) tryShared() (ok bool, err error) {
	l.lock = newLock(l.path)
	return l.lock.TryRLock()
}

// tryAlone locks the file for this process alone. ok is false if another process has it.
func (l *lockFile) tryAlone() (ok bool, err error) {
	l.lock = newLock(l.path)
	return l.lock.TryLock()
}

// unlock releases the lock.
func (l *lockFile) unlock() { _ = l.lock.Unlock() } // closing the file releases the lock in any case
