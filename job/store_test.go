package job

import (
	"fmt"
	"path/filepath"
	"testing"

	"rolecall/job/rundir"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func newStore(t *testing.T) *store {
	t.Helper()
	s, err := openStore(filepath.Join(t.TempDir(), rundir.Database), true)
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
