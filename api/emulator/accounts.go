package emulator

import (
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"time"
)

// maxTokenBody is far above any token request.
const maxTokenBody = 64 << 10

// Accounts is Zoho's accounts server: who may sign in, and what they may do.
// Codes and access tokens are in memory only, refresh tokens are in the store.
type accounts struct {
	store   *store
	gate    *gate // counts tokens
	mint    *mint
	options accountOptions

	// mu makes each request to this server one step: a code is taken once, a
	// refresh token that was revoked gives nothing any more.
	mu      sync.Mutex
	centre  centre
	codes   map[string]*code
	devices map[string]*device // by device code
	revoked bool               // RefreshToken was, until the next start
}

type accountOptions struct {
	client *Client // in place of the store's
	polls  time.Duration
	now    func() time.Time
}

func newAccounts(o *Options, s *store, g *gate) *accounts {
	a := &accounts{
		store: s, gate: g, mint: newMint(o.TokenTTL, o.TokenRequests, o.Now),
		options: accountOptions{polls: o.DevicePolls, now: o.Now},
		codes:   make(map[string]*code), devices: make(map[string]*device),
	}
	a.centre, _ = newCentre(o.Location, o.OtherCentres) // Options.check looked at the error
	if o.ClientID != "" {
		a.options.client = &Client{ID: o.ClientID, Secret: o.ClientSecret}
	}
	return a
}

// serve answers below /oauth/. Parameters are taken from a multipart body (the
// SDKs), a form or the query.
func (a *accounts) serve(w http.ResponseWriter, r *http.Request) {
	// Whatever the form's trouble, the parameters are then missing and are
	// refused as missing.
	r.Body = http.MaxBytesReader(w, r.Body, maxTokenBody)
	_ = r.ParseMultipartForm(maxTokenBody) //nolint:gosec // the body is bounded one line above
	switch r.Method + " " + r.URL.Path {
	case "POST /oauth/v2/token":
		respond(w, r, a.token)
	case "POST /oauth/v2/token/revoke":
		respond(w, r, a.revoke)
	case "GET /oauth/v2/auth", "POST /oauth/v2/auth":
		a.serveConsent(w, r)
	case "POST /oauth/v3/device/code":
		respond(w, r, a.startDevice)
	case "POST /oauth/v3/device/token":
		respond(w, r, a.pollDevice)
	case "GET /oauth/v3/device", "POST /oauth/v3/device":
		a.serveDevice(w, r)
	case "GET /oauth/serverinfo":
		respond(w, r, a.serverInfo)
	default:
		refused(invalidURL()).write(w)
	}
}

// respond sends what answers a request for tokens, in JSON. An error is the
// emulator's own trouble: Zoho's are answers.
func respond[T any](w http.ResponseWriter, r *http.Request, reply func(*http.Request) (int, T, error)) {
	status, v, err := reply(r)
	if err != nil {
		refused(err).write(w)
		return
	}
	body, err := json.Marshal(v)
	if err != nil {
		refused(err).write(w)
		return
	}
	w.Header().Set("Cache-Control", "no-store")
	answer{status: status, body: body}.write(w)
}

// A tokenAnswer is every answer about tokens, good or bad.
type tokenAnswer struct {
	AccessToken  string `json:"access_token,omitempty"`
	RefreshToken string `json:"refresh_token,omitempty"`
	Scope        string `json:"scope,omitempty"` // separated by spaces
	APIDomain    string `json:"api_domain,omitempty"`
	TokenType    string `json:"token_type,omitempty"`
	ExpiresIn    int64  `json:"expires_in,omitempty"` // seconds

	UserLocation     string `json:"user_location,omitempty"`
	ErrorDescription string `json:"error_description,omitempty"`
	Error            string `json:"error,omitempty"`
	Status           string `json:"status,omitempty"`
}

// refusedToken is an error of Zoho's. It comes with HTTP 200: Zoho Accounts,
// OAuth 2.0, Refresh Access Token.
func refusedToken(code string) (int, tokenAnswer, error) {
	return http.StatusOK, tokenAnswer{Error: code}, nil
}

// origin is where this request came to: an emulator is its own API domain.
func origin(r *http.Request) string {
	if r.TLS != nil {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

// authorise checks the access token of an API call and says what it may do.
func (a *accounts) authorise(r *http.Request) (*scopes, error) {
	value, isOurs := strings.CutPrefix(r.Header.Get("Authorization"), "Zoho-oauthtoken ")
	if !isOurs || value == "" {
		return nil, unauthorised("AUTHENTICATION_FAILURE", "Authentication failed")
	}
	s, valid := a.mint.valid(value)
	if !valid {
		return nil, unauthorised("INVALID_TOKEN", "invalid oauth token")
	}
	return s, nil
}
