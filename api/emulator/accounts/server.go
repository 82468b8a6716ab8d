// Package accounts is Zoho's accounts server. It decides who may sign in, and what their tokens may do.
//
// It has the consent page for browsers, the device flow, codes of self clients, refresh and access tokens, scopes, and
// the other data centres. Codes and access tokens are in memory only. A [Registry] has the known client and the refresh
// tokens, so that a state file can keep them.
package accounts

import (
	"net/http"
	"strings"
	"sync"
	"time"

	"rolecall/api/emulator/wire"
)

// maxBody is the most bytes of a body, far above those of any real request.
const maxBody = 64 << 10

// exampleScope has what rolecall's sign-in for roles asks for, so that the example is enough for it.
const exampleScope = "ZohoCRM.modules.ALL,ZohoCRM.org.READ,ZohoCRM.users.READ,ZohoCRM.settings.ALL," +
	"ZohoCRM.coql.READ,ZohoCRM.composite_requests.CUSTOM"

// Options are the settings of an accounts server. The emulator's Options explain them.
type Options struct {
	Client        *Client // the only client, in place of the registry's; nil: the registry's
	TokenTTL      time.Duration
	TokenRequests int
	DevicePolls   time.Duration
	Location      string
	OtherCentres  map[string]string
	Now           func() time.Time
}

// A Server answers the requests below /oauth/, and those for the emulator's own pages about sign-ins.
type Server struct {
	registry *Registry
	mint     *mint
	client   *Client // the only one, in place of the registry's
	polls    time.Duration
	now      func() time.Time

	// mu makes each request one step: a code is exchanged once, and a revoked refresh token gives nothing.
	mu      sync.Mutex
	centre  centre
	codes   map[string]*code
	devices map[string]*device // by device code
	revoked bool               // RefreshToken was revoked; the next start brings it back
}

// New makes an accounts server on a registry. It calls issued for each access token.
func New(r *Registry, o Options, issued func()) (*Server, error) {
	c, err := newCentre(o.Location, o.OtherCentres)
	if err != nil {
		return nil, err
	}
	return &Server{
		registry: r, mint: newMint(o.TokenTTL, o.TokenRequests, o.Now, issued),
		client: o.Client, polls: o.DevicePolls, now: o.Now, centre: c,
		codes: make(map[string]*code), devices: make(map[string]*device),
	}, nil
}

// ServeHTTP takes parameters from a multipart body (the SDKs), a form or the query.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, "/__emulator/") {
		s.serveControl(w, r)
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	// A broken form lacks parameters, and the server refuses the request for that.
	_ = r.ParseMultipartForm(maxBody) //nolint:gosec // the line above limits the body
	switch r.Method + " " + r.URL.Path {
	case "POST /oauth/v2/token":
		respond(w, r, s.token)
	case "POST /oauth/v2/token/revoke":
		respond(w, r, s.revoke)
	case "GET /oauth/v2/auth", "POST /oauth/v2/auth":
		s.serveConsent(w, r)
	case "POST /oauth/v3/device/code":
		respond(w, r, s.startDevice)
	case "POST /oauth/v3/device/token":
		respond(w, r, s.pollDevice)
	case "GET /oauth/v3/device", "POST /oauth/v3/device":
		s.serveDevice(w, r)
	case "GET /oauth/serverinfo":
		respond(w, r, s.serverInfo)
	default:
		wire.Refused(wire.InvalidURL()).Write(w)
	}
}

// serveControl answers the emulator's own pages.
func (s *Server) serveControl(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/__emulator/grant":
		wire.Control(w, r, "grant", `send for example {"scope": "`+exampleScope+`", "ttl": 180}`, s.grant)
	case "/__emulator/client":
		wire.Control(w, r, "client",
			`send for example {"id": "1000.ABC", "secret": "s"}, or {"id": ""} for any client`, s.register)
	case "/__emulator/centres":
		wire.Control(w, r, "centres",
			`send for example {"location": "us", "others": {"eu": "http://127.0.0.1:8766"}}`, s.setCentres)
	case "/__emulator/handover":
		wire.Control(w, r, "handover", "this page is for emulators of other data centres", s.takeOver)
	}
}

// respond sends a reply about tokens as JSON. An error is the emulator's own trouble: Zoho's errors are replies.
func respond[Reply any](w http.ResponseWriter, r *http.Request, reply func(*http.Request) (int, Reply, error)) {
	status, v, err := reply(r)
	a := wire.Answer{}
	if err == nil {
		a, err = wire.OK(v)
	}
	if err != nil {
		wire.Refused(err).Write(w)
		return
	}
	a.Status = status
	w.Header().Set("Cache-Control", "no-store")
	a.Write(w)
}

// A tokenReply is every reply about tokens, good or bad.
type tokenReply struct {
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

// refuse replies with an error of Zoho's, which comes with HTTP 200: Zoho Accounts, OAuth 2.0, Refresh Access Token.
func refuse(code string) (int, tokenReply, error) { return http.StatusOK, tokenReply{Error: code}, nil }

// origin returns the address that the request came to. An emulator is its own API domain.
func origin(r *http.Request) string {
	if r.TLS != nil {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

// Authorise checks the access token of an API call and returns its scopes; nil scopes allow everything.
func (s *Server) Authorise(r *http.Request) (*Scopes, error) {
	value, isOurs := strings.CutPrefix(r.Header.Get("Authorization"), "Zoho-oauthtoken ")
	if !isOurs || value == "" {
		return nil, wire.Unauthorised("AUTHENTICATION_FAILURE", "Authentication failed")
	}
	scopes, valid := s.mint.valid(value)
	if !valid {
		return nil, wire.Unauthorised("INVALID_TOKEN", "invalid oauth token")
	}
	return scopes, nil
}
