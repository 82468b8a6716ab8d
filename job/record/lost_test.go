package record

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rolecall/job"
	"rolecall/job/jobtest"
)

// lose makes the front lose the answer to the first call of a method to a path. applied reports whether Zoho does the
// call.
func (r *rig) lose(method, path string, applied bool) {
	n := 1
	r.Front.Meddle = func(w http.ResponseWriter, q *http.Request, _ string, pass jobtest.Pass) {
		if n == 0 || q.Method != method || !strings.HasSuffix(q.URL.Path, path) {
			pass(w)
			return
		}
		n--
		if !r.quick {
			r.ahead.Add(int64(3 * time.Second)) // the run began before, also by a clock of whole seconds
		}
		if applied {
			pass(jobtest.Discarded{})
		}
		panic(http.ErrAbortHandler)
	}
}

// An insert whose answer was lost is looked up by its unique field: it is sent again only if that is safe.
func TestLostInsertIsLookedUp(t *testing.T) {
	t.Parallel()
	for _, applied := range []bool{true, false} {
		r := newRig(t)
		r.lose(http.MethodPost, "/Things", applied)
		got, _ := r.do(Insert, "Name,Code\nOne,a\nTwo,b\nThree,\n", Options{})
		if d := cmp.Diff([]string{"inserted SUCCESS", "inserted SUCCESS", " OUTCOME_UNKNOWN"},
			got.Column("rc_action", "rc_code")); d != "" {
			t.Errorf("applied %v: %s", applied, d)
		}
		all := r.things("Name")
		for i, name := range []string{"One", "Two"} {
			if all[name]["id"] != got.Rows[i]["rc_record_id"] {
				t.Errorf("applied %v: %v, not %s", applied, all[name], got.Rows[i]["rc_record_id"])
			}
		}
		if said := got.Rows[2]["rc_message"]; !strings.Contains(said, "no value of the row is unique in Things") {
			t.Error(said)
		}
	}
}

// A row that may have inserted a record is not sent by runs over failed.csv, until somebody checks it and empties its
// rc_code.
func TestUnknownInsertIsNotRepeatedBlindly(t *testing.T) {
	t.Parallel()
	for _, name := range []string{Insert, Upsert} {
		r := newRig(t)
		r.lose(http.MethodPost, "/Things", true)
		r.do(Insert, "Name,Code\nOne,\n", Options{})
		for range 2 {
			failed, err := os.ReadFile(filepath.Join(r.lastRun(), "failed.csv"))
			if err != nil {
				t.Fatal(err)
			}
			got, _ := r.do(name, string(failed), Options{})
			said := got.Rows[0]["rc_message"]
			if got.Rows[0]["rc_code"] != job.CodeOutcomeUnknown || len(r.things("Name")) != 1 ||
				strings.Count(said, "not sent") != 1 || !strings.Contains(said, "no value of the row is unique in Things") {
				t.Errorf("%s: %v", name, got.Rows)
			}
		}
		got, _ := r.do(name, "Name,Code,rc_code\nTwo,b,\n", Options{})
		if got.Rows[0]["rc_action"] != job.ActionInserted {
			t.Errorf("%s: %v", name, got.Rows)
		}
	}
}

// A record with the unique value of a lost insert, but with other values, may be from somebody else.
func TestLostInsertMayBeSomebodyElses(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.do(Insert, "Name,Code\nOther,a\n", Options{})
	r.lose(http.MethodPost, "/Things", true)
	got, _ := r.do(Insert, "Name,Code\nOne,a\n", Options{})
	if d := cmp.Diff([]string{"OUTCOME_UNKNOWN"}, got.Column("rc_code")); d != "" {
		t.Error(d)
	}
}

// The effect of other lost writes is read back.
func TestLostWritesAreReadBack(t *testing.T) {
	t.Parallel()
	for _, applied := range []bool{true, false} {
		r := newRig(t)
		made, _ := r.do(Insert, "Name,Code\nOne,a\nTwo,b\n", Options{})
		one := made.Rows[0]["rc_record_id"]
		r.lose(http.MethodPut, "/Things", applied)
		got, _ := r.do(Update, "id,Name\n"+one+",Uno\n", Options{})
		if d := cmp.Diff([]string{`updated {"Name":"One"}`}, got.Column("rc_action", "rc_prior")); d != "" {
			t.Error(d)
		}
		r.lose(http.MethodPost, "/Things/upsert", applied)
		got, _ = r.do(Upsert, "Name,Code\nUna,a\nNew,c\n", Options{DuplicateCheck: []string{"Code"}})
		if d := cmp.Diff([]string{"updated", "inserted"}, got.Column("rc_action")); d != "" {
			t.Error(d)
		}
		r.lose(http.MethodDelete, "/Things", applied)
		got, _ = r.do(Delete, "id\n"+one+"\n", Options{})
		if d := cmp.Diff([]string{"deleted"}, got.Column("rc_action")); d != "" {
			t.Error(d)
		}
	}
}

// If a process dies while an insert is in flight, the row stays recorded as sent. The next process looks up the record
// and inserts nothing twice.
func TestKilledInsertIsNotRepeated(t *testing.T) {
	t.Parallel()
	for _, applied := range []bool{true, false} {
		r := newRig(t)
		ctx, cancel := context.WithCancelCause(t.Context())
		left := ""
		q := r.request(Insert, "Name,Code\nOne,a\nTwo,b\n", Options{})
		q.Settings.Concurrency = 1
		r.Front.Meddle = func(w http.ResponseWriter, c *http.Request, _ string, pass jobtest.Pass) {
			if c.Method == http.MethodPost && strings.HasSuffix(c.URL.Path, "/Things") {
				r.ahead.Add(int64(3 * time.Second))
				if applied {
					pass(jobtest.Discarded{})
				}
				left = r.Copy(q.RunDir, "left")
				cancel(job.ErrInterrupted)
				panic(http.ErrAbortHandler)
			}
			pass(w)
		}
		_, _ = job.Start(ctx, q) // this process is dead
		r.Front.Meddle = nil
		r.Front.Sent()
		if _, err := job.Resume(t.Context(), job.Again{RunDir: left, Env: r.Env()}); err != nil {
			t.Fatal(err)
		}
		got := r.Table(filepath.Join(left, "results.csv"))
		if d := cmp.Diff([]string{"inserted", "inserted"}, got.Column("rc_action")); d != "" {
			t.Error(d)
		}
		if all := r.things("Code"); len(all) != 2 || len(r.writes()) > 0 == applied {
			t.Errorf("applied %v: %v", applied, all)
		}
	}
}

// It is not known whether a lost upsert of a value that several records have inserted a record. undo must not delete an
// older record.
func TestLostUpsertOfAnOldRecordIsNoInsert(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.do(Insert, "Name,Code\nOne,a\nOne,b\n", Options{})
	r.ahead.Store(int64(time.Minute))
	r.lose(http.MethodPost, "/Things/upsert", true)
	got, _ := r.do(Upsert, "Name,Note\nOne,n\n", Options{})
	if d := cmp.Diff([]string{"updated"}, got.Column("rc_action")); d != "" {
		t.Error(d, got.Rows)
	}
	r.Front.Meddle = nil
	r.undo(r.lastRun())
	if all := r.things("Code"); len(all) != 2 {
		t.Error(all)
	}
}

// A record that is older than a lost insert does not count as its record: Zoho refuses the row, and undo leaves the
// record. A second row with the same values does not get the record of the first row.
func TestLostInsertClaimsNoOlderRecord(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	const rows = "Name,Code\nOne,a\nTwo,b\nTwo,b\n"
	r.do(Insert, "Name,Code\nOne,a\n", Options{})
	r.ahead.Store(int64(2 * time.Minute))
	n := 0
	r.Front.Meddle = func(w http.ResponseWriter, q *http.Request, _ string, pass jobtest.Pass) {
		if q.Method == http.MethodPost && strings.HasSuffix(q.URL.Path, "/Things") {
			if n++; n <= 2 { // also the call of the third row
				r.ahead.Add(int64(3 * time.Second))
				pass(jobtest.Discarded{})
				panic(http.ErrAbortHandler)
			}
		}
		pass(w)
	}
	got, _ := r.do(Insert, rows, Options{})
	if d := cmp.Diff([]string{" DUPLICATE_DATA", "inserted SUCCESS", " DUPLICATE_DATA"},
		got.Column("rc_action", "rc_code")); d != "" {
		t.Error(d, got.Column("rc_message"))
	}
	r.Front.Meddle = nil
	r.undo(r.lastRun())
	if all := r.things("Code"); len(all) != 1 || all["a"] == nil {
		t.Error(all)
	}
}

// If another program may have inserted a record a moment before, the row is OUTCOME_UNKNOWN.
func TestLostInsertInDoubtIsUnknown(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.do(Insert, "Name,Code\nOne,a\n", Options{})
	for _, later := range []time.Duration{0, 10 * time.Second} {
		r.Front.Meddle, r.quick = nil, true
		r.ahead.Store(int64(later))
		r.lose(http.MethodPost, "/Things", true)
		got, _ := r.do(Insert, "Name,Code\nOne,a\n", Options{})
		if d := cmp.Diff([]string{"OUTCOME_UNKNOWN"}, got.Column("rc_code")); d != "" {
			t.Error(later, d)
		}
		r.Front.Meddle = nil
		r.undo(r.lastRun())
		if all := r.things("Code"); len(all) != 1 {
			t.Error(later, all)
		}
	}
}

// Without a read before, an upsert whose answer was lost is sent again.
func TestLostUpsertWithoutReadIsAnUpdate(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.do(Insert, "Name,Code\nOne,a\n", Options{})
	r.ahead.Store(int64(time.Minute))
	r.lose(http.MethodPost, "/Things/upsert", true)
	got, _ := r.do(Upsert, "Name,Code,Note\nOne,a,n\nTwo,b,n\n",
		Options{DuplicateCheck: []string{"Code"}, ReadFirst: job.Off})
	if d := cmp.Diff([]string{"updated", "inserted"}, got.Column("rc_action")); d != "" {
		t.Error(d)
	}
}

// The rows of a lost call are looked up together.
func TestLostInsertsAreLookedUpTogether(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.lose(http.MethodPost, "/Things", true)
	got, _ := r.do(Insert, "Name,Code\nOne,a\nTwo,b\nThree,c\n", Options{})
	if d := cmp.Diff([]string{"inserted", "inserted", "inserted"}, got.Column("rc_action")); d != "" {
		t.Error(d)
	}
	queries := 0
	for _, call := range r.Front.Sent() {
		if strings.HasPrefix(call, "POST /coql") && strings.Contains(call, "select Code from Things where Code in") {
			queries++
		}
	}
	if queries != 1 {
		t.Errorf("%d queries", queries)
	}
}
