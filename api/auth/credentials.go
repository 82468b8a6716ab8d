package auth

import (
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
	"strings"
)

// Credentials are what a refresh-token grant needs. They print without their
// secrets, however they are printed.
type Credentials struct {
	AccountsURL  string // "https://accounts.zoho.com"
	ClientID     string
	ClientSecret string
	RefreshToken string
}

// fingerprintLength is short enough to read and long enough (64 bits) that two
// tokens of one person do not share it.
const fingerprintLength = 16

// Fingerprint identifies the refresh token without revealing it: the first
// hexadecimal digits of its SHA-256.
func (c Credentials) Fingerprint() string {
	sum := sha256.Sum256([]byte(c.RefreshToken))
	return hex.EncodeToString(sum[:])[:fingerprintLength]
}

// key names the credentials' token in a cache: another accounts server, client
// or refresh token is another token.
func (c Credentials) key() string {
	sum := sha256.Sum256([]byte(strings.Join([]string{c.AccountsURL, c.ClientID, c.RefreshToken}, "\x00")))
	return hex.EncodeToString(sum[:])
}

// String shows which account without its secrets.
func (c Credentials) String() string {
	return "credentials for " + c.ClientID + " at " + c.AccountsURL + ", refresh token " + c.Fingerprint()
}

// GoString keeps %#v from printing the fields.
func (c Credentials) GoString() string { return "auth.Credentials(" + c.String() + ")" }

// LogValue keeps slog from printing the fields.
func (c Credentials) LogValue() slog.Value { return slog.StringValue(c.String()) }

// missing names the parts without which no token can be asked for.
func (c Credentials) missing() []string {
	var names []string
	for _, p := range []struct{ name, value string }{
		{"client id", c.ClientID}, {"client secret", c.ClientSecret}, {"refresh token", c.RefreshToken},
	} {
		if p.value == "" {
			names = append(names, p.name)
		}
	}
	return names
}

// redact takes the secrets out of a text that a server sent.
func (c Credentials) redact(text string) string {
	for _, secret := range []string{c.RefreshToken, c.ClientSecret} {
		if secret != "" {
			text = strings.ReplaceAll(text, secret, "[redacted]")
		}
	}
	return text
}
