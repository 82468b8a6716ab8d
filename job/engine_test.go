package job_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"rolecall/api/pace"
	"rolecall/csvio"
	"rolecall/job"
	"rolecall/job/jobtest"
	"rolecall/job/report"
	"rolecall/job/rundir"
)

// shelf is a job for tests: each row puts a text into a slot of a shelf. The shelf is the row's key, the slot is its
// item, and the text is its request. The test plays Zoho. The columns deal_id, contact_id and role hold shelf, slot and
// text.
type shelf struct {
	jobtest.Rig

	together  int // rows in a call; 0: one
	workers   int
	opens     int                         // keys that are opened together; 0: one
	phase     func(text string) int       // nil: all rows have phase 0
	before    func(call []job.Row)        // is called before a call is made; nil: nothing
	answer    func(r job.Row) job.Outcome // nil: each row is a success
	stop      func() error                // an error ends the run before a call; nil: none
	lost      func() error                // an error ends the run after a call had its effect; nil: none
	forgetful bool                        // the calls are not remembered
	creates   bool                        // a call makes something new
	surveyed  func()                      // called for each record; nil: not called
	finish    func() ([]job.Outcome, error)

	mu    sync.Mutex
	calls [][]job.Row
	keys  [][]string // the keys of each Open
	slots map[string]string
}

func newShelf(t testing.TB) *shelf {
	s := &shelf{Rig: jobtest.Rig{T: t, Dir: t.TempDir()}, workers: 1, slots: map[string]string{}}
	s.Kinds = []*job.Kind{s.kind()}
	return s
}

func (s *shelf) kind() *job.Kind {
	return &job.Kind{
		Name: "shelve", Table: csvio.Stakeholders(),
		Survey: func(job.Settings, string) job.Survey { return s },
		Advice: func(string, string) string { return "" },
		Begin:  func(context.Context, *job.Org, job.Settings, job.Desk) (job.Work, error) { return s, nil },
	}
}

// Row implements job.Survey. A row without a text can never be sent.
func (s *shelf) Row(in *csvio.Reader, rec *csvio.Record) (job.Row, error) {
	if s.surveyed != nil {
		s.surveyed()
	}
	if rec.Malformed != nil {
		done := job.Malformed(rec)
		return job.Row{Done: done}, nil //nolint:nilerr // the row says it
	}
	r := job.Row{Key: in.Value(csvio.DealID), Item: in.Value(csvio.ContactID)}
	text := in.Value(csvio.Role)
	r.Ask = json.RawMessage(fmt.Sprintf("%q", text))
	if s.phase != nil {
		r.Phase = s.phase(text)
	}
	if text == "" {
		r.Done = job.Reject(job.CodeRoleMissing, "no text", "")
	}
	return r, nil
}

// End implements job.Survey.
func (*shelf) End(*csvio.Reader, func(string), func(string)) error { return nil }

// Resolve implements job.Work.
func (*shelf) Resolve(context.Context, []job.Row) error { return nil }

// Count implements job.Work.
func (*shelf) Count(job.Group) error { return nil }

// Price implements job.Work.
func (*shelf) Price() (report.Forecast, error) { return report.Forecast{}, nil }

// Together implements job.Work.
func (s *shelf) Together(int) int { return max(s.opens, 1) }

// Open implements job.Work.
func (s *shelf) Open(_ context.Context, groups []job.Group) (steps []job.Steps, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var keys []string
	for _, g := range groups {
		keys = append(keys, g.Key)
		open := slices.DeleteFunc(slices.Clone(g.Rows), func(r job.Row) bool { return !job.IsOpen(&r) })
		steps = append(steps, &shelving{s, open})
	}
	if !s.forgetful {
		s.keys = append(s.keys, keys)
	}
	return steps, nil
}

// Finish implements job.Work.
func (s *shelf) Finish(context.Context, job.Results) ([]job.Outcome, error) {
	if s.finish == nil {
		return nil, nil
	}
	return s.finish()
}

// shelving does the rows of one shelf.
type shelving struct {
	*shelf

	rows []job.Row
}

// Next implements job.Steps.
func (s *shelving) Next() ([]job.Outcome, *job.Call) {
	if len(s.rows) == 0 {
		return nil, nil
	}
	n := min(max(s.together, 1), len(s.rows))
	call := s.rows[:n]
	s.rows = s.rows[n:]
	var prior []json.RawMessage
	for _, r := range call {
		if !s.creates {
			prior = append(prior, json.RawMessage(fmt.Sprintf(`{"before":%d}`, r.N)))
		}
	}
	return nil, &job.Call{
		Rows: call, Prior: prior, Force: s.creates,
		Send: func(context.Context) ([]job.Outcome, error) { return s.send(call) },
	}
}

// send puts the texts of a call on the shelf.
func (s *shelf) send(call []job.Row) (outcomes []job.Outcome, err error) {
	if s.stop != nil {
		if err := s.stop(); err != nil {
			return nil, err
		}
	}
	if s.before != nil {
		s.before(call)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.forgetful {
		s.calls = append(s.calls, call)
	}
	for _, r := range call {
		if !s.forgetful {
			s.slots[r.Key+"/"+r.Item] = string(r.Ask)
		}
		o := job.Settle(r.N, "shelved", fmt.Sprint("said ", r.N), 1)
		if s.answer != nil {
			o = s.answer(r)
		}
		outcomes = append(outcomes, o)
	}
	if s.lost != nil {
		if err := s.lost(); err != nil {
			return nil, err
		}
	}
	return outcomes, nil
}

// sent returns the numbers of the rows that were sent, in order.
func (s *shelf) sent() (rows []int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, call := range s.calls {
		for _, r := range call {
			rows = append(rows, r.N)
		}
	}
	return rows
}

// env returns an environment whose org is the test.
func (s *shelf) env() job.Env {
	env := s.Env()
	env.Connect = func(context.Context, job.Settings, job.Hooks) (*job.Org, error) {
		return &job.Org{
			Pacer: pace.New(pace.Config{InFlight: s.workers}), InFlight: s.workers,
			Identity: job.Identity{APIURL: "shelf", OrgID: "1"},
		}, nil
	}
	return env
}

// request returns a run over "shelf slot text" lines.
func (s *shelf) request(lines ...string) job.Request {
	var text strings.Builder
	text.WriteString("deal_id,contact_id,role\n")
	for _, line := range lines {
		text.WriteString(strings.ReplaceAll(line, " ", ",") + "\n")
	}
	return job.Request{Kind: s.Kinds[0], Input: s.Input("input.csv", text.String()), RunDir: s.RunDir(), Env: s.env()}
}

// resume goes on with a run.
func (s *shelf) resume(dir string) (*job.Result, error) {
	return job.Resume(s.T.Context(), job.Again{RunDir: dir, Env: s.env()})
}

// rowsOfA returns lines of one shelf, each with a slot of its own.
func rowsOfA(n int) (lines []string) {
	for i := range n {
		lines = append(lines, fmt.Sprintf("a %d text", i+1))
	}
	return lines
}

// While a call is in flight, run.db has the rows of the call, and no others, recorded as sent with the state before.
func TestRowsAreRecordedAsSentBeforeTheirCall(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	s.together = 3
	var dirs []string
	s.before = func([]job.Row) { dirs = append(dirs, s.Copy(s.RunDir(), fmt.Sprint("killed", len(dirs)))) }
	s.Start(s.request(rowsOfA(8)...))
	for i, dir := range dirs {
		for _, r := range s.Rows(dir) {
			recorded, sent := r.N <= int64(3*i), r.N <= int64(3*i+3)
			if r.Sent != sent || (r.Done != nil) != recorded {
				t.Errorf("at call %d row %d: sent %v, outcome %+v", i+1, r.N, r.Sent, r.Done)
			}
			if want := fmt.Sprintf(`{"before":%d}`, r.N); sent && string(r.Prior) != want {
				t.Errorf("at call %d the state before row %d is %s, want %s", i+1, r.N, r.Prior, want)
			}
		}
	}
	if len(dirs) != 3 {
		t.Errorf("%d calls", len(dirs))
	}
}

// A key has at most one call in flight, and its rows go in file order. A key is opened with all of its rows, even if it
// has more rows than one page of run.db, or its rows are scattered over the file.
func TestAKeyIsOpenedWholeAndSentInFileOrder(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	s.workers, s.together = 8, 50
	var lines []string
	for i := range 2000 {
		lines = append(lines, fmt.Sprintf("%s %d text", []string{"large", "large", "b", "c", "d"}[i*i%5], i))
	}
	var mu sync.Mutex
	inFlight := map[string]int{}
	s.before = func(call []job.Row) {
		mu.Lock()
		inFlight[call[0].Key]++
		if inFlight[call[0].Key] > 1 {
			t.Errorf("two calls of %s in flight", call[0].Key)
		}
		mu.Unlock()
		for range 20 { // others may begin meanwhile
			runtime.Gosched()
		}
		mu.Lock()
		inFlight[call[0].Key]--
		mu.Unlock()
	}
	res := s.Start(s.request(lines...))
	last, opened := map[string]int64{}, map[string]int{}
	for _, call := range s.calls {
		for _, r := range call {
			if r.N <= last[r.Key] {
				t.Fatalf("row %d of %s was sent after row %d", r.N, r.Key, last[r.Key])
			}
			last[r.Key] = r.N
		}
	}
	for _, keys := range s.keys {
		opened[keys[0]]++
	}
	for key, n := range opened {
		if n != 1 {
			t.Errorf("%s was opened %d times", key, n)
		}
	}
	if res.Summary.Rows.Success != 2000 {
		t.Errorf("rows %+v", res.Summary.Rows)
	}
}

// opening reports each Open to the test.
type opening struct {
	*shelf

	opened chan struct{}
}

func (o opening) Open(ctx context.Context, groups []job.Group) ([]job.Steps, error) {
	defer func() { o.opened <- struct{}{} }()
	return o.shelf.Open(ctx, groups)
}

// While the calls in flight are at their limit, a worker already opens the next key.
func TestTheNextCallIsPreparedMeanwhile(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	s.workers = 4
	o := opening{s, make(chan struct{}, 5)}
	s.Kinds[0].Begin = func(context.Context, *job.Org, job.Settings, job.Desk) (job.Work, error) { return o, nil }
	var arrived atomic.Int64
	looked := make(chan struct{})
	s.before = func([]job.Row) {
		if arrived.Add(1) != 4 {
			<-looked
			return
		}
		defer close(looked)
		for range 5 {
			select {
			case <-o.opened:
			case <-time.After(10 * time.Second):
				t.Error("the fifth key waits for an answer")
				return
			}
		}
	}
	s.Start(s.request("a 1 x", "b 1 x", "c 1 x", "d 1 x", "e 1 x"))
}

// A kill loses the outcomes of at most the calls in flight: the next call waits until the outcomes of an earlier one
// are recorded. Calls that create something only wait for the pacer, because to record their outcomes takes long.
func TestAKillLosesAtMostTheCallsInFlight(t *testing.T) {
	t.Parallel()
	for creates, want := range map[bool]int64{false: 4, true: 5} {
		s := newShelf(t)
		s.workers, s.creates = 4, creates
		synctest.Test(t, func(t *testing.T) {
			var now, most atomic.Int64
			s.before = func([]job.Row) {
				if n := now.Add(1); n > most.Load() {
					most.Store(n)
				}
				<-time.After(time.Second) // until all workers wait
				now.Add(-1)
			}
			if _, err := job.Start(t.Context(), s.request("a 1 x", "b 1 x", "c 1 x", "d 1 x", "e 1 x", "f 1 x")); err != nil {
				t.Fatal(err)
			}
			if got := most.Load(); got != want {
				t.Errorf("creates %v: %d calls at a time, want %d", creates, got, want)
			}
		})
	}
}

// Keys are opened together as many as the job says.
func TestKeysAreOpenedTogether(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	s.opens = 5
	var lines []string
	for i := range 12 {
		lines = append(lines, fmt.Sprintf("%c 1 text", 'a'+i))
	}
	s.Start(s.request(lines...))
	var sizes []int
	for _, keys := range s.keys {
		sizes = append(sizes, len(keys))
	}
	if !slices.Equal(sizes, []int{5, 5, 2}) {
		t.Errorf("12 keys are opened as %v", s.keys)
	}
}

// Rows of a later phase wait for all earlier ones, whatever their order in the file.
func TestALaterPhaseWaits(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	s.workers, s.phase = 4, func(text string) int { return strings.Index("012", text) }
	var lines []string
	for i := range 60 {
		lines = append(lines, fmt.Sprintf("%d 1 %d", i, 2-i%3))
	}
	s.Start(s.request(lines...))
	last := ""
	for _, call := range s.calls {
		if text := string(call[0].Ask); text < last {
			t.Fatalf("phase %s after phase %s", text, last)
		} else {
			last = text
		}
	}
	if len(s.calls) != 60 {
		t.Errorf("%d calls", len(s.calls))
	}
}

// If run.db cannot be written, the run ends as Broken. No call is sent without its record, and at most the outcomes of
// the calls in flight are lost. An earlier signal does not hide the error.
func TestARecordThatFailsEndsTheRunAsBroken(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		table       string
		interrupted bool
		most        int // calls that may have been made
	}{
		"notes cannot be written":                   {"sent", false, 0},
		"outcomes cannot be written":                {"outcomes", false, 1},
		"outcomes cannot be written after a signal": {"outcomes", true, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newShelf(t)
			s.stop = func() error { return &job.Stop{Reason: job.Interrupted, Err: job.ErrInterrupted} }
			q := s.request(rowsOfA(20)...)
			s.Start(q)
			s.ChangeDB(q.RunDir, "CREATE TRIGGER full BEFORE INSERT ON "+test.table+
				" BEGIN SELECT RAISE(ABORT, 'no space left'); END")
			s.ChangeDB(q.RunDir, "DELETE FROM sent")
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			s.stop = nil
			s.before = func([]job.Row) {
				if test.interrupted {
					cancel()
				}
			}
			res, err := job.Resume(ctx, job.Again{RunDir: q.RunDir, Env: s.env()})
			if err != nil || res.Stop == nil || res.Stop.Reason != job.Broken {
				t.Fatalf("%v, %+v", err, res)
			}
			if !strings.Contains(res.Stop.Error(), "no space left") || len(s.calls) > test.most {
				t.Errorf("stop %q after %d calls", res.Stop, len(s.calls))
			}
			s.ChangeDB(q.RunDir, "DROP TRIGGER full")
			s.before = nil
			if res, err := s.resume(q.RunDir); err != nil || res.Summary.Rows.Success != 20 {
				t.Errorf("resume: %v, %+v", err, res)
			}
		})
	}
}

// The engine reports a job that returns an outcome for an unknown row, or none for a row.
func TestRowsInAreRowsOut(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		row  func(r job.Row) int64
		says string
	}{
		"an outcome of no row": {func(r job.Row) int64 { return r.N + 1000 }, "no row of the run"},
		"an outcome twice":     {func(r job.Row) int64 { return (r.N + 1) / 2 * 2 }, "no outcome"},
		"one outcome too many": {func(r job.Row) int64 { return r.N }, "no row of the run"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newShelf(t)
			s.answer = func(r job.Row) job.Outcome { return job.Settle(test.row(r), "shelved", "", 1) }
			if name == "one outcome too many" {
				s.finish = func() ([]job.Outcome, error) { return []job.Outcome{job.Settle(77, "shelved", "", 1)}, nil }
			}
			res, err := job.Start(t.Context(), s.request(rowsOfA(6)...))
			stop := job.StopOf(err)
			if err == nil {
				stop = res.Stop
			}
			if stop == nil || stop.Reason != job.Broken || !strings.Contains(stop.Error(), test.says) {
				t.Errorf("%v, %+v", err, res)
			}
		})
	}
}

// An outcome of Finish replaces the earlier outcome of its row, so the row still has exactly one.
func TestFinishReplacesOutcomes(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	s.finish = func() ([]job.Outcome, error) {
		o := *job.Reject(job.CodeNoAnswer, "it fell off", "")
		o.Row = 2
		return []job.Outcome{o}, nil
	}
	res := s.Start(s.request(rowsOfA(3)...))
	if rows := res.Summary.Rows; rows.Total != 3 || rows.Success != 2 || rows.Error != 1 {
		t.Errorf("rows %+v", rows)
	}
	if got := s.Results().Column("rc_message"); !slices.Equal(got, []string{"said 1", "it fell off", "said 3"}) {
		t.Errorf("messages %q", got)
	}
}

// A repeat takes the outcome of its original, also if an earlier process did the original. If the original stays open,
// the repeat stays open too.
func TestRepeatsFollowTheirOriginal(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	calls := 0
	s.stop = func() error {
		if calls++; calls > 1 {
			return &job.Stop{Reason: job.Interrupted, Err: job.ErrInterrupted}
		}
		return nil
	}
	q := s.request("a 1 x", "b 1 x", "a 1 x", "b 1 x", "b 1 x")
	s.Start(q)
	want := []string{"shelved success", " not_attempted", "unchanged success", " not_attempted", " not_attempted"}
	if got := s.Results().Column("rc_action", "rc_status"); !slices.Equal(got, want) {
		t.Errorf("stopped: %q", got)
	}
	s.stop = nil
	// As if a kill had come between the outcome of row 1 and that of its repeat.
	s.ChangeDB(q.RunDir, "DELETE FROM outcomes WHERE row = 3")
	if _, err := s.resume(q.RunDir); err != nil {
		t.Fatal(err)
	}
	want = []string{"said 1", "said 2", "same as row 1", "same as row 2", "same as row 4"}
	if got := s.Results().Column("rc_message"); !slices.Equal(got, want) || !slices.Equal(s.sent(), []int64{1, 2}) {
		t.Errorf("messages %q, sent %v", got, s.sent())
	}
}

// A run.db of an older format is refused with a usage error that names the file. Nothing is sent.
func TestARunOfAnotherFormatIsRefused(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	q := s.request(rowsOfA(2)...)
	s.Start(q)
	s.ChangeDB(q.RunDir, "PRAGMA user_version=2")
	for name, goOn := range map[string]func() (*job.Result, error){
		"resume": func() (*job.Result, error) { return s.resume(q.RunDir) },
		"report": func() (*job.Result, error) { return job.Report(job.Again{RunDir: q.RunDir, Env: s.env()}) },
	} {
		_, err := goOn()
		if !isUsage(err) || !strings.Contains(err.Error(), filepath.Join(q.RunDir, rundir.Database)) ||
			!strings.Contains(err.Error(), "format 2") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func isUsage(err error) bool {
	_, ok := errors.AsType[*job.UsageError](err)
	return ok
}
