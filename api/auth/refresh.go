package auth

import (
	"context"
	"crypto/tls"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode"

	"golang.org/x/oauth2"
)

const (
	// refreshTimeout ends a token request of its own accord: it serves every
	// waiting caller, so no caller's context may.
	refreshTimeout = 30 * time.Second
	// defaultLifetime is Zoho's (Zoho CRM API, Token Validity: one hour), for
	// an answer that does not say.
	defaultLifetime = time.Hour
	// longestMargin before the end a token is no longer used, so that it does
	// not end on its way. Short-lived tokens keep four fifths of their life.
	longestMargin = time.Minute
	// longestText of a server is kept in an error, in bytes.
	longestText = 300
)

// token is an access token with what came along with it. It is also what a
// cache file holds.
type token struct {
	Access    string `json:"access_token"`
	APIDomain string `json:"api_domain,omitempty"`
	// Expiry is when to stop using the token: its end less the margin.
	Expiry time.Time `json:"expiry"`
}

func (t token) valid(now time.Time) bool { return t.Access != "" && now.Before(t.Expiry) }

// refresher asks the accounts server for access tokens.
type refresher struct {
	credentials Credentials
	config      oauth2.Config
	client      *http.Client
}

func newRefresher(c Credentials, accounts *url.URL, transport http.RoundTripper) *refresher {
	return &refresher{
		credentials: c,
		config: oauth2.Config{
			ClientID:     c.ClientID,
			ClientSecret: c.ClientSecret,
			Endpoint: oauth2.Endpoint{
				TokenURL: accounts.JoinPath("oauth/v2/token").String(),
				// Zoho reads the client from the form, and the default
				// (trying both ways) would double every refused request.
				AuthStyle: oauth2.AuthStyleInParams,
			},
		},
		client: &http.Client{
			Transport: transport,
			// A redirect that keeps the method would carry the secrets along.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
}

// refresh asks for one token. Its error is an *Error.
func (r *refresher) refresh(ctx context.Context) (token, error) {
	ctx = context.WithValue(ctx, oauth2.HTTPClient, r.client)
	grant := &oauth2.Token{RefreshToken: r.credentials.RefreshToken}
	got, err := r.config.TokenSource(ctx, grant).Token()
	if err != nil {
		return token{}, r.explain(err)
	}
	now := time.Now()
	life := defaultLifetime
	if !got.Expiry.IsZero() {
		life = got.Expiry.Sub(now)
	}
	domain, _ := got.Extra("api_domain").(string)
	return token{
		Access:    got.AccessToken,
		APIDomain: domain,
		Expiry:    now.Add(life - min(longestMargin, life/5)).Round(0),
	}, nil
}

// explain keeps of x/oauth2's error only what holds no secret: its text may
// carry the whole answer.
func (r *refresher) explain(err error) *Error {
	if refused, ok := errors.AsType[*oauth2.RetrieveError](err); ok {
		e := &Error{
			Code:        r.clean(refused.ErrorCode),
			Description: r.clean(refused.ErrorDescription),
			HTTP:        refused.Response.StatusCode,
		}
		if e.Code == "" {
			e.Description = describeStatus(e.HTTP)
		}
		return e
	}
	if failed, ok := errors.AsType[*url.Error](err); ok {
		return &Error{Description: "no answer from " + r.host(), Err: failed.Err}
	}
	return &Error{HTTP: http.StatusOK, Description: r.host() + " sent no token and no error that can be read"}
}

func describeStatus(status int) string {
	if status >= http.StatusMultipleChoices && status < http.StatusBadRequest {
		return "the accounts server redirects elsewhere; check the accounts URL"
	}
	return "the accounts server's answer cannot be read"
}

func (r *refresher) host() string {
	u, err := url.Parse(r.config.Endpoint.TokenURL)
	if err != nil {
		return "the accounts server"
	}
	return u.Host
}

// clean makes a server's text fit for an error: no secrets, one printable line.
func (r *refresher) clean(text string) string {
	text = r.credentials.redact(text)
	text = strings.Map(func(c rune) rune {
		if unicode.IsPrint(c) {
			return c
		}
		return ' '
	}, text)
	if len(text) > longestText {
		text = strings.ToValidUTF8(text[:longestText], "") + "..."
	}
	return text
}

// isCertificate tells a certificate that cannot be trusted from a network that
// is away: trying again mends only the latter.
func isCertificate(err error) bool {
	_, ok := errors.AsType[*tls.CertificateVerificationError](err)
	return ok
}
