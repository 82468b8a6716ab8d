package emulator

import (
	"crypto/rand"
	"encoding/hex"
	"slices"
	"sync"
	"time"
)

const (
	// tokenWindow is the span in which a refresh token gets only so many
	// access tokens. Zoho CRM API, Token Validity.
	tokenWindow = 10 * time.Minute
	// maxActiveTokens is how many access tokens of one refresh token live at
	// a time: the sixteenth ends the oldest. Zoho CRM API, Token Validity.
	maxActiveTokens = 15
)

// A mint issues access tokens and knows those alive. They are random and in
// memory only: a restart ends them all, and clients must cope.
type mint struct {
	ttl     time.Duration
	allowed int // tokens of a refresh token in a tokenWindow; negative is no limit
	now     func() time.Time

	mu     sync.RWMutex
	series map[string]*series // by refresh token; "" has those that came without
	alive  map[string]access
}

// A series is the access tokens of one refresh token.
type series struct {
	issued []time.Time // in the last tokenWindow, while allowed limits it
	active []string    // oldest first
}

type access struct {
	expires time.Time
	scopes  *scopes
}

func newMint(ttl time.Duration, allowed int, now func() time.Time) *mint {
	return &mint{ttl: ttl, allowed: allowed, now: now, series: make(map[string]*series), alive: make(map[string]access)}
}

// issue gives a new access token, or false when its refresh token had too many
// of late. Those without a refresh token have no limit but their codes.
func (m *mint) issue(refresh string, s *scopes) (string, bool) {
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
	m.forget(of, now, limited)
	value := randomToken()
	of.active = append(of.active, value)
	m.alive[value] = access{expires: now.Add(m.ttl), scopes: s}
	return value, true
}

// forget drops expired tokens, and the oldest when there are too many.
func (m *mint) forget(of *series, now time.Time, limited bool) {
	for len(of.active) > 0 {
		oldest := of.active[0]
		crowded := limited && len(of.active) >= maxActiveTokens
		if now.Before(m.alive[oldest].expires) && !crowded {
			return
		}
		delete(m.alive, oldest)
		of.active = of.active[1:]
	}
}

// end ends all access tokens of a refresh token: it was revoked.
func (m *mint) end(refresh string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	of := m.series[refresh]
	if of == nil {
		return
	}
	for _, value := range of.active {
		delete(m.alive, value)
	}
	delete(m.series, refresh)
}

// valid says whether a token is alive, and what it may do.
func (m *mint) valid(value string) (*scopes, bool) {
	m.mu.RLock()
	a, known := m.alive[value]
	m.mu.RUnlock()
	return a.scopes, known && m.now().Before(a.expires)
}

// randomToken looks like Zoho's: 1000.<32 hex>.<32 hex>.
func randomToken() string {
	var b [32]byte
	_, _ = rand.Read(b[:]) // never fails: crypto/rand
	return "1000." + hex.EncodeToString(b[:16]) + "." + hex.EncodeToString(b[16:])
}
