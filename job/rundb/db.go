package rundb

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"slices"
	"sync"
	"time"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

// ErrLocked is the error of opening a run.db that another process holds.
var ErrLocked = errors.New("another process holds this run")

// cacheKiB is how much of a run.db SQLite holds in memory, in KiB. With 4,000 KiB a run of
// 200,000 shuffled rows takes 9 MiB more memory and the same time.
const cacheKiB = 1000

// DB is an open run.db. It is safe for use by many goroutines: one connection serves them, one after the other.
type DB struct {
	mu   sync.Mutex
	conn *sqlite.Conn
	path string
	wal  *os.File // the log to which SQLite commits, for Sync

	file    fs.FileInfo // of the file that was opened
	log     fs.FileInfo // of wal
	indexed bool        // outcomes are found by their row

	queueing sync.Mutex
	queue    []*change // changes that wait to be committed
}

// Create makes a run.db at path that only its owner can read. It fails if there is a file already.
func Create(path string) (*DB, error) {
	// SQLite itself would make the file readable by others; its journals get the mode of the file.
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	if err := f.Close(); err != nil {
		return nil, err
	}
	return open(path, true)
}

// Open opens the run.db at path. The error is ErrLocked if another process holds the file, and a *VersionError if
// another version of rolecall made it.
func Open(path string) (*DB, error) { return open(path, false) }

// VersionError is the error of opening a run.db of another format.
type VersionError struct {
	Path   string
	Format int64 // as PRAGMA user_version says
}

func (e *VersionError) Error() string {
	return fmt.Sprintf("%s was made by another version of rolecall (format %d, this one reads format %d): "+
		"go on with the version that made it, or start the run again", e.Path, e.Format, version)
}

// Two processes that open a run at the same time can block each other while SQLite raises its locks. So Open tries
// several times, after a random wait, and one of the processes wins.
const (
	lockTries = 6
	lockWait  = 60 * time.Millisecond
)

func open(path string, create bool) (*DB, error) {
	for try := 1; ; try++ {
		db, err := openOnce(path, create)
		if !errors.Is(err, ErrLocked) || try == lockTries {
			return db, err
		}
		<-time.After(rand.N(lockWait))
	}
}

func openOnce(path string, create bool) (*DB, error) {
	conn, err := sqlite.OpenConn(path, sqlite.OpenReadWrite)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	conn.SetBusyTimeout(0)
	db := &DB{conn: conn, path: path}
	err = db.prepare(create)
	if err == nil {
		db.wal, err = os.OpenFile(path+"-wal", os.O_RDWR, 0)
	}
	if err == nil {
		db.file, err = os.Stat(path)
	}
	if err == nil {
		db.log, err = db.wal.Stat()
	}
	if err != nil {
		_ = conn.Close()
		if c := sqlite.ErrCode(err).ToPrimary(); c == sqlite.ResultBusy || c == sqlite.ResultLocked {
			return nil, ErrLocked
		}
		if _, ok := errors.AsType[*VersionError](err); ok {
			return nil, err
		}
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	return db, nil
}

// prepare sets the connection up and takes the exclusive lock, so that no second process can open the file. A kill
// releases the lock.
func (db *DB) prepare(create bool) error {
	for _, pragma := range []string{
		"PRAGMA locking_mode=EXCLUSIVE",
		"PRAGMA journal_mode=WAL",
		"PRAGMA synchronous=NORMAL",
		fmt.Sprintf("PRAGMA cache_size=-%d", cacheKiB),
		"PRAGMA temp_store=FILE",
		"BEGIN IMMEDIATE", "COMMIT", // the first write takes the exclusive lock
	} {
		if err := db.exec(pragma); err != nil {
			return err
		}
	}
	if create {
		db.indexed = true
		if err := sqlitex.ExecScript(db.conn, schema+byRow); err != nil {
			return err
		}
		return db.exec(fmt.Sprintf("PRAGMA user_version=%d", version))
	}
	return db.known()
}

// known reads the format of the file, and refuses a format that this version of rolecall does not know.
func (db *DB) known() error {
	format, err := db.number("PRAGMA user_version")
	if err != nil {
		return err
	}
	if format != version {
		return &VersionError{db.path, format}
	}
	found, err := db.number("SELECT count(*) FROM sqlite_schema WHERE name = 'outcomes_by_row'")
	db.indexed = found > 0
	return err
}

// Path returns the path of the file.
func (db *DB) Path() string { return db.path }

// Intact returns an error if somebody moved, deleted or replaced the file or its log since the file was opened. Then
// other processes cannot read what this process records.
func (db *DB) Intact() error {
	return cmp.Or(isStill(db.path, db.file), isStill(db.path+"-wal", db.log))
}

// isStill returns an error if the file at path is not the one that was opened.
func isStill(path string, opened fs.FileInfo) error {
	switch now, err := os.Stat(path); {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%s is gone", path)
	case err != nil:
		return err
	case !os.SameFile(now, opened):
		return fmt.Errorf("%s is another file now", path)
	}
	return nil
}

// Close closes and unlocks the file. Everything committed is on disk afterwards.
func (db *DB) Close() error {
	db.mu.Lock()
	defer db.mu.Unlock()
	return errors.Join(db.wal.Close(), db.conn.Close())
}

// Sync forces everything committed to disk. It only syncs the log (SQLite, Write-Ahead Logging), so commits need not
// wait for it.
func (db *DB) Sync() error { return db.wal.Sync() }

// exec runs a statement. The caller holds the lock, or is alone with the database.
func (db *DB) exec(query string, args ...any) error { return db.query(query, nil, args...) }

// query runs a statement and calls each with the rows of its result. The caller holds the lock.
func (db *DB) query(query string, each func(*sqlite.Stmt) error, args ...any) error {
	return sqlitex.Execute(db.conn, query, &sqlitex.ExecOptions{ResultFunc: each, Args: args})
}

// number runs a query whose result is one number. The caller holds the lock.
func (db *DB) number(query string, args ...any) (n int64, err error) {
	err = db.query(query, func(st *sqlite.Stmt) error { n = st.ColumnInt64(0); return nil }, args...)
	return n, err
}

// change is a part of a transaction that is committed whole or not at all. With force the commit is on disk before done
// gets the result.
type change struct {
	do    func() error
	force bool
	done  chan error
}

// transaction commits the changes of f whole or not at all. f runs with the lock held. With force the commit is on disk
// on return.
//
// A commit costs several times as much as the changes in it. So the goroutine that gets the lock commits all changes
// that wait.
func (db *DB) transaction(force bool, f func() error) error {
	c := &change{f, force, make(chan error, 1)}
	db.queueing.Lock()
	db.queue = append(db.queue, c)
	db.queueing.Unlock()
	db.mu.Lock()
	defer db.mu.Unlock()
	if len(c.done) == 0 {
		db.queueing.Lock()
		waiting := db.queue
		db.queue = nil
		db.queueing.Unlock()
		db.commit(waiting)
	}
	return <-c.done
}

// commit commits changes together. If that fails, it commits each change alone, so that one failure does not affect the
// others.
func (db *DB) commit(changes []*change) {
	force := slices.ContainsFunc(changes, func(c *change) bool { return c.force })
	err := db.inTransaction(force, func() error {
		for _, c := range changes {
			if err := c.do(); err != nil {
				return err
			}
		}
		return nil
	})
	for _, c := range changes {
		if err != nil && len(changes) > 1 {
			c.done <- db.inTransaction(c.force, c.do)
			continue
		}
		c.done <- err
	}
}

// inTransaction runs f in a transaction. The caller holds the lock.
func (db *DB) inTransaction(force bool, f func() error) (err error) {
	if force {
		// In WAL mode synchronous=FULL syncs the log with each commit, and so all commits before it (SQLite, PRAGMA
		// synchronous). It must be set outside a transaction.
		if err := db.exec("PRAGMA synchronous=FULL"); err != nil {
			return err
		}
		defer func() { err = cmp.Or(err, db.exec("PRAGMA synchronous=NORMAL")) }()
	}
	if err := db.exec("BEGIN IMMEDIATE"); err != nil {
		return err
	}
	if err := f(); err != nil {
		return errors.Join(err, db.rollBack())
	}
	if err := db.exec("COMMIT"); err != nil {
		return errors.Join(err, db.rollBack())
	}
	return nil
}

// rollBack ends a failed transaction. SQLite may have ended it already.
func (db *DB) rollBack() error {
	if db.conn.AutocommitEnabled() {
		return nil
	}
	return db.exec("ROLLBACK")
}

// IsOwn reports whether an error came from the file, such as a full disk.
func IsOwn(err error) bool {
	c := sqlite.ErrCode(err).ToPrimary()
	return c != sqlite.ResultOK && c != sqlite.ResultError
}

// Damaged reports whether an error came from a broken file.
func Damaged(err error) bool {
	if _, ok := errors.AsType[*textError](err); ok {
		return true
	}
	c := sqlite.ErrCode(err).ToPrimary()
	return c == sqlite.ResultCorrupt || c == sqlite.ResultNotADB
}

// textError reports that a text in the file is not the JSON that this package wrote. SQLite has no checksums, so only
// the reader of the text notices such damage.
type textError struct {
	what string
	err  error
}

func (e *textError) Error() string { return e.what + " cannot be read: " + e.err.Error() }

func (e *textError) Unwrap() error { return e.err }
