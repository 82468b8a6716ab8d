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

// No error that doctor finds ends with exit code 0.
func TestExitCodeOfDoctor(t *testing.T) {
	t.Parallel()
	for err, want := range map[error]int{
		&job.UsageError{Err: syscall.EACCES}: exitUsage, &job.UsageError{Err: syscall.ENOSPC}: exitStopped,
		&job.Stop{Reason: job.Outage}: exitTemporary, &job.Stop{Reason: job.SignIn}: exitSignIn,
		job.ErrLocked: exitTemporary,
	} {
		if got := codeOfTrouble(troubleOf(err)); got != want {
			t.Errorf("%v: %d, want %d", err, got, want)
		}
	}
}
