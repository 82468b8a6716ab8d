package job_test

import (
	"errors"
	"testing"

	"rolecall/api/auth/whole"
	"rolecall/job"
	"rolecall/job/report"
)

// If another program has a file open, the run stops after its calls. The summary has all counts and the resume command.
// resume sends nothing, and finishes once the file is closed.
func TestAFileIsOpenInAnotherProgram(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	open := true
	kind := s.kind()
	kind.Write = func(*job.Output) error {
		if open {
			return &whole.HeldError{Path: "undo.csv", Err: errors.New("in use")}
		}
		return nil
	}
	s.Kinds = []*job.Kind{kind}
	res, err := job.Start(t.Context(), s.request("a 1 text", "b 2 text"))
	for try := range 2 {
		if err != nil || res.Stop == nil || res.Stop.Reason != job.Held {
			t.Fatalf("%d: %+v, %v", try, res, err)
		}
		sum := &res.Summary
		if sum.Rows.Success != 2 || sum.State != report.Stopped || sum.Next == "" || len(s.sent()) != 2 {
			t.Errorf("%d: %+v; sent: %v", try, sum, s.sent())
		}
		if _, ok := errors.AsType[*whole.HeldError](res.Stop); !ok {
			t.Errorf("%d: %v", try, res.Stop)
		}
		open = try == 0
		res, err = s.resume(s.RunDir())
	}
	if err != nil || res.Stop != nil || res.Summary.State != report.Finished || len(s.sent()) != 2 {
		t.Errorf("%+v, %v; sent: %v", res, err, s.sent())
	}
}
