package accounts

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"time"
)

const (
	// browserCodeLife is for codes that a browser carries. Zoho Accounts, OAuth 2.0, Get authorization code.
	browserCodeLife = 2 * time.Minute
	// selfCodeLife is the default of codes from the API console, and longestCodeLife the most that it offers. Zoho
	// Accounts, OAuth 2.0, Self Client, Authorization code flow.
	selfCodeLife    = 3 * time.Minute
	longestCodeLife = 10 * time.Minute
)

// A consent is what a user lets a client do.
type consent struct {
	Client  string `json:"client_id,omitempty"` // "" is any
	Scope   string `json:"scope"`
	Offline bool   `json:"offline,omitempty"` // may have a refresh token
	Prompt  bool   `json:"prompt,omitempty"`  // gets one each time
	scopes  *Scopes
}

// A code is an authorisation code. A client exchanges it for tokens.
type code struct {
	consent
	RedirectURI string `json:"redirect_uri,omitempty"` // "" for self clients
	Challenge   string `json:"code_challenge,omitempty"`
	Method      string `json:"code_challenge_method,omitempty"`
	expires     time.Time
}

// verify checks the PKCE verifier, if there was a challenge. RFC 7636, 4.6.
func (c *code) verify(verifier string) bool {
	switch {
	case c.Challenge == "":
		return true
	case c.Method == "S256":
		sum := sha256.Sum256([]byte(verifier))
		return base64.RawURLEncoding.EncodeToString(sum[:]) == c.Challenge
	}
	return verifier == c.Challenge // "plain"
}

// addCode makes a code good for some time and drops expired ones. The caller holds the lock.
func (s *Server) addCode(value string, c *code, life time.Duration) {
	now := s.now()
	for old, of := range s.codes {
		if !now.Before(of.expires) {
			delete(s.codes, old)
		}
	}
	c.expires = now.Add(life)
	s.codes[value] = c
}

type grantRequest struct {
	Scope string `json:"scope"`
	TTL   *int64 `json:"ttl"` // seconds
}

// grant does what "Generate Code" of the API console does. Its code needs no browser and no redirect URI, always gives
// a refresh token, and is good for the first client that sends it.
func (s *Server) grant(g *grantRequest) (map[string]string, error) {
	scopes, err := ParseScopes(g.Scope)
	if err != nil {
		return nil, err
	}
	life := selfCodeLife
	if g.TTL != nil {
		if *g.TTL < 1 || *g.TTL > int64(longestCodeLife/time.Second) {
			return nil, fmt.Errorf("ttl is %d: a code lives 1 to %d seconds", *g.TTL, longestCodeLife/time.Second)
		}
		life = time.Duration(*g.TTL) * time.Second
	}
	value := randomToken()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.addCode(value, &code{consent: consent{Scope: scopes.text, Offline: true, Prompt: true, scopes: scopes}}, life)
	return map[string]string{"code": value}, nil
}
