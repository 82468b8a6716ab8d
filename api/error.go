package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"rolecall/api/pace"
)

// End is why a run must end. The zero value means that the run goes on.
type End int

// The ends of a run.
const (
	EndNone     End = iota // only this call failed: the run goes on
	EndSignIn              // no token, or one that Zoho refuses: sign in again, or with more scopes
	EndRefused             // Zoho would refuse every row like this one
	EndOutage              // no call is answered: go on later
	EndCredits             // the credits of the day or of the run are used up: go on later
	EndDraining            // the pacer was drained or the context cancelled: the call was not sent, or not again
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
	Uncertain bool            // the answer to a write was lost: it may have been applied
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

// Unwrap returns the cause: an error of the network or of the sign-in.
func (e *Error) Unwrap() error { return e.Err }

// Temporary reports whether the same call may succeed later.
func (e *Error) Temporary() bool {
	switch e.Ends {
	case EndSignIn, EndRefused:
		return false
	case EndOutage, EndCredits, EndDraining:
		return true
	case EndNone:
	}
	if errors.Is(e.Err, errInvalidCall) || errors.Is(e.Err, errByGateway) {
		return false
	}
	return e.Code == "" && !refusesWithoutJSON(e.HTTP) || isThrottle(e.HTTP, e.Code) || isServerFault(e.HTTP, e.Code)
}

// halted returns the error of a call that the pacer does not let start.
func halted(s *pace.Stop) *Error {
	e := &Error{Message: s.Message, Err: s.Err}
	switch s.Reason {
	case pace.Drained:
		e.Ends = EndDraining
	case pace.Outage:
		e.Ends = EndOutage
	case pace.OutOfCredits:
		e.Ends = EndCredits
	case pace.Throttled:
		e.Ends, e.HTTP, e.Code = EndCredits, http.StatusTooManyRequests, codeTooMany
	case pace.Broken:
		e.Ends = EndRefused
	}
	return e
}

// errInvalidCall is the cause of the error for an invalid call, which is never sent.
var errInvalidCall = errors.New("invalid call")

// notSent returns the error for an invalid call. err is what is wrong with the call.
func notSent(err error) *Error {
	return &Error{Message: "not sent", Err: fmt.Errorf("%w: %w", errInvalidCall, err)}
}

// The codes on which a decision of rolecall depends. Any other code is a failure of its row, shown as sent.
const (
	codeSuccess       = "SUCCESS"
	codeInvalidToken  = "INVALID_TOKEN" // #nosec G101 -- a code of Zoho's
	codeInvalidData   = "INVALID_DATA"
	codeDuplicate     = "DUPLICATE_DATA"
	codeTooMany       = "TOO_MANY_REQUESTS"
	codeRateLimit     = "RATE_LIMIT_EXCEEDED" // Zoho's OpenAPI v8, module_search
	codeInternal      = "INTERNAL_ERROR"
	codeInternalOther = "INTERNAL_SERVER_ERROR" // Zoho CRM SDK 8.0
	codeUnavailable   = "SERVICE_UNAVAILABLE"   // Zoho's OpenAPI v8, module_search
)

// isThrottle reports whether an answer is a 429. Both limits, calls in flight and credits, answer alike (Zoho CRM API
// v8, Status Codes).
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

// refusesWithoutJSON reports whether a status is a refusal, also without a body in Zoho's JSON.
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
	Refused int           // items that the answer to a batch refuses; Code and Message are of the first
}

// refusedItems counts the refusals inside an answer.
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

// errMisfit is the cause of a failure that another call for the same purpose may avoid.
var errMisfit = errors.New("this way of calling does not work here")

// NotOffered reports whether a call failed because of the way of calling, not because of what it carried, and there is
// another way: DealContactRoles instead of DealsContactRoles, AssignContactRole instead of AssignContactRoles, Records
// instead of Query; Records, CountRecords and QueryCount for one another. The path or the method is not there, or not
// in this version, or not within the token's scopes or, for Query, the user's rights; or the answer is not as
// documented.
//
// Such a failure does not end the run, whatever its Ends says: the other way shows whether the rest fails too. A write
// whose answer could not be read is still Uncertain.
func NotOffered(err error) bool {
	e, ok := errors.AsType[*Error](err)
	if !ok || e.Ends != EndNone && e.Ends != EndRefused && e.Ends != EndSignIn {
		return false
	}
	switch e.Code {
	case "":
		return errors.Is(e.Err, errMisfit) || disproves(e.HTTP)
	case "OAUTH_SCOPE_MISMATCH", "NOT_SUPPORTED":
		return true
	}
	return errors.Is(e.Err, errMisfit) || refusesAll(e.HTTP, refusalText{Code: text(e.Code), Details: e.Details})
}

// disproves reports whether an answer without a code of Zoho's proves that the documented path is not there: 404, 405,
// or a success that cannot be read.
func disproves(status int) bool {
	return status == http.StatusNotFound || status == http.StatusMethodNotAllowed ||
		status >= http.StatusOK && status < http.StatusMultipleChoices
}

// DealGone reports whether a deal's contact roles were not read because the deal does not exist, or not any more. For
// the errors of other calls it reports the same of the record that the path names.
//
// Zoho's OpenAPI v8, deal contact roles: INVALID_DATA that blames the second part of the path.
func DealGone(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.Code == codeInvalidData && pathPart(e.Details) == "1"
}
