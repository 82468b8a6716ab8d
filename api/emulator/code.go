package emulator

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"time"
)

const (
	// browserCodeLife is for codes that a browser carries. Zoho Accounts,
	// OAuth 2.0, Get authorization code.
	browserCodeLife = 2 * time.Minute
	// selfCodeLife is the default of codes generated in the API console, and
	// longestCodeLife the most that it offers. Zoho Accounts, OAuth 2.0, Self
	// Client, Authorization code flow.
	selfCodeLife    = 3 * time.Minute
	longestCodeLife = 10 * time.Minute
)

// A consent is what a user let a client do.
type consent struct {
	Client  string `json:"client_id,omitempty"` // "" is any
	Scope   string `json:"scope"`
	Offline bool   `json:"offline,omitempty"` // may have a refresh token
	Prompt  bool   `json:"prompt,omitempty"`  // has one each time
	scopes  *scopes
}

// A code is an authorisation code, to be exchanged for tokens.
type code struct {
	consent
	RedirectURI string `json:"redirect_uri,omitempty"` // "" for self clients
	Challenge   string `json:"code_challenge,omitempty"`
	Method      string `json:"code_challenge_method,omitempty"`
	expires     time.Time
}

// verified checks the PKCE verifier, where there was a challenge. RFC 7636,
// 4.6.
func (c *code) verified(verifier string) bool {
	switch {
	case c.Challenge == "":
		return true
	case c.Method == "S256":
		sum := sha256.Sum256([]byte(verifier))
		return base64.RawURLEncoding.EncodeToString(sum[:]) == c.Challenge
	}
	return verifier == c.Challenge // "plain"
}

// keepCode makes a code good for some time. The lock is held.
func (a *accounts) keepCode(value string, c *code, life time.Duration) {
	now := a.options.now()
	for old, of := range a.codes {
		if !now.Before(of.expires) {
			delete(a.codes, old)
		}
	}
	c.expires = now.Add(life)
	a.codes[value] = c
}

// A grantRequest asks for what the API console generates for a self client.
type grantRequest struct {
	Scope string `json:"scope"`
	TTL   *int64 `json:"ttl"` // seconds
}

// serveGrant stands for "Generate Code" of the API console: no browser, no
// redirect URI, always a refresh token, for whichever client comes with it.
func (a *accounts) serveGrant(w http.ResponseWriter, r *http.Request) {
	var g grantRequest
	err := readJSON(w, r, &g)
	var value string
	if err == nil {
		value, err = a.selfCode(&g)
	}
	if err != nil {
		http.Error(w, "grant: "+err.Error()+`; send for example {"scope": "ZohoCRM.modules.ALL", "ttl": 180}`, http.StatusBadRequest)
		return
	}
	writeJSON(w, map[string]string{"code": value})
}

func (a *accounts) selfCode(g *grantRequest) (string, error) {
	s, err := parseScopes(g.Scope)
	if err != nil {
		return "", err
	}
	life := selfCodeLife
	if g.TTL != nil {
		if *g.TTL < 1 || *g.TTL > int64(longestCodeLife/time.Second) {
			return "", fmt.Errorf("ttl is %d: a code lives 1 to %d seconds", *g.TTL, longestCodeLife/time.Second)
		}
		life = time.Duration(*g.TTL) * time.Second
	}
	value := randomToken()
	a.mu.Lock()
	defer a.mu.Unlock()
	a.keepCode(value, &code{consent: consent{Scope: s.text, Offline: true, Prompt: true, scopes: s}}, life)
	return value, nil
}
