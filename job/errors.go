package job

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"rolecall/api"
	"rolecall/job/rundb"
	"rolecall/job/rundir"
)

// UsageError reports a mistake of the user, or an input that cannot be used. Nothing was sent.
type UsageError = rundir.UsageError

// ErrLocked is the error of opening a run that another process holds.
var ErrLocked = rundb.ErrLocked

// ErrFinished is the error of resuming a run in which nothing is left to do.
var ErrFinished = errors.New("the run is finished")

// notStarted adds next, the user's next step, to an interruption before the first call and to an error of rolecall's
// own files.
func notStarted(err error, next string) error {
	stop, stopped := errors.AsType[*Stop](err)
	_, usage := errors.AsType[*UsageError](err)
	switch {
	case stopped && (stop.Reason == Interrupted || stop.Reason == OutOfBudget):
		return &Stop{stop.Reason, fmt.Errorf("%w: %s", stop.Err, next)}
	case !stopped && !usage:
		return &Stop{Broken, fmt.Errorf("prepare run.db of the run: %w "+
			"(make room, or choose another --run-dir): %s", err, next)}
	}
	return err
}

// StartError returns an error of the sign-in or of the first reads as the error that ends a run: a *[UsageError] or a
// *[Stop]. Nothing was sent.
func StartError(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return EndOf(ctx)
	}
	if _, ok := errors.AsType[*UsageError](err); ok {
		return err
	}
	return AsStop(err)
}

// OwnError sorts an error of a call: it returns a refusal that concerns one row as own, and any other error as ends,
// which ends the run.
func OwnError(err error) (own *api.Error, ends error) {
	if StopOf(err) != nil {
		return nil, err
	}
	errors.As(err, &own) // StopOf returned nil, so err is an *api.Error
	return own, nil
}

// Forbids reports whether Zoho refused because the user lacks a right (Zoho CRM API v8, Status Codes: NO_PERMISSION
// with 403, AUTHORIZATION_FAILED with 400).
func Forbids(e *api.Error) bool {
	return e.HTTP == http.StatusForbidden || e.Code == "AUTHORIZATION_FAILED"
}

// AfterWrite returns an error of reading back what a write did. The write may have been applied, so the error is
// uncertain: the rows stay recorded as sent.
func AfterWrite(err error) error {
	e, ok := errors.AsType[*api.Error](err)
	if !ok {
		return err
	}
	after := *e
	after.Uncertain = true
	return &after
}
