package accounts

import (
	"net/http"
	"time"
)

// RefreshToken is the refresh token that always exists. It may do everything and belongs to every client. After a
// revocation the next start brings it back.
const RefreshToken = "emulator"

// token answers a token request.
func (s *Server) token(r *http.Request) (int, tokenReply, error) {
	client := r.Form.Get("client_id")
	if wrong := s.checkClient(client, r.Form.Get("client_secret")); wrong != "" {
		return refuse(wrong)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch r.Form.Get("grant_type") {
	case "refresh_token":
		return s.refresh(r, client)
	case "authorization_code":
		return s.exchange(r, client)
	}
	return refuse("unsupported_grant_type") // RFC 6749, 5.2; Zoho names none
}

// refresh gives an access token for a refresh token of the client.
func (s *Server) refresh(r *http.Request, client string) (int, tokenReply, error) {
	value := r.Form.Get("refresh_token")
	if value == RefreshToken && !s.revoked {
		return s.issue(r, value, nil)
	}
	g, known := s.registry.lookup(value)
	if !known || g.Client != client {
		return refuse("invalid_code")
	}
	return s.issue(r, value, g.scopes)
}

// exchange gives the tokens for a code. A code is valid once (Zoho CRM API, Token Validity). Two things are not
// documented: whether a repeated code ends its tokens (here it does not), and the error for a wrong PKCE verifier.
func (s *Server) exchange(r *http.Request, client string) (int, tokenReply, error) {
	value := r.Form.Get("code")
	c, known := s.codes[value]
	switch {
	case !known, !s.now().Before(c.expires), c.Client != "" && c.Client != client:
		return refuse("invalid_code")
	case c.RedirectURI != "" && c.RedirectURI != r.Form.Get("redirect_uri"):
		return refuse("invalid_redirect_uri")
	case !c.verify(r.Form.Get("code_verifier")):
		return refuse("invalid_code")
	}
	delete(s.codes, value)
	return s.give(r, client, &c.consent)
}

// give turns a consent into tokens. With offline access, they include a refresh token the first time, and whenever the
// client asks for the consent page. Zoho Accounts, OAuth 2.0, Get authorization code and Initiation request.
func (s *Server) give(r *http.Request, client string, c *consent) (int, tokenReply, error) {
	if !c.Offline || !c.Prompt && s.registry.consented(client, nil) {
		return s.issue(r, "", c.scopes)
	}
	g := Grant{Token: randomToken(), Client: client, Scope: c.scopes.text, scopes: c.scopes}
	ended, err := s.registry.commit(Change{Granted: &g})
	if err != nil {
		return 0, tokenReply{}, err
	}
	if ended != "" {
		s.mint.end(ended)
	}
	status, reply, err := s.issue(r, g.Token, c.scopes)
	reply.RefreshToken = g.Token
	return status, reply, err
}

// issue replies with an access token, unless there were too many. The throttle's status is not documented; clients have
// seen 400. The reply names the scopes unless the token may do everything.
func (s *Server) issue(r *http.Request, refresh string, scopes *Scopes) (int, tokenReply, error) {
	value, issued := s.mint.issue(refresh, scopes)
	if !issued {
		return http.StatusBadRequest, tokenReply{
			ErrorDescription: "You have made too many requests continuously. Please try again after some time.",
			Error:            "Access Denied",
			Status:           "failure",
		}, nil
	}
	reply := tokenReply{
		AccessToken: value,
		APIDomain:   origin(r),
		TokenType:   "Bearer", // so says Zoho, although the header's word is Zoho-oauthtoken
		ExpiresIn:   int64((s.mint.ttl + time.Second - 1) / time.Second),
	}
	if scopes != nil {
		reply.Scope = scopes.text
	}
	return http.StatusOK, reply, nil
}

// revoke ends a refresh token and its access tokens. Anything else is refused with 400, in a body that no page shows.
// Zoho CRM API v8, Revoking Refresh Token.
func (s *Server) revoke(r *http.Request) (int, tokenReply, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	value := r.Form.Get("token")
	_, known := s.registry.lookup(value)
	switch {
	case known:
		if _, err := s.registry.commit(Change{Revoked: value}); err != nil {
			return 0, tokenReply{}, err
		}
	case value == RefreshToken && !s.revoked:
		s.revoked = true
	default:
		return http.StatusBadRequest, tokenReply{Error: "invalid_token", Status: "failure"}, nil
	}
	s.mint.end(value)
	return http.StatusOK, tokenReply{Status: "success"}, nil
}
