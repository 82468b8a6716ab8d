package auth

import (
	"context"
	"time"

	"golang.org/x/oauth2"
)

// Exchange turns a code into tokens: that of a self client, with redirectURI
// and verifier "", or that of a browser's redirect, with both as they were
// given to AuthURL. A code is good once and for minutes (Zoho Accounts, OAuth:
// two for a browser's, three to ten for a self client's), so nothing is tried
// twice here.
//
// An *Error with Code invalid_code is a code that was used before, is past its
// life or is another client's or data centre's; invalid_client is a client that
// this accounts server does not know; Throttled tells of too many of late. That
// no refresh token came is an *Error too.
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
