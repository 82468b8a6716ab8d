package emulator

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// RefreshToken is the one refresh token that the emulator takes.
const RefreshToken = "emulator"

const (
	// tokenWindow is the span in which a refresh token gets only so many
	// access tokens. Zoho CRM API, Token Validity.
	tokenWindow = 10 * time.Minute
	// maxActiveTokens is how many access tokens of one refresh token live at
	// a time: the sixteenth ends the oldest. Zoho CRM API, Token Validity.
	maxActiveTokens = 15
	// maxTokenBody is far above any token request.
	maxTokenBody = 64 << 10
)

// A mint issues access tokens and knows those alive. They are random and in
// memory only: a restart ends them all, and clients must cope.
type mint struct {
	ttl     time.Duration
	allowed int // tokens in a tokenWindow; negative is no limit
	now     func() time.Time

	mu     sync.RWMutex
	issued []time.Time // in the last tokenWindow, while allowed limits it
	active []token     // oldest first
	expiry map[string]time.Time
}

type token struct {
	value   string
	expires time.Time
}

func newMint(ttl time.Duration, allowed int, now func() time.Time) *mint {
	return &mint{ttl: ttl, allowed: allowed, now: now, expiry: make(map[string]time.Time)}
}

// issue gives a new token, or false when there were too many of late.
func (m *mint) issue() (string, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := m.now()
	if m.allowed >= 0 {
		m.issued = slices.DeleteFunc(m.issued, func(at time.Time) bool { return now.Sub(at) >= tokenWindow })
		if len(m.issued) >= m.allowed {
			return "", false
		}
		m.issued = append(m.issued, now)
	}
	m.forget(now)
	value := randomToken()
	m.active = append(m.active, token{value: value, expires: now.Add(m.ttl)})
	m.expiry[value] = now.Add(m.ttl)
	return value, true
}

// forget drops expired tokens, and the oldest when there are too many.
func (m *mint) forget(now time.Time) {
	for len(m.active) > 0 {
		oldest := m.active[0]
		crowded := m.allowed >= 0 && len(m.active) >= maxActiveTokens
		if now.Before(oldest.expires) && !crowded {
			return
		}
		delete(m.expiry, oldest.value)
		m.active = m.active[1:]
	}
}

func (m *mint) valid(value string) bool {
	m.mu.RLock()
	expires, known := m.expiry[value]
	m.mu.RUnlock()
	return known && m.now().Before(expires)
}

// randomToken looks like Zoho's: 1000.<32 hex>.<32 hex>.
func randomToken() string {
	var b [32]byte
	_, _ = rand.Read(b[:]) // never fails: crypto/rand
	return "1000." + hex.EncodeToString(b[:16]) + "." + hex.EncodeToString(b[16:])
}

// A tokenAnswer is every answer of the token endpoint, good or bad.
type tokenAnswer struct {
	AccessToken string `json:"access_token,omitempty"`
	APIDomain   string `json:"api_domain,omitempty"`
	TokenType   string `json:"token_type,omitempty"`
	ExpiresIn   int64  `json:"expires_in,omitempty"` // seconds

	ErrorDescription string `json:"error_description,omitempty"`
	Error            string `json:"error,omitempty"`
	Status           string `json:"status,omitempty"`
}

// serveAccounts is Zoho's accounts server: only the refresh grant so far.
// Parameters are taken from a multipart body (the SDKs), a form or the query.
func (e *Emulator) serveAccounts(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/oauth/v2/token" || r.Method != http.MethodPost {
		refused(invalidURL()).write(w)
		return
	}
	// Whatever the form's trouble, the parameters are then missing and are
	// refused as missing.
	r.Body = http.MaxBytesReader(w, r.Body, maxTokenBody)
	_ = r.ParseMultipartForm(maxTokenBody) //nolint:gosec // the body is bounded one line above
	status, reply := e.grant(r)
	body, err := json.Marshal(reply) //nolint:gosec // handing out tokens is what this is for
	if err != nil {
		refused(err).write(w)
		return
	}
	answer{status: status, body: body}.write(w)
}

// grant answers a token request. Refusals come with HTTP 200 (Zoho Accounts,
// OAuth 2.0, Refresh Access Token); the throttle's status is documented
// nowhere, clients have met 400.
func (e *Emulator) grant(r *http.Request) (int, tokenAnswer) {
	switch {
	case r.Form.Get("client_id") == "":
		return http.StatusOK, tokenAnswer{Error: "invalid_client"}
	case r.Form.Get("client_secret") == "":
		return http.StatusOK, tokenAnswer{Error: "invalid_client_secret"}
	case r.Form.Get("grant_type") == "refresh_token" && r.Form.Get("refresh_token") == RefreshToken:
	case r.Form.Get("grant_type") == "refresh_token", r.Form.Get("grant_type") == "authorization_code":
		return http.StatusOK, tokenAnswer{Error: "invalid_code"}
	default:
		return http.StatusOK, tokenAnswer{Error: "unsupported_grant_type"} // RFC 6749, 5.2; Zoho names none
	}
	value, issued := e.mint.issue()
	if !issued {
		return http.StatusBadRequest, tokenAnswer{
			ErrorDescription: "You have made too many requests continuously. Please try again after some time.",
			Error:            "Access Denied",
			Status:           "failure",
		}
	}
	e.gate.tokenIssued()
	return http.StatusOK, tokenAnswer{
		AccessToken: value,
		APIDomain:   origin(r),
		TokenType:   "Bearer", // what Zoho says; the header word is Zoho-oauthtoken all the same
		ExpiresIn:   int64((e.mint.ttl + time.Second - 1) / time.Second),
	}
}

// origin is where this request came to: an emulator is its own API domain.
func origin(r *http.Request) string {
	if r.TLS != nil {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

// authorise checks the access token of an API call.
func (e *Emulator) authorise(r *http.Request) error {
	value, isOurs := strings.CutPrefix(r.Header.Get("Authorization"), "Zoho-oauthtoken ")
	if !isOurs || value == "" {
		return unauthorised("AUTHENTICATION_FAILURE", "Authentication failed")
	}
	if !e.mint.valid(value) {
		return unauthorised("INVALID_TOKEN", "invalid oauth token")
	}
	return nil
}
