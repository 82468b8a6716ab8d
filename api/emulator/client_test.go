package emulator_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rolecall/api/emulator"
)

// newClientRig has no token: not every client gets one.
func newClientRig(t *testing.T, o emulator.Options) *rig {
	t.Helper()
	r := &rig{t: t, e: open(t, o)}
	r.start()
	return r
}

// checkClient wants the client app with its secret to be the only one.
func (r *rig) checkClient() {
	r.t.Helper()
	refresh := func(pairs ...string) []string {
		return append([]string{"grant_type", "refresh_token", "refresh_token", emulator.RefreshToken}, pairs...)
	}
	r.refused("v2/token", params(refresh("client_id", "other")...), "invalid_client")
	r.refused("v2/token", params(refresh("client_id", "")...), "invalid_client")
	r.refused("v2/token", params(refresh("client_secret", "other")...), "invalid_client_secret")
	r.refused("v2/token", params(refresh("client_secret", "")...), "invalid_client_secret")
	if _, got := r.oauth("v2/token", params(refresh()...)); got["access_token"] == nil {
		r.t.Errorf("the right client: %v", got)
	}
}

func TestClient(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{})
	if status, got := r.own("client", `{"id":"app","secret":"secret"}`); status != 200 || got != `{"id":"app"}`+"\n" {
		t.Errorf("%d %s", status, got)
	}
	r.checkClient()
	for _, body := range []string{``, `{"id":"x"}`, `{"name":"x"}`, `{"id":"x","secret":"y","redirect_uris":["x"]}`} {
		if status, got := r.own("client", body); status != 400 || !strings.Contains(got, "send for example") {
			t.Errorf("client %s: %d %s", body, status, got)
		}
	}
	r.checkClient()
	if strings.Contains(r.inspect("org"), "secret") {
		t.Error("the org shows the secret")
	}
	if status, got := r.own("client", `{"id":""}`); status != 200 {
		t.Errorf("%d %s", status, got)
	}
	r.newToken() // any client again
}

func TestClientOfOptions(t *testing.T) {
	t.Parallel()
	o := emulator.Options{ClientID: "app", ClientSecret: "secret", Org: readOrg(t, `{"client":{"id":"seeded","secret":"x"}}`)}
	r := newClientRig(t, o)
	r.checkClient()
	if strings.Contains(r.inspect("org"), "client") {
		t.Error("the org shows the client of its seed")
	}
	if status, got := r.own("client", `{"id":"x","secret":"y"}`); status != 400 || !strings.Contains(got, "fixed") {
		t.Errorf("%d %s", status, got)
	}
	if _, err := emulator.ReadOrg(strings.NewReader(`{"client":{"id":"seeded"}}`)); err == nil || !strings.Contains(err.Error(), "client") {
		t.Errorf("half a client: %v", err)
	}
}

func TestRedirectURIsOfClient(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{})
	r.own("client", `{"id":"app","secret":"secret","redirect_uris":["`+callback+`","https://example.com/"]}`)
	for uri, fine := range map[string]bool{callback: true, "https://example.com/": true, callback + "/": false, "https://example.com": false, callback + "?a=b": false} {
		status, page, _ := r.browse("GET", "/oauth/v2/auth", authQuery("redirect_uri", uri), nil)
		if (status == 200) != fine || !fine && !strings.Contains(page, "invalid_redirect_uri") {
			t.Errorf("%s: %d %s", uri, status, page)
		}
	}
}

// Clients and refresh tokens outlive the process; codes and access tokens do
// not.
func TestSignInsOutliveAKill(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "state.jsonl")
	r := serve(t, open(t, emulator.Options{State: file, Deals: 3, Contacts: 3}))
	first := r.signIn(allScopes)
	narrow := r.signIn("ZohoCRM.org.READ")
	gone := r.signIn(allScopes)
	access := r.token
	r.oauth("v2/token/revoke", params("token", gone))
	r.oauth("v2/token/revoke", params("token", emulator.RefreshToken))
	r.own("client", `{"id":"app","secret":"secret","redirect_uris":["`+callback+`"]}`)
	code := r.selfCode(allScopes)

	// Twice, as the first start rewrites the file.
	for i := range 2 {
		again := newClientRig(t, emulator.Options{State: file})
		again.checkClient() // and the fixed refresh token is back
		again.refused("v2/token", params("grant_type", "authorization_code", "code", code), "invalid_code")
		again.refused("v2/token", params("grant_type", "refresh_token", "refresh_token", gone), "invalid_code")
		again.token = access
		again.want("GET", "v8/org", "", 401, invalidToken)
		if _, got := again.refresh(first); got["access_token"] == nil || got["scope"] != strings.ReplaceAll(allScopes, ",", " ") {
			t.Errorf("start %d: %v", i+1, got)
		}
		_, got := again.refresh(narrow)
		again.token, _ = got["access_token"].(string)
		again.want("GET", roles, "", 401, scopeMismatch)
		if status, _ := again.call("GET", "v8/org", ""); status != 200 {
			t.Errorf("start %d: %d", i+1, status)
		}
		if status, _, _ := again.browse("GET", "/oauth/v2/auth", authQuery("redirect_uri", "http://other/"), nil); status != 400 {
			t.Errorf("start %d, redirect URI: %d", i+1, status)
		}
	}
	// The order is kept: the 21st still deletes the first.
	last := newClientRig(t, emulator.Options{State: file})
	for range 18 {
		last.signIn(allScopes)
	}
	if _, got := last.refresh(first); got["access_token"] == nil {
		t.Errorf("the first of twenty: %v", got)
	}
	last.signIn(allScopes)
	last.refused("v2/token", params("grant_type", "refresh_token", "refresh_token", first), "invalid_code")
	last.own("client", `{"id":""}`)
	serve(t, open(t, emulator.Options{State: file})) // any client
	fresh := serve(t, open(t, emulator.Options{State: file, Reset: true}))
	fresh.refused("v2/token", params("grant_type", "refresh_token", "refresh_token", narrow), "invalid_code")
}

func TestSignInLinesThatAreWrong(t *testing.T) {
	t.Parallel()
	head := `{"head":{"rolecall_emulator":1,"source":{},"org":{"org":{},"contact_roles":null,"generated":{"deals":1,"contacts":1}},"next_role_id":"1"}}` + "\n"
	for _, line := range []string{`{"granted":{"refresh_token":"x","client_id":"y","scope":"?"}}`, `{"client":{"id":"x"}}`} {
		file := filepath.Join(t.TempDir(), "state")
		if err := os.WriteFile(file, []byte(head+line+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := emulator.New(emulator.Options{State: file}); err == nil || !strings.Contains(err.Error(), "line 2") {
			t.Errorf("%s: %v", line, err)
		}
	}
}

// A sign-in that cannot be kept is none.
func TestSignInOnClosedStateFile(t *testing.T) {
	t.Parallel()
	r := serve(t, open(t, emulator.Options{State: filepath.Join(t.TempDir(), "state")}))
	refresh := r.signIn(allScopes)
	code := r.selfCode(allScopes)
	if err := r.e.Close(); err != nil {
		t.Fatal(err)
	}
	internal := map[string]any{"code": "INTERNAL_ERROR", "details": map[string]any{}, "message": "Internal Server Error", "status": "error"}
	for _, c := range []struct {
		path  string
		pairs []string
	}{{"v2/token", []string{"grant_type", "authorization_code", "code", code}}, {"v2/token/revoke", []string{"token", refresh}}} {
		status, got := r.oauth(c.path, params(c.pairs...))
		if diff := cmp.Diff(internal, got); status != 500 || diff != "" {
			t.Errorf("%s: status %d (-want +got)\n%s", c.path, status, diff)
		}
	}
	if status, _ := r.own("client", `{"id":"x","secret":"y"}`); status != 400 {
		t.Errorf("client: %d", status)
	}
	if _, got := r.refresh(refresh); got["access_token"] == nil {
		t.Errorf("what could not be revoked: %v", got)
	}
}
