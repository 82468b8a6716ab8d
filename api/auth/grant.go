package auth

import (
	"fmt"
	"log/slog"
	"strings"
	"time"
)

// Grant is the result of a sign-in. It prints without its tokens.
type Grant struct {
	AccessToken  string
	RefreshToken string
	Expires      time.Time // the end of the access token; the refresh token lasts until it is revoked
	APIDomain    string    // as the accounts server sent it; see CheckAPIDomain; "": it sent none
	Scopes       []string  // the granted scopes; nil: the accounts server did not say
	AccountsURL  string    // the only accounts server that takes the tokens
}

// CheckAPIDomain checks that a token may be sent to the API domain. Its error is
// a *URLError if the API domain is no host of Zoho's. An accounts server on
// loopback may name an API domain on loopback.
func (g Grant) CheckAPIDomain() error {
	if g.APIDomain == "" {
		return nil
	}
	accounts, err := CheckURL(g.AccountsURL)
	if err != nil {
		return err
	}
	return checkAPIDomain(g.APIDomain, accounts)
}

// String shows the grant without its tokens.
func (g Grant) String() string {
	return fmt.Sprintf("grant of %s for %s until %s",
		g.AccountsURL, strings.Join(g.Scopes, ","), g.Expires.UTC().Format(time.RFC3339))
}

// GoString keeps %#v from printing the fields.
func (g Grant) GoString() string { return "auth.Grant(" + g.String() + ")" }

// LogValue keeps slog from printing the fields.
func (g Grant) LogValue() slog.Value { return slog.StringValue(g.String()) }

// lacks returns an error if the grant has no refresh token. Without one the user
// would have to sign in again every hour.
func (g Grant) lacks() error {
	if g.RefreshToken != "" {
		return nil
	}
	return &Error{Description: "the accounts server gave an access token but no refresh token; " +
		"sign in again and give consent anew (access type offline)"}
}

// splitScopes splits a list of scopes. Zoho separates them by commas or spaces.
func splitScopes(text string) []string {
	if text == "" {
		return nil
	}
	return strings.FieldsFunc(text, func(c rune) bool { return c == ',' || c == ' ' })
}
