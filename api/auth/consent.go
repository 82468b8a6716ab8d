package auth

import (
	"crypto/rand"
	"strings"

	"golang.org/x/oauth2"
)

// AuthURL returns the URL of the page where the user gives consent in a browser.
// The page then redirects the browser to redirectURI, for ParseRedirect. The URL
// asks for a refresh token each time (access_type=offline, prompt=consent: Zoho
// Accounts, OAuth authorization request). The code in the redirect is valid only
// with the verifier of challenge. With challenge "" it needs no verifier.
//
// The URL holds no secret. AuthURL does not check AccountsURL, Exchange does.
func (c Client) AuthURL(redirectURI, state, challenge string, scopes []string) string {
	config := oauth2.Config{
		ClientID:    c.ID,
		RedirectURL: redirectURI,
		Scopes:      []string{strings.Join(scopes, ",")}, // Zoho separates them by commas, RFC 6749 by spaces
		Endpoint:    oauth2.Endpoint{AuthURL: strings.TrimRight(c.AccountsURL, "/") + "/oauth/v2/auth"},
	}
	options := []oauth2.AuthCodeOption{oauth2.AccessTypeOffline, oauth2.SetAuthURLParam("prompt", "consent")}
	if challenge != "" {
		options = append(options, oauth2.SetAuthURLParam("code_challenge", challenge),
			oauth2.SetAuthURLParam("code_challenge_method", "S256"))
	}
	return config.AuthCodeURL(state, options...)
}

// NewVerifier returns a new secret for one sign-in by browser, and the public
// challenge that belongs to it (RFC 7636, S256).
func NewVerifier() (verifier, challenge string) {
	verifier = oauth2.GenerateVerifier()
	return verifier, oauth2.S256ChallengeFromVerifier(verifier)
}

// NewState returns a random value for AuthURL. ParseRedirect checks that the
// redirect repeats it.
func NewState() string { return rand.Text() }
