package cli

import (
	"fmt"
	"io/fs"
	"syscall"
	"testing"

	"rolecall/job"
	"rolecall/job/rundir"
)

// A full disk has one exit code, whether it is met before a run or in it.
func TestExitCodeOfAFullDisk(t *testing.T) {
	t.Parallel()
	full := &fs.PathError{Op: "write", Path: "out.csv", Err: syscall.ENOSPC}
	for _, err := range []error{
		full, &job.UsageError{Err: full}, &job.Stop{Reason: job.Broken, Err: full}, fmt.Errorf("keep: %w", full),
	} {
		if got := codeOf(err); got != exitStopped {
			t.Errorf("%v: %d", err, got)
		}
	}
	if got := codeOf(&job.Stop{Reason: job.Broken, Err: rundir.ErrNoReader}); got != exitNoReader {
		t.Errorf("no reader: %d", got)
	}
}
