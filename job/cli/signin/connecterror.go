package signin

import (
	"errors"
	"net/http"

	"rolecall/api"
	"rolecall/api/auth"
	"rolecall/api/auth/private"
	"rolecall/job"
	"rolecall/job/cli/profile"
)

// ConnectError returns an error of connecting as an error with the right exit code: a *job.Stop, a *job.UsageError, or
// an *api.Error.
func ConnectError(err error) error {
	if stop, ok := errors.AsType[*job.Stop](err); ok {
		return stop
	}
	if _, ok := errors.AsType[*private.PermissionError](err); ok {
		return &job.UsageError{Err: err}
	}
	if _, ok := errors.AsType[*api.Error](err); ok {
		return err // its field Ends says how it ends a run
	}
	if refused, ok := errors.AsType[*auth.Error](err); ok && refused.Temporary() {
		return &job.Stop{Reason: job.Outage, Err: err}
	} else if ok {
		return &job.Stop{Reason: job.SignIn, Err: err}
	}
	if secret, ok := errors.AsType[*profile.SecretError](err); ok && secret.Away() {
		return &job.Stop{Reason: job.Outage, Err: err}
	}
	_, lacks := errors.AsType[*profile.SignInError](err)
	_, held := errors.AsType[*auth.HeldError](err)
	if lacks || held {
		return &job.Stop{Reason: job.SignIn, Err: err}
	}
	return &job.UsageError{Err: err}
}

// MayGoOnWithout reports whether a run can go on without the org's id and edition after GET /org failed. No other call
// needs the scope of that call.
func MayGoOnWithout(err error) bool {
	var e *api.Error
	return errors.As(err, &e) &&
		(e.Ends == api.EndNone || e.HTTP == http.StatusUnauthorized && e.Code == CodeScopeMismatch)
}

// CodeScopeMismatch is the code of a call for which the token lacks the scope (Zoho CRM API v8, OAuth errors).
const CodeScopeMismatch = "OAUTH_SCOPE_MISMATCH"

// LacksScope reports whether Zoho refused a call because the token lacks the scope.
func LacksScope(err error) bool {
	failed, ok := errors.AsType[*api.Error](err)
	return ok && failed.Code == CodeScopeMismatch
}
