package emulator_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rolecall/api/emulator"
)

func (r *rig) serverInfo() map[string]any {
	r.t.Helper()
	resp, err := http.Get(r.url + "/oauth/serverinfo")
	if err != nil {
		r.t.Fatal(err)
	}
	defer resp.Body.Close()
	var got map[string]any
	if err := json.NewDecoder(resp.Body).Decode(&got); err != nil {
		r.t.Fatal(err)
	}
	return got
}

// Two emulators are two data centres: the client asks in one, the account is
// in the other, and so are the tokens.
func TestTwoCentres(t *testing.T) {
	t.Parallel()
	eu := newRig(t, emulator.Options{Location: "eu"})
	us := newRig(t, emulator.Options{OtherCentres: map[string]string{"eu": eu.url + "/"}, DevicePolls: time.Nanosecond})
	if status, got := eu.own("centres", `{"location":"eu","others":{"us":"`+us.url+`"}}`); status != 200 {
		t.Fatalf("%d %s", status, got)
	}
	want := map[string]any{"result": "success", "locations": map[string]any{"us": us.url, "eu": eu.url}}
	for _, r := range []*rig{us, eu} {
		if diff := cmp.Diff(want, r.serverInfo()); diff != "" {
			t.Errorf("serverinfo (-want +got)\n%s", diff)
		}
	}
	_, page, _ := us.browse("GET", "/oauth/v2/auth", authQuery(), nil)
	if !strings.Contains(page, "<option>us</option>\n<option>eu</option>") {
		t.Errorf("consent page: %s", page)
	}

	const verifier = "a verifier"
	back := us.accept(authQuery("code_challenge", verifier), "location", "eu")
	code := back.Get("code")
	if back.Get("location") != "eu" || back.Get("accounts-server") != eu.url || back.Get("state") == "" {
		t.Errorf("redirect: %v", back)
	}
	us.refused("v2/token", browserExchange(code, "code_verifier", verifier), "invalid_code") // the wrong centre
	eu.refused("v2/token", browserExchange(code), "invalid_code")                            // PKCE holds there too
	eu.refused("v2/token", browserExchange(code, "code_verifier", verifier, "redirect_uri", "x"), "invalid_redirect_uri")
	_, got := eu.oauth("v2/token", browserExchange(code, "code_verifier", verifier))
	if got["refresh_token"] == nil || got["api_domain"] != eu.url {
		t.Fatalf("exchange: %v", got)
	}
	eu.token, _ = got["access_token"].(string)
	us.token = eu.token
	if status, got := eu.call("GET", roles, ""); status != 200 {
		t.Errorf("there: %d %s", status, got)
	}
	us.want("GET", roles, "", 401, invalidToken)

	device, user := us.startDevice()
	if status, page := us.decide(user, "accept", "location", "eu"); status != 200 {
		t.Fatalf("%d %s", status, page)
	}
	for range 2 {
		status, got := us.oauth("v3/device/token", poll(device))
		if diff := cmp.Diff(map[string]any{"error": "other_dc", "user_location": "eu"}, got); status != 200 || diff != "" {
			t.Errorf("poll: status %d (-want +got)\n%s", status, diff)
		}
	}
	if _, got := eu.oauth("v3/device/token", poll(device)); got["refresh_token"] == nil || got["api_domain"] != eu.url {
		t.Errorf("poll there: %v", got)
	}
	// One's own centre may be named as well.
	device, user = us.startDevice()
	us.decide(user, "accept", "location", "us")
	if _, got := us.oauth("v3/device/token", poll(device)); got["refresh_token"] == nil {
		t.Errorf("poll here: %v", got)
	}
}

func TestCentreThatIsDown(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{OtherCentres: map[string]string{"eu": "http://127.0.0.1:1"}, DevicePolls: time.Nanosecond})
	status, page, location := r.browse("POST", "/oauth/v2/auth", authQuery(), map[string][]string{"decision": {"accept"}, "location": {"eu"}})
	if status != 502 || location != nil || !strings.Contains(page, "cannot be reached") {
		t.Errorf("consent: %d %v %s", status, location, page)
	}
	device, user := r.startDevice()
	if status, page := r.decide(user, "accept", "location", "eu"); status != 502 {
		t.Errorf("device: %d %s", status, page)
	}
	r.refused("v3/device/token", poll(device), "authorization_pending")
	if status, _ := r.decide(user, "accept"); status != 200 {
		t.Errorf("the second try: %d", status)
	}
}

func TestCentreRefusals(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{})
	for _, body := range []string{
		``, `{"centre":"x"}`, `{"others":{"":"http://h"}}`, `{"others":{"us":"http://h"}}`, `{"location":"eu","others":{"eu":"http://h"}}`, `{"others":{"eu":"h"}}`,
		`{"others":{"eu":"ftp://h"}}`, `{"others":{"eu":"http://"}}`, `{"others":{"eu":"http://h?x"}}`, `{"others":{"eu":"http://u@h"}}`,
	} {
		if status, got := r.own("centres", body); status != 400 || !strings.Contains(got, "send for example") {
			t.Errorf("centres %s: %d %s", body, status, got)
		}
	}
	for _, body := range []string{
		``, `{}`, `{"code_value":"x","expires_in":5}`, `{"code_value":"x","code":{"scope":"a.b.c"}}`, `{"code_value":"x","code":{"scope":""},"expires_in":5}`,
		`{"device_code":"x","device":{"scope":"a.b.c"},"code_value":"x","code":{"scope":"a.b.c"},"expires_in":5}`, `{"device_code":"x","device":{"scope":"a.b.c"},"expires_in":601}`,
	} {
		if status, got := r.own("handover", body); status != 400 {
			t.Errorf("handover %s: %d %s", body, status, got)
		}
	}
	for _, o := range []emulator.Options{
		{OtherCentres: map[string]string{"us": "http://h"}}, {OtherCentres: map[string]string{"eu": ""}}, {DevicePolls: -1}, {ClientID: "a"}, {ClientSecret: "a"},
	} {
		if _, err := emulator.New(o); err == nil {
			t.Errorf("%+v is accepted", o)
		}
	}
	if diff := cmp.Diff(map[string]any{"result": "success", "locations": map[string]any{"us": r.url}}, r.serverInfo()); diff != "" {
		t.Errorf("serverinfo (-want +got)\n%s", diff)
	}
}
