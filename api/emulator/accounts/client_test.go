package accounts_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rolecall/api/emulator"
	"rolecall/api/emulator/rig"
)

// newClientRig serves an emulator and does not sign in.
func newClientRig(t *testing.T, o emulator.Options) *rig.Rig {
	t.Helper()
	r := &rig.Rig{T: t, E: rig.Open(t, o)}
	r.Start()
	return r
}

// checkClient checks that the client app with its secret is the only one.
func checkClient(r *rig.Rig) {
	r.T.Helper()
	refresh := func(pairs ...string) []string {
		return append([]string{"grant_type", "refresh_token", "refresh_token", emulator.RefreshToken}, pairs...)
	}
	r.Refused("v2/token", rig.Params(refresh("client_id", "other")...), "invalid_client")
	r.Refused("v2/token", rig.Params(refresh("client_id", "")...), "invalid_client")
	r.Refused("v2/token", rig.Params(refresh("client_secret", "other")...), "invalid_client_secret")
	r.Refused("v2/token", rig.Params(refresh("client_secret", "")...), "invalid_client_secret")
	if _, got := r.OAuth("v2/token", rig.Params(refresh()...)); got["access_token"] == nil {
		r.T.Errorf("the right client: %v", got)
	}
}

func TestClient(t *testing.T) {
	t.Parallel()
	r := rig.New(t, emulator.Options{})
	if status, got := r.Own("client", `{"id":"app","secret":"secret"}`); status != 200 || got != `{"id":"app"}`+"\n" {
		t.Errorf("%d %s", status, got)
	}
	checkClient(r)
	for _, body := range []string{``, `{"id":"x"}`, `{"name":"x"}`, `{"id":"x","secret":"y","redirect_uris":["x"]}`} {
		if status, got := r.Own("client", body); status != 400 || !strings.Contains(got, "send for example") {
			t.Errorf("client %s: %d %s", body, status, got)
		}
	}
	checkClient(r)
	if strings.Contains(r.Inspect("org"), "secret") {
		t.Error("the org shows the secret")
	}
	if status, got := r.Own("client", `{"id":""}`); status != 200 {
		t.Errorf("%d %s", status, got)
	}
	r.NewToken() // any client
}

func TestClientOfOptions(t *testing.T) {
	t.Parallel()
	o := emulator.Options{ClientID: "app", ClientSecret: "secret",
		Org: rig.ReadOrg(t, `{"client":{"id":"seeded","secret":"x"}}`)}
	r := newClientRig(t, o)
	checkClient(r)
	if strings.Contains(r.Inspect("org"), "client") {
		t.Error("the org shows the client of its seed")
	}
	if status, got := r.Own("client", `{"id":"x","secret":"y"}`); status != 400 || !strings.Contains(got, "fixed") {
		t.Errorf("%d %s", status, got)
	}
	if _, err := emulator.ReadOrg(strings.NewReader(`{"client":{"id":"seeded"}}`)); err == nil ||
		!strings.Contains(err.Error(), "client") {
		t.Errorf("half a client: %v", err)
	}
}

func TestRedirectURIsOfClient(t *testing.T) {
	t.Parallel()
	r := rig.New(t, emulator.Options{})
	r.Own("client", `{"id":"app","secret":"secret","redirect_uris":["`+callback+`","https://example.com/"]}`)
	for uri, fine := range map[string]bool{callback: true, "https://example.com/": true, callback + "/": false,
		"https://example.com": false, callback + "?a=b": false} {
		status, page, _ := browse(r, "GET", "/oauth/v2/auth", authQuery("redirect_uri", uri), nil)
		if (status == 200) != fine || !fine && !strings.Contains(page, "invalid_redirect_uri") {
			t.Errorf("%s: %d %s", uri, status, page)
		}
	}
}

// Clients and refresh tokens outlive the process. Codes and access tokens do not.
func TestSignInsOutliveAKill(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "state.jsonl")
	r := rig.Serve(t, rig.Open(t, emulator.Options{State: file, Deals: 3, Contacts: 3}))
	first := r.SignIn(rig.AllScopes)
	narrow := r.SignIn("ZohoCRM.org.READ")
	gone := r.SignIn(rig.AllScopes)
	access := r.Token
	r.OAuth("v2/token/revoke", rig.Params("token", gone))
	r.OAuth("v2/token/revoke", rig.Params("token", emulator.RefreshToken))
	r.Own("client", `{"id":"app","secret":"secret","redirect_uris":["`+callback+`"]}`)
	code := r.SelfCode(rig.AllScopes)

	// Two starts, because the first one rewrites the file.
	for i := range 2 {
		second := newClientRig(t, emulator.Options{State: file})
		checkClient(second) // and the fixed refresh token is back
		second.Refused("v2/token", rig.Params("grant_type", "authorization_code", "code", code), "invalid_code")
		second.Refused("v2/token", rig.Params("grant_type", "refresh_token", "refresh_token", gone), "invalid_code")
		second.Token = access
		second.Want("GET", "v8/org", "", 401, rig.InvalidToken)
		if _, got := second.Refresh(first); got["access_token"] == nil ||
			got["scope"] != strings.ReplaceAll(rig.AllScopes, ",", " ") {
			t.Errorf("start %d: %v", i+1, got)
		}
		_, got := second.Refresh(narrow)
		second.Token, _ = got["access_token"].(string)
		second.Want("GET", rig.Roles, "", 401, rig.ScopeMismatch)
		if status, _ := second.Call("GET", "v8/org", ""); status != 200 {
			t.Errorf("start %d: %d", i+1, status)
		}
		if status, _, _ := browse(second, "GET", "/oauth/v2/auth", authQuery("redirect_uri", "http://other/"),
			nil); status != 400 {
			t.Errorf("start %d, redirect URI: %d", i+1, status)
		}
	}
	// The order stays: the 21st token still deletes the first.
	last := newClientRig(t, emulator.Options{State: file})
	for range 18 {
		last.SignIn(rig.AllScopes)
	}
	if _, got := last.Refresh(first); got["access_token"] == nil {
		t.Errorf("the first of twenty: %v", got)
	}
	last.SignIn(rig.AllScopes)
	last.Refused("v2/token", rig.Params("grant_type", "refresh_token", "refresh_token", first), "invalid_code")
	last.Own("client", `{"id":""}`)
	rig.Serve(t, rig.Open(t, emulator.Options{State: file})) // any client
	fresh := rig.Serve(t, rig.Open(t, emulator.Options{State: file, Reset: true}))
	fresh.Refused("v2/token", rig.Params("grant_type", "refresh_token", "refresh_token", narrow), "invalid_code")
}

func TestSignInLinesThatAreWrong(t *testing.T) {
	t.Parallel()
	head := `{"head":{"rolecall_emulator":1,"source":{},"org":{"org":{},"contact_roles":null,"generated":{"deals":1,` +
		`"contacts":1}},"next_role_id":"1"}}` + "\n"
	for _, line := range []string{`{"granted":{"refresh_token":"x","client_id":"y","scope":"?"}}`,
		`{"client":{"id":"x"}}`} {
		file := filepath.Join(t.TempDir(), "state")
		if err := os.WriteFile(file, []byte(head+line+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := emulator.New(emulator.Options{State: file}); err == nil ||
			!strings.Contains(err.Error(), "line 2") {
			t.Errorf("%s: %v", line, err)
		}
	}
}

// A sign-in that the file cannot take does not happen.
func TestSignInOnClosedStateFile(t *testing.T) {
	t.Parallel()
	r := rig.Serve(t, rig.Open(t, emulator.Options{State: filepath.Join(t.TempDir(), "state")}))
	refresh := r.SignIn(rig.AllScopes)
	code := r.SelfCode(rig.AllScopes)
	if err := r.E.Close(); err != nil {
		t.Fatal(err)
	}
	internal := map[string]any{"code": "INTERNAL_ERROR", "details": map[string]any{},
		"message": "Internal Server Error", "status": "error"}
	for _, c := range []struct {
		path  string
		pairs []string
	}{{"v2/token", []string{"grant_type", "authorization_code", "code", code}},
		{"v2/token/revoke", []string{"token", refresh}}} {
		status, got := r.OAuth(c.path, rig.Params(c.pairs...))
		if diff := cmp.Diff(internal, got); status != 500 || diff != "" {
			t.Errorf("%s: status %d (-want +got)\n%s", c.path, status, diff)
		}
	}
	if status, _ := r.Own("client", `{"id":"x","secret":"y"}`); status != 400 {
		t.Errorf("client: %d", status)
	}
	if _, got := r.Refresh(refresh); got["access_token"] == nil {
		t.Errorf("what could not be revoked: %v", got)
	}
}
