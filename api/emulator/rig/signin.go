package rig

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"rolecall/api/emulator"
)

// Scopes and refusals of tokens.
const (
	AllScopes = "ZohoCRM.modules.ALL,ZohoCRM.settings.ALL"
	Form      = "application/x-www-form-urlencoded"

	ScopeMismatch = `{"code":"OAUTH_SCOPE_MISMATCH","details":{},"message":"Unauthorized","status":"error"}`
	//nolint:gosec // this is an answer with the code of a refusal, and holds no token
	InvalidToken = `{"code":"INVALID_TOKEN","details":{},"message":"invalid oauth token","status":"error"}`
)

// RefreshForm returns the token request for the refresh token that always exists.
func RefreshForm() url.Values {
	return url.Values{
		"client_id": {"any"}, "client_secret": {"any"},
		"grant_type": {"refresh_token"}, "refresh_token": {emulator.RefreshToken},
	}
}

// NewToken returns an access token that may do everything.
func (r *Rig) NewToken() string {
	r.T.Helper()
	_, got := r.OAuth("v2/token", RefreshForm())
	token, _ := got["access_token"].(string)
	if token == "" {
		r.T.Fatalf("token request: %v", got)
	}
	return token
}

// Params returns the parameters of a token request, pair by pair.
func Params(pairs ...string) url.Values {
	v := url.Values{"client_id": {"app"}, "client_secret": {"secret"}}
	for pair := range slices.Chunk(pairs, 2) {
		v.Set(pair[0], pair[1])
	}
	return v
}

// OAuth posts to the accounts server.
func (r *Rig) OAuth(path string, v url.Values) (int, map[string]any) {
	r.T.Helper()
	return r.Post(r.URL+"/oauth/"+path, Form, v.Encode())
}

// Post sends a token request in any form and returns status and answer.
func (r *Rig) Post(target, contentType, body string) (int, map[string]any) {
	r.T.Helper()
	status, header, b := r.post(target, contentType, body)
	if got := header.Get("Content-Type"); got != "application/json" {
		r.T.Errorf("Content-Type %q", got)
	}
	var got map[string]any
	if err := json.Unmarshal(b, &got); err != nil {
		r.T.Fatal(err)
	}
	return status, got
}

func (r *Rig) post(target, contentType, body string) (int, http.Header, []byte) {
	r.T.Helper()
	//nolint:gosec // the address is that of the rig's own server
	resp, err := http.Post(target, contentType, strings.NewReader(body))
	if err != nil {
		r.T.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		r.T.Fatal(err)
	}
	return resp.StatusCode, resp.Header, b
}

// Refused checks for an error of Zoho's, which comes with HTTP 200.
func (r *Rig) Refused(path string, v url.Values, want string) {
	r.T.Helper()
	status, got := r.OAuth(path, v)
	if status != http.StatusOK || len(got) != 1 || got["error"] != want {
		r.T.Errorf("%s: status %d, %v, want the error %s", path, status, got, want)
	}
}

// Own posts to one of the emulator's own pages.
func (r *Rig) Own(name, body string) (int, string) {
	r.T.Helper()
	status, _, b := r.post(r.URL+"/__emulator/"+name, "application/json", body)
	return status, string(b)
}

// SelfCode generates a self-client code.
func (r *Rig) SelfCode(scope string) string {
	r.T.Helper()
	status, body := r.Own("grant", `{"scope":"`+scope+`"}`)
	var got struct{ Code string }
	if err := json.Unmarshal([]byte(body), &got); err != nil || status != http.StatusOK || got.Code == "" {
		r.T.Fatalf("grant: %d %s", status, body)
	}
	return got.Code
}

// SignIn exchanges a self-client code. The rig then uses the access token.
func (r *Rig) SignIn(scope string) (refresh string) {
	r.T.Helper()
	_, got := r.OAuth("v2/token", Params("grant_type", "authorization_code", "code", r.SelfCode(scope)))
	refresh, _ = got["refresh_token"].(string)
	token, _ := got["access_token"].(string)
	if refresh == "" || token == "" {
		r.T.Fatalf("exchange: %v", got)
	}
	r.Token = token
	return refresh
}

// Refresh asks for an access token.
func (r *Rig) Refresh(token string) (int, map[string]any) {
	r.T.Helper()
	return r.OAuth("v2/token", Params("grant_type", "refresh_token", "refresh_token", token))
}
