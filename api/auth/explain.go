package auth

import (
	"crypto/tls"
	"errors"
	"net/http"
	"net/url"

	"golang.org/x/oauth2"
)

// explain keeps of x/oauth2's error only what holds no secret: its text may
// carry the whole answer.
func (a *accountsServer) explain(err error) *Error {
	if refused, ok := errors.AsType[*oauth2.RetrieveError](err); ok {
		return a.refusal(refused.ErrorCode, refused.ErrorDescription, refused.Response.StatusCode)
	}
	if failed, ok := errors.AsType[*url.Error](err); ok {
		return a.noAnswer(failed)
	}
	return a.unreadable()
}

// refusal is the server's own word, or what its status says without one.
func (a *accountsServer) refusal(code, description string, status int) *Error {
	e := &Error{Code: a.secrets.clean(code), Description: a.secrets.clean(description), HTTP: status}
	if e.Code == "" {
		e.Description = describeStatus(status)
	}
	return e
}

// noAnswer drops the URL of the error, which may hold what was sent.
func (a *accountsServer) noAnswer(failed *url.Error) *Error {
	return &Error{Description: "no answer from " + a.base.Host, Err: a.secrets.cleanError(failed.Err)}
}

func (a *accountsServer) unreadable() *Error {
	return &Error{HTTP: http.StatusOK, Description: a.base.Host + " sent no token and no error that can be read"}
}

func describeStatus(status int) string {
	if status >= http.StatusMultipleChoices && status < http.StatusBadRequest {
		return "the accounts server redirects elsewhere; check the accounts URL"
	}
	return "the accounts server's answer cannot be read"
}

// IsCertificate reports whether the certificate of a server cannot be trusted. A
// clock that is far off looks so, too. Trying again does not help.
func IsCertificate(err error) bool {
	_, ok := errors.AsType[*tls.CertificateVerificationError](err)
	return ok
}
