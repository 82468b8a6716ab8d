package signin

import (
	"errors"
	"net/http"

	"rolecall/api"
	"rolecall/api/auth"
	"rolecall/job"
	"rolecall/job/cli/profile"
)

// ConnectError marks what is a mistake in the configuration, and what is missing to sign in, so that the job passes it
// on as such.
func ConnectError(err error) error {
	if stop, ok := errors.AsType[*job.Stop](err); ok {
		return stop
	}
	if _, ok := errors.AsType[*auth.PermissionError](err); ok {
		return &job.UsageError{Err: err}
	}
	if _, ok := errors.AsType[*api.Error](err); ok {
		return err // it says itself how it ends a run
	}
	if refused, ok := errors.AsType[*auth.Error](err); ok && refused.Temporary() {
		return &job.Stop{Reason: job.Outage, Err: err}
	} else if ok {
		return &job.Stop{Reason: job.SignIn, Err: err}
	}
	_, lacks := errors.AsType[*profile.SignInError](err)
	_, held := errors.AsType[*auth.HeldError](err)
	_, closed := errors.AsType[*auth.StoreError](err)
	if lacks || held || closed {
		return &job.Stop{Reason: job.SignIn, Err: err}
	}
	return &job.UsageError{Err: err}
}

// MayGoOnWithout reports whether a run can do without what GET /org returns: the org's id and edition. The scope for
// that call is not needed otherwise.
func MayGoOnWithout(err error) bool {
	var e *api.Error
	return errors.As(err, &e) &&
		(e.Ends == api.EndNone || e.HTTP == http.StatusUnauthorized && e.Code == CodeScopeMismatch)
}

// CodeScopeMismatch is the refusal of a call that the scopes of the token do not allow (Zoho CRM API v8, OAuth errors).
const CodeScopeMismatch = "OAUTH_SCOPE_MISMATCH"

// LacksScope reports whether a call was refused for want of a scope.
func LacksScope(err error) bool {
	failed, ok := errors.AsType[*api.Error](err)
	return ok && failed.Code == CodeScopeMismatch
}
