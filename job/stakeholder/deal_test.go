package stakeholder

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"rolecall/job"
)

// drawRowsOfDeal draws rows of one deal as a job gets them: contacts that come several times, with the roles 1 to 3,
// and rows that can never be sent or are done.
func drawRowsOfDeal(t *rapid.T) (rows []job.Row) {
	contacts := rapid.SampledFrom([]int{3, 40, 400}).Draw(t, "contacts")
	for i := range rapid.IntRange(0, 300).Draw(t, "rows") {
		r := job.Row{
			N: int64(i + 1), Item: fmt.Sprint(rapid.IntRange(1, contacts).Draw(t, "contact")),
			Ask: job.Encode(ask{role: role{ID: fmt.Sprint(rapid.IntRange(1, 3).Draw(t, "role"))}}),
		}
		switch rapid.IntRange(0, 9).Draw(t, "state") {
		case 0:
			r.Unsendable, r.Done = true, job.Reject(job.CodeIDMissing, "", "")
		case 1:
			r.Done = &job.Outcome{Row: r.N, Status: job.Success}
		}
		rows = append(rows, r)
	}
	return rows
}

// opened returns the deal of some rows, which is not read. proven reports whether assign may send several contacts in
// one call.
func opened(t interface{ Fatal(...any) }, name string, proven bool, rows []job.Row) *deal {
	w := &work{job: name, collection: &collection{never: !proven, finding: CollectionMerges}}
	w.proofOnce.Do(func() {})
	steps, err := w.Open(context.Background(), []job.Group{{Key: "7", Rows: rows}})
	if err != nil {
		t.Fatal(err)
	}
	return steps[0].(*deal)
}

// calls returns the rows of each call that the rows of a deal make.
func (d *deal) calls(t interface{ Fatalf(string, ...any) }) (calls [][]job.Row) {
	for {
		done, call := d.Next()
		if len(done) > 0 {
			t.Fatalf("rows of a deal that was not read are done without a call: %v", done)
		}
		if call == nil {
			return calls
		}
		calls = append(calls, call.Rows)
	}
}

func numbersOf(calls [][]job.Row) (numbers [][]int64) {
	for _, call := range calls {
		var rows []int64
		for _, r := range call {
			rows = append(rows, r.N)
		}
		numbers = append(numbers, rows)
	}
	return numbers
}

func TestBatches(t *testing.T) {
	t.Parallel()
	row := func(n int64, contact string) job.Row { return job.Row{N: n, Item: contact} }
	done := func(r job.Row) job.Row { r.Done = &job.Outcome{Row: r.N}; return r }
	never := func(r job.Row) job.Row { r.Unsendable = true; return done(r) }
	for _, test := range []struct {
		name   string
		job    string
		proven bool
		rows   []job.Row
		calls  [][]int64
	}{
		{"assign sends one row a call", Assign, false, []job.Row{row(1, "a"), row(2, "b")}, [][]int64{{1}, {2}}},
		{"assign takes contacts together", Assign, true, []job.Row{row(1, "a"), row(2, "b")}, [][]int64{{1, 2}}},
		{
			"a contact is in a call once", Assign, true,
			[]job.Row{row(1, "a"), row(2, "b"), row(3, "a"), row(4, "c")}, [][]int64{{1, 2}, {3, 4}},
		},
		{"done rows are not sent", Assign, false, []job.Row{done(row(1, "a")), row(2, "b")}, [][]int64{{2}}},
		{
			"rows that can never be sent are not sent", Remove, false, []job.Row{never(row(1, "a")), row(2, "a")},
			[][]int64{{2}},
		},
		{"remove takes contacts together", Remove, false, []job.Row{row(1, "a"), row(2, "b")}, [][]int64{{1, 2}}},
		{"nothing is open", Remove, false, []job.Row{done(row(1, "a"))}, nil},
	} {
		if d := cmp.Diff(test.calls, numbersOf(opened(t, test.job, test.proven, test.rows).calls(t))); d != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, d)
		}
	}
}

func TestRemoveSendsAtMostAHundredContacts(t *testing.T) {
	t.Parallel()
	var rows []job.Row
	for i := range int64(250) {
		rows = append(rows, job.Row{N: i + 1, Item: fmt.Sprint(i)})
	}
	var sizes []int
	for _, call := range opened(t, Remove, false, rows).calls(t) {
		sizes = append(sizes, len(call))
	}
	if !slices.Equal(sizes, []int{100, 100, 50}) {
		t.Errorf("250 contacts travel as %v", sizes)
	}
}

// The record of a DELETE is forced to disk before the call, because a repeat is refused. A PUT may be repeated.
func TestOnlyRemoveForcesItsRecordToDisk(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{Assign: false, Remove: true} {
		_, call := opened(t, name, true, []job.Row{{N: 1, Item: "a"}, {N: 2, Item: "b"}}).Next()
		if call.Force != want {
			t.Errorf("%s: forced is %v", name, call.Force)
		}
	}
}

// The effect of the calls equals that of the rows one by one in file order. Every open row is in one call, a contact is
// in a call at most once, and no call is larger than Zoho allows.
func TestBatchesHaveTheEffectOfTheRowsOneByOne(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.SampledFrom([]string{Assign, Remove}).Draw(t, "job")
		rows := drawRowsOfDeal(t)
		apply := func(state map[string]string, r job.Row) {
			if name == Remove {
				delete(state, r.Item)
			} else {
				state[r.Item] = askOf(&r).ID
			}
		}
		want, got := map[string]string{"1": "9", "2": "9"}, map[string]string{"1": "9", "2": "9"}
		var open, sent []int64
		for _, r := range rows {
			if job.IsOpen(&r) {
				open = append(open, r.N)
				apply(want, r)
			}
		}
		for _, call := range opened(t, name, rapid.Bool().Draw(t, "proven"), rows).calls(t) {
			if len(call) > 100 {
				t.Fatalf("a call of %d contacts", len(call))
			}
			in := map[string]bool{}
			for _, r := range call {
				if in[r.Item] {
					t.Fatalf("contact %s twice in a call", r.Item)
				}
				in[r.Item] = true
				sent = append(sent, r.N)
				apply(got, r)
			}
		}
		if d := cmp.Diff(open, sent); d != "" {
			t.Fatalf("rows (-open +sent):\n%s", d)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Fatalf("state (-one by one +batched):\n%s", d)
		}
	})
}
