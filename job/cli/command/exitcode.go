package command

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

// The exit codes. Package signals has the codes of a crash. Other programs rely on the codes: only add new ones, and
// never change one.
const (
	ExitOK          = 0
	ExitRowsFailed  = 1
	ExitUsage       = 2
	ExitStopped     = 3
	ExitSignIn      = 4
	ExitTemporary   = 5
	ExitBudget      = 8
	ExitChanges     = 10
	ExitLocked      = 11
	ExitInterrupted = signals.Interrupted
	ExitNoReader    = signals.NoReader
)

// ExitCodes is the text of --help about the exit codes.
const ExitCodes = `Exit codes:
  0    all rows fine
  1    finished, some rows failed: they are in failed.csv
  2    usage, configuration, an unusable input file, or a deletion that nobody agreed to: nothing was sent
  3    stopped: too many errors, an answer that would refuse every row, ` +
	`an export that would not be whole, more deletions than allowed, or a full disk
  4    sign-in or scope needed
  5    temporary trouble, an outage, or a secret manager that does not answer: rolecall resume continues the run
  8    credit or time budget reached: rolecall resume continues the run
  10   plan --detailed-exitcode: there are changes
  11   another process holds this run or output; if it is a program such as Excel, close the file there
  130  interrupted by SIGINT, SIGTERM or SIGHUP: rolecall resume continues the run
  131  left at once because of SIGQUIT: rolecall resume continues the run
  134  crashed (SIGABRT): rows may have been sent; rolecall resume continues the run
  141  the reader of stdout went away too early: rolecall resume continues a run`

// exitCode returns the exit code of a run from its result or its error.
func exitCode(res *job.Result, err error) int {
	switch {
	case errors.Is(err, job.ErrFinished):
		return ExitOK
	case err != nil:
		return CodeOf(err)
	case res.Stop != nil:
		return CodeOf(res.Stop)
	case res.Summary.Rows.Error > 0, foreseen(res), leftUnpruned(&res.Summary),
		res.Summary.Unnamed != nil && res.Summary.Unnamed.Failed > 0:
		return ExitRowsFailed
	}
	return ExitOK
}

// leftUnpruned reports whether roles that --prune should delete were not deleted. It is false after a dry run.
func leftUnpruned(sum *report.Summary) bool {
	return sum.State != report.DryRun && sum.Roles != nil && sum.Roles.NotPruned > 0
}

// foreseen reports whether a dry run foresees that Zoho will refuse rows.
func foreseen(res *job.Result) bool {
	return res.Summary.State == report.DryRun && res.Summary.Roles != nil && len(res.Summary.Roles.Refusals) > 0
}

// CodeOf returns the exit code of an error.
func CodeOf(err error) int {
	if errors.Is(err, job.ErrLocked) || errors.Is(err, errEmulatorBusy) {
		return ExitLocked
	}
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) { // a full disk, at any file
		return ExitStopped
	}
	if errors.Is(err, rundir.ErrNoReader) {
		return ExitNoReader
	}
	if auth.IsCertificate(err) { // without a trusted server there is no sign-in
		return ExitSignIn
	}
	if stop, ok := errors.AsType[*job.Stop](err); ok {
		return codeOfStop(stop.Reason)
	}
	if _, ok := errors.AsType[*whole.HeldError](err); ok {
		return ExitLocked
	}
	if secret, ok := errors.AsType[*profile.SecretError](err); ok && secret.Away() {
		return ExitTemporary
	}
	if _, ok := errors.AsType[*profile.SignInError](err); ok {
		return ExitSignIn
	}
	if _, ok := errors.AsType[*job.UsageError](err); ok {
		return ExitUsage
	}
	return ExitStopped
}

// codeOfStop returns the exit code of a stop.
func codeOfStop(r job.Reason) int {
	switch r {
	case job.SignIn:
		return ExitSignIn
	case job.Outage:
		return ExitTemporary
	case job.OutOfBudget:
		return ExitBudget
	case job.Interrupted:
		return ExitInterrupted
	case job.Held:
		return ExitLocked
	case job.Unconfirmed:
		return ExitUsage
	case job.TooManyErrors, job.Refused, job.Broken:
		return ExitStopped
	}
	return ExitStopped
}
