package disk

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sync/errgroup"
)

// schema is one for tests.
func schema() Schema { return Schema{Version: 7, Tables: "CREATE TABLE t(n INTEGER PRIMARY KEY);"} }

func TestHeldOnce(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "run.db")
	s, err := Create(path, schema())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path, schema()); !errors.Is(err, ErrLocked) {
		t.Errorf("a second open: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s, err = Open(path, schema())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if info, err := os.Stat(path); err != nil || os.PathSeparator == '/' && info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}

func TestAnotherVersion(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "run.db")
	s, err := Create(path, schema())
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(s.Exec("PRAGMA user_version=99"), s.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path, schema()); err == nil || !strings.Contains(err.Error(), "another version") {
		t.Errorf("got %v", err)
	}
	if err := os.WriteFile(path, []byte(strings.Repeat("no database ", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path, schema()); err == nil || errors.Is(err, ErrLocked) {
		t.Errorf("a file that is no database: %v", err)
	}
}

// Of many that open a run in the same moment, one wins and the others are told that it is held.
func TestOneOfManyWins(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "run.db")
	s, err := Create(path, schema())
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	won := make(chan *DB, 8)
	var g errgroup.Group
	for range cap(won) {
		g.Go(func() error {
			s, err := Open(path, schema())
			if err == nil {
				won <- s // held until the others have given up
				return nil
			}
			if !errors.Is(err, ErrLocked) {
				return err
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		t.Error(err)
	}
	close(won)
	if n := len(won); n != 1 {
		t.Errorf("%d hold the run", n)
	}
	for s := range won {
		_ = s.Close()
	}
}
