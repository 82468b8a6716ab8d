package job

import (
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"rolecall/job/rundb"
)

// recording returns a run.db with a number of rows, and a recorder on it. spent may be nil.
func recording(t *testing.T, rows int64, spent func() any, failed func(error)) (*rundb.DB, *recorder) {
	t.Helper()
	db, err := rundb.Create(filepath.Join(t.TempDir(), "run.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	var all []Row
	for n := int64(1); n <= rows; n++ {
		all = append(all, Row{N: n, Key: fmt.Sprint(n % 7)})
	}
	if err := db.Add(all); err != nil {
		t.Fatal(err)
	}
	if spent == nil {
		spent = func() any { return 0 }
	}
	if failed == nil {
		failed = func(err error) { t.Error(err) }
	}
	return db, newRecorder(db, spent, failed)
}

// made returns an outcome of a row that differs from those of other rows.
func made(row int64) Outcome {
	o := Outcome{
		Row: row, Status: Success, Action: ActionAssigned, Code: CodeSuccess, HTTP: 200, Attempts: int(row % 5),
	}
	o.Message = fmt.Sprint("message ", row%13)
	if row%4 == 3 {
		o.SameAs = row - 1
	}
	return o
}

// checkRecorded checks that a run.db has the outcomes of rows 1 to n, as they were made, and no others.
func checkRecorded(t *testing.T, db *rundb.DB, n int64) {
	t.Helper()
	for r, err := range db.InOrder() {
		if err != nil {
			t.Fatal(err)
		}
		want := made(r.N)
		if r.N > n {
			if r.Done != nil {
				t.Fatalf("row %d has an outcome", r.N)
			}
		} else if d := cmp.Diff(&want, r.Done, cmpopts.IgnoreFields(Outcome{}, "At")); d != "" {
			t.Fatalf("row %d (-want +got):\n%s", r.N, d)
		}
	}
}

// Many goroutines record at the same time: each outcome is there once, as it was given, also for the next process.
func TestManyRecordTogether(t *testing.T) {
	t.Parallel()
	const workers, each = 20, 15
	db, rec := recording(t, workers*each+5, nil, nil)
	var wg sync.WaitGroup
	for worker := range int64(workers) {
		wg.Go(func() {
			for i := int64(0); i < each; {
				var some []Outcome // one, or several at a time
				for range worker%3 + 1 {
					if i < each {
						some = append(some, made(worker*each+i+1))
						i++
					}
				}
				if err := rec.record(some); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	if err := rec.close(); err != nil {
		t.Fatal(err)
	}
	checkRecorded(t, db, workers*each)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	next, err := rundb.Open(db.Path())
	if err != nil {
		t.Fatal(err)
	}
	defer next.Close()
	checkRecorded(t, next, workers*each)
}

// What the run has spent is forced to disk with the outcomes, five times a second while outcomes come, and at the end.
func TestOutcomesAreForcedFiveTimesASecond(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var times atomic.Int64
		db, rec := recording(t, 100, func() any { return times.Add(1) }, nil)
		for row := int64(1); row <= 50; row++ {
			if err := rec.record([]Outcome{made(row)}); err != nil {
				t.Fatal(err)
			}
			<-time.After(53 * time.Millisecond) // never in the moment of a tick
		}
		if n := times.Load(); n < 12 || n > 14 { // 2.65 seconds
			t.Errorf("%d times in 2.65 seconds", n)
		}
		<-time.After(time.Minute) // nothing is recorded
		before := times.Load()
		if before > 15 {
			t.Errorf("%d times although nothing was recorded", before)
		}
		if err := rec.close(); err != nil || times.Load() != before+1 {
			t.Errorf("close forced %d times, %v", times.Load()-before, err)
		}
		var spent int64
		if err := db.Get(factSpent, &spent); err != nil || spent != times.Load() {
			t.Errorf("spent %d, %v", spent, err)
		}
	})
}

// After an outcome could not be recorded, every later call of record returns the error, and the run gets it once.
func TestAFailedRecordIsTheLast(t *testing.T) {
	t.Parallel()
	var stops atomic.Int64
	db, rec := recording(t, 50, nil, func(err error) {
		if stop := StopOf(err); stop.Reason != Broken {
			t.Errorf("the run ends by %v", stop)
		}
		stops.Add(1)
	})
	if err := rec.record([]Outcome{made(1)}); err != nil {
		t.Fatal(err)
	}
	cut := errors.New("no space left")
	if err := rec.fail(cut); !errors.Is(err, cut) {
		t.Errorf("got %v", err)
	}
	for row := int64(2); row <= 10; row++ {
		if err := rec.record([]Outcome{made(row)}); !errors.Is(err, cut) {
			t.Errorf("row %d: %v", row, err)
		}
	}
	if err := rec.close(); !errors.Is(err, cut) || stops.Load() != 1 {
		t.Errorf("close: %v, the run heard of it %d times", err, stops.Load())
	}
	checkRecorded(t, db, 10) // these are recorded, although record returned the error
}

// A run that could not record is Broken, also if something else stopped it before.
func TestBrokenWinsOverEarlierCauses(t *testing.T) {
	t.Parallel()
	drained := 0
	s := NewStopper(Threshold{}, func() { drained++ })
	for _, reason := range []Reason{Interrupted, TooManyErrors, Broken, Outage} {
		s.Stop(&Stop{Reason: reason, Err: ErrInterrupted})
	}
	if s.Why().Reason != Broken || drained != 1 {
		t.Errorf("stopped by %d, drained %d times", s.Why().Reason, drained)
	}
	first := NewStopper(Threshold{}, func() {})
	first.Stop(&Stop{Reason: Outage, Err: ErrInterrupted})
	first.Stop(&Stop{Reason: Interrupted, Err: ErrInterrupted})
	if first.Why().Reason != Outage {
		t.Errorf("stopped by %d, want the first cause", first.Why().Reason)
	}
}
