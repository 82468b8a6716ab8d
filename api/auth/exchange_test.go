package auth

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

const granted = `{"access_token":"` + canaryAccess + `","refresh_token":"` + canaryRefresh +
	`","scope":"ZohoCRM.modules.ALL ZohoCRM.org.READ","api_domain":"https://www.zohoapis.eu","token_type":"Bearer","expires_in":3600}`

func TestExchange(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		redirect, verifier string
		want               url.Values
	}{
		"self client": {"", "", url.Values{
			"grant_type": {"authorization_code"}, "client_id": {"1000.CLIENT"}, "client_secret": {canarySecret},
			"code": {canaryCode},
		}},
		"browser": {"http://127.0.0.1:8080/callback", canaryVerifier, url.Values{
			"grant_type": {"authorization_code"}, "client_id": {"1000.CLIENT"}, "client_secret": {canarySecret},
			"code":         {canaryCode},
			"redirect_uri": {"http://127.0.0.1:8080/callback"}, "code_verifier": {canaryVerifier},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				z := answers(t, 200, granted)
				g, err := z.client().Exchange(t.Context(), canaryCode, c.redirect, c.verifier)
				want := Grant{
					AccessToken: canaryAccess, RefreshToken: canaryRefresh, Expires: time.Now().Add(time.Hour).Round(0),
					APIDomain: "https://www.zohoapis.eu", Scopes: []string{"ZohoCRM.modules.ALL", "ZohoCRM.org.READ"},
					AccountsURL: "https://accounts.zoho.eu",
				}
				if diff := cmp.Diff(want, g); diff != "" || err != nil {
					t.Error(diff, err)
				}
				if diff := cmp.Diff(c.want, z.seen[0].form); diff != "" ||
					z.lines() != "POST https://accounts.zoho.eu/oauth/v2/token" {
					t.Error(diff, z.lines())
				}
			})
		})
	}
}

func TestExchangeFailures(t *testing.T) {
	t.Parallel()
	for name, c := range hostileAnswers() {
		z := answers(t, 0, "")
		z.serve = func(w http.ResponseWriter, _ request) {
			if c.contentType != "" {
				w.Header().Set("Content-Type", c.contentType)
			}
			reply(w, c.status, c.body)
		}
		g, err := z.client().Exchange(t.Context(), canaryCode, "", canaryVerifier)
		e := refused(t, err)
		if e.Code != c.code || e.Temporary() != c.temporary || e.HTTP != c.status ||
			e.Throttled() != (c.code == "Access Denied") {
			t.Errorf("%s: %#v", name, e)
		}
		// A code is valid once: a second request could undo the effect of the first.
		if z.count() != 1 || g.AccessToken != "" {
			t.Errorf("%s: %d requests", name, z.count())
		}
	}
}

func TestExchangeWithoutRefreshToken(t *testing.T) {
	t.Parallel()
	_, err := answers(t, 200, `{"access_token":"`+canaryAccess+`","expires_in":3600}`).client().Exchange(
		t.Context(), canaryCode, "", "",
	)
	if e := refused(t, err); e.Temporary() || !strings.Contains(e.Error(), "no refresh token") {
		t.Error(err)
	}
}

func TestExchangeRefusesToSend(t *testing.T) {
	t.Parallel()
	z := answers(t, 200, granted)
	for _, c := range []struct {
		change func(*Client)
		code   string
		want   string
	}{
		{func(*Client) {}, "", "missing code"},
		{func(c *Client) { c.ID = "" }, canaryCode, "missing client id"},
		{func(c *Client) { c.Secret = "" }, canaryCode, "missing client secret"},
		{func(c *Client) { c.AccountsURL = "http://accounts.zoho.eu" }, canaryCode, "use https"},
		{func(c *Client) { c.AccountsURL = "https://u:canary@accounts.zoho.eu" }, canaryCode, "password"},
		{func(c *Client) { c.AccountsURL = "" }, canaryCode, "absolute URL"},
	} {
		client := z.client()
		c.change(&client)
		_, err := client.Exchange(t.Context(), c.code, "", "")
		noCanary(t, err)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("want %s: %v", c.want, err)
		}
	}
	if z.count() != 0 {
		t.Errorf("sent %s", z.lines())
	}
}

// A redirect never gets the secrets, whichever request it answers.
func TestRedirectsAreNotFollowed(t *testing.T) {
	t.Parallel()
	for _, status := range []int{301, 302, 303, 307, 308} {
		z := answers(t, 0, "")
		z.serve = func(w http.ResponseWriter, _ request) {
			w.Header().Set("Location", "https://evil.test/?x="+canarySecret)
			reply(w, status, "")
		}
		c := z.client()
		device := &Device{code: canaryDevice, Expires: time.Now().Add(time.Hour)}
		for name, do := range map[string]func(context.Context) error{
			"exchange": func(ctx context.Context) error {
				_, err := c.Exchange(ctx, canaryCode, "", "")
				return err
			},
			"revoke": func(ctx context.Context) error { return c.Revoke(ctx, canaryRefresh) },
			"start": func(ctx context.Context) error {
				_, err := c.StartDevice(ctx, nil)
				return err
			},
			"poll": func(ctx context.Context) error {
				a, err := c.server()
				if err != nil {
					return err
				}
				_, _, err = (&poller{server: a, device: device}).poll(ctx)
				return err
			},
		} {
			if e := refused(t, do(t.Context())); e.HTTP != status || e.Temporary() ||
				!strings.Contains(e.Error(), "redirects elsewhere") {
				t.Errorf("%s, %d: %v", name, status, e)
			}
		}
		if strings.Contains(z.lines(), "evil.test") || z.count() != 4 {
			t.Errorf("%d: %s", status, z.lines())
		}
	}
}

// broken is a network whose errors repeat what was sent over it.
type broken struct{ err error }

func (b broken) RoundTrip(*http.Request) (*http.Response, error) { return nil, b.err }

func TestNoAnswer(t *testing.T) {
	t.Parallel()
	// Each error repeats what its request sent.
	talks := func(sent string) error { return errors.New("malformed HTTP response: " + sent) }
	for _, says := range []func(string) error{talks, func(string) error { return io.ErrUnexpectedEOF }} {
		c := answers(t, 0, "").client()
		c.Transport = broken{says(canarySecret + " " + canaryCode + " " + canaryVerifier)}
		_, byExchange := c.Exchange(t.Context(), canaryCode, "", canaryVerifier)
		if errors.Is(says(""), io.ErrUnexpectedEOF) && !errors.Is(byExchange, io.ErrUnexpectedEOF) {
			t.Errorf("the cause is lost: %v", byExchange)
		}
		c.Transport = broken{says(canarySecret)}
		_, byStart := c.StartDevice(t.Context(), nil)
		c.Transport = broken{says(url.QueryEscape(canaryRefresh))}
		for _, err := range []error{byExchange, byStart, c.Revoke(t.Context(), canaryRefresh)} {
			if e := refused(t, err); !e.Temporary() || !strings.Contains(e.Error(), "no answer from accounts.zoho.eu") {
				t.Error(err)
			}
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	c := answers(t, 200, granted).client()
	_, byExchange := c.Exchange(ctx, canaryCode, "", "")
	_, byStart := c.StartDevice(ctx, nil)
	_, byPoll := c.PollDevice(ctx, &Device{code: canaryDevice, Expires: time.Now().Add(time.Hour)})
	_, byFind := FindDataCentre(ctx, c, canaryRefresh)
	for _, err := range []error{byExchange, byStart, byPoll, byFind, c.Revoke(ctx, canaryRefresh)} {
		if !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	}
}

func TestNothingPrintsItsSecrets(t *testing.T) {
	t.Parallel()
	c := answers(t, 0, "").client()
	c.Transport = nil
	g := Grant{AccessToken: canaryAccess, RefreshToken: canaryRefresh}
	d := &Device{UserCode: "ABCD", code: canaryDevice}
	r := Redirect{Code: canaryCode}
	noCanary(t, c, &c, g, &g, d, r, &r, []Client{c}, struct{ G Grant }{g})
	for _, v := range []interface{ String() string }{c, g, d, r} {
		if v.String() == "" {
			t.Errorf("%T says nothing", v)
		}
	}
	noCanary(t, c.LogValue(), g.LogValue(), d.LogValue(), r.LogValue())
}

func TestGrantChecksItsAPIDomain(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		accounts, domain string
		ok               bool
	}{
		{"https://accounts.zoho.eu", "https://www.zohoapis.eu", true},
		{"https://accounts.zoho.eu", "", true},
		{"https://accounts.zoho.eu", "https://www.zohoapis.eu.evil.test", false},
		{"https://accounts.zoho.eu", "http://127.0.0.1:1", false},
		{"http://127.0.0.1:1", "http://127.0.0.1:1", true},
		{"", "https://www.zohoapis.eu", false},
	} {
		err := Grant{AccountsURL: c.accounts, APIDomain: c.domain}.CheckAPIDomain()
		if _, bad := errors.AsType[*URLError](err); bad == c.ok || (err == nil) != c.ok {
			t.Errorf("%s names %s: %v", c.accounts, c.domain, err)
		}
	}
}

func TestSplitScopes(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		"": nil, "a": {"a"}, "a,b": {"a", "b"}, "a b": {"a", "b"}, "a, b ": {"a", "b"},
	} {
		if diff := cmp.Diff(want, splitScopes(text)); diff != "" {
			t.Errorf("%q: %s", text, diff)
		}
	}
}
