package auth

import (
	"crypto/rand"
	"strings"

	"golang.org/x/oauth2"
)

// AuthURL is the page where a browser's user gives consent; from there the
// browser is sent on to redirectURI, for ParseRedirect. The page is asked to
// give a refresh token each time (access_type=offline, prompt=consent: Zoho
// Accounts, OAuth authorization request), and the code that comes back is good
// only with the verifier of challenge; "" does without.
//
// The URL holds no secret. AccountsURL is not checked here but by Exchange.
func (c Client) AuthURL(redirectURI, state, challenge string, scopes []string) string {
	config := oauth2.Config{
		ClientID:    c.ID,
		RedirectURL: redirectURI,
		Scopes:      []string{strings.Join(scopes, ",")}, // Zoho separates them by commas, RFC 6749 by spaces
		Endpoint:    oauth2.Endpoint{AuthURL: strings.TrimRight(c.AccountsURL, "/") + "/oauth/v2/auth"},
	}
	options := []oauth2.AuthCodeOption{oauth2.AccessTypeOffline, oauth2.SetAuthURLParam("prompt", "consent")}
	if challenge != "" {
		options = append(options, oauth2.SetAuthURLParam("code_challenge", challenge), oauth2.SetAuthURLParam("code_challenge_method", "S256"))
	}
	return config.AuthCodeURL(state, options...)
}

// NewVerifier makes a secret for one sign-in by browser, and the challenge that
// can be shown in its place (RFC 7636, S256).
func NewVerifier() (verifier, challenge string) {
	verifier = oauth2.GenerateVerifier()
	return verifier, oauth2.S256ChallengeFromVerifier(verifier)
}

// NewState makes a value that only whoever saw the AuthURL can repeat.
func NewState() string { return rand.Text() }
