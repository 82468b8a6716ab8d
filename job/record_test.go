package job

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"rolecall/job/rundir"

	"github.com/google/go-cmp/cmp"
	"zombiezen.com/go/sqlite"
)

// recording is a store in a file, with room for so many rows, and a recorder on it.
func recording(t *testing.T, rows int64, also func() error) (path string, s *store, rec *recorder) {
	t.Helper()
	path = filepath.Join(t.TempDir(), rundir.Database)
	s, err := openStore(path, true)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	var survey []surveyedRow
	for n := int64(1); n <= rows; n++ {
		survey = append(survey, surveyedRow{row: n, line: n + 1, deal: recordID{n: n%7 + 1}, contact: recordID{n: n}})
	}
	if _, err := filled(s, survey); err != nil {
		t.Fatal(err)
	}
	if also == nil {
		also = func() error { return nil }
	}
	if rec, err = newRecorder(s, func(err error) { t.Error(err) }, also); err != nil {
		t.Fatal(err)
	}
	return path, s, rec
}

// made is the outcome of a row: many answers, some of them the same, and everything that an outcome may have.
func made(row int64) outcome {
	o := outcome{answer: answer{StatusSuccess, ActionAssigned, codeSuccess, fmt.Sprint("message ", row%13), 200 + int(row%3)}, row: row, attempts: int(row % 5)}
	switch row % 4 {
	case 1:
		o.answer, o.details = answer{StatusError, "", "INVALID_DATA", fmt.Sprint("refused ", row), 400}, fmt.Sprintf(`{"row":%d}`, row)
	case 2:
		o.action, o.prior, o.priorID = ActionUpdated, fmt.Sprint("Role ", row%3), fmt.Sprint(row%3)
	case 3:
		o.sameAs = row - 1
	}
	return o
}

// checkRecorded holds a store that nobody else uses to the outcomes of rows 1 to n: each once, and as it was made.
func checkRecorded(t *testing.T, s *store, n int64) {
	t.Helper()
	c := s.outcomesInOrder()
	for row := int64(1); row <= n; row++ {
		o, ok, err := c.take(row)
		if err != nil || !ok {
			t.Fatalf("row %d: %v, %v", row, ok, err)
		}
		if d := cmp.Diff(made(row), o, cmp.AllowUnexported(outcome{}, answer{})); d != "" {
			t.Fatalf("row %d (-want +got):\n%s", row, d)
		}
	}
	if row, ok, err := c.left(); ok || err != nil {
		t.Errorf("row %d comes as well, %v", row, err)
	}
	if set, count, err := s.recorded(); err != nil || count != n || !set.has(1) || !set.has(n) || set.has(n+1) {
		t.Errorf("%d recorded, want %d: %v", count, n, err)
	}
}

// Many goroutines record at once: each outcome is there once, as it was given, also for the next process.
func TestManyRecordAtOnce(t *testing.T) {
	t.Parallel()
	const workers, each = 40, 30
	path, s, rec := recording(t, workers*each, nil)
	var wg sync.WaitGroup
	for worker := range int64(workers) {
		wg.Go(func() {
			for i := int64(0); i < each; {
				var some []outcome // one, or several at a time
				for range worker%3 + 1 {
					if i < each {
						some = append(some, made(worker*each+i+1))
						i++
					}
				}
				if err := rec.add(some...); err != nil {
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
	checkRecorded(t, s, workers*each)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := openStore(path, false)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	checkRecorded(t, again, workers*each)
}

// What was recorded survives a process that dies without closing anything: the files as they are then have it.
func TestRecordedOutlivesTheProcess(t *testing.T) {
	t.Parallel()
	path, _, rec := recording(t, 100, nil)
	var wg sync.WaitGroup
	for row := range int64(100) {
		wg.Go(func() {
			if err := rec.add(made(row + 1)); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	killed := filepath.Join(t.TempDir(), "killed")
	if err := os.CopyFS(killed, os.DirFS(filepath.Dir(path))); err != nil {
		t.Fatal(err)
	}
	s, err := openStore(filepath.Join(killed, rundir.Database), false)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.replay(); err != nil {
		t.Fatal(err)
	}
	checkRecorded(t, s, 100)
	if err := rec.close(); err != nil {
		t.Error(err)
	}
}

// A recorder that begins where another ended goes on with the numbers of its answers.
func TestRecordingGoesOn(t *testing.T) {
	t.Parallel()
	path, s, rec := recording(t, 90, nil)
	for part := range int64(3) {
		for row := part*30 + 1; row <= part*30+30; row++ {
			if err := rec.add(made(row)); err != nil {
				t.Fatal(err)
			}
		}
		if err := errors.Join(rec.close(), s.Close()); err != nil {
			t.Fatal(err)
		}
		var err error
		if s, err = openStore(path, false); err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		checkRecorded(t, s, part*30+30)
		if rec, err = newRecorder(s, func(err error) { t.Error(err) }, func() error { return nil }); err != nil {
			t.Fatal(err)
		}
	}
	if err := rec.close(); err != nil {
		t.Error(err)
	}
}

// Notes are there when note returns, among whatever others record, and what is forgotten is gone.
func TestNotesAmongOutcomes(t *testing.T) {
	t.Parallel()
	_, s, rec := recording(t, 400, nil)
	var wg sync.WaitGroup
	for row := int64(1); row <= 400; row += 2 {
		wg.Go(func() {
			err := rec.note([]int64{row, row + 1})
			noted, e := s.noted()
			if err = errors.Join(err, e); err != nil || !noted.has(row) || !noted.has(row+1) {
				t.Errorf("rows %d and %d are not noted: %v", row, row+1, err)
				return
			}
			err = rec.add(made(row), made(row+1))
			if row%4 == 1 {
				err = errors.Join(err, rec.forget([]int64{row}))
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if err := rec.close(); err != nil {
		t.Fatal(err)
	}
	checkRecorded(t, s, 400)
	noted, err := s.noted()
	if err != nil {
		t.Fatal(err)
	}
	for row := int64(1); row <= 400; row++ {
		if noted.has(row) == (row%4 == 1) {
			t.Errorf("row %d noted: %v", row, noted.has(row))
		}
	}
}

// What is written along comes several times a second while outcomes come, once more at the end, and always inside a transaction.
func TestWhatIsWrittenAlong(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var times atomic.Int64
		var s *store
		_, opened, rec := recording(t, 100, func() error {
			if times.Add(1); s.Conn.AutocommitEnabled() {
				t.Error("outside a transaction")
			}
			return s.PutLocked("spent", times.Load())
		})
		s = opened
		for row := int64(1); row <= 100; row++ {
			if err := rec.add(made(row)); err != nil {
				t.Fatal(err)
			}
			later(53 * time.Millisecond) // never in the moment of a tick
		}
		if n := times.Load(); n < 10 || n > 50 { // in about five seconds
			t.Errorf("%d times in five seconds", n)
		}
		before := times.Load()
		if err := rec.close(); err != nil || times.Load() == before {
			t.Errorf("close wrote along %d times, %v", times.Load()-before, err)
		}
		var kept int64
		if err := s.Get("spent", &kept); err != nil || kept != times.Load() {
			t.Errorf("kept %d, %v", kept, err)
		}
	})
}

// A store that cannot be written fails whoever records, now and later, and tells of it once.
func TestRecordingFails(t *testing.T) {
	t.Parallel()
	_, s, first := recording(t, 100, nil)
	if err := first.close(); err != nil {
		t.Fatal(err)
	}
	var told atomic.Int64
	rec, err := newRecorder(s, func(error) { told.Add(1) }, func() error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	if err := rec.add(made(1)); err != nil {
		t.Fatal(err)
	}
	s.Lock()
	err = s.Exec("PRAGMA query_only=1")
	s.Unlock()
	if err != nil {
		t.Fatal(err)
	}
	if err := rec.add(made(2)); err != nil { // it is in the journal
		t.Fatal(err)
	}
	rec.write()
	var wg sync.WaitGroup
	for row := int64(3); row <= 50; row++ {
		wg.Go(func() {
			if err := rec.add(made(row)); sqlite.ErrCode(err).ToPrimary() != sqlite.ResultReadOnly {
				t.Errorf("row %d: %v", row, err)
			}
		})
	}
	wg.Wait()
	if err := rec.close(); sqlite.ErrCode(err).ToPrimary() != sqlite.ResultReadOnly || told.Load() != 1 {
		t.Errorf("close: %v, told %d times", err, told.Load())
	}
	s.Lock()
	err = s.Exec("PRAGMA query_only=0")
	s.Unlock()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.replay(); err != nil {
		t.Fatal(err)
	}
	checkRecorded(t, s, 2)
}

// A journal that cannot be written fails whoever records, and tells of it once; what was recorded before is there.
func TestJournalFails(t *testing.T) {
	t.Parallel()
	_, s, first := recording(t, 10, nil)
	if err := first.close(); err != nil {
		t.Fatal(err)
	}
	var told atomic.Int64
	rec, err := newRecorder(s, func(error) { told.Add(1) }, func() error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	if err := rec.add(made(1)); err != nil {
		t.Fatal(err)
	}
	for _, f := range rec.journal.files {
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
	for row := int64(2); row <= 4; row++ {
		if err := rec.add(made(row)); !errors.Is(err, os.ErrClosed) {
			t.Errorf("row %d: %v", row, err)
		}
	}
	if err := rec.close(); !errors.Is(err, os.ErrClosed) || told.Load() != 1 {
		t.Errorf("close: %v, told %d times", err, told.Load())
	}
	if err := s.replay(); err != nil {
		t.Fatal(err)
	}
	checkRecorded(t, s, 1)
}
