package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// End says why a run must end. The zero value: it need not.
type End int

// The ends of a run.
const (
	EndNone     End = iota // the failure is this call's own
	EndSignIn              // no token, or one that Zoho refuses: sign in again, or with more scopes
	EndRefused             // every row would be refused like this one
	EndOutage              // nothing is answered: go on later
	EndCredits             // the day's credits, or the run's own budget, are used up: go on later
	EndDraining            // the pacer was drained or the context cancelled: this call was not sent, or not again
)

// String names an end for logs.
func (e End) String() string {
	names := [...]string{"none", "sign-in", "refused", "outage", "credits", "draining"}
	if e < 0 || int(e) >= len(names) {
		return fmt.Sprintf("End(%d)", int(e))
	}
	return names[e]
}

// Error is one refusal by Zoho, or one failure to get an answer.
type Error struct {
	HTTP      int             // 0: no answer
	Code      string          // Zoho's, as sent; empty where the answer was not Zoho's JSON
	Message   string          // Zoho's, as sent; ours where Code is empty
	Details   json.RawMessage // Zoho's details, compact; nil where it sent none
	Body      string          // first bytes, printable, of an answer that was not Zoho's JSON
	Attempts  int             // sent; those answered 429 or with a refused token are not counted
	Uncertain bool            // a write whose answer was lost: it may have been applied
	Ends      End
	Err       error
}

func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Code)
	if e.Message != "" {
		if e.Code != "" {
			b.WriteString(": ")
		}
		b.WriteString(e.Message)
	}
	if e.HTTP != 0 {
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		fmt.Fprintf(&b, "(HTTP %d)", e.HTTP)
	}
	if e.Body != "" {
		fmt.Fprintf(&b, ": %q", e.Body)
	}
	if e.Err != nil {
		if b.Len() > 0 {
			b.WriteString(": ")
		}
		b.WriteString(e.Err.Error())
	}
	return b.String()
}

// Unwrap gives what lies below: the network's error, or the sign-in's.
func (e *Error) Unwrap() error { return e.Err }

// Temporary reports that the same call may succeed later.
func (e *Error) Temporary() bool {
	switch e.Ends {
	case EndSignIn, EndRefused:
		return false
	case EndOutage, EndCredits, EndDraining:
		return true
	case EndNone:
	}
	if errors.Is(e.Err, errInvalidCall) {
		return false
	}
	return e.Code == "" && !refusesWithoutJSON(e.HTTP) || isThrottle(e.HTTP, e.Code) || isServerFault(e.HTTP, e.Code)
}

// cancelled is the error of a call whose context ended before it was sent.
func cancelled(ctx context.Context) *Error {
	return &Error{Ends: EndDraining, Message: "not sent", Err: ctx.Err()}
}

// errInvalidCall is the cause of a call that cannot be made, whoever is called.
var errInvalidCall = errors.New("invalid call")

// notSent is the error of such a call.
func notSent(err error) *Error {
	return &Error{Message: "not sent", Err: fmt.Errorf("%w: %w", errInvalidCall, err)}
}

// Codes by which something is decided. All others are a row's own failure,
// shown as sent.
const (
	codeSuccess       = "SUCCESS"
	codeInvalidToken  = "INVALID_TOKEN" // #nosec G101 -- a code of Zoho's
	codeInvalidData   = "INVALID_DATA"
	codeTooMany       = "TOO_MANY_REQUESTS"
	codeRateLimit     = "RATE_LIMIT_EXCEEDED" // Zoho's OpenAPI v8, module_search
	codeInternal      = "INTERNAL_ERROR"
	codeInternalOther = "INTERNAL_SERVER_ERROR" // Zoho CRM SDK 8.0
	codeUnavailable   = "SERVICE_UNAVAILABLE"   // Zoho's OpenAPI v8, module_search
)

// isThrottle: both kinds of limit, calls in flight and credits, answer alike
// (Zoho CRM API v8, Status Codes).
func isThrottle(status int, code string) bool {
	return status == http.StatusTooManyRequests || code == codeTooMany || code == codeRateLimit
}

func isServerFault(status int, code string) bool {
	switch code {
	case codeInternal, codeInternalOther, codeUnavailable:
		return true
	}
	return status >= http.StatusInternalServerError || status == http.StatusRequestTimeout
}

// refusesWithoutJSON: statuses that mean what they say, whoever answers.
func refusesWithoutJSON(status int) bool {
	switch status {
	case http.StatusMethodNotAllowed, http.StatusRequestEntityTooLarge, http.StatusRequestURITooLong,
		http.StatusUnsupportedMediaType, http.StatusRequestHeaderFieldsTooLarge:
		return true
	}
	return false
}

// Attempt is one sending of one call, for a run's log.
type Attempt struct {
	Method  string
	Path    string // without the query
	Number  int    // from 1, within the call
	HTTP    int    // 0: no answer
	Code    string // Zoho's code of a refusal; empty for a success
	Message string
	Took    time.Duration
	Err     error
	Wait    time.Duration // before the next attempt
	Final   bool          // no attempt follows
	Refused int           // records that a batch's answer refuses; Code and Message are the first one's
}

// refusedItems takes the refusals inside an answer.
func (a *Attempt) refusedItems(items []refusalText) {
	for _, item := range items {
		if item.ok() {
			continue
		}
		if a.Refused++; a.Refused == 1 {
			a.Code, a.Message = string(item.Code), string(item.Message)
		}
	}
}
