package auth

import (
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
	"net/http"
	"strings"
)

// Credentials are what a refresh-token grant needs. Their String, GoString and
// LogValue leave out the secrets.
type Credentials struct {
	AccountsURL  string // such as "https://accounts.zoho.com"
	ClientID     string
	ClientSecret string
	RefreshToken string
}

// fingerprintLength is the number of hexadecimal digits of a fingerprint: few
// enough to read, and enough (64 bits) to tell the tokens of one person apart.
const fingerprintLength = 16

// Fingerprint returns the first 16 hexadecimal digits of the SHA-256 of the
// refresh token. They identify the token without revealing it.
func (c Credentials) Fingerprint() string {
	sum := sha256.Sum256([]byte(c.RefreshToken))
	return hex.EncodeToString(sum[:])[:fingerprintLength]
}

// key returns the name of the credentials' token in a cache. It differs for each
// accounts server, client and refresh token.
func (c Credentials) key() string {
	sum := sha256.Sum256([]byte(strings.Join([]string{c.AccountsURL, c.ClientID, c.RefreshToken}, "\x00")))
	return hex.EncodeToString(sum[:])
}

// String shows the client and the accounts server without the secrets.
func (c Credentials) String() string {
	return "credentials for " + c.ClientID + " at " + c.AccountsURL + ", refresh token " + c.Fingerprint()
}

// GoString keeps %#v from printing the fields.
func (c Credentials) GoString() string { return "auth.Credentials(" + c.String() + ")" }

// LogValue keeps slog from printing the fields.
func (c Credentials) LogValue() slog.Value { return slog.StringValue(c.String()) }

// parts returns the parts that a token request must have.
func (c Credentials) parts() []part {
	return []part{
		{"client id", c.ClientID, false},
		{"client secret", c.ClientSecret, true},
		{"refresh token", c.RefreshToken, true},
	}
}

// client returns the client that the credentials belong to.
func (c Credentials) client(transport http.RoundTripper) Client {
	return Client{AccountsURL: c.AccountsURL, ID: c.ClientID, Secret: c.ClientSecret, Transport: transport}
}
