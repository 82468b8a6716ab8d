// Package machine holds what the rolecall processes of one machine share: the calls in flight of an org, the record of
// its credits, and what earlier runs found out about the org. Everything is in the state folder.
//
// Places are locked files. Credits and findings are two tables of one SQLite database.
package machine

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"github.com/gofrs/flock"
	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

const (
	// database is a file in the state folder. A format that this version cannot read gets another name.
	database = "machine.db"
	// patience is the longest wait for a process that hangs in the middle of a transaction.
	patience = 10 * time.Second
	// lockPoll is how often a process tries to take the lock of the database.
	lockPoll = 10 * time.Millisecond
)

const tables = `
CREATE TABLE credits(
	org TEXT NOT NULL,
	minute INTEGER NOT NULL, -- since 1970, UTC
	credits INTEGER NOT NULL CHECK(typeof(credits) = 'integer' AND credits >= 0),
	PRIMARY KEY(org, minute)
) WITHOUT ROWID;
CREATE TABLE findings(
	org TEXT NOT NULL,
	version TEXT NOT NULL, -- of Zoho's API
	what TEXT NOT NULL,
	finding TEXT NOT NULL,
	found_at TEXT NOT NULL,
	PRIMARY KEY(org, version, what)
) WITHOUT ROWID;`

// Machine is the state folder, as the processes of one machine share it. It is safe for use by many goroutines.
type Machine struct {
	folder string
	path   string // of the database
	now    func() time.Time

	mu      sync.Mutex // held while the database is in use
	warning error
}

// In returns the Machine of a state folder. It opens nothing.
func In(folder string) *Machine {
	return &Machine{folder: folder, path: filepath.Join(folder, database), now: time.Now}
}

// Warning returns what was wrong with the database if it was damaged and replaced by a new one, else nil.
func (m *Machine) Warning() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.warning
}

// work is what one transaction does. It may run twice.
type work func(*sqlite.Conn) error

// read runs f, which only reads. It does not run f if there is no database.
func (m *Machine) read(f work) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	info, err := os.Stat(m.path)
	// A database of 0 bytes: another process is making it.
	if errors.Is(err, fs.ErrNotExist) || err == nil && info.Mode().IsRegular() && info.Size() == 0 {
		return nil
	}
	if err = m.connect(f); !damaged(err) {
		return err
	}
	_, err = m.removeDamaged(f)
	return err
}

// write runs f in one transaction. It makes the database if there is none.
func (m *Machine) write(f work) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	f = m.inTransaction(f)
	if err := m.create(); err != nil {
		return m.failed(err)
	}
	err := m.connect(f)
	if !damaged(err) {
		return err
	}
	if removed, err := m.removeDamaged(f); !removed || err != nil {
		return err
	}
	if err := m.create(); err != nil {
		return m.failed(err)
	}
	return m.connect(f)
}

// inTransaction returns a work that runs f in one transaction. It first makes the tables of a new database.
func (m *Machine) inTransaction(f work) work {
	return func(conn *sqlite.Conn) (err error) {
		end, err := sqlitex.ImmediateTransaction(conn)
		if err != nil {
			return err
		}
		defer end(&err)
		// A file with bytes but without tables is damaged, even if SQLite takes the file for a new one.
		if info, err := os.Stat(m.path); err == nil && info.Size() == 0 {
			if err := sqlitex.ExecuteScript(conn, tables, nil); err != nil {
				return err
			}
		}
		return f(conn)
	}
}

// connect runs f on a new connection. It holds the lock, so that nobody removes the database meanwhile. It closes the
// connection afterwards, so that the next one notices a damaged, replaced or removed file. The journal is SQLite's
// default and not WAL, because a reader of WAL writes files, and a full disk must not stop a reader.
func (m *Machine) connect(f work) error {
	lock, err := m.lock((*flock.Flock).TryRLockContext)
	if err != nil {
		return err
	}
	defer func() { _ = lock.Close() }()
	return m.connectLocked(f)
}

// lock locks the file beside the database. Processes that have the database open share the lock. A process that removes
// the database has the lock alone. Without it, a process with a removed database open would play the journal of the new
// database back into the old one and delete it, because SQLite finds a journal by its name ("How To Corrupt An SQLite
// Database File", section 2.4). In a read-only folder nobody can remove the database, so a reader goes on without the
// lock.
func (m *Machine) lock(
	try func(*flock.Flock, context.Context, time.Duration) (bool, error),
) (*flock.Flock, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	lock := newLock(m.path + ".lock")
	_, err := try(lock, ctx, lockPoll)
	if errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS) {
		return lock, nil
	}
	if err != nil {
		return nil, m.failed(fmt.Errorf("lock: %w", err))
	}
	return lock, nil
}

// connectLocked does what connect does. The caller holds the lock.
func (m *Machine) connectLocked(f work) error {
	conn, err := sqlite.OpenConn(m.path, sqlite.OpenReadWrite)
	if err != nil {
		return m.failed(err)
	}
	conn.SetBusyTimeout(patience)
	err = sqlitex.ExecuteTransient(conn, "PRAGMA synchronous=NORMAL", nil)
	if err == nil {
		err = f(conn)
	}
	if err = errors.Join(err, conn.Close()); err != nil {
		return m.failed(err)
	}
	return nil
}

// create makes an empty file, if there is none, that only the owner can read. SQLite itself would make a file that
// others can read. create never opens an existing file, because closing the file would free the locks that SQLite holds
// on it.
func (m *Machine) create() error {
	if err := os.MkdirAll(m.folder, 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(m.path, os.O_CREATE|os.O_RDWR|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return f.Close()
}

// removeDamaged removes the damaged database. If another process has replaced it meanwhile, removeDamaged runs f on the
// new one instead, and removed is false.
func (m *Machine) removeDamaged(f work) (removed bool, err error) {
	lock, err := m.lock((*flock.Flock).TryLockContext)
	if err != nil {
		return false, err
	}
	defer func() { _ = lock.Close() }() // closing the file releases the lock in any case
	if _, err := os.Stat(m.path); errors.Is(err, fs.ErrNotExist) {
		return true, nil
	}
	if err = m.connectLocked(f); !damaged(err) {
		return false, err
	}
	m.warning = fmt.Errorf("%w: the file is damaged, and was started afresh; credits spent before are not counted", err)
	// The journal goes first: SQLite would play an old one back into a new database.
	for _, name := range []string{m.path + "-journal", m.path} {
		if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return false, m.failed(err)
		}
	}
	return true, nil
}

func (m *Machine) failed(err error) error { return fmt.Errorf("%s: %w", m.path, err) }

// damaged reports whether an error says that the file is no database, or lacks our tables or columns.
func damaged(err error) bool {
	switch sqlite.ErrCode(err).ToPrimary() {
	case sqlite.ResultCorrupt, sqlite.ResultNotADB, sqlite.ResultError:
		return true
	}
	return false
}

func newLock(path string) *flock.Flock { return flock.New(path, flock.SetPermissions(0o600)) }
