package rundb

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"zombiezen.com/go/sqlite"
)

// lookFor is how long Look tries to read a run.db that a process changes all the time.
const lookFor = 10 * time.Second

// errMoving reports that a run.db changed while it was read.
var errMoving = errors.New("it changed while it was read")

// Look calls read with the run.db at path as it is at one moment. It takes no lock, so it does not wait for a process
// that holds the file, and does not hinder that process. It writes nothing beside the file. If the file changes
// meanwhile, Look calls read again. To get rows with their outcomes, read calls Index first. The error is a
// *VersionError if another version of rolecall made the file.
//
// A process must not call Look for a run.db that it has open, because closing a file releases all locks of the process
// on that file (fcntl(2)).
func Look(path string, read func(*DB) error) error {
	// In a folder from another machine either file may be a link or a pipe.
	for _, name := range []string{path, path + "-wal"} {
		info, err := os.Lstat(name)
		if name != path && errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		if !info.Mode().IsRegular() {
			return fmt.Errorf("%s is no regular file", name)
		}
	}
	for end := time.Now().Add(lookFor); ; {
		err := lookOnce(path, read)
		if !errors.Is(err, errMoving) {
			return err
		}
		if time.Now().After(end) {
			return fmt.Errorf("%s changes too fast to be read now: give the command again", path)
		}
	}
}

// lookOnce is one try of Look. The error is errMoving if the file changed meanwhile.
//
// Without a log beside it, the file is complete, and SQLite reads it as an immutable file. With a log, a process has
// the file open or was killed, and lookOnce reads a copy of both.
func lookOnce(path string, read func(*DB) error) error {
	before, err := traceOf(path)
	if err != nil {
		return err
	}
	indexed := true
	if before.log == 0 {
		err = openLook(path, uriOf(path)+"?immutable=1", sqlite.OpenReadOnly, func(db *DB) error {
			if indexed = db.indexed; !indexed {
				return nil // only the copy can be indexed, by Index
			}
			return read(db)
		})
		if now, gone := traceOf(path); gone != nil || now != before {
			return errMoving
		}
	}
	if before.log > 0 || !indexed {
		return lookAtCopy(path, read)
	}
	return err
}

// trace shows whether a process changed a run.db: two traces differ if it did.
type trace struct{ size, changed, log int64 }

func traceOf(path string) (t trace, err error) {
	info, err := os.Stat(path)
	if err != nil {
		return t, err
	}
	t.size, t.changed = info.Size(), info.ModTime().UnixNano()
	if info, err := os.Stat(path + "-wal"); err == nil {
		t.log = info.Size()
	}
	return t, nil
}

// lookAtCopy calls read with a copy of a run.db and its log, in a folder that only this user can read.
//
// A process changes the file only when it moves pages from the log to the file. So a copy of the file and a later copy
// of the log together have everything that the process had committed, unless the process began a new log meanwhile. A
// new log has a new header with other salts (SQLite, WAL-mode File Format).
func lookAtCopy(path string, read func(*DB) error) error {
	dir, err := os.MkdirTemp("", "rolecall-*") // MkdirTemp makes it 0700
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	before, err := logHeader(path)
	if err != nil {
		return err
	}
	to := filepath.Join(dir, filepath.Base(path))
	if err := errors.Join(copyFile(to, path), copyFile(to+"-wal", path+"-wal")); err != nil {
		return err
	}
	if now, err := logHeader(path); err != nil || !bytes.Equal(now, before) {
		return errMoving
	}
	return openLook(path, uriOf(to), sqlite.OpenReadWrite, func(db *DB) error {
		_ = os.RemoveAll(dir) // the copy is open, so that after a kill no data stays here, except on Windows
		return read(db)
	})
}

// logHeaderSize is the size of the header of a log (SQLite, WAL-mode File Format).
const logHeaderSize = 32

// logHeader returns the header of the log of a run.db, or nil if there is no log or the log is empty.
func logHeader(path string) ([]byte, error) {
	f, err := os.Open(path + "-wal")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	header := make([]byte, logHeaderSize)
	switch _, err := io.ReadFull(f, header); {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return nil, nil
	case err != nil:
		return nil, err
	}
	return header, nil
}

// copyFile copies a file, if there is one.
func copyFile(to, from string) error {
	in, err := os.Open(from)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}

// openLook opens the database at uri for Look. path is that of the run.db, for messages. The file may come from another
// machine, so openLook does not trust functions in its schema.
func openLook(path, uri string, mode sqlite.OpenFlags, read func(*DB) error) error {
	conn, err := sqlite.OpenConn(uri, mode, sqlite.OpenURI)
	if err != nil {
		return fmt.Errorf("open %s: %w", path, err)
	}
	db := &DB{conn: conn, path: path}
	err = db.prepareLook()
	if err == nil {
		err = read(db)
	} else if _, ok := errors.AsType[*VersionError](err); !ok {
		err = fmt.Errorf("open %s: %w", path, err)
	}
	return errors.Join(err, conn.Close())
}

// prepareLook sets the connection up, and reads the format.
func (db *DB) prepareLook() error {
	for _, pragma := range []string{
		"PRAGMA locking_mode=EXCLUSIVE", // without it the copy gets a file of shared memory
		"PRAGMA trusted_schema=OFF",
		fmt.Sprintf("PRAGMA cache_size=-%d", cacheKiB),
	} {
		if err := db.exec(pragma); err != nil {
			return err
		}
	}
	return db.known()
}

// uriOf returns the URI of a file (SQLite, URI Filenames).
func uriOf(path string) string {
	if abs, err := filepath.Abs(path); err == nil {
		path = abs
	}
	path = filepath.ToSlash(path)
	if path[0] != '/' { // a drive of Windows
		path = "/" + path
	}
	return (&url.URL{Scheme: "file", Path: path}).String()
}
