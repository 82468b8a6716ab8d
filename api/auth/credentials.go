package auth

import (
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
	"net/http"
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

// parts are those without which no token can be asked for.
func (c Credentials) parts() []part {
	return []part{{"client id", c.ClientID, false}, {"client secret", c.ClientSecret, true}, {"refresh token", c.RefreshToken, true}}
}

// client is the client whose credentials these are.
func (c Credentials) client(transport http.RoundTripper) Client {
	return Client{AccountsURL: c.AccountsURL, ID: c.ClientID, Secret: c.ClientSecret, Transport: transport}
}
