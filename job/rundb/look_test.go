package rundb

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// snapshot returns the names, sizes, times and contents of the files in a folder.
func snapshot(t *testing.T, dir string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, e := range entries {
		b, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		info, err := e.Info()
		if err != nil {
			t.Fatal(err)
		}
		all[e.Name()] = fmt.Sprintln(info.ModTime().UnixNano(), len(b), string(b))
	}
	return all
}

// Look reads a run while another process writes it. It always sees the state after a commit: never one of two facts, or
// of the rows recorded with them, without the others.
func TestLookSeesWholeCommits(t *testing.T) {
	t.Parallel()
	db := create(t)
	var rows []Row
	for n := int64(1); n <= 2000; n++ {
		rows = append(rows, Row{N: n, Key: fmt.Sprint(n % 97)})
	}
	// The log begins anew so often that most copies are made while that happens.
	err := errors.Join(db.Add(rows), db.Order(), db.Append(), db.exec("PRAGMA wal_autocheckpoint=20"))
	if err != nil {
		t.Fatal(err)
	}
	written := make(chan error, 1)
	go func() {
		pad := strings.Repeat("x", 1000)
		for n := int64(1); n <= int64(len(rows)); n++ {
			err := db.transaction(false, func() error {
				return errors.Join(db.put("a", n), db.put("b", n), db.record(&Outcome{Row: n, Message: pad}, n))
			})
			if err != nil {
				written <- err
				return
			}
		}
		written <- nil
	}()
	looks, last := 0, int64(0)
	for over := false; !over; looks++ {
		select {
		case err := <-written:
			if err != nil {
				t.Fatal(err)
			}
			over = true
		default:
		}
		err := Look(db.Path(), func(seen *DB) error {
			var a, b int64
			if err := errors.Join(seen.Get("a", &a), seen.Get("b", &b)); err != nil {
				return err
			}
			n, err := seen.number("SELECT count(*) FROM outcomes")
			if a != b || n != a || a < last {
				t.Errorf("a is %d, b is %d, %d outcomes, and before a was %d", a, b, n, last)
			}
			last = a
			return err
		})
		if err != nil {
			t.Error(err)
			if !over {
				<-written // the writer must not outlive the test
			}
			return
		}
	}
	if last != int64(len(rows)) || looks < 2 {
		t.Errorf("after %d looks a is %d", looks, last)
	}
}

// Look does not change a byte of the folder of a run that is at work, was killed, or is finished. It finds rows with
// their outcomes, also outcomes that were appended without an index.
func TestLookWritesNothing(t *testing.T) {
	t.Parallel()
	db := create(t)
	at := time.Now()
	outcome := Outcome{Row: 2, Status: Success, Action: "assigned", Message: "m"}
	err := errors.Join(db.Add([]Row{{N: 1, Key: "0007", Line: 2}, {N: 2, Key: "0008", Line: 3}}), db.Order(),
		db.Append(), db.Send([]Sending{{1, json.RawMessage(`{}`)}}, true), db.Record([]Outcome{outcome}))
	if err != nil {
		t.Fatal(err)
	}
	killed := t.TempDir()
	if err := os.CopyFS(killed, os.DirFS(filepath.Dir(db.Path()))); err != nil {
		t.Fatal(err)
	}
	look := func(path string) {
		t.Helper()
		before := snapshot(t, filepath.Dir(path))
		err := Look(path, func(seen *DB) error {
			if err := seen.Index(); err != nil {
				return err
			}
			row, found, err := seen.Row(2)
			if err != nil || !found || row.Done == nil || row.Done.Message != "m" ||
				row.Done.At.Before(at.Add(-time.Second)) {
				t.Errorf("row 2: %+v, %v, %v", row, found, err)
			}
			row, _, err = seen.Row(1)
			if err != nil || !row.Sent || row.SentAt.Before(at.Add(-time.Second)) || row.Done != nil {
				t.Errorf("row 1: %+v, %v", row, err)
			}
			if _, found, err := seen.Row(3); found || err != nil {
				t.Errorf("row 3 is found: %v, %v", found, err)
			}
			if n, err := seen.Keyed("8"); n != 2 || err != nil {
				t.Errorf("the row of key 8 is %d, %v", n, err)
			}
			tallies, err := seen.Tallies()
			if d := cmp.Diff([]Tally{{Success, "assigned", 1}}, tallies); d != "" {
				t.Errorf("tallies (-want +got):\n%s", d)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
		if d := cmp.Diff(before, snapshot(t, filepath.Dir(path))); d != "" {
			t.Errorf("the folder changed:\n%s", d)
		}
	}
	look(db.Path())
	look(filepath.Join(killed, "run.db"))
	if err := errors.Join(db.Index(), db.Close()); err != nil {
		t.Fatal(err)
	}
	look(db.Path())
}

// Look at a run that is at work does not release the lock of its process, and loses nothing of the log.
func TestLookLeavesTheWriterAtWork(t *testing.T) {
	t.Parallel()
	db := create(t)
	if err := db.Put("a", 1); err != nil {
		t.Fatal(err)
	}
	if err := Look(db.Path(), func(*DB) error { return nil }); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(db.Put("a", 2), db.Intact(), db.Close()); err != nil {
		t.Fatal(err)
	}
	got := 0
	err := Look(db.Path(), func(seen *DB) error { return seen.Get("a", &got) })
	if err != nil || got != 2 {
		t.Errorf("a is %d, %v", got, err)
	}
}

// A run.db from another machine may be a link or have another format, and its name may have any character.
func TestLookRefusesWhatIsNoFile(t *testing.T) {
	t.Parallel()
	db := create(t)
	if err := errors.Join(db.Put("a", 1), db.exec("PRAGMA user_version=99"), db.Close()); err != nil {
		t.Fatal(err)
	}
	read := func(*DB) error { t.Error("it is read"); return nil }
	if _, other := errors.AsType[*VersionError](Look(db.Path(), read)); !other {
		t.Error("a run.db of another format is no VersionError")
	}
	if err := os.WriteFile(db.Path(), []byte("not a database, but long enough to be looked at"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Look(db.Path(), read); !Damaged(err) {
		t.Errorf("a run.db that is no database gives %v", err)
	}
	if runtime.GOOS == "windows" {
		return
	}
	link := filepath.Join(t.TempDir(), "run.db")
	if err := os.Symlink(db.Path(), link); err != nil {
		t.Fatal(err)
	}
	if err := Look(link, read); err == nil || !strings.Contains(err.Error(), "regular") {
		t.Errorf("a link gives %v", err)
	}
	odd := filepath.Join(t.TempDir(), "a?b#c %41\xff")
	if err := os.Mkdir(odd, 0o700); err != nil {
		t.Fatal(err)
	}
	made, err := Create(filepath.Join(odd, "run.db"))
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(made.Put("a", 1), made.Close()); err != nil {
		t.Fatal(err)
	}
	got := 0
	if err := Look(made.Path(), func(seen *DB) error { return seen.Get("a", &got) }); err != nil || got != 1 {
		t.Errorf("a folder with odd characters: a is %d, %v", got, err)
	}
}
