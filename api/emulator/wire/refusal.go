package wire

import (
	"encoding/json"
	"net/http"
	"strconv"
)

// A Refusal is the error that refuses a whole request: a flat body with its HTTP status.
type Refusal struct {
	Status int
	Result Result
}

// Error returns Zoho's code and message.
func (r *Refusal) Error() string { return r.Result.Code + ": " + r.Result.Message }

// Refuse makes a refusal.
func Refuse(status int, code, message string, d Details) *Refusal {
	return &Refusal{Status: status, Result: Failure(code, message, d)}
}

// Bad makes a refusal with 400, the status of nearly all of Zoho's refusals.
func Bad(code, message string, d Details) *Refusal {
	return Refuse(http.StatusBadRequest, code, message, d)
}

// AtPath returns the details that blame one segment of the path. The module is segment 0.
func AtPath(index int) Details { return Details{ResourcePathIndex: &index} }

// The refusals of whole requests, with the texts of Zoho's pages.

// InternalError returns the refusal by which Zoho reports a failure of its own.
func InternalError() *Refusal {
	return Refuse(http.StatusInternalServerError, "INTERNAL_ERROR", "Internal Server Error", Details{})
}

// TooManyRequests refuses a call over a limit. It names neither the limit nor a time: Zoho documents no Retry-After, so
// a client must not rely on one.
func TooManyRequests() *Refusal {
	return Refuse(http.StatusTooManyRequests, "TOO_MANY_REQUESTS",
		"You have made too many requests continuously. Please try again after some time.", Details{})
}

// InvalidURL refuses a path that no API has.
func InvalidURL() *Refusal {
	return Refuse(http.StatusNotFound, "INVALID_URL_PATTERN",
		"Please check if the URL trying to access is a correct one", Details{})
}

// InvalidMethod refuses a method that the path does not have.
func InvalidMethod() *Refusal {
	return Bad("INVALID_REQUEST_METHOD", "The http request method type is not a valid one", Details{})
}

// ParamMissing refuses a request without a mandatory parameter.
func ParamMissing(name string) *Refusal {
	return Bad("REQUIRED_PARAM_MISSING", "One of the expected parameter is missing", Details{ParamName: name})
}

// InvalidParam refuses the value of a parameter.
func InvalidParam(name, expected string) *Refusal {
	return Bad("INVALID_DATA", "invalid data", Details{ParamName: name, ExpectedDataType: expected})
}

// Ambiguous refuses parameters that exclude each other.
func Ambiguous(message string, params ...string) *Refusal {
	refs := make([]Ref, len(params))
	for i, name := range params {
		refs[i].ParamName = name
	}
	return Bad("AMBIGUITY_DURING_PROCESSING", message, Details{AmbiguityDueTo: refs})
}

// OverLimit refuses more than the limit. Code, text and keys are those of the sample in Zoho CRM API v7, Composite API.
// The value of "by" is documented only for the limit clause; for others it is inferred.
func OverLimit(by string, limit int) *Refusal {
	return Bad("LIMIT_EXCEEDED", "limit exceeded", Details{By: by, Limit: json.RawMessage(strconv.Itoa(limit))})
}

// NotEmulated refuses a documented feature that this emulator does not have.
func NotEmulated(what string, d Details) *Refusal {
	return Bad("NOT_SUPPORTED", "this emulator has no "+what, d)
}

// Unauthorised refuses a token.
func Unauthorised(code, message string) *Refusal {
	return Refuse(http.StatusUnauthorized, code, message, Details{})
}

// ScopeMismatch refuses a token whose scopes do not include the call.
func ScopeMismatch() *Refusal { return Unauthorised("OAUTH_SCOPE_MISMATCH", "Unauthorized") }
