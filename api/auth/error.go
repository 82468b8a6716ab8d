package auth

import (
	"fmt"
	"net/http"
	"strings"
)

// Error reports that the accounts server gave no token: it refused, or its
// answer could not be read. It never holds a token or a secret.
type Error struct {
	Code        string // Zoho's code, such as "invalid_code" or "Access Denied"; "": it sent none
	Description string // Zoho's description, or ours if there is no code
	HTTP        int    // the status, often 200 for a refusal; 0: there was no answer
	Err         error  // the cause, or nil
}

func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString("sign-in")
	if e.Code != "" {
		b.WriteString(": " + e.Code)
	}
	if e.Description != "" {
		b.WriteString(": " + e.Description)
	}
	if e.HTTP != 0 {
		fmt.Fprintf(&b, " (HTTP %d)", e.HTTP)
	}
	if e.Err != nil {
		b.WriteString(": " + e.Err.Error())
	}
	return b.String()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// codeThrottled is the code of a refusal after too many token requests: "You
// have made too many requests continuously. Please try again after some time."
const codeThrottled = "Access Denied"

// Throttled reports whether Zoho refused because of too many token requests: it
// gives at most ten tokens in ten minutes (Zoho CRM API, Token Validity).
// Waiting helps, signing in does not.
func (e *Error) Throttled() bool {
	return strings.EqualFold(e.Code, codeThrottled) || e.HTTP == http.StatusTooManyRequests
}

// Temporary reports whether the accounts server could not be reached, failed,
// or sent an unreadable answer. A refusal is not temporary.
func (e *Error) Temporary() bool {
	switch {
	case e.Throttled():
		return false
	case e.HTTP >= http.StatusInternalServerError, e.HTTP == http.StatusRequestTimeout:
		return true
	case e.Code != "":
		return false
	case e.HTTP == 0:
		return e.Err != nil && !IsCertificate(e.Err)
	default:
		return e.HTTP < http.StatusMultipleChoices
	}
}
