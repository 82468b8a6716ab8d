package disk

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The version of a database is told while it is held, and after; what is none tells whatever stands there, or is an error.
func TestVersionOf(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "run.db")
	if _, err := VersionOf(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
	schema := Schema{Version: 101, Tables: "CREATE TABLE t(n INTEGER PRIMARY KEY);"}
	s, err := Create(path, schema)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil { // from here on it is in the file itself
		t.Fatal(err)
	}
	if v, err := VersionOf(path); err != nil || v != 101 {
		t.Errorf("closed: %d, %v", v, err)
	}
	if s, err = Open(path, schema); err != nil {
		t.Fatal(err)
	}
	if err := s.Put("key", "value"); err != nil {
		t.Fatal(err)
	}
	if v, err := VersionOf(path); err != nil || v != 101 {
		t.Errorf("held: %d, %v", v, err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	short := filepath.Join(t.TempDir(), "short")
	if err := os.WriteFile(short, []byte(strings.Repeat("x", versionAt+3)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := VersionOf(short); err == nil {
		t.Error("a file shorter than the header of a database has a version")
	}
	if _, err := VersionOf(filepath.Dir(short)); err == nil {
		t.Error("a folder has a version")
	}
}

// A version below zero is one as well: SQLite's is a signed number.
func TestVersionOfIsSigned(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "run.db")
	s, err := Create(path, schema())
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(s.Exec("PRAGMA user_version=-5"), s.Close()); err != nil {
		t.Fatal(err)
	}
	if v, err := VersionOf(path); err != nil || v != -5 {
		t.Errorf("%d, %v", v, err)
	}
}
