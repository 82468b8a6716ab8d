package disk

import (
	"errors"
	"path/filepath"
	"testing"
)

// Facts outlive the process; one that was never put leaves things as they were, and what fails in a transaction was never there.
func TestFacts(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "run.db")
	db, err := Create(path, schema())
	if err != nil {
		t.Fatal(err)
	}
	failed := errors.New("on purpose")
	err = errors.Join(
		db.Put("kept", []string{"a", "b"}), db.Put("dropped", 1), db.Forget("dropped"),
		db.InTransaction(func() error { return errors.Join(db.PutLocked("half", 1), db.Exec("INSERT INTO t VALUES(1)")) }),
	)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.InTransaction(func() error { return errors.Join(db.Exec("INSERT INTO t VALUES(2)"), failed) }); !errors.Is(err, failed) {
		t.Errorf("got %v", err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if db, err = Open(path, schema()); err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var kept []string
	dropped := 7
	if err := errors.Join(db.Get("kept", &kept), db.Get("dropped", &dropped)); err != nil || len(kept) != 2 || dropped != 7 {
		t.Errorf("%v, %d, %v", kept, dropped, err)
	}
	if n, err := db.Number("SELECT count(*) FROM t WHERE n < ?", 9); n != 1 || err != nil {
		t.Errorf("%d rows, %v", n, err)
	}
}
