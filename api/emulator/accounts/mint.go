package accounts

import (
	"crypto/rand"
	"encoding/hex"
	"slices"
	"sync"
	"time"
)

const (
	// tokenWindow is the time in which a refresh token gets a limited number of access tokens. Zoho CRM API, Token
	// Validity.
	tokenWindow = 10 * time.Minute
	// maxActiveTokens is how many access tokens of one refresh token are valid at a time. The sixteenth ends the
	// oldest. Zoho CRM API, Token Validity.
	maxActiveTokens = 15
)

// A mint issues access tokens and knows the valid ones. They are random and in memory only: a restart ends them all.
type mint struct {
	ttl     time.Duration
	allowed int // tokens of a refresh token in a tokenWindow; negative is no limit
	now     func() time.Time
	issued  func()

	mu     sync.RWMutex
	series map[string]*series // by refresh token; "" has the tokens that came without one
	valids map[string]access
}

// A series is the access tokens of one refresh token.
type series struct {
	issued []time.Time // in the last tokenWindow, if the number is limited
	active []string    // oldest first
}

type access struct {
	expires time.Time
	scopes  *Scopes
}

func newMint(ttl time.Duration, allowed int, now func() time.Time, issued func()) *mint {
	return &mint{
		ttl: ttl, allowed: allowed, now: now, issued: issued,
		series: make(map[string]*series), valids: make(map[string]access),
	}
}

// issue returns a new access token, or false if the refresh token has had too many. Tokens without a refresh token have
// no limit, because each needs a code.
func (m *mint) issue(refresh string, s *Scopes) (string, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := m.now()
	limited := refresh != "" && m.allowed >= 0
	of := m.series[refresh]
	if of == nil {
		of = &series{}
		m.series[refresh] = of
	}
	if limited {
		of.issued = slices.DeleteFunc(of.issued, func(at time.Time) bool { return now.Sub(at) >= tokenWindow })
		if len(of.issued) >= m.allowed {
			return "", false
		}
		of.issued = append(of.issued, now)
	}
	m.drop(of, now, limited)
	value := randomToken()
	of.active = append(of.active, value)
	m.valids[value] = access{expires: now.Add(m.ttl), scopes: s}
	m.issued()
	return value, true
}

// drop removes expired tokens, and the oldest one when there are too many.
func (m *mint) drop(of *series, now time.Time, limited bool) {
	for len(of.active) > 0 {
		oldest := of.active[0]
		crowded := limited && len(of.active) >= maxActiveTokens
		if now.Before(m.valids[oldest].expires) && !crowded {
			return
		}
		delete(m.valids, oldest)
		of.active = of.active[1:]
	}
}

// end ends all access tokens of a refresh token.
func (m *mint) end(refresh string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	of := m.series[refresh]
	if of == nil {
		return
	}
	for _, value := range of.active {
		delete(m.valids, value)
	}
	delete(m.series, refresh)
}

// valid reports whether a token is valid, and returns its scopes.
func (m *mint) valid(value string) (*Scopes, bool) {
	m.mu.RLock()
	a, known := m.valids[value]
	m.mu.RUnlock()
	return a.scopes, known && m.now().Before(a.expires)
}

// randomToken looks like Zoho's: 1000.<32 hex>.<32 hex>.
func randomToken() string {
	var b [32]byte
	_, _ = rand.Read(b[:]) // crypto/rand never fails
	return "1000." + hex.EncodeToString(b[:16]) + "." + hex.EncodeToString(b[16:])
}
