package job

import (
	stdcmp "cmp"
	"errors"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// filled puts rows into a store as a survey does, and gives them a role so that nothing is unsendable.
func filled(s *store, rows []surveyedRow) (inOrder bool, err error) {
	w, err := s.writeRows()
	if err != nil {
		return false, err
	}
	for i := range rows {
		if err := w.add(&rows[i]); err != nil {
			return false, err
		}
	}
	return w.found.InDealOrder, w.close()
}

// A deal may have more rows than a record of run.db, or a sorted run, holds.
func TestADealOfManyRowsIsReadOnce(t *testing.T) {
	t.Parallel()
	const many = runRecords + 7
	s := newStore(t)
	rows := make([]surveyedRow, many)
	for i := range rows {
		n := int64(i + 1)
		rows[i] = surveyedRow{row: n, line: n + 1, deal: recordID{n: 7}, contact: recordID{n: n}}
	}
	inOrder, err := filled(s, rows)
	if err != nil || !inOrder {
		t.Fatal(inOrder, err)
	}
	if err := s.orderByDeal(); err != nil {
		t.Fatal(err)
	}
	for _, s.inDealOrder = range []bool{false, true} {
		p, err := price(s, batcher{command: Remove}, &rowSet{})
		if want := (Price{Deals: 1, Sent: many, OneByOne: many, Together: many/maxTogether + 1}); err != nil || p != want {
			t.Errorf("by the table %v: %+v, %v", s.inDealOrder, p, err)
		}
	}
}

// drawSurvey draws the rows of a file: runs of rows of one deal, some longer than a chunk, some of which lack an id or can never be sent.
func drawSurvey(t *rapid.T) (rows []surveyedRow) {
	deals := []string{"2", "10", "4150868000010000001", "9223372036854775807"}
	ordered, last := rapid.Bool().Draw(t, "ordered"), 0
	if !ordered { // 20 digits and leading zeros are no numbers
		deals = append(deals, "9223372036854775808", "00012", "1")
	}
	for range rapid.IntRange(0, 7).Draw(t, "runs") {
		at := rapid.IntRange(0, len(deals)-1).Draw(t, "deal")
		if ordered {
			at = max(at, last)
			last = at
		}
		row := surveyedRow{deal: newID(deals[at]), contact: recordID{n: int64(at + 1)}, role: 1}
		switch rapid.IntRange(0, 5).Draw(t, "lack") {
		case 0:
			row.deal, row.code = recordID{}, CodeIDMissing
		case 1:
			row.deal, row.contact, row.code = newID("1"), recordID{}, CodeIDMissing // out of order, yet never sent
		case 2:
			row.code = CodeRoleMissing
		}
		for range rapid.SampledFrom([]int{1, 1, 1, 2, 2, 3, 4, 5, 6, 7, 8, rowsPerRecord - 1, rowsPerRecord, rowsPerRecord + 1}).Draw(t, "rows") {
			row.row = int64(len(rows) + 1)
			rows = append(rows, row)
		}
	}
	return rows
}

// wantDeals groups rows in the order in which they are sent: numbers by size, then the deals that are no 64-bit numbers by their text.
func wantDeals(rows []surveyedRow) (want []dealRows, inOrder bool) {
	inOrder = true
	last := int64(0)
	for _, r := range rows {
		if r.deal == (recordID{}) || r.contact == (recordID{}) {
			continue
		}
		inOrder = inOrder && r.deal.n != 0 && r.deal.n >= last
		last = r.deal.n
		at := slices.IndexFunc(want, func(d dealRows) bool { return d.deal == r.deal })
		if at < 0 {
			at = len(want)
			want = append(want, dealRows{deal: r.deal})
		}
		want[at].rows = append(want[at].rows, dealRow{row: r.row, contact: r.contact, role: r.role, bad: r.code != ""})
	}
	slices.SortFunc(want, func(a, b dealRows) int { // a number has no text, and "" comes before every text
		return stdcmp.Or(strings.Compare(a.deal.text, b.deal.text), stdcmp.Compare(a.deal.n, b.deal.n))
	})
	return want, inOrder
}

// sameDeals compares without the cost of a diff.
func sameDeals(a, b []dealRows) bool {
	return slices.EqualFunc(a, b, func(a, b dealRows) bool { return a.deal == b.deal && slices.Equal(a.rows, b.rows) })
}

// A file in deal order needs no sorting: its rows as they stand give the same deals, with the same rows, in the same order.
func TestRowsAsTheyStandAndSortedRunsAgree(t *testing.T) {
	t.Parallel()
	s, ordered := newStore(t), 0
	if err := s.Exec("PRAGMA synchronous=OFF"); err != nil { // nothing here is about the disk
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		rows := drawSurvey(t)
		want, inOrder := wantDeals(rows)
		if err := errors.Join(s.Exec("DELETE FROM by_deal"), s.Exec("DELETE FROM rows")); err != nil {
			t.Fatal(err)
		}
		found, err := filled(s, rows)
		if found {
			err = errors.Join(err, s.orderByDeal())
		}
		if err != nil || found != inOrder {
			t.Fatalf("in deal order: %v, want %v; %v", found, inOrder, err)
		}
		for _, s.inDealOrder = range []bool{false, true} {
			if s.inDealOrder && !found {
				break
			}
			var got []dealRows
			if err := s.deals(func(d dealRows) bool { got = append(got, d); return true }); err != nil || !sameDeals(want, got) {
				t.Fatalf("by the table %v: %d deals, want %d; %v", s.inDealOrder, len(got), len(want), err)
			}
		}
		if found && len(want) > 1 {
			ordered++
		}
	})
	if ordered == 0 {
		t.Error("no file was in deal order")
	}
}
