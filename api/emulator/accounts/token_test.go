package accounts_test

import (
	"bytes"
	"context"
	"mime/multipart"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rolecall/api/emulator"
	"rolecall/api/emulator/rig"
)

func TestTokenRequestForms(t *testing.T) {
	t.Parallel()
	r := rig.New(t, emulator.Options{TokenTTL: 90 * time.Second})
	form := rig.RefreshForm()
	var parts bytes.Buffer
	w := multipart.NewWriter(&parts)
	for key := range form {
		if err := w.WriteField(key, form.Get(key)); err != nil {
			t.Fatal(err)
		}
	}
	_ = w.Close()
	url := r.URL + "/oauth/v2/token"
	for name, send := range map[string]func() (int, map[string]any){
		"form": func() (int, map[string]any) {
			return r.Post(url, "application/x-www-form-urlencoded",
				form.Encode())
		},
		"multipart": func() (int, map[string]any) { return r.Post(url, w.FormDataContentType(), parts.String()) },
		"query":     func() (int, map[string]any) { return r.Post(url+"?"+form.Encode(), "", "") },
	} {
		status, got := send()
		token, _ := got["access_token"].(string)
		delete(got, "access_token")
		want := map[string]any{"api_domain": r.URL, "token_type": "Bearer", "expires_in": 90.0}
		if diff := cmp.Diff(want, got); status != 200 || diff != "" {
			t.Errorf("%s: status %d (-want +got)\n%s", name, status, diff)
		}
		r.Token = token
		if status, got := r.Call("GET", rig.Roles, ""); status != 200 {
			t.Errorf("%s: the token does not work: %d %s", name, status, got)
		}
	}
	if got := r.E.Stats().TokensIssued; got != 4 {
		t.Errorf("tokens_issued is %d, want 4", got)
	}
}

func TestTokenRefusals(t *testing.T) {
	t.Parallel()
	r := rig.New(t, emulator.Options{})
	for _, c := range []struct{ key, value, want string }{
		{"refresh_token", "other", "invalid_code"},
		{"refresh_token", "", "invalid_code"},
		{"grant_type", "authorization_code", "invalid_code"},
		{"client_id", "", "invalid_client"},
		{"client_secret", "", "invalid_client_secret"},
		{"grant_type", "password", "unsupported_grant_type"},
	} {
		form := rig.RefreshForm()
		form.Set(c.key, c.value)
		status, got := r.Post(r.URL+"/oauth/v2/token", "application/x-www-form-urlencoded", form.Encode())
		// Zoho refuses with HTTP 200. A client that checks only the status fails here.
		if diff := cmp.Diff(map[string]any{"error": c.want}, got); status != 200 || diff != "" {
			t.Errorf("%s=%q: status %d (-want +got)\n%s", c.key, c.value, status, diff)
		}
	}
	resp, err := http.Get(r.URL + "/oauth/v2/token?" + rig.RefreshForm().Encode())
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusNotFound {
		t.Errorf("a token by GET: %s", resp.Status)
	}
}

func TestTokenThrottle(t *testing.T) {
	t.Parallel()
	c := rig.NewClock()
	r := rig.New(t, emulator.Options{Now: c.Now}) // one token
	for range 9 {
		c.Pass(time.Minute / 2)
		r.NewToken()
	}
	status, got := r.Post(r.URL+"/oauth/v2/token", "application/x-www-form-urlencoded", rig.RefreshForm().Encode())
	want := map[string]any{
		"error_description": "You have made too many requests continuously. Please try again after some time.",
		"error":             "Access Denied", "status": "failure",
	}
	if diff := cmp.Diff(want, got); status != 400 || diff != "" {
		t.Errorf("the eleventh: status %d (-want +got)\n%s", status, diff)
	}
	c.Pass(10*time.Minute - 9*time.Minute/2) // the first is ten minutes old now
	r.NewToken()
	if got := r.E.Stats().TokensIssued; got != 11 {
		t.Errorf("tokens_issued is %d, want 11", got)
	}
	free := rig.New(t, emulator.Options{Now: c.Now, TokenRequests: -1})
	for range 50 {
		free.NewToken()
	}
	free.Want("GET", rig.Roles+"/"+rig.Purchasing, "", 200,
		`{"contact_roles":[{"sequence_number":2,"name":"Purchasing","id":"`+rig.Purchasing+`"}]}`)
}

// Fifteen access tokens are valid at a time. The sixteenth ends the oldest.
func TestActiveTokens(t *testing.T) {
	t.Parallel()
	c := rig.NewClock()
	r := rig.New(t, emulator.Options{Now: c.Now, TokenRequests: 100})
	tokens := []string{r.Token}
	for range 15 {
		tokens = append(tokens, r.NewToken())
	}
	for i, token := range tokens {
		r.Token = token
		want := 200
		if i == 0 {
			want = 401
		}
		if status, _ := r.Call("GET", rig.Roles, ""); status != want {
			t.Errorf("token %d: %d, want %d", i+1, status, want)
		}
	}
}

func TestAuthorisation(t *testing.T) {
	t.Parallel()
	c := rig.NewClock()
	r := rig.New(t, emulator.Options{Now: c.Now, TokenTTL: time.Minute})
	const (
		noHeader = `{"code":"AUTHENTICATION_FAILURE","details":{},"message":"Authentication failed","status":"error"}`
		badToken = `{"code":"INVALID_TOKEN","details":{},"message":"invalid oauth token","status":"error"}`
	)
	for header, want := range map[string]string{
		"":                          noHeader,
		"Zoho-oauthtoken ":          noHeader,
		"Bearer " + r.Token:         noHeader,
		"Zoho-oauthtoken x":         badToken,
		"Zoho-oauthtoken 1000.aa.b": badToken,
	} {
		if status, got := withHeader(r, header); status != 401 || got != want {
			t.Errorf("Authorization %q: %d %s", header, status, got)
		}
	}
	c.Pass(time.Minute - time.Nanosecond)
	if status, got := r.Call("GET", rig.Roles, ""); status != 200 {
		t.Errorf("just before its end: %d %s", status, got)
	}
	c.Pass(time.Nanosecond)
	r.Want("GET", rig.Roles, "", 401, badToken)
	r.Want("GET", "v8/nowhere", "", 401, badToken)
	other := rig.New(t, emulator.Options{Now: c.Now})
	other.Token = r.NewToken()
	other.Want("GET", rig.Roles, "", 401, badToken)
}

func withHeader(r *rig.Rig, authorization string) (int, string) {
	r.T.Helper()
	req, err := http.NewRequestWithContext(context.Background(), http.MethodGet, r.URL+"/crm/"+rig.Roles, nil)
	if err != nil {
		r.T.Fatal(err)
	}
	if authorization != "" {
		req.Header.Set("Authorization", authorization)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		r.T.Fatal(err)
	}
	defer resp.Body.Close()
	var b bytes.Buffer
	_, _ = b.ReadFrom(resp.Body)
	return resp.StatusCode, b.String()
}
