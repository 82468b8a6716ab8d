package auth_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"rolecall/api/auth"
	"rolecall/api/emulator"
)

// The sign-ins against the emulator over real HTTP, from the first click to the
// token that is revoked.

func serve(t *testing.T, o emulator.Options) auth.Client {
	t.Helper()
	e, err := emulator.New(o)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(e)
	t.Cleanup(server.Close)
	return auth.Client{AccountsURL: server.URL, ID: "1000.CLIENT", Secret: "hunter2"}
}

// click submits a page's form as a browser does, and returns the URL that the
// browser is sent to.
func click(t *testing.T, page string, form url.Values) *http.Response {
	t.Helper()
	browser := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := browser.PostForm(page, form)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	return resp
}

func tell(t *testing.T, c auth.Client, path, body string) string {
	t.Helper()
	resp, err := http.Post(c.AccountsURL+path, "application/json", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var b strings.Builder
	buf := make([]byte, 4096)
	n, _ := resp.Body.Read(buf)
	b.Write(buf[:n])
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("%s: %d %s", path, resp.StatusCode, b.String())
	}
	return b.String()
}

// works uses the result of a sign-in as the commands do, for a source of
// tokens.
func works(t *testing.T, c auth.Client, g auth.Grant) error {
	t.Helper()
	s, err := auth.NewSource(auth.Credentials{
		AccountsURL: g.AccountsURL, ClientID: c.ID, ClientSecret: c.Secret, RefreshToken: g.RefreshToken,
	}, auth.Options{})
	if err != nil {
		t.Fatal(err)
	}
	domain, err := s.APIDomain(t.Context())
	if err == nil && domain != g.AccountsURL {
		t.Errorf("API at %s", domain)
	}
	return err
}

func code(err error) string {
	e, _ := errors.AsType[*auth.Error](err)
	if e == nil {
		return ""
	}
	return e.Code
}

func TestSelfClient(t *testing.T) {
	t.Parallel()
	c := serve(t, emulator.Options{})
	answer := tell(t, c, "/__emulator/grant", `{"scope":"ZohoCRM.modules.ALL,ZohoCRM.org.READ"}`)
	grant := strings.Split(answer, `"`)[3]
	g, err := c.Exchange(t.Context(), grant, "", "")
	if err != nil || g.CheckAPIDomain() != nil || len(g.Scopes) != 2 || time.Until(g.Expires) < 50*time.Minute {
		t.Fatalf("%v, %v", g, err)
	}
	if err := works(t, c, g); err != nil {
		t.Error(err)
	}
	if _, err := c.Exchange(t.Context(), grant, "", ""); code(err) != "invalid_code" ||
		strings.Contains(err.Error(), grant) {
		t.Errorf("a code used twice: %v", err)
	}
	if err := c.Revoke(t.Context(), g.RefreshToken); err != nil {
		t.Error(err)
	}
	if err := works(t, c, g); code(err) != "invalid_code" {
		t.Errorf("a revoked token: %v", err)
	}
	if err := c.Revoke(t.Context(), g.RefreshToken); err == nil || strings.Contains(err.Error(), g.RefreshToken) {
		t.Errorf("revoked twice: %v", err)
	}
}

func TestBrowser(t *testing.T) {
	t.Parallel()
	const back = "http://127.0.0.1:8123/callback"
	eu := serve(t, emulator.Options{Location: "eu"})
	us := serve(t, emulator.Options{OtherCentres: map[string]string{"eu": eu.AccountsURL}})
	scopes := []string{"ZohoCRM.modules.ALL", "ZohoCRM.org.READ"}
	for _, location := range []string{"us", "eu"} {
		verifier, challenge := auth.NewVerifier()
		state := auth.NewState()
		resp := click(t, us.AuthURL(back, state, challenge, scopes), url.Values{
			"decision": {"accept"}, "location": {location},
		})
		target, err := resp.Location()
		if err != nil {
			t.Fatalf("%s: %d, %v", location, resp.StatusCode, err)
		}
		if _, err := auth.ParseRedirect(target.Query(), "another"); err == nil {
			t.Error("took a forged state")
		}
		r, err := auth.ParseRedirect(target.Query(), state)
		if err != nil || r.Location != location {
			t.Fatalf("%v, %v", r, err)
		}
		there, err := us.Follow(r)
		if err != nil || (there.AccountsURL == us.AccountsURL) != (location == "us") {
			t.Fatalf("%v, %v", there, err)
		}
		g, err := there.Exchange(t.Context(), r.Code, back, verifier)
		if err != nil || len(g.Scopes) != len(scopes) || works(t, there, g) != nil {
			t.Errorf("%v, %v", g, err)
		}
	}
	resp := click(t, us.AuthURL(back, "S", "", scopes), url.Values{"decision": {"deny"}})
	target, err := resp.Location()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := auth.ParseRedirect(target.Query(), "S"); code(err) != "access_denied" {
		t.Error(err)
	}
}

func TestDeviceFlow(t *testing.T) {
	t.Parallel()
	eu := serve(t, emulator.Options{Location: "eu", DevicePolls: time.Millisecond})
	us := serve(t, emulator.Options{
		DevicePolls: time.Millisecond, OtherCentres: map[string]string{"eu": eu.AccountsURL},
	})
	for decision, want := range map[string]struct{ location, code, server string }{
		"accept here":  {"us", "", us.AccountsURL},
		"accept there": {"eu", "", eu.AccountsURL},
		"deny":         {"us", "access_denied", ""},
	} {
		d, err := us.StartDevice(t.Context(), []string{"ZohoCRM.modules.ALL"})
		if err != nil {
			t.Fatal(err)
		}
		verb, _, _ := strings.Cut(decision, " ")
		click(t, d.CompleteURL, url.Values{"decision": {verb}, "location": {want.location}})
		g, err := us.PollDevice(t.Context(), d)
		if code(err) != want.code || g.AccountsURL != want.server {
			t.Errorf("%s: %v, %v", decision, g, err)
		}
		if err == nil && works(t, us, g) != nil {
			t.Errorf("%s: its refresh token does not work", decision)
		}
	}
}

// A client that is registered in one data centre signs in at another.
func TestWrongDataCentre(t *testing.T) {
	t.Parallel()
	eu := serve(t, emulator.Options{Location: "eu", ClientID: "1000.CLIENT", ClientSecret: "hunter2"})
	in := serve(t, emulator.Options{Location: "in", ClientID: "another", ClientSecret: "x"})
	us := serve(t, emulator.Options{
		ClientID: "another", ClientSecret: "x",
		OtherCentres: map[string]string{"eu": eu.AccountsURL, "in": in.AccountsURL},
	})
	_, err := us.Exchange(t.Context(), "1000.code", "", "")
	if code(err) != "invalid_client" {
		t.Error(err)
	}
	found, err := auth.FindDataCentre(t.Context(), us, emulator.RefreshToken)
	if err != nil || len(found) != 1 || found[0].Name != "eu" || found[0].AccountsURL != eu.AccountsURL {
		t.Errorf("%v, %v", found, err)
	}
}
