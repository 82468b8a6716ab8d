package cli

import (
	"errors"
	"strings"
	"testing"

	"rolecall/api"
)

// TestWhereAProfileIs: the hosts are those of Zoho CRM API v8, Multi DC, and of Zoho's SDKs.
func TestWhereAProfileIs(t *testing.T) {
	t.Parallel()
	for keys, want := range map[string]struct {
		api, accounts string
		given         bool
	}{
		"":                                     {"https://www.zohoapis.com", "https://accounts.zoho.com", false},
		"dc: eu":                               {"https://www.zohoapis.eu", "https://accounts.zoho.eu", false},
		"dc: ca":                               {"https://www.zohoapis.ca", "https://accounts.zohocloud.ca", false},
		"dc: au, environment: production":      {"https://www.zohoapis.com.au", "https://accounts.zoho.com.au", false},
		"dc: eu, environment: sandbox":         {"https://sandbox.zohoapis.eu", "https://accounts.zoho.eu", true},
		"dc: ca, environment: developer":       {"https://developer.zohoapis.ca", "https://accounts.zohocloud.ca", true},
		`dc: eu, api_url: "https://x.example"`: {"https://x.example", "https://accounts.zoho.eu", true},
		`api_url: "http://127.0.0.1:8765"`:     {"http://127.0.0.1:8765", "http://127.0.0.1:8765", true},
		`api_url: "http://127.0.0.1:8765", accounts_url: "http://127.0.0.1:1"`:         {"http://127.0.0.1:8765", "http://127.0.0.1:1", true},
		`environment: sandbox, api_url: "https://x.example"`:                           {"https://x.example", "https://accounts.zoho.com", true},
		`dc: in, environment: sandbox, accounts_url: "https://accounts.localzoho.com"`: {"https://sandbox.zohoapis.in", "https://accounts.localzoho.com", true},
	} {
		p := newTestProcess(t, "profiles: {acme: {client_id: x, api_version: v6, secret_env: A, refresh_token_env: B, "+keys+"}}", map[string]string{"A": "a", "B": "b", "ROLECALL_DC": "jp"})
		here, err := p.locate("acme")
		if err != nil {
			t.Errorf("%s: %v", keys, err)
			continue
		}
		if here.apiURL != want.api || here.credentials.AccountsURL != want.accounts || here.apiGiven != want.given {
			t.Errorf("%s: got %s, %s, given %v, want %v", keys, here.apiURL, here.credentials.AccountsURL, here.apiGiven, want)
		}
		if c := here.credentials; c.ClientID != "x" || c.ClientSecret != "a" || c.RefreshToken != "b" || here.version.String() != "v6" {
			t.Errorf("%s: got another client or version: %v, %s", keys, c, here.version)
		}
	}
}

// TestSecretsAreFetchedOnce has a command that counts how often it runs: a person may have to unlock what it reads.
func TestSecretsAreFetchedOnce(t *testing.T) {
	t.Parallel()
	p := newTestProcess(t, in("client_id: x", "secret_command: [sh, -c, 'echo x >>\"$0\"; echo y', "+t.TempDir()+"/count]", "refresh_token_env: HOME"), nil)
	shellCommand(t, "")
	for range 3 {
		if _, err := p.locate("acme"); err != nil {
			t.Fatal(err)
		}
	}
	c := openConfig(t, p)
	if text := readText(t, c.profiles[0].secret.command[3]); text != "x\n" {
		t.Errorf("it ran %d times", strings.Count(text, "x"))
	}
}

// TestInFlightOfAProfile: what the org says counts, then the profile's number, then its edition (Zoho CRM API v8, API Limits).
func TestInFlightOfAProfile(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		p    profile
		org  string
		want int
	}{
		"nothing known":          {profile{}, "", 0},
		"the org":                {profile{edition: "free", concurrency: 3}, "ultimate", 25},
		"the edition":            {profile{edition: "professional"}, "", 15},
		"the number":             {profile{concurrency: 3}, "", 3},
		"number before edition":  {profile{edition: "professional", concurrency: 3}, "", 3},
		"an edition of tomorrow": {profile{edition: "standard"}, "galactic", 10},
	} {
		if got := c.p.inFlight(api.Org{Edition: c.org}); got != c.want {
			t.Errorf("%s: got %d, want %d", name, got, c.want)
		}
	}
}

// TestPin: an org that cannot be read is not the right one, unless there is nothing to compare it with.
func TestPin(t *testing.T) {
	t.Parallel()
	unread := errors.New("no scope")
	for name, c := range map[string]struct {
		pinned, org string
		unread      error
		allow       bool
		code        int
	}{
		"no pin":               {"", "77", nil, false, exitOK},
		"no pin, unread":       {"", "", unread, false, exitOK},
		"the same":             {"77", "77", nil, false, exitOK},
		"another":              {"77", "78", nil, false, exitUsage},
		"another, with leave":  {"77", "78", nil, true, exitOK},
		"unread":               {"77", "", unread, false, exitSignIn},
		"unread, with leave":   {"77", "", unread, true, exitSignIn},
		"the same, with leave": {"77", "77", nil, true, exitOK},
	} {
		p := newTestProcess(t, "", nil)
		p.conf.pin.allow = c.allow
		err := p.checkPin(place{profile: profile{name: "acme", orgID: c.pinned}}, api.Org{ID: c.org}, c.unread)
		if got := codeOrOK(err); got != c.code {
			t.Errorf("%s: exit code %d, %v, want %d", name, got, err, c.code)
		}
		if moves := p.conf.pin.move != nil; moves != (c.code == exitOK && c.pinned != "" && c.pinned != c.org) {
			t.Errorf("%s: moves the pin: %v", name, moves)
		}
	}
}

func codeOrOK(err error) int {
	if err == nil {
		return exitOK
	}
	return codeOf(connectError(err))
}
