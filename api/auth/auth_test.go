package auth

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

func TestCheckURL(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		raw string
		ok  bool
	}{
		{"https://www.zohoapis.com", true},
		{"https://accounts.zoho.eu/", true},
		{"https://proxy.example/zoho", true},
		{"http://127.0.0.1:8765", true},
		{"http://127.9.9.9", true},
		{"http://[::1]:80", true},
		{"http://[::ffff:127.0.0.1]", true},
		{"http://localhost:1", true},
		{"http://LOCALHOST", true},
		{"http://www.zohoapis.com", false},
		{"http://127.0.0.1.evil.test", false},
		{"http://localhost.evil.test", false},
		{"http://evil.test#localhost", false},
		{"http://localhost@evil.test", false},
		{"http://10.0.0.1", false},
		{"http://0.0.0.0", false},
		{"http://[::]", false},
		{"ftp://localhost", false},
		{"www.zohoapis.com", false},
		{"//www.zohoapis.com", false},
		{"https://", false},
		{"https://user:hunter2@www.zohoapis.com", false},
		{"https://www.zohoapis.com?x=hunter2", false},
		{"https://www.zohoapis.com?", false},
		{"https://www.zohoapis.com/#x", false},
		{"https://hunter2:x y@z", false},
		{"", false},
	} {
		u, err := CheckURL(c.raw)
		if (err == nil) != c.ok || (u == nil) != (err != nil) {
			t.Errorf("%q: %v, %v", c.raw, u, err)
		}
		if err == nil {
			continue
		}
		if _, ok := errors.AsType[*URLError](err); !ok || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%q: %v", c.raw, err)
		}
	}
}

func TestIsZohoAPI(t *testing.T) {
	t.Parallel()
	for host, want := range map[string]bool{
		"www.zohoapis.com": true, "zohoapis.com": true, "sandbox.zohoapis.eu": true, "WWW.ZohoAPIs.com.au": true,
		"www.zohoapis.ca":  true,
		"evilzohoapis.com": false, "zohoapis.com.evil.test": false, "www.zohoapis.test": false, "": false,
		"zoho.com": false,
	} {
		if got := isZohoAPI(host); got != want {
			t.Errorf("%q: %v", host, got)
		}
	}
}

func secretCredentials(accounts string) Credentials {
	return Credentials{
		AccountsURL: accounts, ClientID: "1000.CLIENT", ClientSecret: "hunter2", RefreshToken: "1000.refresh",
	}
}

func TestCredentialsDoNotPrint(t *testing.T) {
	t.Parallel()
	c := secretCredentials("https://accounts.zoho.com")
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "c", c, "p", &c)
	for _, text := range []string{
		fmt.Sprint(c), fmt.Sprintf("%v %+v %#v %s %q", c, c, c, c, c), fmt.Sprintf("%v %+v %#v", &c, &c, &c),
		fmt.Sprintf("%v %+v", struct{ C Credentials }{c}, []Credentials{c}), log.String(),
	} {
		if strings.Contains(text, "hunter2") || strings.Contains(text, "1000.refresh") {
			t.Errorf("a secret in %s", text)
		}
		if !strings.Contains(text, c.Fingerprint()) {
			t.Errorf("no fingerprint in %s", text)
		}
	}
	other := c
	other.RefreshToken += "x"
	if len(c.Fingerprint()) != 16 || c.Fingerprint() == other.Fingerprint() ||
		c.Fingerprint() != secretCredentials("").Fingerprint() {
		t.Error("the fingerprint is not the refresh token's")
	}
	// One string must not be able to stand for another.
	if a, b := (Credentials{ClientID: "a", RefreshToken: "b"}), (Credentials{ClientID: "a\x00b"}); a.key() == "" ||
		a.key() == c.key() || a.key() == other.key() || b.key() == c.key() {
		t.Error("keys collide")
	}
}

func TestErrorKinds(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		err                  Error
		temporary, throttled bool
	}{
		{Error{Code: "invalid_code", HTTP: 200}, false, false},
		{Error{Code: "invalid_client", HTTP: 200}, false, false},
		{Error{Code: "Access Denied", HTTP: 200}, false, true},
		{Error{Code: "Access Denied", HTTP: 400}, false, true},
		{Error{HTTP: 429}, false, true},
		{Error{Code: "general_error", HTTP: 500}, true, false},
		{Error{HTTP: 502}, true, false},
		{Error{HTTP: 408}, true, false},
		{Error{HTTP: 200}, true, false},
		{Error{HTTP: 302}, false, false},
		{Error{HTTP: 404}, false, false},
		{Error{Err: errors.New("no route")}, true, false},
		{Error{Description: "missing client id"}, false, false},
	} {
		if c.err.Temporary() != c.temporary || c.err.Throttled() != c.throttled {
			t.Errorf("%v: temporary %v, throttled %v", &c.err, c.err.Temporary(), c.err.Throttled())
		}
	}
}
