package job_test

import (
	"slices"
	"testing"

	"rolecall/job"
)

// The progress counts as failed the rows that the survey rejected and those that Zoho refused.
func TestProgressCountsFailedRows(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	s.answer = func(r job.Row) job.Outcome {
		if r.N == 2 {
			o := *job.Reject(job.CodeNoAnswer, "it fell off", "")
			o.Row = r.N
			return o
		}
		return job.Settle(r.N, "shelved", "", 1)
	}
	q := s.request("a 1 text", "a 2 text", "a 3 text", "a 4 ")

	var seen [][3]int64
	s.before = func([]job.Row) {
		_, total, done, failed := q.Progress.Snapshot()
		seen = append(seen, [3]int64{total, done, failed})
	}
	s.Start(q)
	if want := [][3]int64{{4, 1, 1}, {4, 2, 1}, {4, 3, 2}}; !slices.Equal(seen, want) {
		t.Errorf("total, done and failed before each call: %v, want %v", seen, want)
	}
}

// A resumed run counts the failed rows of earlier processes too.
func TestResumedProgressCountsFailedRowsFromTheBeginning(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	s.answer = func(r job.Row) job.Outcome {
		o := *job.Reject(job.CodeNoAnswer, "it fell off", "")
		o.Row = r.N
		return o
	}
	s.stop = func() error {
		if len(s.sent()) == 1 {
			return &job.Stop{Reason: job.Interrupted, Err: job.ErrInterrupted}
		}
		return nil
	}
	q := s.request("a 1 text", "a 2 text", "a 3 text", "a 4 ")
	s.Start(q)

	s.stop = nil
	env := s.env()
	var seen [][3]int64
	s.before = func([]job.Row) {
		_, total, done, failed := env.Progress.Snapshot()
		seen = append(seen, [3]int64{total, done, failed})
	}
	if _, err := job.Resume(t.Context(), job.Again{RunDir: q.RunDir, Env: env}); err != nil {
		t.Fatal(err)
	}
	if want := [][3]int64{{4, 2, 2}, {4, 3, 3}}; !slices.Equal(seen, want) {
		t.Errorf("total, done and failed before each call: %v, want %v", seen, want)
	}
}
