package accounts_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rolecall/api/emulator"
	"rolecall/api/emulator/rig"
)

func serverInfo(r *rig.Rig) map[string]any {
	r.T.Helper()
	resp, err := http.Get(r.URL + "/oauth/serverinfo")
	if err != nil {
		r.T.Fatal(err)
	}
	defer resp.Body.Close()
	var got map[string]any
	if err := json.NewDecoder(resp.Body).Decode(&got); err != nil {
		r.T.Fatal(err)
	}
	return got
}

// Two emulators are two data centres. The client asks in one. The account is in the other, which gives the tokens.
func TestTwoCentres(t *testing.T) {
	t.Parallel()
	eu := rig.New(t, emulator.Options{Location: "eu"})
	us := rig.New(t, emulator.Options{OtherCentres: map[string]string{"eu": eu.URL + "/"},
		DevicePolls: time.Nanosecond})
	if status, got := eu.Own("centres", `{"location":"eu","others":{"us":"`+us.URL+`"}}`); status != 200 {
		t.Fatalf("%d %s", status, got)
	}
	want := map[string]any{"result": "success", "locations": map[string]any{"us": us.URL, "eu": eu.URL}}
	for _, r := range []*rig.Rig{us, eu} {
		if diff := cmp.Diff(want, serverInfo(r)); diff != "" {
			t.Errorf("serverinfo (-want +got)\n%s", diff)
		}
	}
	_, page, _ := browse(us, "GET", "/oauth/v2/auth", authQuery(), nil)
	if !strings.Contains(page, "<option>us</option>\n<option>eu</option>") {
		t.Errorf("consent page: %s", page)
	}

	const verifier = "a verifier"
	back := accept(us, authQuery("code_challenge", verifier), "location", "eu")
	code := back.Get("code")
	if back.Get("location") != "eu" || back.Get("accounts-server") != eu.URL || back.Get("state") == "" {
		t.Errorf("redirect: %v", back)
	}
	us.Refused("v2/token", browserExchange(code, "code_verifier", verifier), "invalid_code") // the wrong centre
	eu.Refused("v2/token", browserExchange(code), "invalid_code")                            // PKCE holds there too
	eu.Refused("v2/token", browserExchange(code, "code_verifier", verifier, "redirect_uri", "x"),
		"invalid_redirect_uri")
	_, got := eu.OAuth("v2/token", browserExchange(code, "code_verifier", verifier))
	if got["refresh_token"] == nil || got["api_domain"] != eu.URL {
		t.Fatalf("exchange: %v", got)
	}
	eu.Token, _ = got["access_token"].(string)
	us.Token = eu.Token
	if status, got := eu.Call("GET", rig.Roles, ""); status != 200 {
		t.Errorf("there: %d %s", status, got)
	}
	us.Want("GET", rig.Roles, "", 401, rig.InvalidToken)

	device, user := startDevice(us)
	if status, page := decide(us, user, "accept", "location", "eu"); status != 200 {
		t.Fatalf("%d %s", status, page)
	}
	for range 2 {
		status, got := us.OAuth("v3/device/token", poll(device))
		if diff := cmp.Diff(map[string]any{"error": "other_dc", "user_location": "eu"}, got); status != 200 ||
			diff != "" {
			t.Errorf("poll: status %d (-want +got)\n%s", status, diff)
		}
	}
	if _, got := eu.OAuth("v3/device/token", poll(device)); got["refresh_token"] == nil || got["api_domain"] != eu.URL {
		t.Errorf("poll there: %v", got)
	}
	// The user may choose the page's own centre.
	device, user = startDevice(us)
	decide(us, user, "accept", "location", "us")
	if _, got := us.OAuth("v3/device/token", poll(device)); got["refresh_token"] == nil {
		t.Errorf("poll here: %v", got)
	}
}

func TestCentreThatIsDown(t *testing.T) {
	t.Parallel()
	r := rig.New(t, emulator.Options{OtherCentres: map[string]string{"eu": "http://127.0.0.1:1"},
		DevicePolls: time.Nanosecond})
	status, page, location := browse(r, "POST", "/oauth/v2/auth", authQuery(),
		map[string][]string{"decision": {"accept"}, "location": {"eu"}})
	if status != 502 || location != nil || !strings.Contains(page, "cannot reach the other data centre") {
		t.Errorf("consent: %d %v %s", status, location, page)
	}
	device, user := startDevice(r)
	if status, page := decide(r, user, "accept", "location", "eu"); status != 502 {
		t.Errorf("device: %d %s", status, page)
	}
	r.Refused("v3/device/token", poll(device), "authorization_pending")
	if status, _ := decide(r, user, "accept"); status != 200 {
		t.Errorf("the second try: %d", status)
	}
}

func TestCentreRefusals(t *testing.T) {
	t.Parallel()
	r := rig.New(t, emulator.Options{})
	for _, body := range []string{
		``, `{"centre":"x"}`, `{"others":{"":"http://h"}}`, `{"others":{"us":"http://h"}}`,
		`{"location":"eu","others":{"eu":"http://h"}}`, `{"others":{"eu":"h"}}`,
		`{"others":{"eu":"ftp://h"}}`, `{"others":{"eu":"http://"}}`, `{"others":{"eu":"http://h?x"}}`,
		`{"others":{"eu":"http://u@h"}}`,
	} {
		if status, got := r.Own("centres", body); status != 400 || !strings.Contains(got, "send for example") {
			t.Errorf("centres %s: %d %s", body, status, got)
		}
	}
	for _, body := range []string{
		``, `{}`, `{"code_value":"x","expires_in":5}`, `{"code_value":"x","code":{"scope":"a.b.c"}}`,
		`{"code_value":"x","code":{"scope":""},"expires_in":5}`,
		`{"device_code":"x","device":{"scope":"a.b.c"},"code_value":"x","code":{"scope":"a.b.c"},"expires_in":5}`,
		`{"device_code":"x","device":{"scope":"a.b.c"},"expires_in":601}`,
	} {
		if status, got := r.Own("handover", body); status != 400 {
			t.Errorf("handover %s: %d %s", body, status, got)
		}
	}
	for _, o := range []emulator.Options{
		{OtherCentres: map[string]string{"us": "http://h"}}, {OtherCentres: map[string]string{"eu": ""}},
		{DevicePolls: -1}, {ClientID: "a"}, {ClientSecret: "a"},
	} {
		if _, err := emulator.New(o); err == nil {
			t.Errorf("%+v is accepted", o)
		}
	}
	if diff := cmp.Diff(map[string]any{"result": "success", "locations": map[string]any{"us": r.URL}},
		serverInfo(r)); diff != "" {
		t.Errorf("serverinfo (-want +got)\n%s", diff)
	}
}
