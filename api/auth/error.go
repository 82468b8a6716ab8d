package auth

import (
	"fmt"
	"net/http"
	"strings"
)

// Error is a token that could not be had: the accounts server refused, or gave
// no answer that can be read. It never holds a token or a secret.
type Error struct {
	Code        string // Zoho's, as sent: "invalid_code", "Access Denied"; empty when it sent none
	Description string // Zoho's, or ours where there was no code
	HTTP        int    // 0 when there was no answer; refusals often come with 200
	Err         error
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

// Unwrap gives what lies below.
func (e *Error) Unwrap() error { return e.Err }

// codeThrottled is the error of a token request too many: "You have made too
// many requests continuously. Please try again after some time."
const codeThrottled = "Access Denied"

// Throttled reports that tokens were asked for too often: at most ten in ten
// minutes (Zoho CRM API, Token Validity). Waiting helps, signing in does not.
func (e *Error) Throttled() bool {
	return strings.EqualFold(e.Code, codeThrottled) || e.HTTP == http.StatusTooManyRequests
}

// Temporary reports that the accounts server could not be reached, failed, or
// sent something that cannot be read; a refusal is not temporary.
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
