package accounts_test

import (
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rolecall/api/emulator"
	"rolecall/api/emulator/rig"
)

func deviceRequest(pairs ...string) url.Values {
	v := url.Values{"client_id": {"app"}, "grant_type": {"device_request"}, "scope": {rig.AllScopes},
		"access_type": {"offline"}, "prompt": {"consent"}}
	for i := 0; i < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	return v
}

// startDevice returns the device code and the user code.
func startDevice(r *rig.Rig, pairs ...string) (device, user string) {
	r.T.Helper()
	_, got := r.OAuth("v3/device/code", deviceRequest(pairs...))
	device, _ = got["device_code"].(string)
	user, _ = got["user_code"].(string)
	if device == "" || user == "" {
		r.T.Fatalf("device/code: %v", got)
	}
	return device, user
}

func poll(device string, pairs ...string) url.Values {
	return rig.Params(append([]string{"grant_type", "device_token", "code", device}, pairs...)...)
}

// decide sends the user's decision.
func decide(r *rig.Rig, user, decision string, form ...string) (int, string) {
	r.T.Helper()
	v := url.Values{"decision": {decision}}
	for i := 0; i < len(form); i += 2 {
		v.Set(form[i], form[i+1])
	}
	status, page, _ := browse(r, "POST", "/oauth/v3/device", url.Values{"user_code": {user}}, v)
	return status, page
}

func TestDeviceFlow(t *testing.T) {
	t.Parallel()
	c := rig.NewClock()
	r := rig.New(t, emulator.Options{Now: c.Now})
	status, got := r.OAuth("v3/device/code", deviceRequest())
	device, _ := got["device_code"].(string)
	user, _ := got["user_code"].(string)
	if !regexp.MustCompile(`^[B-DF-HJ-NP-TV-XZ]{4}-[B-DF-HJ-NP-TV-XZ]{4}$`).MatchString(user) ||
		!strings.HasPrefix(device, "1000.") {
		t.Errorf("user_code %q, device_code %q", user, device)
	}
	delete(got, "device_code")
	want := map[string]any{
		"user_code": user, "verification_url": r.URL + "/oauth/v3/device",
		"verification_uri_complete": r.URL + "/oauth/v3/device?user_code=" + user,
		"interval":                  30_000.0, "expires_in": 300_000.0, // milliseconds
	}
	if diff := cmp.Diff(want, got); status != 200 || diff != "" {
		t.Errorf("device/code: status %d (-want +got)\n%s", status, diff)
	}
	r.Refused("v3/device/token", poll(device), "authorization_pending")
	c.Pass(30*time.Second - time.Nanosecond)
	r.Refused("v3/device/token", poll(device), "slow_down")
	c.Pass(30*time.Second - time.Nanosecond) // a poll that was too early counts as well
	r.Refused("v3/device/token", poll(device), "slow_down")
	c.Pass(30 * time.Second)
	r.Refused("v3/device/token", poll(device), "authorization_pending")

	status, page, _ := browse(r, "GET", "/oauth/v3/device", nil, nil)
	if status != 200 || !strings.Contains(page, `name="user_code"`) {
		t.Errorf("page: %d %s", status, page)
	}
	// The user may type the code in any form.
	typed := url.Values{"user_code": {strings.ToLower(strings.ReplaceAll(user, "-", " "))}}
	status, page, _ = browse(r, "GET", "/oauth/v3/device", typed, nil)
	if status != 200 || !strings.Contains(page, "<code>ZohoCRM.modules.ALL</code>") {
		t.Errorf("page with code: %d %s", status, page)
	}
	if status, page := decide(r, user, "accept"); status != 200 || !strings.Contains(page, "Access was granted") {
		t.Errorf("accepted: %d %s", status, page)
	}
	r.Refused("v3/device/token", poll(device), "slow_down")
	c.Pass(10 * time.Minute) // the user decided in time
	status, got = r.OAuth("v3/device/token", poll(device))
	if status != 200 || got["refresh_token"] == nil || got["api_domain"] != r.URL || got["expires_in"] != 3600.0 {
		t.Errorf("tokens: %d %v", status, got)
	}
	r.Token, _ = got["access_token"].(string)
	if status, got := r.Call("GET", rig.Roles, ""); status != 200 {
		t.Errorf("the access token: %d %s", status, got)
	}
	refresh, _ := got["refresh_token"].(string)
	if status, got := r.Refresh(refresh); status != 200 || got["access_token"] == nil {
		t.Errorf("the refresh token: %d %v", status, got)
	}
	c.Pass(30 * time.Second)
	r.Refused("v3/device/token", poll(device), "invalid_code")
}

func TestDeviceRefusals(t *testing.T) {
	t.Parallel()
	c := rig.NewClock()
	r := newClientRig(t, emulator.Options{Now: c.Now, ClientID: "app", ClientSecret: "secret"})
	for _, c := range []struct{ key, value, want string }{
		{"client_id", "other", "invalid_client"},
		{"grant_type", "device_token", "unsupported_grant_type"},
		{"scope", "", "invalid_scope"},
		{"access_type", "x", "invalid_access_type"},
	} {
		r.Refused("v3/device/code", deviceRequest(c.key, c.value), c.want)
	}
	device, user := startDevice(r)
	for _, c := range []struct{ key, value, want string }{
		{"client_id", "other", "invalid_client"},
		{"client_secret", "other", "invalid_client_secret"},
		{"grant_type", "device_request", "unsupported_grant_type"},
		{"code", "1000.x", "invalid_code"},
	} {
		r.Refused("v3/device/token", poll(device, c.key, c.value), c.want)
	}
	for _, code := range []string{"", "BBBB-BBBB", device} {
		if status, page := decide(r, code, "accept"); status != 400 || !strings.Contains(page, "invalid_user_code") {
			t.Errorf("user code %q: %d %s", code, status, page)
		}
	}
	if status, page := decide(r, user, "perhaps"); status != 400 || !strings.Contains(page, "invalid_decision") {
		t.Errorf("%d %s", status, page)
	}
	if status, page := decide(r, user, "accept", "location", "eu"); status != 400 ||
		!strings.Contains(page, "invalid_location") {
		t.Errorf("%d %s", status, page)
	}
	if status, page := decide(r, user, "deny"); status != 200 || !strings.Contains(page, "denied") {
		t.Errorf("denied: %d %s", status, page)
	}
	if status, _ := decide(r, user, "accept"); status != 400 {
		t.Errorf("accepted after all: %d", status)
	}
	r.Refused("v3/device/token", poll(device), "access_denied")
	c.Pass(time.Minute)
	r.Refused("v3/device/token", poll(device), "access_denied")

	device, user = startDevice(r)
	c.Pass(5*time.Minute - time.Nanosecond)
	r.Refused("v3/device/token", poll(device), "authorization_pending")
	c.Pass(time.Minute)
	r.Refused("v3/device/token", poll(device), "expired")
	if status, page := decide(r, user, "accept"); status != 400 || !strings.Contains(page, "invalid_user_code") {
		t.Errorf("too late: %d %s", status, page)
	}
	c.Pass(2 * time.Hour)
	startDevice(r)
	r.Refused("v3/device/token", poll(device), "invalid_code") // the server no longer knows the device
}

// A device code belongs to its client, like every code.
func TestDeviceOfAnotherClient(t *testing.T) {
	t.Parallel()
	r := rig.New(t, emulator.Options{})
	device, user := startDevice(r)
	if status, page := decide(r, user, "accept"); status != 200 {
		t.Fatalf("%d %s", status, page)
	}
	r.Refused("v3/device/token", poll(device, "client_id", "another"), "invalid_code")
	if _, got := r.OAuth("v3/device/token", poll(device)); got["refresh_token"] == nil {
		t.Errorf("its own client, which had not asked yet: %v", got)
	}
}

func TestDeviceAccessTypes(t *testing.T) {
	t.Parallel()
	r := rig.New(t, emulator.Options{DevicePolls: time.Nanosecond})
	for i, c := range []struct {
		access, prompt string
		refresh        bool
	}{{"online", "consent", false}, {"", "", false}, {"offline", "", true}, {"offline", "", false},
		{"offline", "consent", true}} {
		device, user := startDevice(r, "access_type", c.access, "prompt", c.prompt)
		if status, page := decide(r, user, "accept"); status != 200 {
			t.Fatalf("%d %s", status, page)
		}
		_, got := r.OAuth("v3/device/token", poll(device))
		if got["access_token"] == nil || (got["refresh_token"] != nil) != c.refresh {
			t.Errorf("%d: %v", i+1, got)
		}
	}
}
