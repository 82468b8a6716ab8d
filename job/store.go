package job

import (
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

// ErrLocked is the answer to opening a run that another process holds.
var ErrLocked = errors.New("another process holds this run")

// store is run.db. One connection serves the process, behind a lock: it holds the file exclusively, so that a second process is refused and a kill frees it.
type store struct {
	mu   sync.Mutex
	conn *sqlite.Conn

	path        string
	inDealOrder bool // the rows stand in the order in which they are sent, and are not sorted for it
}

// openStore opens the run.db at path, or makes it. A file that another process holds is ErrLocked.
func openStore(path string, create bool) (*store, error) {
	if create { // SQLite itself would make it readable by others; its journals get the mode of the file
		f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR|os.O_EXCL, 0o600)
		if err != nil {
			return nil, err
		}
		if err := f.Close(); err != nil {
			return nil, err
		}
	}
	for try := 1; ; try++ {
		s, err := tryStore(path, create)
		if !errors.Is(err, ErrLocked) || try == lockTries {
			return s, err
		}
		<-time.After(rand.N(lockWait))
	}
}

// Two processes that open a run in the same moment can each be in the other's way while SQLite raises its locks. They look again after a random time, so that one of them wins.
const (
	lockTries = 6
	lockWait  = 60 * time.Millisecond
)

// tryStore opens the run.db at path once.
func tryStore(path string, create bool) (*store, error) {
	conn, err := sqlite.OpenConn(path, sqlite.OpenReadWrite)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	conn.SetBusyTimeout(0)
	s := &store{conn: conn, path: path}
	if err := s.prepare(create); err != nil {
		_ = conn.Close()
		if c := sqlite.ErrCode(err).ToPrimary(); c == sqlite.ResultBusy || c == sqlite.ResultLocked {
			return nil, ErrLocked
		}
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	return s, nil
}

// prepare sets the connection up and takes the exclusive lock.
func (s *store) prepare(create bool) error {
	for _, p := range []string{
		"PRAGMA locking_mode=EXCLUSIVE",
		"PRAGMA journal_mode=WAL",
		"PRAGMA synchronous=FULL",
		"PRAGMA cache_size=-8000",
		"PRAGMA temp_store=FILE",
		"BEGIN IMMEDIATE", "COMMIT", // the exclusive lock is taken by the first write
	} {
		if err := s.exec(p); err != nil {
			return err
		}
	}
	if create {
		if err := sqlitex.ExecScript(s.conn, schema); err != nil {
			return err
		}
		return s.exec(fmt.Sprintf("PRAGMA user_version=%d", schemaVersion))
	}
	var version int64
	err := s.query("PRAGMA user_version", func(st *sqlite.Stmt) error { version = st.ColumnInt64(0); return nil })
	if err != nil {
		return err
	}
	if version != schemaVersion {
		return fmt.Errorf("the run was made by another version of rolecall (its run.db has format %d, this one reads %d)", version, schemaVersion)
	}
	return nil
}

// Close frees the file.
func (s *store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.conn.Close()
}

func (s *store) exec(query string, args ...any) error {
	return s.query(query, nil, args...)
}

// query runs a statement and hands out the rows of its answer. The caller holds the lock, or is alone with the store.
func (s *store) query(query string, each func(*sqlite.Stmt) error, args ...any) error {
	return sqlitex.Execute(s.conn, query, &sqlitex.ExecOptions{ResultFunc: each, Args: args})
}

// inTransaction runs f whole or not at all, with the lock held.
func (s *store) inTransaction(f func() error) (err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.exec("BEGIN IMMEDIATE"); err != nil {
		return err
	}
	if err := f(); err != nil {
		return errors.Join(err, s.exec("ROLLBACK"))
	}
	return s.exec("COMMIT")
}

// damaged says of an error that came from a broken run.db which file that is. Other errors are as they were.
func damaged(f *folder, err error) error {
	switch sqlite.ErrCode(err).ToPrimary() {
	case sqlite.ResultCorrupt, sqlite.ResultNotADB:
		return fmt.Errorf("%s is damaged, so the run cannot be read or gone on with (its results.csv, if there is one, is whole): %w", f.file(dbFile), err)
	}
	return err
}

// put keeps one fact of the run, as JSON.
func (s *store) put(key string, value any) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.putLocked(key, value)
}

// putLocked is put for a caller that holds the lock.
func (s *store) putLocked(key string, value any) error {
	b, err := json.Marshal(value)
	if err != nil {
		return err
	}
	return s.exec("INSERT OR REPLACE INTO run VALUES(?, ?)", key, string(b))
}

// forget drops a fact of the run.
func (s *store) forget(key string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.exec("DELETE FROM run WHERE key = ?", key)
}

// get reads a fact of the run. One that was never put leaves into as it is.
func (s *store) get(key string, into any) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.query("SELECT value FROM run WHERE key = ?", func(st *sqlite.Stmt) error {
		return json.Unmarshal([]byte(st.ColumnText(0)), into)
	}, key)
}

// number runs a query whose answer is one number.
func (s *store) number(query string) (n int64, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	err = s.query(query, func(st *sqlite.Stmt) error { n = st.ColumnInt64(0); return nil })
	return n, err
}
