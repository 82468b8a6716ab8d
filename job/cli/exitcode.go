package cli

import (
	"errors"
	"syscall"

	"rolecall/api/auth"
	"rolecall/api/auth/whole"
	"rolecall/job"
	"rolecall/job/cli/profile"
	"rolecall/job/cli/signals"
	"rolecall/job/report"
	"rolecall/job/rundir"
)

// The exit codes. Package signals has those of a crash. Other programs rely on them: never change a code, only add new
// ones.
const (
	exitOK          = 0
	exitRowsFailed  = 1
	exitUsage       = 2
	exitStopped     = 3
	exitSignIn      = 4
	exitTemporary   = 5
	exitBudget      = 8
	exitChanges     = 10
	exitLocked      = 11
	exitInterrupted = signals.Interrupted
	exitNoReader    = signals.NoReader
)

// exitCodes is the text of --help about the exit codes.
const exitCodes = `Exit codes:
  0    all rows fine
  1    finished, some rows failed: they are in failed.csv
  2    usage, configuration, an unusable input file, or a deletion that nobody agreed to: nothing was sent
  3    stopped: too many errors, an answer that would refuse every row, ` +
	`an export that would not be whole, more deletions than allowed, or a full disk
  4    sign-in or scope needed
  5    temporary trouble, an outage, or a secret manager that does not answer: rolecall resume goes on
  8    credit or time budget reached: rolecall resume goes on
  10   plan --detailed-exitcode: there are changes
  11   another process holds this run or output; if it is a program such as Excel, close the file there
  130  interrupted by SIGINT, SIGTERM or SIGHUP: rolecall resume goes on
  131  left at once because of SIGQUIT: rolecall resume goes on
  134  crashed (SIGABRT): rows may have been sent; rolecall resume goes on
  141  the reader of stdout went away before it had all: a run goes on by rolecall resume`

// exitCode returns the exit code of a run from its result or its error.
func exitCode(res *job.Result, err error) int {
	switch {
	case errors.Is(err, job.ErrFinished):
		return exitOK
	case err != nil:
		return codeOf(err)
	case res.Stop != nil:
		return codeOf(res.Stop)
	case res.Summary.Rows.Error > 0, foreseen(res), leftUnpruned(&res.Summary),
		res.Summary.Unnamed != nil && res.Summary.Unnamed.Failed > 0:
		return exitRowsFailed
	}
	return exitOK
}

// leftUnpruned reports whether roles that --prune should delete were not deleted. It is false after a dry run.
func leftUnpruned(sum *report.Summary) bool {
	return sum.State != report.DryRun && sum.Roles != nil && sum.Roles.NotPruned > 0
}

// foreseen reports whether a dry run foresees that Zoho will refuse rows.
func foreseen(res *job.Result) bool {
	return res.Summary.State == report.DryRun && res.Summary.Roles != nil && len(res.Summary.Roles.Refusals) > 0
}

// codeOf returns the exit code of an error.
func codeOf(err error) int {
	if errors.Is(err, job.ErrLocked) || errors.Is(err, errEmulatorBusy) {
		return exitLocked
	}
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) { // a full disk, wherever it is met
		return exitStopped
	}
	if errors.Is(err, rundir.ErrNoReader) {
		return exitNoReader
	}
	if auth.IsCertificate(err) { // an untrusted server means that there is no sign-in, for every server of Zoho's
		return exitSignIn
	}
	if stop, ok := errors.AsType[*job.Stop](err); ok {
		return codeOfStop(stop.Reason)
	}
	if _, ok := errors.AsType[*whole.HeldError](err); ok {
		return exitLocked
	}
	if secret, ok := errors.AsType[*profile.SecretError](err); ok && secret.Away() {
		return exitTemporary
	}
	if _, ok := errors.AsType[*profile.SignInError](err); ok {
		return exitSignIn
	}
	if _, ok := errors.AsType[*job.UsageError](err); ok {
		return exitUsage
	}
	return exitStopped
}

// codeOfStop returns the exit code of a stop.
func codeOfStop(r job.Reason) int {
	switch r {
	case job.SignIn:
		return exitSignIn
	case job.Outage:
		return exitTemporary
	case job.OutOfBudget:
		return exitBudget
	case job.Interrupted:
		return exitInterrupted
	case job.Held:
		return exitLocked
	case job.Unconfirmed:
		return exitUsage
	case job.TooManyErrors, job.Refused, job.Broken:
		return exitStopped
	}
	return exitStopped
}
