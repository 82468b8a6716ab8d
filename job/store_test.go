package job

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sync/errgroup"
	"pgregory.net/rapid"
)

func newStore(t *testing.T) *store {
	t.Helper()
	s, err := openStore(filepath.Join(t.TempDir(), dbFile), true)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// Whatever the order of the file: deals come one after the other, each whole and in file order, also across the chunks in which they are read.
func TestDealsComeWholeAndInFileOrder(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	w, err := s.writeRows()
	if err != nil {
		t.Fatal(err)
	}
	const rows = 3*rowsPerRecord + 7
	deals := []string{"5", "99999999999999999999", "4150868000010000001", "7", "00012", "12"}
	want := map[string][]int64{}
	for i := int64(1); i <= rows; i++ {
		deal := deals[(i*i)%int64(len(deals))]
		if i > 100 && i < 100+2*rowsPerRecord { // one deal that is larger than a chunk
			deal = "7"
		}
		row := surveyedRow{row: i, line: i + 1, deal: newID(deal), contact: newID(fmt.Sprint(i%50 + 1))}
		if i%11 == 0 {
			row.contact, row.code = recordID{}, CodeIDMissing
		} else {
			want[deal] = append(want[deal], i)
		}
		if err := w.add(&row); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.close(); err != nil {
		t.Fatal(err)
	}
	got := map[string][]int64{}
	err = s.deals(func(d dealRows) bool {
		deal := d.deal.String()
		if _, again := got[deal]; again {
			t.Errorf("deal %s comes twice", deal)
		}
		for _, r := range d.rows {
			got[deal] = append(got[deal], r.row)
		}
		return true
	})
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("deals (-want +got):\n%s", d)
	}
}

func TestStoreIsHeldOnce(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), dbFile)
	s, err := openStore(path, true)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := openStore(path, false); !errors.Is(err, ErrLocked) {
		t.Errorf("a second open: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s, err = openStore(path, false)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if info, err := os.Stat(path); err != nil || os.PathSeparator == '/' && info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}

func TestStoreOfAnotherVersion(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), dbFile)
	s, err := openStore(path, true)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(s.exec("PRAGMA user_version=99"), s.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := openStore(path, false); err == nil || !strings.Contains(err.Error(), "another version") {
		t.Errorf("got %v", err)
	}
	if err := os.WriteFile(path, []byte(strings.Repeat("no database ", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := openStore(path, false); err == nil || errors.Is(err, ErrLocked) {
		t.Errorf("a file that is no database: %v", err)
	}
}

func TestRowSet(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		set, model := &rowSet{}, map[int64]bool{}
		for _, row := range rapid.SliceOf(rapid.Int64Range(1, 500)).Draw(t, "rows") {
			set.add(row)
			model[row] = true
		}
		for row := int64(1); row <= 600; row++ {
			if set.has(row) != model[row] {
				t.Fatalf("row %d: %v", row, set.has(row))
			}
		}
	})
}

// Of many that open a run in the same moment, one wins and the others are told that it is held.
func TestOneOfManyWins(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), dbFile)
	s, err := openStore(path, true)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	won := make(chan *store, 8)
	var g errgroup.Group
	for range cap(won) {
		g.Go(func() error {
			s, err := openStore(path, false)
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
