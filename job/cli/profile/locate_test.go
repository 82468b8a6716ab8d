package profile

import (
	"strings"
	"testing"

	"rolecall/api"
)

// TestWhereAProfileIs has the hosts from Zoho CRM API v8, Multi DC, and from Zoho's SDKs.
func TestWhereAProfileIs(t *testing.T) {
	t.Parallel()
	for keys, want := range map[string]struct {
		api, accounts string
		given         bool
	}{
		"":                                {"https://www.zohoapis.com", "https://accounts.zoho.com", false},
		"dc: eu":                          {"https://www.zohoapis.eu", "https://accounts.zoho.eu", false},
		"dc: ca":                          {"https://www.zohoapis.ca", "https://accounts.zohocloud.ca", false},
		"dc: au, environment: production": {"https://www.zohoapis.com.au", "https://accounts.zoho.com.au", false},
		"dc: eu, environment: sandbox":    {"https://sandbox.zohoapis.eu", "https://accounts.zoho.eu", true},
		"dc: ca, environment: developer": {"https://developer.zohoapis.ca", "https://accounts.zohocloud.ca",
			true},
		`dc: eu, api_url: "https://x.example"`: {"https://x.example", "https://accounts.zoho.eu", true},
		`api_url: "http://127.0.0.1:8765"`:     {"http://127.0.0.1:8765", "http://127.0.0.1:8765", true},
		`api_url: "http://127.0.0.1:8765", accounts_url: "http://127.0.0.1:1"`: {
			"http://127.0.0.1:8765", "http://127.0.0.1:1", true,
		},
		`environment: sandbox, api_url: "https://x.example"`: {"https://x.example", "https://accounts.zoho.com", true},
		`dc: in, environment: sandbox, accounts_url: "https://accounts.localzoho.com"`: {
			"https://sandbox.zohoapis.in", "https://accounts.localzoho.com", true,
		},
	} {
		p := newProfiles(t,
			"profiles: {acme: {client_id: x, api_version: v6, secret_env: A, refresh_token_env: B, "+keys+"}}",
			map[string]string{"A": "a", "B": "b", "ROLECALL_DC": "jp"})
		here, err := p.Locate(t.Context(), "acme")
		if err != nil {
			t.Errorf("%s: %v", keys, err)
			continue
		}
		if here.APIURL != want.api || here.Credentials.AccountsURL != want.accounts || here.APIGiven != want.given {
			t.Errorf("%s: got %s, %s, given %v, want %v", keys, here.APIURL, here.Credentials.AccountsURL,
				here.APIGiven, want)
		}
		if c := here.Credentials; c.ClientID != "x" || c.ClientSecret != "a" || c.RefreshToken != "b" ||
			here.Version.String() != "v6" {
			t.Errorf("%s: got another client or version: %v, %s", keys, c, here.Version)
		}
	}
}

// If a connection variable is set, a mistake in the config file does not matter.
func TestConnectionVariablesNeedNoConfigFile(t *testing.T) {
	t.Parallel()
	broken := "profiles: [\n"
	if name, err := newProfiles(t, broken, map[string]string{EnvClientID: "x"}).Or(""); name != "" || err != nil {
		t.Errorf("with %s: got %q, %v", EnvClientID, name, err)
	}
	if _, err := newProfiles(t, broken, nil).Or(""); codeOf(err) != exitUsage {
		t.Errorf("without a variable: got %v, want a usage error", err)
	}
}

// A secret_command runs only once, because a person may have to unlock its secret manager.
func TestSecretsAreFetchedOnce(t *testing.T) {
	t.Parallel()
	p := newProfiles(
		t,
		in("client_id: x", "secret_command: [sh, -c, 'echo x >>\"$0\"; echo y', "+t.TempDir()+"/count]",
			"refresh_token_env: HOME"),
		nil,
	)
	shellCommand(t, "")
	for range 3 {
		if _, err := p.Locate(t.Context(), "acme"); err != nil {
			t.Fatal(err)
		}
	}
	c := openFile(t, p)
	if text := readText(t, c.Profiles[0].Secret.Command[3]); text != "x\n" {
		t.Errorf("it ran %d times", strings.Count(text, "x"))
	}
}

// The calls in flight come from the org, or else from the profile's number, or else from its edition (Zoho CRM API v8,
// API Limits).
func TestInFlightOfAProfile(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		p    Profile
		org  string
		want int
	}{
		"nothing known":          {Profile{}, "", 0},
		"the org":                {Profile{Edition: "free", Concurrency: "3"}, "ultimate", 25},
		"the edition":            {Profile{Edition: "professional"}, "", 15},
		"the number":             {Profile{Concurrency: "3"}, "", 3},
		"number before edition":  {Profile{Edition: "professional", Concurrency: "3"}, "", 3},
		"an edition of tomorrow": {Profile{Edition: "standard"}, "galactic", 10},
	} {
		if got := c.p.InFlight(api.Org{Edition: c.org}); got != c.want {
			t.Errorf("%s: got %d, want %d", name, got, c.want)
		}
	}
}

// Spaces and a byte order mark around a connection variable are no part of its value.
func TestVariablesAreTrimmed(t *testing.T) {
	t.Parallel()
	p := newProfiles(t, "", map[string]string{
		EnvDC: " eu\n", EnvClientID: "\ufeff1000.A\r\n", EnvClientSecret: " b ", EnvRefreshToken: "\ufeffc",
	})
	here, err := p.Locate(t.Context(), "")
	c := here.Credentials
	if err != nil || here.APIURL != "https://www.zohoapis.eu" || c.ClientID != "1000.A" || c.ClientSecret != "b" ||
		c.RefreshToken != "c" {
		t.Errorf("%q, %+q, %v", here.APIURL, []string{c.ClientID, c.ClientSecret, c.RefreshToken}, err)
	}
}
