package auth

import (
	"context"
	"time"

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

func lifetime(t *oauth2.Token, now time.Time) time.Duration {
	if t.Expiry.IsZero() {
		return defaultLifetime
	}
	return t.Expiry.Sub(now)
}

func extra(t *oauth2.Token, name string) string {
	text, _ := t.Extra(name).(string)
	return text
}
