package job

import (
	"slices"
	"testing"

	"rolecall/api"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// testRoles are roles of the input: 1 and 2 are two names of one role, 3 is another, and 4 is none of the org's.
func testRoles() map[int64]orgRole {
	one, other := api.RoleRef{ID: "1", Name: "Purchasing"}, api.RoleRef{ID: "3", Name: "Sponsor"}
	return map[int64]orgRole{1: {RoleRef: one, same: 1}, 2: {RoleRef: one, same: 1}, 3: {RoleRef: other, same: 3}}
}

func TestBatches(t *testing.T) {
	t.Parallel()
	row := func(n int64, contact string, role int64) dealRow {
		return dealRow{row: n, contact: recordID{text: contact}, role: role}
	}
	bad := func(r dealRow) dealRow { r.bad = true; return r }
	for _, test := range []struct {
		name    string
		command Command
		rows    []dealRow
		done    []int64
		calls   [][]int64       // rows of each call
		same    map[int64]int64 // repeats
		clash   []int64         // contradictions
	}{
		{name: "assign sends one row a call", command: Assign, rows: []dealRow{row(1, "a", 1), row(2, "b", 1)}, calls: [][]int64{{1}, {2}}},
		{name: "an equal row is a repeat", command: Assign, rows: []dealRow{row(1, "a", 1), row(2, "a", 1)}, calls: [][]int64{{1}}, same: map[int64]int64{2: 1}},
		{name: "two names of one role are equal", command: Assign, rows: []dealRow{row(1, "a", 1), row(5, "a", 2)}, calls: [][]int64{{1}}, same: map[int64]int64{5: 1}},
		{
			name: "only the latest earlier row counts", command: Assign,
			rows:  []dealRow{row(1, "a", 1), row(2, "a", 3), row(3, "a", 1)},
			calls: [][]int64{{1}, {2}, {3}}, clash: []int64{2, 3},
		},
		{
			name: "a repeat of a repeat names the row before it", command: Assign,
			rows: []dealRow{row(1, "a", 1), row(2, "a", 1), row(3, "a", 1)}, calls: [][]int64{{1}}, same: map[int64]int64{2: 1, 3: 2},
		},
		{name: "a row that cannot be sent is no original", command: Assign, rows: []dealRow{row(1, "a", 1), bad(row(2, "a", 1)), row(3, "a", 1)}, calls: [][]int64{{1}, {3}}},
		{name: "an unknown role cannot be sent", command: Assign, rows: []dealRow{row(1, "a", 4), row(2, "a", 4), row(3, "b", 1)}, calls: [][]int64{{3}}},
		{name: "done rows are not sent", command: Assign, rows: []dealRow{row(1, "a", 1), row(2, "b", 1)}, done: []int64{1}, calls: [][]int64{{2}}},
		{name: "remove takes contacts together", command: Remove, rows: []dealRow{row(1, "a", 0), row(2, "b", 0)}, calls: [][]int64{{1, 2}}},
		{name: "remove looks at the pair alone", command: Remove, rows: []dealRow{row(1, "a", 1), row(2, "a", 3)}, calls: [][]int64{{1}}, same: map[int64]int64{2: 1}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			b := batcher{command: test.command, roles: testRoles()}
			done := &rowSet{}
			for _, r := range test.done {
				done.add(r)
			}
			planned := b.plan(dealRows{rows: test.rows})
			same, clash := map[int64]int64(nil), []int64(nil)
			for _, p := range planned {
				if p.sameAs != 0 {
					if same == nil {
						same = map[int64]int64{}
					}
					same[p.row] = p.sameAs
				}
				if p.contradicts {
					clash = append(clash, p.row)
				}
			}
			if d := cmp.Diff(test.same, same); d != "" {
				t.Errorf("repeats (-want +got):\n%s", d)
			}
			if d := cmp.Diff(test.clash, clash); d != "" {
				t.Errorf("contradictions (-want +got):\n%s", d)
			}
			if d := cmp.Diff(test.calls, rowNumbers(batches(b, planned, done))); d != "" {
				t.Errorf("calls (-want +got):\n%s", d)
			}
		})
	}
}

// mostOf is how many contacts a command sends in a call: assign goes one by one here.
func mostOf(c Command) int {
	if c == Remove {
		return maxTogether
	}
	return 1
}

// batches are the calls that the rows of a deal make.
func batches(b batcher, planned []plannedRow, done *rowSet) (all [][]plannedRow) {
	w := &dealWork{caller: &caller{batcher: b, done: done}, rows: planned}
	for {
		_, batch := w.next(mostOf(b.command))
		if len(batch) == 0 {
			return all
		}
		all = append(all, batch)
	}
}

func rowNumbers(batches [][]plannedRow) (numbers [][]int64) {
	for _, batch := range batches {
		var one []int64
		for _, r := range batch {
			one = append(one, r.row)
		}
		numbers = append(numbers, one)
	}
	return numbers
}

func TestRemoveSendsAtMostAHundredContacts(t *testing.T) {
	t.Parallel()
	var rows []dealRow
	for i := range 250 {
		rows = append(rows, dealRow{row: int64(i + 1), contact: recordID{n: int64(i + 1)}})
	}
	b := batcher{command: Remove}
	var sizes []int
	for _, batch := range batches(b, b.plan(dealRows{rows: rows}), &rowSet{}) {
		sizes = append(sizes, len(batch))
	}
	if !slices.Equal(sizes, []int{100, 100, 50}) {
		t.Errorf("250 contacts travel as %v", sizes)
	}
}

// The effect of the calls is that of the rows one by one in file order, a contact is at most once in a call, and no call is larger than Zoho takes.
func TestBatchesHaveTheEffectOfTheRowsOneByOne(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		command := rapid.SampledFrom([]Command{Assign, Remove}).Draw(t, "command")
		b := batcher{command: command, roles: testRoles()}
		var d dealRows
		for i := range rapid.IntRange(0, 300).Draw(t, "rows") {
			d.rows = append(d.rows, dealRow{
				row: int64(i + 1), contact: recordID{n: rapid.Int64Range(1, 150).Draw(t, "contact")},
				role: rapid.Int64Range(1, 4).Draw(t, "role"), bad: rapid.IntRange(0, 9).Draw(t, "bad") == 0,
			})
		}
		apply := func(state map[recordID]int64, r dealRow) {
			if command == Remove {
				delete(state, r.contact)
			} else {
				state[r.contact] = b.roles[r.role].same
			}
		}
		want, got := map[recordID]int64{{n: 1}: 9, {n: 2}: 9}, map[recordID]int64{{n: 1}: 9, {n: 2}: 9}
		for _, r := range d.rows {
			if !r.bad && (command == Remove || r.role != 4) {
				apply(want, r)
			}
		}
		last := int64(0)
		for _, batch := range batches(b, b.plan(d), &rowSet{}) {
			if len(batch) > mostOf(command) {
				t.Fatalf("a call of %d rows", len(batch))
			}
			seen := map[recordID]bool{}
			for _, r := range batch {
				if seen[r.contact] {
					t.Fatalf("contact %v twice in a call", r.contact)
				}
				if r.row <= last {
					t.Fatalf("row %d after row %d", r.row, last)
				}
				seen[r.contact], last = true, r.row
				apply(got, r.dealRow)
			}
		}
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(recordID{})); diff != "" {
			t.Fatalf("state (-one by one +batched):\n%s", diff)
		}
	})
}
