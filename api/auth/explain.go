package auth

import (
	"crypto/tls"
	"errors"
	"net/http"
	"net/url"

	"golang.org/x/oauth2"
)

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
