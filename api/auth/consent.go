package auth

import (
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"log/slog"
	"net/url"
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

// Redirect is the result of the consent page in a browser. It prints without its
// code.
type Redirect struct {
	Code           string
	AccountsServer string // the accounts server that takes the code; "": that of the page
	Location       string // the user's data centre: "us", "eu", ...; "": not known
}

// String shows the redirect without its code.
func (r Redirect) String() string {
	return "redirect from " + r.AccountsServer + " of location " + r.Location
}

// GoString keeps %#v from printing the fields.
func (r Redirect) GoString() string { return "auth.Redirect(" + r.String() + ")" }

// LogValue keeps slog from printing the fields.
func (r Redirect) LogValue() slog.Value { return slog.StringValue(r.String()) }

// codeDenied is the code for a user who did not consent (RFC 6749, 4.1.2.1; Zoho
// Accounts, device polling request).
const codeDenied = "access_denied"

// ParseRedirect reads the query of the URL that the browser was redirected to.
// state is the state that AuthURL got. Client.Follow returns the client that can
// exchange the code.
//
// The error is ErrForged if the state is missing or another, also for a refusal:
// any page that the browser shows can send such a query. It is an *Error if the
// user refused consent (Code access_denied), or if the query has no code. It is a
// *URLError if the accounts server is neither Zoho's nor on loopback.
func ParseRedirect(q url.Values, state string) (Redirect, error) {
	code := secrets(q["code"]).clean(q.Get("error"))
	if err := checkState(q, state); err != nil {
		return Redirect{}, err
	}
	switch {
	case code == codeDenied:
		return Redirect{}, &Error{Code: code, Description: "consent was refused on Zoho's page"}
	case code != "":
		return Redirect{}, &Error{Code: code, Description: "Zoho's page refused to ask for consent"}
	case len(q["code"]) != 1 || q.Get("code") == "":
		return Redirect{}, &Error{Description: "the browser came back without a code; start the sign-in again"}
	}
	r := Redirect{Code: q.Get("code"), Location: secrets(q["code"]).clean(q.Get("location"))}
	if named := q.Get("accounts-server"); named != "" {
		u, err := checkAccounts(named, true)
		if err != nil {
			return Redirect{}, err
		}
		r.AccountsServer = u.String()
	}
	return r, nil
}

// ErrForged reports a redirect that does not repeat the state of the sign-in.
var ErrForged = errors.New("the browser came back with a state that is not of this sign-in: " +
	"the redirect may be forged, or from an older sign-in")

// checkState checks that the query repeats the state.
func checkState(q url.Values, state string) error {
	got := q["state"]
	if state != "" && len(got) == 1 && subtle.ConstantTimeCompare([]byte(got[0]), []byte(state)) == 1 {
		return nil
	}
	return ErrForged
}

// Follow returns the client with the accounts server that a redirect named. Only
// that server takes the redirect's code. Its error is a *URLError if the server
// is not Zoho's. A client on loopback may follow to loopback.
func (c Client) Follow(r Redirect) (Client, error) {
	base, err := CheckURL(c.AccountsURL)
	if err != nil || r.AccountsServer == "" {
		return c, err
	}
	u, err := checkAccounts(r.AccountsServer, isLoopback(base.Hostname()))
	if err != nil {
		return Client{}, err
	}
	c.AccountsURL = u.String()
	return c, nil
}
