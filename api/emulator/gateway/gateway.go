// Package gateway is the PinkConnect gateway in front of the emulated CRM. It signs in for its users, and wraps each
// answer.
//
// The page "Zoho CRM API" of docs.pinkfish.ai describes lists, records by id, inserts, updates by id and searches of
// contacts, leads and deals, and the list of users. It says nothing about other paths: [Options.Forward] chooses which
// of them the gateway forwards. The page shows no key and no error, so both are our own here.
package gateway

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// Prefix is the path of the gateway on the emulator's origin. PC_BASE_URL ends with it.
const Prefix = "/pinkconnect/"

// root is where the gateway serves the API: PC_BASE_URL + "crm/v2/".
const root = Prefix + "crm/v2/"

// The paths that the gateway's page does not name, and that a gateway may not forward.
const (
	Modules   = "settings/modules"
	Fields    = "settings/fields"
	COQL      = "coql"
	Org       = "org"
	Roles     = "Contacts/roles"
	DealRoles = "deals/{id}/Contact_Roles"
	Upsert    = "upsert"   // POST {module}/upsert
	Together  = "together" // PUT of several records of a module, with their ids
	Others    = "others"   // everything else
)

// Paths returns all paths.
func Paths() []string {
	return []string{Modules, Fields, COQL, Org, Roles, DealRoles, Upsert, Together, Others}
}

// Options are the settings of a gateway.
type Options struct {
	Key     string   // what a call must carry in X-Api-Key, Auth-Token or Authorization; "": nothing
	Forward []string // some of Paths; nil: all of them, empty: only what the page names
	Modules []string // API names of the org's modules
	Status  bool     // answers have a status beside the output, and always come with HTTP 200
	Bare    bool     // answers are not wrapped
}

// Check returns an error for a path that is not one of Paths.
func (o Options) Check() error {
	for _, path := range o.Forward {
		if !slices.Contains(Paths(), path) {
			return fmt.Errorf("a gateway that forwards %q: the paths are %s", path, strings.Join(Paths(), ", "))
		}
	}
	return nil
}

// Gateway is the gateway as a handler.
type Gateway struct {
	options Options
	crm     http.Handler // answers below /crm/
}

// New makes a gateway before a CRM.
func New(o Options, crm http.Handler) *Gateway { return &Gateway{o, crm} }

type throughGateway struct{}

// Through reports whether a request came through a gateway. The gateway has signed in.
func Through(r *http.Request) bool { return r.Context().Value(throughGateway{}) != nil }

// ServeHTTP answers a call below Prefix.
func (g *Gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path, known := strings.CutPrefix(r.URL.Path, root)
	segments := strings.Split(path, "/")
	switch {
	case !g.admits(r):
		refuse(w, http.StatusUnauthorized, "unauthorized", "this gateway wants a key")
		return
	case !known || !g.name(segments) || !g.forwards(r, segments):
		refuse(w, http.StatusNotFound, "not_found", "this gateway does not forward "+r.Method+" "+path)
		return
	}
	inner := r.WithContext(context.WithValue(r.Context(), throughGateway{}, true))
	inner.Header.Del("Authorization")
	inner.URL = new(url.URL)
	*inner.URL = *r.URL
	inner.URL.Path = "/crm/v2/" + strings.Join(segments, "/")
	inner.URL.RawPath = ""
	held := &holder{w: w, status: http.StatusOK, length: -1}
	g.crm.ServeHTTP(held, inner)
	if !held.cut {
		g.answer(w, held)
	}
}

// admits reports whether a call carries the key. A call with a token of Zoho's does not belong to a gateway.
func (g *Gateway) admits(r *http.Request) bool {
	if strings.HasPrefix(r.Header.Get("Authorization"), "Zoho-oauthtoken") {
		return false
	}
	return g.options.Key == "" || slices.ContainsFunc([]string{"X-Api-Key", "Auth-Token", "Authorization"},
		func(name string) bool {
			return strings.TrimPrefix(r.Header.Get(name), "Bearer ") == g.options.Key
		})
}

// name gives a module in the path its API name. The gateway knows modules only in lower case, as the page writes them.
func (g *Gateway) name(segments []string) bool {
	if slices.Contains([]string{"users", "org", "settings", "coql"}, segments[0]) {
		return true
	}
	if segments[0] == "Contacts" && len(segments) > 1 && segments[1] == "roles" { // as on Zoho's page
		return true
	}
	i := slices.IndexFunc(g.options.Modules, func(m string) bool { return strings.ToLower(m) == segments[0] })
	if i >= 0 {
		segments[0] = g.options.Modules[i]
	}
	return i >= 0
}

// forwards reports whether the gateway forwards a call.
func (g *Gateway) forwards(r *http.Request, segments []string) bool {
	path := pathOf(r, segments)
	return path == "" || g.options.Forward == nil || slices.Contains(g.options.Forward, path)
}

// pathOf returns which of Paths a call is, or "" if the page names it.
func pathOf(r *http.Request, segments []string) string {
	first, second := segments[0], ""
	if len(segments) > 1 {
		second = segments[1]
	}
	switch {
	case first == "settings" && second == "modules":
		return Modules
	case first == "settings" && second == "fields":
		return Fields
	case first == "settings":
		return Others
	case first == COQL, first == Org:
		return first
	case first == "Contacts" && second == "roles":
		return Roles
	case len(segments) > 2 && segments[2] == "Contact_Roles":
		return DealRoles
	case len(segments) > 2:
		return Others
	case second == Upsert:
		return Upsert
	case r.Method == http.MethodPut && second == "":
		return Together
	}
	return ""
}

// answer wraps an answer of the CRM.
func (g *Gateway) answer(w http.ResponseWriter, held *holder) {
	body := held.body.Bytes()
	whole := held.length < 0 || held.length == len(body)
	switch {
	case !whole, len(body) > 0 && !json.Valid(body), g.options.Bare:
	case len(body) == 0 && held.status == http.StatusNoContent:
		body = fmt.Appendf(nil, `{"status":%d,"message":"No Content"}`, held.status)
		held.status = http.StatusOK
	case len(body) > 0 && g.options.Status:
		body = fmt.Appendf(nil, `{"status":%d,"headers":{},"output":%s}`, held.status, body)
		held.status = http.StatusOK
	case len(body) > 0:
		body = fmt.Appendf(nil, `{"output":%s}`, body)
	}
	if h := w.Header(); whole && (len(body) > 0 || h.Get("Content-Length") != "") {
		h.Set("Content-Type", "application/json")
		h.Set("Content-Length", strconv.Itoa(len(body)))
	}
	w.WriteHeader(held.status)
	_, _ = w.Write(body) // an error means that the client is gone
}

// refuse answers with an error of the gateway's own. Pinkfish's page on triggers has errors of this form. Its page on
// Zoho has no errors.
func refuse(w http.ResponseWriter, status int, code, message string) {
	body, _ := json.Marshal(map[string]string{"error": code, "message": message}) // texts have no error
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

// holder holds back an answer of the CRM. If the CRM cuts the connection, it cuts that of the client.
type holder struct {
	w      http.ResponseWriter
	status int
	length int // the announced one; -1: none
	body   bytes.Buffer
	cut    bool
}

// Header implements [http.ResponseWriter].
func (h *holder) Header() http.Header { return h.w.Header() }

// WriteHeader implements [http.ResponseWriter].
func (h *holder) WriteHeader(status int) {
	h.status = status
	if n, err := strconv.Atoi(h.Header().Get("Content-Length")); err == nil {
		h.length = n
	}
}

// Write implements [http.ResponseWriter].
func (h *holder) Write(b []byte) (int, error) { return h.body.Write(b) }

// Hijack implements [http.Hijacker], if the client's ResponseWriter does.
func (h *holder) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	hijacker, can := h.w.(http.Hijacker)
	if !can {
		return nil, nil, http.ErrNotSupported
	}
	h.cut = true
	return hijacker.Hijack()
}
