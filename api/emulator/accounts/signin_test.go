package accounts_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rolecall/api/emulator"
	"rolecall/api/emulator/rig"
)

func TestSelfClient(t *testing.T) {
	t.Parallel()
	r := rig.New(t, emulator.Options{})
	code := r.SelfCode("ZohoCRM.modules.ALL, ZohoCRM.org.READ ZohoCRM.modules.all")
	exchange := rig.Params("grant_type", "authorization_code", "code", code)
	status, got := r.OAuth("v2/token", exchange)
	refresh, _ := got["refresh_token"].(string)
	access, _ := got["access_token"].(string)
	delete(got, "refresh_token")
	delete(got, "access_token")
	answer := map[string]any{"scope": "ZohoCRM.modules.ALL ZohoCRM.org.READ", "api_domain": r.URL,
		"token_type": "Bearer", "expires_in": 3600.0}
	if diff := cmp.Diff(answer, got); status != 200 || diff != "" {
		t.Errorf("exchange: status %d (-want +got)\n%s", status, diff)
	}
	r.Token = access
	if status, got := r.Call("GET", "v8/org", ""); status != 200 {
		t.Errorf("the access token: %d %s", status, got)
	}
	r.Refused("v2/token", exchange, "invalid_code") // the second time

	status, got = r.Refresh(refresh)
	r.Token, _ = got["access_token"].(string)
	delete(got, "access_token")
	if diff := cmp.Diff(answer, got); status != 200 || diff != "" {
		t.Errorf("refresh: status %d (-want +got)\n%s", status, diff)
	}
	if status, got := r.Call("GET", rig.Roles, ""); status != 200 {
		t.Errorf("the refreshed token: %d %s", status, got)
	}
	r.Want("GET", "v8/users", "", 401, rig.ScopeMismatch)
	// A refresh token belongs to its client.
	r.Refused("v2/token", rig.Params("grant_type", "refresh_token", "refresh_token", refresh, "client_id", "another"),
		"invalid_code")
}

func TestCodeLife(t *testing.T) {
	t.Parallel()
	c := rig.NewClock()
	r := rig.New(t, emulator.Options{Now: c.Now})
	for _, life := range []struct {
		body string
		life time.Duration
	}{{`{"scope":"ZohoCRM.org.READ"}`, 3 * time.Minute}, {`{"scope":"ZohoCRM.org.READ","ttl":600}`, 10 * time.Minute},
		{`{"scope":"ZohoCRM.org.READ","ttl":1}`, time.Second}} {
		for _, late := range []bool{false, true} {
			_, body := r.Own("grant", life.body)
			var got struct{ Code string }
			if err := json.Unmarshal([]byte(body), &got); err != nil {
				t.Fatal(err)
			}
			exchange := rig.Params("grant_type", "authorization_code", "code", got.Code)
			c.Pass(life.life - time.Nanosecond)
			if late {
				c.Pass(time.Nanosecond)
				r.Refused("v2/token", exchange, "invalid_code")
			} else if _, got := r.OAuth("v2/token", exchange); got["refresh_token"] == nil {
				t.Errorf("%s, just before its end: %v", life.body, got)
			}
		}
	}
	for _, body := range []string{
		``, `{}`, `{"scope":""}`, `{"scope":" , "}`, `{"scope":"ZohoCRM"}`, `{"scope":"ZohoCRM.ALL"}`,
		`{"scope":"ZohoCRM.modules."}`, `{"scope":"ZohoCRM.modules.VIEW"}`,
		`{"scope":"ZohoCRM.modules.ALL;x"}`, `{"scope":"ZohoCRM.org.READ","ttl":0}`,
		`{"scope":"ZohoCRM.org.READ","ttl":-1}`, `{"scope":"ZohoCRM.org.READ","ttl":601}`,
		`{"scope":"ZohoCRM.org.READ","life":5}`,
	} {
		if status, got := r.Own("grant", body); status != 400 || !strings.Contains(got, "send for example") {
			t.Errorf("grant %s: %d %s", body, status, got)
		}
	}
}

func TestExchangeRefusals(t *testing.T) {
	t.Parallel()
	r := rig.New(t, emulator.Options{})
	code := r.SelfCode(rig.AllScopes)
	for _, c := range []struct{ key, value, want string }{
		{"code", "", "invalid_code"},
		{"code", code + "x", "invalid_code"},
		{"client_id", "", "invalid_client"},
		{"client_secret", "", "invalid_client_secret"},
		{"grant_type", "", "unsupported_grant_type"},
		{"grant_type", "client_credentials", "unsupported_grant_type"},
	} {
		v := rig.Params("grant_type", "authorization_code", "code", code)
		v.Set(c.key, c.value)
		r.Refused("v2/token", v, c.want)
	}
	// None of these refusals used the code up.
	if _, got := r.OAuth("v2/token", rig.Params("grant_type", "authorization_code", "code",
		code)); got["access_token"] == nil {
		t.Errorf("after the refusals: %v", got)
	}
}

// If many clients exchange one code at once, one gets the tokens.
func TestCodeRace(t *testing.T) {
	t.Parallel()
	r := rig.New(t, emulator.Options{})
	exchange := rig.Params("grant_type", "authorization_code", "code", r.SelfCode(rig.AllScopes))
	replies := make(chan map[string]any)
	for range 8 {
		go func() {
			_, got := r.OAuth("v2/token", exchange)
			replies <- got
		}()
	}
	good := 0
	for range 8 {
		if got := <-replies; got["access_token"] != nil {
			good++
		}
	}
	if good != 1 {
		t.Errorf("%d exchanges of one code went well", good)
	}
}

// Each refresh token has its own throttle, and its first access token counts.
func TestThrottlePerRefreshToken(t *testing.T) {
	t.Parallel()
	c := rig.NewClock()
	r := rig.New(t, emulator.Options{Now: c.Now})
	one, other := r.SignIn(rig.AllScopes), r.SignIn(rig.AllScopes)
	for range 9 {
		if status, got := r.Refresh(one); status != 200 {
			t.Fatalf("%d %v", status, got)
		}
	}
	if status, got := r.Refresh(one); status != 400 || got["error"] != "Access Denied" || got["status"] != "failure" {
		t.Errorf("the eleventh: %d %v", status, got)
	}
	if status, got := r.Refresh(other); status != 200 {
		t.Errorf("another refresh token: %d %v", status, got)
	}
	c.Pass(10 * time.Minute)
	if status, got := r.Refresh(one); status != 200 {
		t.Errorf("ten minutes later: %d %v", status, got)
	}
}

func TestRevoke(t *testing.T) {
	t.Parallel()
	r := rig.New(t, emulator.Options{})
	fixed := r.Token
	gone, stays := r.SignIn(rig.AllScopes), r.SignIn(rig.AllScopes)
	valid := r.Token
	_, got := r.Refresh(gone)
	r.Token, _ = got["access_token"].(string)
	r.Want("GET", rig.Roles+"/"+rig.Purchasing, "", 200,
		`{"contact_roles":[{"sequence_number":2,"name":"Purchasing","id":"`+rig.Purchasing+`"}]}`)

	revoke := func(token string, status int, want map[string]any) {
		t.Helper()
		gotStatus, got := r.Post(r.URL+"/oauth/v2/token/revoke?token="+token, "", "")
		if diff := cmp.Diff(want, got); gotStatus != status || diff != "" {
			t.Errorf("revoke %q: status %d (-want +got)\n%s", token, gotStatus, diff)
		}
	}
	success := map[string]any{"status": "success"}
	invalid := map[string]any{"error": "invalid_token", "status": "failure"}
	revoke(gone, 200, success)
	revoke(gone, 400, invalid)
	revoke("", 400, invalid)
	revoke(valid, 400, invalid) // an access token
	r.Want("GET", rig.Roles, "", 401, rig.InvalidToken)
	r.Refused("v2/token", rig.Params("grant_type", "refresh_token", "refresh_token", gone), "invalid_code")
	if status, got := r.Refresh(stays); status != 200 || got["access_token"] == nil {
		t.Errorf("the other one: %d %v", status, got)
	}
	r.Token = valid
	if status, _ := r.Call("GET", rig.Roles, ""); status != 200 {
		t.Errorf("the other one's access token: %d", status)
	}
	revoke(emulator.RefreshToken, 200, success)
	revoke(emulator.RefreshToken, 400, invalid)
	r.Refused("v2/token", rig.RefreshForm(), "invalid_code")
	r.Token = fixed
	r.Want("GET", rig.Roles, "", 401, rig.InvalidToken)
}

// The 21st refresh token of a client deletes the first.
func TestTwentyRefreshTokens(t *testing.T) {
	t.Parallel()
	r := rig.New(t, emulator.Options{})
	var tokens, accesses []string
	for range 20 {
		tokens = append(tokens, r.SignIn(rig.AllScopes))
		accesses = append(accesses, r.Token)
	}
	// The tokens of another client do not count.
	code := r.SelfCode(rig.AllScopes)
	if _, got := r.OAuth("v2/token", rig.Params("grant_type", "authorization_code", "code", code, "client_id",
		"another")); got["refresh_token"] == nil {
		t.Fatal(got)
	}
	if status, got := r.Refresh(tokens[0]); status != 200 || got["access_token"] == nil {
		t.Errorf("the first of twenty: %d %v", status, got)
	}
	tokens = append(tokens, r.SignIn(rig.AllScopes))
	for i, token := range tokens {
		_, got := r.Refresh(token)
		if gone := got["error"] == "invalid_code"; gone != (i == 0) {
			t.Errorf("refresh token %d: %v", i+1, got)
		}
	}
	r.Token = accesses[0]
	r.Want("GET", rig.Roles, "", 401, rig.InvalidToken)
}
