package auth

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAuthURL(t *testing.T) {
	t.Parallel()
	c := answers(t, 0, "").client()
	c.AccountsURL += "/"
	u, err := url.Parse(c.AuthURL("http://127.0.0.1:8080/callback", "state-1", "challenge-1", []string{
		"ZohoCRM.modules.ALL", "ZohoCRM.org.READ",
	}))
	if err != nil {
		t.Fatal(err)
	}
	noCanary(t, u.String())
	want := url.Values{
		"response_type": {"code"}, "client_id": {"1000.CLIENT"}, "redirect_uri": {"http://127.0.0.1:8080/callback"},
		"scope": {"ZohoCRM.modules.ALL,ZohoCRM.org.READ"}, "state": {"state-1"}, "access_type": {"offline"},
		"prompt":         {"consent"},
		"code_challenge": {"challenge-1"}, "code_challenge_method": {"S256"},
	}
	if diff := cmp.Diff(want, u.Query()); diff != "" {
		t.Error(diff)
	}
	u.RawQuery = ""
	if u.String() != "https://accounts.zoho.eu/oauth/v2/auth" {
		t.Error(u)
	}
	if plain := c.AuthURL("http://localhost/", "s", "", nil); strings.Contains(plain, "code_challenge") {
		t.Error(plain)
	}
}

func TestVerifierAndState(t *testing.T) {
	t.Parallel()
	verifier, challenge := NewVerifier()
	sum := sha256.Sum256([]byte(verifier))
	// RFC 7636, 4.1 and 4.2: 43 to 128 characters; BASE64URL(SHA256(verifier)).
	if len(verifier) < 43 || len(verifier) > 128 || challenge != base64.RawURLEncoding.EncodeToString(sum[:]) {
		t.Error(len(verifier), challenge)
	}
	if again, _ := NewVerifier(); again == verifier {
		t.Error("the same verifier twice")
	}
	if s := NewState(); s == NewState() || len(s) < 20 || url.QueryEscape(s) != s {
		t.Error(s)
	}
}

func TestParseRedirect(t *testing.T) {
	t.Parallel()
	const zohoIN = "&location=in&accounts-server=https%3A%2F%2Faccounts.zoho.in"
	for _, c := range []struct {
		name, query string
		want        Redirect
		err         string
		code        string
	}{
		{
			"consent", "state=S&code=" + canaryCode + zohoIN,
			Redirect{Code: canaryCode, Location: "in", AccountsServer: "https://accounts.zoho.in"}, "", "",
		},
		{"no centre named", "state=S&code=" + canaryCode, Redirect{Code: canaryCode}, "", ""},
		{
			"emulator", "state=S&code=c&accounts-server=http://127.0.0.1:80/",
			Redirect{Code: "c", AccountsServer: "http://127.0.0.1:80"}, "", "",
		},
		{"refused", "state=S&error=access_denied", Redirect{}, "consent was refused", "access_denied"},
		{"refused, without state", "error=access_denied", Redirect{}, "state that is not of this sign-in", ""},
		{"refused, forged", "state=X&error=access_denied", Redirect{}, "state that is not of this sign-in", ""},
		{"another error", "state=S&error=invalid_scope", Redirect{}, "refused to ask", "invalid_scope"},
		{
			"secret as error", "state=S&error=" + canaryCode + "&code=" + canaryCode, Redirect{}, "refused to ask",
			"[redacted]",
		},
		{"forged", "state=X&code=" + canaryCode, Redirect{}, "state that is not of this sign-in", ""},
		{"no state", "code=" + canaryCode, Redirect{}, "state that is not of this sign-in", ""},
		{"empty state", "state=&code=" + canaryCode, Redirect{}, "state that is not of this sign-in", ""},
		{"two states", "state=S&state=X&code=" + canaryCode, Redirect{}, "state that is not of this sign-in", ""},
		{"longer state", "state=SS&code=" + canaryCode, Redirect{}, "state that is not of this sign-in", ""},
		{"no code", "state=S", Redirect{}, "without a code", ""},
		{"empty code", "state=S&code=", Redirect{}, "without a code", ""},
		{"two codes", "state=S&code=a&code=b", Redirect{}, "without a code", ""},
	} {
		q, err := url.ParseQuery(c.query)
		if err != nil {
			t.Fatal(err)
		}
		got, err := ParseRedirect(q, "S")
		if got != c.want {
			t.Errorf("%s: %q", c.name, got.Code+got.AccountsServer)
		}
		if c.err == "" {
			if err != nil {
				t.Errorf("%s: %v", c.name, err)
			}
			continue
		}
		if errors.Is(err, ErrForged) {
			if !strings.Contains(err.Error(), c.err) {
				t.Errorf("%s: %v", c.name, err)
			}
			continue
		}
		if e := refused(t, err); e.Code != c.code || e.Temporary() || !strings.Contains(e.Error(), c.err) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	// A sign-in that sent no state has no answer that could be its own.
	if _, err := ParseRedirect(url.Values{"code": {"c"}, "state": {""}}, ""); err == nil {
		t.Error("took an answer without a state")
	}
	for _, server := range []string{
		"https://evil.test", "http://accounts.zoho.in", "https://accounts.zoho.in.evil.test",
		"https://accounts.zoho.in:8443", "https://www.zoho.in",
		"https://accounts.zoho.in@evil.test", "//accounts.zoho.in", "accounts.zoho.in",
		"https://accounts.zoho.in?x=" + canaryCode, "https://zoho.in",
	} {
		got, err := ParseRedirect(url.Values{"state": {"S"}, "code": {canaryCode}, "accounts-server": {server}}, "S")
		noCanary(t, err)
		if _, ok := errors.AsType[*URLError](err); !ok || got != (Redirect{}) {
			t.Errorf("%s: %v", server, err)
		}
	}
}

func TestFollow(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ from, named, want string }{
		{"https://accounts.zoho.com", "", "https://accounts.zoho.com"},
		{"https://accounts.zoho.com", "https://accounts.zoho.in", "https://accounts.zoho.in"},
		{"https://accounts.zoho.com", "https://accounts.zohocloud.ca/", "https://accounts.zohocloud.ca"},
		{"https://accounts.zoho.com", "http://127.0.0.1:80", ""},
		{"https://accounts.zoho.com", "https://localhost", ""},
		{"https://accounts.zoho.com", "https://evil.test", ""},
		{"http://127.0.0.1:1", "http://127.0.0.1:2", "http://127.0.0.1:2"},
		{"http://evil.test", "https://accounts.zoho.in", ""},
	} {
		got, err := Client{AccountsURL: c.from, ID: "i", Secret: canarySecret}.Follow(Redirect{AccountsServer: c.named})
		noCanary(t, err)
		if c.want == "" {
			if _, ok := errors.AsType[*URLError](err); !ok {
				t.Errorf("%s to %s: %v, %v", c.from, c.named, got, err)
			}
			continue
		}
		if err != nil || got.AccountsURL != c.want || got.Secret != canarySecret || got.ID != "i" {
			t.Errorf("%s to %s: %v, %v", c.from, c.named, got, err)
		}
	}
}
