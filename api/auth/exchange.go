package auth

import (
	"context"
	"time"

	"golang.org/x/oauth2"
)

// Exchange exchanges a code for tokens. The code of a self client needs neither
// redirectURI nor verifier: both are "". The code of a redirect needs the
// redirectURI of AuthURL and the verifier of its challenge. A code is valid once
// and for some minutes (Zoho Accounts, OAuth: two for a browser's code, three to
// ten for a self client's), so Exchange never retries.
//
// An *Error with Code invalid_code means that the code was used before, is too
// old, or belongs to another client or data centre. invalid_client means that
// this accounts server does not know the client. Throttled means that there were
// too many requests. An answer without a refresh token is an *Error too.
func (c Client) Exchange(ctx context.Context, code, redirectURI, verifier string) (Grant, error) {
	parts := []part{{"code", code, true}}
	if verifier != "" {
		parts = append(parts, part{"verifier", verifier, true})
	}
	a, err := c.server(parts...)
	if err != nil {
		return Grant{}, err
	}
	bounded, cancel := context.WithTimeout(ctx, refreshTimeout)
	defer cancel()
	var options []oauth2.AuthCodeOption
	if verifier != "" {
		options = append(options, oauth2.VerifierOption(verifier))
	}
	got, err := a.config(redirectURI).Exchange(context.WithValue(bounded, oauth2.HTTPClient, a.http), code, options...)
	if err != nil {
		if ctx.Err() != nil {
			return Grant{}, ctx.Err()
		}
		return Grant{}, a.explain(err)
	}
	now := time.Now()
	g := Grant{
		AccessToken:  got.AccessToken,
		RefreshToken: got.RefreshToken,
		Expires:      now.Add(lifetime(got, now)).Round(0),
		APIDomain:    extra(got, "api_domain"),
		Scopes:       splitScopes(extra(got, "scope")),
		AccountsURL:  a.address(),
	}
	return g, g.lacks()
}
