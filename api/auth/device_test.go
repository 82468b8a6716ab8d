package auth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// started has the form of Zoho's own sample: its two times are in milliseconds.
const started = `{"user_code":"ABCD-EFGH","device_code":"` + canaryDevice + `","verification_url":"https://accounts.zoho.eu/oauth/v3/device",` +
	`"verification_uri_complete":"https://accounts.zoho.eu/oauth/v3/device?user_code=ABCD-EFGH","interval":5000,"expires_in":300000}`

func TestStartDevice(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		z := answers(t, 200, started)
		d, err := z.client().StartDevice(t.Context(), []string{"ZohoCRM.modules.ALL", "ZohoCRM.org.READ"})
		if err != nil {
			t.Fatal(err)
		}
		want := Device{
			UserCode: "ABCD-EFGH", VerificationURL: "https://accounts.zoho.eu/oauth/v3/device",
			CompleteURL: "https://accounts.zoho.eu/oauth/v3/device?user_code=ABCD-EFGH",
			Expires:     time.Now().Add(5 * time.Minute).Round(0), code: canaryDevice, interval: 30 * time.Second,
		}
		if diff := cmp.Diff(want, *d, cmp.AllowUnexported(Device{})); diff != "" {
			t.Error(diff)
		}
		form := url.Values{
			"grant_type": {"device_request"}, "client_id": {"1000.CLIENT"},
			"scope":       {"ZohoCRM.modules.ALL,ZohoCRM.org.READ"},
			"access_type": {"offline"}, "prompt": {"consent"},
		}
		if diff := cmp.Diff(form, z.seen[0].form); diff != "" ||
			z.lines() != "POST https://accounts.zoho.eu/oauth/v3/device/code" {
			t.Error(diff, z.lines())
		}
	})
}

func TestStartDeviceFailures(t *testing.T) {
	t.Parallel()
	for name, c := range hostileAnswers() {
		_, err := answers(
			t, c.status, strings.ReplaceAll(c.body, canaryVerifier, canarySecret),
		).client().StartDevice(t.Context(), nil)
		if e := refused(t, err); e.Code != c.code || e.Temporary() != c.temporary {
			t.Errorf("%s: %#v", name, e)
		}
	}
	// The user is never sent to a page that is not Zoho's.
	for _, page := range []string{
		"https://evil.test/oauth/v3/device", "http://accounts.zoho.eu/", "javascript:alert(1)", "",
		"https://u:p@accounts.zoho.eu/", "https://accounts.zoho.eu:1/",
		"http://127.0.0.1/device",
	} {
		d, err := answers(
			t, 200, strings.ReplaceAll(started, "https://accounts.zoho.eu/oauth/v3/device", page),
		).client().StartDevice(t.Context(), nil)
		if refused(t, err); d != nil {
			t.Errorf("%s: %v", page, d)
		}
	}
}

func TestDeviceTimes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		expires, interval json.Number
		life, between     time.Duration
	}{
		{"300000", "5000", 5 * time.Minute, 5 * time.Second},
		{"300", "5", 5 * time.Minute, 5 * time.Second},
		{"300000", "50", 5 * time.Minute, 50 * time.Millisecond},
		{"3600", "60", time.Hour, time.Minute},
		{"", "", 5 * time.Minute, 30 * time.Second},
		{"0", "-5", 5 * time.Minute, 30 * time.Second},
		{"99999999999", "99999999999", 5 * time.Minute, 30 * time.Second},
		{"x", "1e3", 5 * time.Minute, 30 * time.Second},
	} {
		life, between := deviceAnswer{ExpiresIn: c.expires, Interval: c.interval}.times()
		if life != c.life || between != c.between {
			t.Errorf("%s, %s: %v, %v", c.expires, c.interval, life, between)
		}
	}
}

// device is a sign-in that waits, and expires after five minutes.
func device() *Device {
	return &Device{
		UserCode: "ABCD", code: canaryDevice, interval: deviceInterval, Expires: time.Now().Add(5 * time.Minute),
	}
}

// polls answers poll n (from 1) with the n-th answer, and every later poll with
// the last one. It enforces Zoho's rule: one request in 30 seconds.
func polls(t *testing.T, answers ...string) *zoho {
	z := &zoho{t: t}
	began, n := time.Now(), 0
	z.serve = func(w http.ResponseWriter, r request) {
		if since := time.Since(began); since < 30*time.Second {
			t.Errorf("poll %d after %v", n+1, since)
		}
		want := url.Values{
			"grant_type": {"device_token"}, "client_id": {"1000.CLIENT"}, "client_secret": {canarySecret},
			"code": {canaryDevice},
		}
		if diff := cmp.Diff(want, r.form); diff != "" || !strings.HasSuffix(r.line, "/oauth/v3/device/token") {
			t.Error(diff, r.line)
		}
		body := answers[min(n, len(answers)-1)]
		began, n = time.Now(), n+1
		reply(w, 200, body)
	}
	return z
}

const pending = `{"error":"authorization_pending"}`

func TestPollDevice(t *testing.T) {
	t.Parallel()
	denied := `{"error":"access_denied","error_description":"` + allCanaries + `"}`
	for name, c := range map[string]struct {
		answers []string
		took    time.Duration
		code    string // "": it was granted
	}{
		"granted at once": {[]string{granted}, 30 * time.Second, ""},
		"granted later":   {[]string{pending, pending, granted}, 90 * time.Second, ""},
		"too fast": {
			[]string{pending, `{"error":"slow_down"}`, pending, granted}, 130 * time.Second, "",
		},
		"throttled":               {[]string{throttledBody, granted}, 65 * time.Second, ""},
		"a server that stutters":  {[]string{"<html>", "", pending, granted}, 2 * time.Minute, ""},
		"refused":                 {[]string{pending, denied}, time.Minute, "access_denied"},
		"expired, says Zoho":      {[]string{pending, `{"error":"expired"}`}, time.Minute, "expired"},
		"nobody comes":            {[]string{pending}, 5 * time.Minute, "expired"},
		"the server stays broken": {[]string{"<html>"}, 5 * time.Minute, "expired"},
		"wrong secret": {
			[]string{`{"error":"invalid_client_secret"}`}, 30 * time.Second, "invalid_client_secret",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				z := polls(t, c.answers...)
				g, err := z.client().PollDevice(t.Context(), device())
				if took := time.Since(began); took != c.took {
					t.Errorf("took %v", took)
				}
				if c.code == "" {
					if err != nil || g.RefreshToken != canaryRefresh || g.AccessToken != canaryAccess ||
						g.AccountsURL != "https://accounts.zoho.eu" ||
						len(g.Scopes) != 2 || !g.Expires.Equal(time.Now().Add(time.Hour)) {
						t.Errorf("%v, %v", g, err)
					}
					return
				}
				e := refused(t, err)
				if e.Code != c.code || e.Temporary() {
					t.Error(err)
				}
				if last, ok := errors.AsType[*Error](e.Err); name == "the server stays broken" &&
					(!ok || !last.Temporary()) {
					t.Errorf("does not say why: %v", err)
				}
			})
		})
	}
}

func TestPollDeviceEndsWithItsContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 45*time.Second)
		defer cancel()
		began := time.Now()
		z := polls(t, pending)
		if _, err := z.client().PollDevice(ctx, device()); !errors.Is(err, context.DeadlineExceeded) ||
			time.Since(began) != 45*time.Second || z.count() != 1 {
			t.Error(err, time.Since(began), z.count())
		}
	})
}

// The user's data centre is another than the client's.
func TestPollDeviceElsewhere(t *testing.T) {
	t.Parallel()
	const info = "GET https://accounts.zoho.eu/oauth/serverinfo"
	moved := func(to string) string { return fmt.Sprintf(`{"error":"other_dc","user_location":%q}`, to) }
	for name, c := range map[string]struct {
		location  string
		list      string // what serverinfo says
		asks      string // the last request
		wants     string // in the error; "": granted
		requests  int
		otherSays string
	}{
		"Zoho's": {"in", "", "POST https://accounts.zoho.in/oauth/v3/device/token", "", 2, granted},
		"Canada": {"ca", "", "POST https://accounts.zohocloud.ca/oauth/v3/device/token", "", 2, granted},
		"only Zoho knows": {
			"new", `{"locations":{"new":"https://accounts.zoho.jp"}}`,
			"POST https://accounts.zoho.jp/oauth/v3/device/token", "", 3, granted,
		},
		"no Zoho host":      {"new", `{"locations":{"new":"https://evil.test"}}`, info, "evil.test", 2, granted},
		"loopback":          {"new", `{"locations":{"new":"http://127.0.0.1:1"}}`, info, "127.0.0.1", 2, granted},
		"nobody knows":      {"mars", `{"locations":{}}`, info, "mars", 2, granted},
		"a secret as place": {canaryDevice, `{"locations":{}}`, info, "not known here", 2, granted},
		"no list":           {"mars", `<html>`, info, "can be read", 2, granted},
		"itself": {
			"eu", "", "POST https://accounts.zoho.eu/oauth/v3/device/token", "one another", 1, granted,
		},
		"a ring": {
			"in", "", "POST https://accounts.zoho.in/oauth/v3/device/token", "one another", 2, moved("in"),
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				z := &zoho{t: t, serve: func(w http.ResponseWriter, r request) {
					switch {
					case strings.HasSuffix(r.line, "/serverinfo"):
						if len(r.form) > 0 {
							t.Error("secrets for a public list")
						}
						reply(w, 200, c.list)
					case strings.Contains(r.line, "accounts.zoho.eu"):
						reply(w, 200, moved(c.location))
					default:
						reply(w, 200, c.otherSays)
					}
				}}
				g, err := z.client().PollDevice(t.Context(), device())
				noCanary(t, err)
				if lines := strings.Split(z.lines(), "\n"); lines[len(lines)-1] != c.asks || len(lines) != c.requests {
					t.Error(z.lines())
				}
				if c.wants == "" {
					if err != nil || !strings.HasPrefix(c.asks, "POST "+g.AccountsURL+"/oauth") {
						t.Errorf("%v, %v", g, err)
					}
				} else if err == nil || !strings.Contains(err.Error(), c.wants) {
					t.Error(err)
				}
			})
		})
	}
}
