package emulator_test

import (
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rolecall/api/emulator"
)

func deviceRequest(pairs ...string) url.Values {
	v := url.Values{"client_id": {"app"}, "grant_type": {"device_request"}, "scope": {allScopes}, "access_type": {"offline"}, "prompt": {"consent"}}
	for i := 0; i < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	return v
}

// startDevice gives the device code and the user code.
func (r *rig) startDevice(pairs ...string) (device, user string) {
	r.t.Helper()
	_, got := r.oauth("v3/device/code", deviceRequest(pairs...))
	device, _ = got["device_code"].(string)
	user, _ = got["user_code"].(string)
	if device == "" || user == "" {
		r.t.Fatalf("device/code: %v", got)
	}
	return device, user
}

func poll(device string, pairs ...string) url.Values {
	return params(append([]string{"grant_type", "device_token", "code", device}, pairs...)...)
}

// decide answers the page that asks the device's user.
func (r *rig) decide(user, decision string, form ...string) (int, string) {
	r.t.Helper()
	v := url.Values{"decision": {decision}}
	for i := 0; i < len(form); i += 2 {
		v.Set(form[i], form[i+1])
	}
	status, page, _ := r.browse("POST", "/oauth/v3/device", url.Values{"user_code": {user}}, v)
	return status, page
}

func TestDeviceFlow(t *testing.T) {
	t.Parallel()
	c := newClock()
	r := newRig(t, emulator.Options{Now: c.Now})
	status, got := r.oauth("v3/device/code", deviceRequest())
	device, _ := got["device_code"].(string)
	user, _ := got["user_code"].(string)
	if !regexp.MustCompile(`^[B-DF-HJ-NP-TV-XZ]{4}-[B-DF-HJ-NP-TV-XZ]{4}$`).MatchString(user) || !strings.HasPrefix(device, "1000.") {
		t.Errorf("user_code %q, device_code %q", user, device)
	}
	delete(got, "device_code")
	want := map[string]any{
		"user_code": user, "verification_url": r.url + "/oauth/v3/device", "verification_uri_complete": r.url + "/oauth/v3/device?user_code=" + user,
		"interval": 30_000.0, "expires_in": 300_000.0, // milliseconds
	}
	if diff := cmp.Diff(want, got); status != 200 || diff != "" {
		t.Errorf("device/code: status %d (-want +got)\n%s", status, diff)
	}
	r.refused("v3/device/token", poll(device), "authorization_pending")
	c.pass(30*time.Second - time.Nanosecond)
	r.refused("v3/device/token", poll(device), "slow_down")
	c.pass(30*time.Second - time.Nanosecond) // after one that was told to slow down, too
	r.refused("v3/device/token", poll(device), "slow_down")
	c.pass(30 * time.Second)
	r.refused("v3/device/token", poll(device), "authorization_pending")

	status, page, _ := r.browse("GET", "/oauth/v3/device", nil, nil)
	if status != 200 || !strings.Contains(page, `name="user_code"`) {
		t.Errorf("page: %d %s", status, page)
	}
	// However it is typed.
	typed := url.Values{"user_code": {strings.ToLower(strings.ReplaceAll(user, "-", " "))}}
	status, page, _ = r.browse("GET", "/oauth/v3/device", typed, nil)
	if status != 200 || !strings.Contains(page, "<code>ZohoCRM.modules.ALL</code>") {
		t.Errorf("page with code: %d %s", status, page)
	}
	if status, page := r.decide(user, "accept"); status != 200 || !strings.Contains(page, "Access was granted") {
		t.Errorf("accepted: %d %s", status, page)
	}
	r.refused("v3/device/token", poll(device), "slow_down")
	c.pass(10 * time.Minute) // the user did act in time
	status, got = r.oauth("v3/device/token", poll(device))
	if status != 200 || got["refresh_token"] == nil || got["api_domain"] != r.url || got["expires_in"] != 3600.0 {
		t.Errorf("tokens: %d %v", status, got)
	}
	r.token, _ = got["access_token"].(string)
	if status, got := r.call("GET", roles, ""); status != 200 {
		t.Errorf("the access token: %d %s", status, got)
	}
	refresh, _ := got["refresh_token"].(string)
	if status, got := r.refresh(refresh); status != 200 || got["access_token"] == nil {
		t.Errorf("the refresh token: %d %v", status, got)
	}
	c.pass(30 * time.Second)
	r.refused("v3/device/token", poll(device), "invalid_code")
}

func TestDeviceRefusals(t *testing.T) {
	t.Parallel()
	c := newClock()
	r := newClientRig(t, emulator.Options{Now: c.Now, ClientID: "app", ClientSecret: "secret"})
	for _, c := range []struct{ key, value, want string }{
		{"client_id", "other", "invalid_client"},
		{"grant_type", "device_token", "unsupported_grant_type"},
		{"scope", "", "invalid_scope"},
		{"access_type", "x", "invalid_access_type"},
	} {
		r.refused("v3/device/code", deviceRequest(c.key, c.value), c.want)
	}
	device, user := r.startDevice()
	for _, c := range []struct{ key, value, want string }{
		{"client_id", "other", "invalid_client"},
		{"client_secret", "other", "invalid_client_secret"},
		{"grant_type", "device_request", "unsupported_grant_type"},
		{"code", "1000.x", "invalid_code"},
	} {
		r.refused("v3/device/token", poll(device, c.key, c.value), c.want)
	}
	for _, code := range []string{"", "BBBB-BBBB", device} {
		if status, page := r.decide(code, "accept"); status != 400 || !strings.Contains(page, "invalid_user_code") {
			t.Errorf("user code %q: %d %s", code, status, page)
		}
	}
	if status, page := r.decide(user, "perhaps"); status != 400 || !strings.Contains(page, "invalid_decision") {
		t.Errorf("%d %s", status, page)
	}
	if status, page := r.decide(user, "accept", "location", "eu"); status != 400 || !strings.Contains(page, "invalid_location") {
		t.Errorf("%d %s", status, page)
	}
	if status, page := r.decide(user, "deny"); status != 200 || !strings.Contains(page, "denied") {
		t.Errorf("denied: %d %s", status, page)
	}
	if status, _ := r.decide(user, "accept"); status != 400 {
		t.Errorf("accepted after all: %d", status)
	}
	r.refused("v3/device/token", poll(device), "access_denied")
	c.pass(time.Minute)
	r.refused("v3/device/token", poll(device), "access_denied")

	device, user = r.startDevice()
	c.pass(5*time.Minute - time.Nanosecond)
	r.refused("v3/device/token", poll(device), "authorization_pending")
	c.pass(time.Minute)
	r.refused("v3/device/token", poll(device), "expired")
	if status, page := r.decide(user, "accept"); status != 400 || !strings.Contains(page, "invalid_user_code") {
		t.Errorf("too late: %d %s", status, page)
	}
	c.pass(2 * time.Hour)
	r.startDevice()
	r.refused("v3/device/token", poll(device), "invalid_code") // forgotten
}

// A device code belongs to its client, as every code does.
func TestDeviceOfAnotherClient(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{})
	device, user := r.startDevice()
	if status, page := r.decide(user, "accept"); status != 200 {
		t.Fatalf("%d %s", status, page)
	}
	r.refused("v3/device/token", poll(device, "client_id", "another"), "invalid_code")
	if _, got := r.oauth("v3/device/token", poll(device)); got["refresh_token"] == nil {
		t.Errorf("its own client, which had not asked yet: %v", got)
	}
}

func TestDeviceAccessTypes(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{DevicePolls: time.Nanosecond})
	for i, c := range []struct {
		access, prompt string
		refresh        bool
	}{{"online", "consent", false}, {"", "", false}, {"offline", "", true}, {"offline", "", false}, {"offline", "consent", true}} {
		device, user := r.startDevice("access_type", c.access, "prompt", c.prompt)
		if status, page := r.decide(user, "accept"); status != 200 {
			t.Fatalf("%d %s", status, page)
		}
		_, got := r.oauth("v3/device/token", poll(device))
		if got["access_token"] == nil || (got["refresh_token"] != nil) != c.refresh {
			t.Errorf("%d: %v", i+1, got)
		}
	}
}
