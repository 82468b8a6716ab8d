package accounts

import (
	"maps"
	"net/http"
	"net/url"
)

// An authRequest is the request of a browser for the consent page.
type authRequest struct {
	code
	state    string
	location string // data centre of the account, chosen on the page
}

// readAuthRequest reads and checks the parameters. wrong says what is wrong with them, or is "". Zoho Accounts, OAuth
// 2.0, Get authorization code. PKCE is as in RFC 7636, 4.3.
func (s *Server) readAuthRequest(form url.Values) (q *authRequest, wrong string) {
	q = &authRequest{state: form.Get("state"), location: form.Get("location")}
	q.RedirectURI = form.Get("redirect_uri")
	q.Challenge, q.Method = form.Get("code_challenge"), form.Get("code_challenge_method")
	client := s.onlyClient()
	switch {
	case form.Get("response_type") != "code":
		return nil, "invalid_response_type"
	case !client.hasID(form.Get("client_id")):
		return nil, "invalid_client"
	case !client.mayReturnTo(q.RedirectURI):
		return nil, "invalid_redirect_uri"
	case q.Method != "" && q.Method != "S256" && q.Method != "plain", q.Method != "" && q.Challenge == "":
		return nil, "invalid_code_challenge"
	}
	q.consent, wrong = readConsent(form)
	return q, wrong
}

// readConsent reads the consent that a client asks a user for.
func readConsent(form url.Values) (c consent, wrong string) {
	c.Client, c.Scope = form.Get("client_id"), form.Get("scope")
	var err error
	if c.scopes, err = ParseScopes(c.Scope); err != nil {
		return c, "invalid_scope"
	}
	c.Scope = c.scopes.text
	switch form.Get("access_type") {
	case "", "online":
	case "offline":
		c.Offline = true
	default:
		return c, "invalid_access_type"
	}
	switch form.Get("prompt") {
	case "":
	case "consent":
		c.Prompt = true
	default:
		return c, "invalid_prompt"
	}
	return c, ""
}

// serveConsent shows the consent page (GET) and takes the decision (POST to the page's own URL). The form has
// decision=accept or decision=deny and, if there are other data centres, the location of the account. A user who
// consented before does not see the page, unless the client asks for it.
func (s *Server) serveConsent(w http.ResponseWriter, r *http.Request) {
	q, wrong := s.readAuthRequest(r.Form)
	if wrong != "" {
		errorPage(w, http.StatusBadRequest, wrong)
		return
	}
	decision := r.Form.Get("decision")
	switch {
	case r.Method == http.MethodGet && !q.Prompt && s.registry.consented(q.Client, q.scopes):
		s.sendBack(w, r, q)
	case r.Method == http.MethodGet:
		s.consentPage(w, &q.consent)
	case decision == "accept":
		s.sendBack(w, r, q)
	case decision == "deny":
		// Zoho FSM API, Authorization Request: Reject gives access_denied.
		redirect(w, r, q, url.Values{"error": {"access_denied"}})
	default:
		errorPage(w, http.StatusBadRequest, "invalid_decision")
	}
}

// sendBack sends the browser to the client with a code. The code is good only at the account's data centre.
func (s *Server) sendBack(w http.ResponseWriter, r *http.Request, q *authRequest) {
	value := randomToken()
	s.mu.Lock()
	location, server, elsewhere, known := s.centre.lookup(q.location, origin(r))
	if known && !elsewhere {
		s.addCode(value, &q.code, browserCodeLife)
	}
	s.mu.Unlock()
	if !known {
		errorPage(w, http.StatusBadRequest, "invalid_location")
		return
	}
	if elsewhere {
		h := handover{CodeValue: value, Code: &q.code, Seconds: int64(browserCodeLife.Seconds())}
		if err := handOver(r.Context(), server, &h); err != nil {
			errorPage(w, http.StatusBadGateway, err.Error())
			return
		}
	}
	redirect(w, r, q, url.Values{"code": {value}, "location": {location}, "accounts-server": {server}})
}

// redirect adds the parameters, and the state as it came, to the redirect URI.
func redirect(w http.ResponseWriter, r *http.Request, q *authRequest, with url.Values) {
	target, err := url.Parse(q.RedirectURI)
	if err != nil { // impossible: readAuthRequest checked it
		errorPage(w, http.StatusBadRequest, "invalid_redirect_uri")
		return
	}
	query := target.Query()
	maps.Copy(query, with)
	if q.state != "" {
		query.Set("state", q.state)
	}
	target.RawQuery = query.Encode()
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Referrer-Policy", "no-referrer")
	//nolint:gosec // the client names the page that the browser goes back to
	http.Redirect(w, r, target.String(), http.StatusSeeOther)
}
