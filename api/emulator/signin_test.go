package emulator_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rolecall/api/emulator"
)

const (
	allScopes = "ZohoCRM.modules.ALL,ZohoCRM.settings.ALL"
	form      = "application/x-www-form-urlencoded"

	scopeMismatch = `{"code":"OAUTH_SCOPE_MISMATCH","details":{},"message":"Unauthorized","status":"error"}`
	invalidToken  = `{"code":"INVALID_TOKEN","details":{},"message":"invalid oauth token","status":"error"}`
)

// params gives the parameters of a token request, pair by pair.
func params(pairs ...string) url.Values {
	v := url.Values{"client_id": {"app"}, "client_secret": {"secret"}}
	for i := 0; i < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	return v
}

// oauth posts to the accounts server.
func (r *rig) oauth(path string, v url.Values) (int, map[string]any) {
	r.t.Helper()
	return r.post(r.url+"/oauth/"+path, form, v.Encode())
}

// refused wants an error of Zoho's: with HTTP 200.
func (r *rig) refused(path string, v url.Values, want string) {
	r.t.Helper()
	status, got := r.oauth(path, v)
	if diff := cmp.Diff(map[string]any{"error": want}, got); status != 200 || diff != "" {
		r.t.Errorf("%s: status %d (-want +got)\n%s", path, status, diff)
	}
}

// own posts to one of the emulator's own pages.
func (r *rig) own(name, body string) (int, string) {
	r.t.Helper()
	resp, err := http.Post(r.url+"/__emulator/"+name, "application/json", strings.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	return resp.StatusCode, string(b)
}

// selfCode generates a self-client code.
func (r *rig) selfCode(scope string) string {
	r.t.Helper()
	status, body := r.own("grant", `{"scope":"`+scope+`"}`)
	var got struct{ Code string }
	if err := json.Unmarshal([]byte(body), &got); err != nil || status != 200 || got.Code == "" {
		r.t.Fatalf("grant: %d %s", status, body)
	}
	return got.Code
}

// signIn exchanges a self-client code; the rig then uses the access token.
func (r *rig) signIn(scope string) (refresh string) {
	r.t.Helper()
	_, got := r.oauth("v2/token", params("grant_type", "authorization_code", "code", r.selfCode(scope)))
	refresh, _ = got["refresh_token"].(string)
	token, _ := got["access_token"].(string)
	if refresh == "" || token == "" {
		r.t.Fatalf("exchange: %v", got)
	}
	r.token = token
	return refresh
}

// refresh asks for an access token.
func (r *rig) refresh(token string) (int, map[string]any) {
	r.t.Helper()
	return r.oauth("v2/token", params("grant_type", "refresh_token", "refresh_token", token))
}

func TestSelfClient(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{})
	code := r.selfCode("ZohoCRM.modules.ALL, ZohoCRM.org.READ ZohoCRM.modules.all")
	exchange := params("grant_type", "authorization_code", "code", code)
	status, got := r.oauth("v2/token", exchange)
	refresh, _ := got["refresh_token"].(string)
	access, _ := got["access_token"].(string)
	delete(got, "refresh_token")
	delete(got, "access_token")
	answer := map[string]any{"scope": "ZohoCRM.modules.ALL ZohoCRM.org.READ", "api_domain": r.url, "token_type": "Bearer", "expires_in": 3600.0}
	if diff := cmp.Diff(answer, got); status != 200 || diff != "" {
		t.Errorf("exchange: status %d (-want +got)\n%s", status, diff)
	}
	r.token = access
	if status, got := r.call("GET", "v8/org", ""); status != 200 {
		t.Errorf("the access token: %d %s", status, got)
	}
	r.refused("v2/token", exchange, "invalid_code") // the second time

	status, got = r.refresh(refresh)
	r.token, _ = got["access_token"].(string)
	delete(got, "access_token")
	if diff := cmp.Diff(answer, got); status != 200 || diff != "" {
		t.Errorf("refresh: status %d (-want +got)\n%s", status, diff)
	}
	if status, got := r.call("GET", roles, ""); status != 200 {
		t.Errorf("the refreshed token: %d %s", status, got)
	}
	r.want("GET", "v8/users", "", 401, scopeMismatch)
	// A refresh token belongs to its client.
	r.refused("v2/token", params("grant_type", "refresh_token", "refresh_token", refresh, "client_id", "another"), "invalid_code")
}

func TestCodeLife(t *testing.T) {
	t.Parallel()
	c := newClock()
	r := newRig(t, emulator.Options{Now: c.Now})
	for _, life := range []struct {
		body string
		life time.Duration
	}{{`{"scope":"ZohoCRM.org.READ"}`, 3 * time.Minute}, {`{"scope":"ZohoCRM.org.READ","ttl":600}`, 10 * time.Minute}, {`{"scope":"ZohoCRM.org.READ","ttl":1}`, time.Second}} {
		for _, late := range []bool{false, true} {
			_, body := r.own("grant", life.body)
			var got struct{ Code string }
			if err := json.Unmarshal([]byte(body), &got); err != nil {
				t.Fatal(err)
			}
			exchange := params("grant_type", "authorization_code", "code", got.Code)
			c.pass(life.life - time.Nanosecond)
			if late {
				c.pass(time.Nanosecond)
				r.refused("v2/token", exchange, "invalid_code")
			} else if _, got := r.oauth("v2/token", exchange); got["refresh_token"] == nil {
				t.Errorf("%s, just before its end: %v", life.body, got)
			}
		}
	}
	for _, body := range []string{
		``, `{}`, `{"scope":""}`, `{"scope":" , "}`, `{"scope":"ZohoCRM"}`, `{"scope":"ZohoCRM.ALL"}`, `{"scope":"ZohoCRM.modules."}`, `{"scope":"ZohoCRM.modules.VIEW"}`,
		`{"scope":"ZohoCRM.modules.ALL;x"}`, `{"scope":"ZohoCRM.org.READ","ttl":0}`, `{"scope":"ZohoCRM.org.READ","ttl":-1}`, `{"scope":"ZohoCRM.org.READ","ttl":601}`,
		`{"scope":"ZohoCRM.org.READ","life":5}`,
	} {
		if status, got := r.own("grant", body); status != 400 || !strings.Contains(got, "send for example") {
			t.Errorf("grant %s: %d %s", body, status, got)
		}
	}
}

func TestExchangeRefusals(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{})
	code := r.selfCode(allScopes)
	for _, c := range []struct{ key, value, want string }{
		{"code", "", "invalid_code"},
		{"code", code + "x", "invalid_code"},
		{"client_id", "", "invalid_client"},
		{"client_secret", "", "invalid_client_secret"},
		{"grant_type", "", "unsupported_grant_type"},
		{"grant_type", "client_credentials", "unsupported_grant_type"},
	} {
		v := params("grant_type", "authorization_code", "code", code)
		v.Set(c.key, c.value)
		r.refused("v2/token", v, c.want)
	}
	// None of them used the code up.
	if _, got := r.oauth("v2/token", params("grant_type", "authorization_code", "code", code)); got["access_token"] == nil {
		t.Errorf("after the refusals: %v", got)
	}
}

// Of many at once one gets the tokens.
func TestCodeRace(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{})
	exchange := params("grant_type", "authorization_code", "code", r.selfCode(allScopes))
	answers := make(chan map[string]any)
	for range 8 {
		go func() {
			_, got := r.oauth("v2/token", exchange)
			answers <- got
		}()
	}
	good := 0
	for range 8 {
		if got := <-answers; got["access_token"] != nil {
			good++
		}
	}
	if good != 1 {
		t.Errorf("%d exchanges of one code went well", good)
	}
}

// Each refresh token has a throttle of its own, and its first access token
// counts.
func TestThrottlePerRefreshToken(t *testing.T) {
	t.Parallel()
	c := newClock()
	r := newRig(t, emulator.Options{Now: c.Now})
	one, other := r.signIn(allScopes), r.signIn(allScopes)
	for range 9 {
		if status, got := r.refresh(one); status != 200 {
			t.Fatalf("%d %v", status, got)
		}
	}
	if status, got := r.refresh(one); status != 400 || got["error"] != "Access Denied" || got["status"] != "failure" {
		t.Errorf("the eleventh: %d %v", status, got)
	}
	if status, got := r.refresh(other); status != 200 {
		t.Errorf("another refresh token: %d %v", status, got)
	}
	c.pass(10 * time.Minute)
	if status, got := r.refresh(one); status != 200 {
		t.Errorf("ten minutes later: %d %v", status, got)
	}
}

func TestRevoke(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{})
	fixed := r.token
	gone, stays := r.signIn(allScopes), r.signIn(allScopes)
	kept := r.token
	_, got := r.refresh(gone)
	r.token, _ = got["access_token"].(string)
	r.want("GET", roles+"/"+purchasing, "", 200, `{"contact_roles":[{"sequence_number":2,"name":"Purchasing","id":"`+purchasing+`"}]}`)

	revoke := func(token string, status int, want map[string]any) {
		t.Helper()
		gotStatus, got := r.post(r.url+"/oauth/v2/token/revoke?token="+token, "", "")
		if diff := cmp.Diff(want, got); gotStatus != status || diff != "" {
			t.Errorf("revoke %q: status %d (-want +got)\n%s", token, gotStatus, diff)
		}
	}
	success := map[string]any{"status": "success"}
	invalid := map[string]any{"error": "invalid_token", "status": "failure"}
	revoke(gone, 200, success)
	revoke(gone, 400, invalid)
	revoke("", 400, invalid)
	revoke(kept, 400, invalid) // an access token
	r.want("GET", roles, "", 401, invalidToken)
	r.refused("v2/token", params("grant_type", "refresh_token", "refresh_token", gone), "invalid_code")
	if status, got := r.refresh(stays); status != 200 || got["access_token"] == nil {
		t.Errorf("the other one: %d %v", status, got)
	}
	r.token = kept
	if status, _ := r.call("GET", roles, ""); status != 200 {
		t.Errorf("the other one's access token: %d", status)
	}
	revoke(emulator.RefreshToken, 200, success)
	revoke(emulator.RefreshToken, 400, invalid)
	r.refused("v2/token", refreshForm(), "invalid_code")
	r.token = fixed
	r.want("GET", roles, "", 401, invalidToken)
}

// The 21st refresh token of a client deletes its first.
func TestTwentyRefreshTokens(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{})
	var tokens, accesses []string
	for range 20 {
		tokens = append(tokens, r.signIn(allScopes))
		accesses = append(accesses, r.token)
	}
	// Another client's do not count.
	code := r.selfCode(allScopes)
	if _, got := r.oauth("v2/token", params("grant_type", "authorization_code", "code", code, "client_id", "another")); got["refresh_token"] == nil {
		t.Fatal(got)
	}
	if status, got := r.refresh(tokens[0]); status != 200 || got["access_token"] == nil {
		t.Errorf("the first of twenty: %d %v", status, got)
	}
	tokens = append(tokens, r.signIn(allScopes))
	for i, token := range tokens {
		_, got := r.refresh(token)
		if gone := got["error"] == "invalid_code"; gone != (i == 0) {
			t.Errorf("refresh token %d: %v", i+1, got)
		}
	}
	r.token = accesses[0]
	r.want("GET", roles, "", 401, invalidToken)
}
