package auth

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"golang.org/x/oauth2"
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

// explain turns an error of x/oauth2 into an *Error without secrets. The text of
// x/oauth2's error may hold the whole answer.
func (a *accountsServer) explain(err error) *Error {
	if refused, ok := errors.AsType[*oauth2.RetrieveError](err); ok {
		return a.refusal(refused.ErrorCode, refused.ErrorDescription, refused.Response.StatusCode)
	}
	if failed, ok := errors.AsType[*url.Error](err); ok {
		return a.noAnswer(failed)
	}
	return a.unreadable()
}

// refusal returns the error for a refusal, with the server's code and
// description. Without a code it describes the status.
func (a *accountsServer) refusal(code, description string, status int) *Error {
	e := &Error{Code: a.secrets.clean(code), Description: a.secrets.clean(description), HTTP: status}
	if e.Code == "" {
		e.Description = describeStatus(status)
	}
	return e
}

// noAnswer returns the error for a request without an answer. It drops the URL
// of failed, which may hold secrets.
func (a *accountsServer) noAnswer(failed *url.Error) *Error {
	return &Error{Description: "no answer from " + a.base.Host, Err: a.secrets.cleanError(failed.Err)}
}

// unreadable returns the error for an answer that cannot be read.
func (a *accountsServer) unreadable() *Error {
	return &Error{HTTP: http.StatusOK, Description: a.base.Host + " sent no token and no error that can be read"}
}

// describeStatus returns a description of an answer without a code.
func describeStatus(status int) string {
	if status >= http.StatusMultipleChoices && status < http.StatusBadRequest {
		return "the accounts server redirects elsewhere; check the accounts URL"
	}
	return "the accounts server's answer cannot be read"
}

// IsCertificate reports whether err says that the certificate of a server cannot
// be trusted. A wrong clock of this machine causes the same error. A retry does
// not help.
func IsCertificate(err error) bool {
	_, ok := errors.AsType[*tls.CertificateVerificationError](err)
	return ok
}
