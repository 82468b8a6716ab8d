package emulator

import (
	"net/http"
	"time"
)

// RefreshToken is the refresh token that is always there: it may do
// everything and belongs to every client. One that was revoked comes back with
// the next start.
const RefreshToken = "emulator"

// token answers a token request.
func (a *accounts) token(r *http.Request) (int, tokenAnswer, error) {
	client := r.Form.Get("client_id")
	if wrong := a.refuseClient(client, r.Form.Get("client_secret")); wrong != "" {
		return refusedToken(wrong)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	switch r.Form.Get("grant_type") {
	case "refresh_token":
		return a.refresh(r, client)
	case "authorization_code":
		return a.exchange(r, client)
	}
	return refusedToken("unsupported_grant_type") // RFC 6749, 5.2; Zoho names none
}

// refresh gives an access token for a refresh token of the client.
func (a *accounts) refresh(r *http.Request, client string) (int, tokenAnswer, error) {
	value := r.Form.Get("refresh_token")
	if value == RefreshToken && !a.revoked {
		return a.issue(r, value, nil)
	}
	g, found := a.store.refreshToken(value)
	if !found || g.Client != client {
		return refusedToken("invalid_code")
	}
	return a.issue(r, value, g.scopes)
}

// exchange gives the tokens for a code. A code is good once (Zoho CRM API,
// Token Validity); that its tokens end when it comes again is not documented.
// Neither is the error for a wrong PKCE verifier.
func (a *accounts) exchange(r *http.Request, client string) (int, tokenAnswer, error) {
	value := r.Form.Get("code")
	c, known := a.codes[value]
	switch {
	case !known, !a.options.now().Before(c.expires), c.Client != "" && c.Client != client:
		return refusedToken("invalid_code")
	case c.RedirectURI != "" && c.RedirectURI != r.Form.Get("redirect_uri"):
		return refusedToken("invalid_redirect_uri")
	case !c.verified(r.Form.Get("code_verifier")):
		return refusedToken("invalid_code")
	}
	delete(a.codes, value)
	return a.give(r, client, &c.consent)
}

// give turns a consent into tokens. A refresh token comes with offline access,
// the first time or when consent was asked for expressly. Zoho Accounts, OAuth
// 2.0, Get authorization code and Initiation request.
func (a *accounts) give(r *http.Request, client string, c *consent) (int, tokenAnswer, error) {
	if !c.Offline || !c.Prompt && a.store.consented(client, nil) {
		return a.issue(r, "", c.scopes)
	}
	g := granted{Token: randomToken(), Client: client, Scope: c.scopes.text, scopes: c.scopes}
	ended, err := a.store.grant(g)
	if err != nil {
		return 0, tokenAnswer{}, err
	}
	if ended != "" {
		a.mint.end(ended)
	}
	status, reply, err := a.issue(r, g.Token, c.scopes)
	reply.RefreshToken = g.Token
	return status, reply, err
}

// issue answers with an access token, unless there were too many. The
// throttle's status is documented nowhere, clients have met 400. The scopes
// are named where they are fewer than all.
func (a *accounts) issue(r *http.Request, refresh string, s *scopes) (int, tokenAnswer, error) {
	value, issued := a.mint.issue(refresh, s)
	if !issued {
		return http.StatusBadRequest, tokenAnswer{
			ErrorDescription: "You have made too many requests continuously. Please try again after some time.",
			Error:            "Access Denied",
			Status:           "failure",
		}, nil
	}
	a.gate.tokenIssued()
	reply := tokenAnswer{
		AccessToken: value,
		APIDomain:   origin(r),
		TokenType:   "Bearer", // what Zoho says; the header word is Zoho-oauthtoken all the same
		ExpiresIn:   int64((a.mint.ttl + time.Second - 1) / time.Second),
	}
	if s != nil {
		reply.Scope = s.text
	}
	return http.StatusOK, reply, nil
}

// revoke ends a refresh token and its access tokens; anything else is refused
// with 400, in a body that no page shows. Zoho CRM API v8, Revoking Refresh
// Token.
func (a *accounts) revoke(r *http.Request) (int, tokenAnswer, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	value := r.Form.Get("token")
	found, err := a.store.revoke(value)
	if err != nil {
		return 0, tokenAnswer{}, err
	}
	if value == RefreshToken && !a.revoked {
		a.revoked, found = true, true
	}
	if !found {
		return http.StatusBadRequest, tokenAnswer{Error: "invalid_token", Status: "failure"}, nil
	}
	a.mint.end(value)
	return http.StatusOK, tokenAnswer{Status: "success"}, nil
}
