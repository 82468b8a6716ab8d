package auth

import (
	"context"
	"time"

	"golang.org/x/oauth2"
)

const (
	// refreshTimeout ends a token request. Several callers may wait for one
	// request, so no caller's context can end it.
	refreshTimeout = 30 * time.Second
	// defaultLifetime is the life of a token if the answer does not say (Zoho
	// CRM API, Token Validity: one hour).
	defaultLifetime = time.Hour
	// longestMargin is how long before its end a token is no longer used, so
	// that it does not end on its way. The margin is at most a fifth of the
	// token's life.
	longestMargin = time.Minute
)

// token is an access token, as a cache file holds it.
type token struct {
	Access    string `json:"access_token"`
	APIDomain string `json:"api_domain,omitempty"`
	// Expiry is when to stop using the token: its end less the margin.
	Expiry time.Time `json:"expiry"`
}

func (t token) valid(now time.Time) bool { return t.Access != "" && now.Before(t.Expiry) }

// refresh asks for one token. Its error is an *Error.
func (a *accountsServer) refresh(ctx context.Context, refreshToken string) (token, error) {
	ctx = context.WithValue(ctx, oauth2.HTTPClient, a.http)
	got, err := a.config("").TokenSource(ctx, &oauth2.Token{RefreshToken: refreshToken}).Token()
	if err != nil {
		return token{}, a.explain(err)
	}
	now := time.Now()
	life := lifetime(got, now)
	return token{
		Access:    got.AccessToken,
		APIDomain: extra(got, "api_domain"),
		Expiry:    now.Add(life - min(longestMargin, life/5)).Round(0),
	}, nil
}

// lifetime returns how long a token is valid from now on.
func lifetime(t *oauth2.Token, now time.Time) time.Duration {
	if t.Expiry.IsZero() {
		return defaultLifetime
	}
	return t.Expiry.Sub(now)
}

// extra returns a text of the answer that x/oauth2 does not know, or "".
func extra(t *oauth2.Token, name string) string {
	text, _ := t.Extra(name).(string)
	return text
}
