package command

import (
	"fmt"
	"io/fs"
	"syscall"
	"testing"

	"rolecall/api/auth/whole"
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
		if got := CodeOf(err); got != ExitStopped {
			t.Errorf("%v: %d", err, got)
		}
	}
	if got := CodeOf(&job.Stop{Reason: job.Broken, Err: rundir.ErrNoReader}); got != ExitNoReader {
		t.Errorf("no reader: %d", got)
	}
}

// An output that another program has open has the exit code of a lock, before a run and in it.
func TestExitCodeOfAHeldFile(t *testing.T) {
	t.Parallel()
	held := &whole.HeldError{Path: "out.csv", Err: syscall.EBUSY}
	for _, err := range []error{held, fmt.Errorf("write: %w", held), &job.Stop{Reason: job.Held, Err: held}} {
		if got := CodeOf(err); got != ExitLocked {
			t.Errorf("%v: %d", err, got)
		}
	}
}
