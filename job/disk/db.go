package disk

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"sync"
	"time"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

// ErrLocked is the answer to opening a database that another process holds.
var ErrLocked = errors.New("another process holds this run")

// Schema is what a database holds.
type Schema struct {
	Version int64  // PRAGMA user_version: one of another version is refused
	Tables  string // the script that makes them; facts have a table of their own
	Cache   int    // KiB of it that are held in memory, at most; 0: mostCache
}

// mostCache is what a database holds of itself in memory, in KiB, unless its Schema says so: rows in random order are put in order in it.
const mostCache = 8000

// facts is the table of Put and Get.
const facts = "CREATE TABLE run(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;\n"

// DB is a database of a run. One connection serves the process, behind a lock: it holds the file exclusively, so that a second process is refused and a kill frees it.
// Exec, Query and PutLocked are for whoever holds the lock, or is alone with the database; the other methods take it.
type DB struct {
	sync.Mutex

	Conn *sqlite.Conn
	Path string
}

// Create makes the database at path, where there is no file yet.
func Create(path string, s Schema) (*DB, error) {
	// SQLite itself would make it readable by others; its journals get the mode of the file.
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	if err := f.Close(); err != nil {
		return nil, err
	}
	return open(path, s, true)
}

// Open opens the database at path. One that another process holds is ErrLocked.
func Open(path string, s Schema) (*DB, error) { return open(path, s, false) }

func open(path string, s Schema, create bool) (*DB, error) {
	for try := 1; ; try++ {
		db, err := tryOpen(path, s, create)
		if !errors.Is(err, ErrLocked) || try == lockTries {
			return db, err
		}
		<-time.After(rand.N(lockWait))
	}
}

// Two processes that open a run in the same moment can each be in the other's way while SQLite raises its locks. They look again after a random time, so that one of them wins.
const (
	lockTries = 6
	lockWait  = 60 * time.Millisecond
)

// tryOpen opens the database at path once.
func tryOpen(path string, s Schema, create bool) (*DB, error) {
	conn, err := sqlite.OpenConn(path, sqlite.OpenReadWrite)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	conn.SetBusyTimeout(0)
	db := &DB{Conn: conn, Path: path}
	if err := db.prepare(s, create); err != nil {
		_ = conn.Close()
		if c := sqlite.ErrCode(err).ToPrimary(); c == sqlite.ResultBusy || c == sqlite.ResultLocked {
			return nil, ErrLocked
		}
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	return db, nil
}

// prepare sets the connection up and takes the exclusive lock.
func (db *DB) prepare(s Schema, create bool) error {
	for _, p := range []string{
		"PRAGMA locking_mode=EXCLUSIVE",
		"PRAGMA journal_mode=WAL",
		"PRAGMA synchronous=FULL",
		fmt.Sprintf("PRAGMA cache_size=-%d", cmp.Or(s.Cache, mostCache)),
		"PRAGMA temp_store=FILE",
		"BEGIN IMMEDIATE", "COMMIT", // the exclusive lock is taken by the first write
	} {
		if err := db.Exec(p); err != nil {
			return err
		}
	}
	if create {
		if err := sqlitex.ExecScript(db.Conn, facts+s.Tables); err != nil {
			return err
		}
		return db.Exec(fmt.Sprintf("PRAGMA user_version=%d", s.Version))
	}
	var version int64
	err := db.Query("PRAGMA user_version", func(st *sqlite.Stmt) error { version = st.ColumnInt64(0); return nil })
	if err != nil {
		return err
	}
	if version != s.Version {
		return fmt.Errorf("the run was made by another version of rolecall (its run.db has format %d, this one reads %d)", version, s.Version)
	}
	return nil
}

// Close frees the file.
func (db *DB) Close() error {
	db.Lock()
	defer db.Unlock()
	return db.Conn.Close()
}

// Exec runs a statement.
func (db *DB) Exec(query string, args ...any) error {
	return db.Query(query, nil, args...)
}

// Query runs a statement and hands out the rows of its answer.
func (db *DB) Query(query string, each func(*sqlite.Stmt) error, args ...any) error {
	return sqlitex.Execute(db.Conn, query, &sqlitex.ExecOptions{ResultFunc: each, Args: args})
}

// InTransaction runs f whole or not at all, with the lock held.
func (db *DB) InTransaction(f func() error) (err error) {
	db.Lock()
	defer db.Unlock()
	if err := db.Exec("BEGIN IMMEDIATE"); err != nil {
		return err
	}
	if err := f(); err != nil {
		return errors.Join(err, db.Exec("ROLLBACK"))
	}
	return db.Exec("COMMIT")
}

// Damaged says whether an error came from a broken database.
func Damaged(err error) bool {
	c := sqlite.ErrCode(err).ToPrimary()
	return c == sqlite.ResultCorrupt || c == sqlite.ResultNotADB
}

// Put keeps one fact of the run, as JSON.
func (db *DB) Put(key string, value any) error {
	db.Lock()
	defer db.Unlock()
	return db.PutLocked(key, value)
}

// PutLocked is Put for a caller that holds the lock.
func (db *DB) PutLocked(key string, value any) error {
	b, err := json.Marshal(value)
	if err != nil {
		return err
	}
	return db.Exec("INSERT OR REPLACE INTO run VALUES(?, ?)", key, string(b))
}

// Forget drops a fact of the run.
func (db *DB) Forget(key string) error {
	db.Lock()
	defer db.Unlock()
	return db.Exec("DELETE FROM run WHERE key = ?", key)
}

// Get reads a fact of the run. One that was never put leaves into as it is.
func (db *DB) Get(key string, into any) error {
	db.Lock()
	defer db.Unlock()
	return db.Query("SELECT value FROM run WHERE key = ?", func(st *sqlite.Stmt) error {
		return json.Unmarshal([]byte(st.ColumnText(0)), into)
	}, key)
}

// Number runs a query whose answer is one number.
func (db *DB) Number(query string, args ...any) (n int64, err error) {
	db.Lock()
	defer db.Unlock()
	err = db.Query(query, func(st *sqlite.Stmt) error { n = st.ColumnInt64(0); return nil }, args...)
	return n, err
}
