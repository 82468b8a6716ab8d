package auth

import (
	"fmt"
	"log/slog"
	"strings"
	"time"
)

// Grant is what a sign-in gives. It prints without its tokens.
type Grant struct {
	AccessToken  string
	RefreshToken string
	Expires      time.Time // of the access token; the refresh token lasts until it is revoked
	APIDomain    string    // as the accounts server named it, not checked yet: see CheckAPIDomain; "" when it named none
	Scopes       []string  // as granted; nil if the accounts server did not say
	AccountsURL  string    // whose tokens these are: no other accounts server takes them
}

// CheckAPIDomain tells whether the API domain may be sent a token: a *URLError
// when it is no host of Zoho's. Loopback is taken from loopback.
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
	return fmt.Sprintf("grant of %s for %s until %s", g.AccountsURL, strings.Join(g.Scopes, ","), g.Expires.UTC().Format(time.RFC3339))
}

// GoString keeps %#v from printing the fields.
func (g Grant) GoString() string { return "auth.Grant(" + g.String() + ")" }

// LogValue keeps slog from printing the fields.
func (g Grant) LogValue() slog.Value { return slog.StringValue(g.String()) }

// lacks says what a grant needs to be of use: without a refresh token its
// owner would have to sign in again every hour.
func (g Grant) lacks() error {
	if g.RefreshToken != "" {
		return nil
	}
	return &Error{Description: "the accounts server gave an access token but no refresh token; sign in again and give consent anew (access type offline)"}
}

// splitScopes takes them as Zoho writes them, by comma or by space.
func splitScopes(text string) []string {
	if text == "" {
		return nil
	}
	return strings.FieldsFunc(text, func(c rune) bool { return c == ',' || c == ' ' })
}
