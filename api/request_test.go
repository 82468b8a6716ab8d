package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"rolecall/api/auth"
	"rolecall/api/auth/private"
	"rolecall/api/pace"
)

// script gives each request its own answer. All requests after the last answer get the last one.
func script(steps ...func() (*http.Response, error)) *world {
	return &world{answer: func(n int, _ *http.Request) (*http.Response, error) { return steps[min(n, len(steps))-1]() }}
}

func says(status int, body string, header ...string) func() (*http.Response, error) {
	return func() (*http.Response, error) { return response(status, body, header...), nil }
}

func fails(err error) func() (*http.Response, error) {
	return func() (*http.Response, error) { return nil, err }
}

// Zoho's own 500 gets eight attempts. After them it is the failure of the row, as sent.
func TestServerFaultIsTheRowsInTheEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := script(says(500, broken))
		began := time.Now()
		_, err := assignOne(t.Context(), newClient(t, w, Config{}))
		e := failure(t, err)
		if w.count() != 8 || e.Attempts != 8 || e.HTTP != 500 || e.Code != "INTERNAL_ERROR" ||
			e.Message != "Internal Server Error" ||
			e.Ends != EndNone || !e.Temporary() || string(e.Details) != "{}" {
			t.Errorf("%d sent: %#v", w.count(), e)
		}
		if time.Since(began) > time.Minute {
			t.Errorf("took %v", time.Since(began))
		}
	})
}

func TestRefusalIsNotRetried(t *testing.T) {
	t.Parallel()
	w := script(says(
		400,
		`{"data":[{"code":"INVALID_DATA","details":{ "api_name" : "Contact_Role" },"message":"invalid data","status":"error"}]}`,
	))
	_, err := assignOne(t.Context(), newClient(t, w, Config{}))
	e := failure(t, err)
	if w.count() != 1 || e.Attempts != 1 || e.Temporary() || e.Uncertain ||
		string(e.Details) != `{"api_name":"Contact_Role"}` {
		t.Errorf("%d sent: %#v", w.count(), e)
	}
	if want := "INVALID_DATA: invalid data (HTTP 400)"; e.Error() != want {
		t.Errorf("got %q, want %q", e.Error(), want)
	}
}

// If the answer to a write was lost, the result of a later attempt is Uncertain.
func TestUncertain(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		first func() (*http.Response, error)
		want  bool
	}{
		{"never sent", fails(errDial), false},
		{"reset", fails(syscall.ECONNRESET), true},
		{"a page", says(502, "<html>"), true},
		{"cut", says(200, updated[:40]), true},
		{"nothing", says(200, ""), true},
		{"server fault", says(500, broken), true},
		{"429", says(429, tooMany), false},
		{"401", says(401, expired), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				a, err := assignOne(t.Context(), newClient(t, script(c.first, says(200, updated)), Config{}))
				if err != nil || a.Uncertain != c.want {
					t.Errorf("then a success: %+v, %v", a, err)
				}
				_, err = assignOne(
					t.Context(), newClient(t, script(c.first, says(400, flat("INVALID_DATA", "{}"))), Config{}),
				)
				if e := failure(t, err); e.Uncertain != c.want {
					t.Errorf("then a refusal: %+v", e)
				}
				_, err = newClient(
					t, script(c.first, says(400, flat("INVALID_DATA", "{}"))), Config{},
				).Roles(t.Context())
				if e := failure(t, err); e.Uncertain {
					t.Errorf("a read: %+v", e)
				}
			})
		})
	}
}

func TestSignInFailures(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		w    *world
		err  error // of the token source
		sent int
		want End
	}{
		{"scope", script(says(401, flat("OAUTH_SCOPE_MISMATCH", "{}"))), nil, 1, EndSignIn},
		{"authentication", script(says(401, flat("AUTHENTICATION_FAILURE", "{}"))), nil, 1, EndSignIn},
		{"token refused twice", script(says(401, expired)), nil, 2, EndSignIn},
		{"no token", script(), &auth.Error{Code: "invalid_code", HTTP: 200}, 0, EndSignIn},
		{"cache open to others", script(), &private.PermissionError{}, 0, EndSignIn},
		{"too many tokens", script(), &auth.Error{Code: "Access Denied"}, 0, EndSignIn},
	} {
		_, err := assignOne(t.Context(), newClient(t, c.w, Config{Tokens: &tokens{err: c.err}}))
		e := failure(t, err)
		if e.Ends != c.want || c.w.count() != c.sent || !errors.Is(err, c.err) && c.err != nil {
			t.Errorf("%s: %d sent, %#v", c.name, c.w.count(), e)
		}
	}
}

// A token expires while ten workers use it. Zoho refuses it to all of them, and the client gets one new token. No call
// loses an attempt.
func TestTokenRefreshIsShared(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		issued, valid := 0, ""
		accounts := func() *http.Response {
			mu.Lock()
			defer mu.Unlock()
			issued++
			valid = fmt.Sprintf("1000.%d", issued)
			return response(
				200, fmt.Sprintf(`{"access_token":%q,"expires_in":3600,"token_type":"Bearer"}`, valid),
				"Content-Type: application/json",
			)
		}
		w := &world{latency: 30 * time.Millisecond}
		w.answer = func(n int, r *http.Request) (*http.Response, error) {
			if r.URL.Path == "/oauth/v2/token" {
				return accounts(), nil
			}
			mu.Lock()
			defer mu.Unlock()
			if n == 50 {
				valid = "revoked"
			}
			if r.Header.Get("Authorization") != "Zoho-oauthtoken "+valid {
				return response(401, expired), nil
			}
			return response(200, updated), nil
		}
		source, err := auth.NewSource(auth.Credentials{
			AccountsURL: "https://accounts.zoho.test", ClientID: "i", ClientSecret: "s", RefreshToken: "r",
		},
			auth.Options{Transport: w})
		if err != nil {
			t.Fatal(err)
		}
		c := newClient(t, w, Config{Tokens: source, Pacer: pace.New(pace.Config{InFlight: 10}), Trace: func(a Attempt) {
			if a.Final && a.Code != "" {
				t.Errorf("%+v", a)
			}
		}})
		for _, err := range crew(t.Context(), c, 10, 200) {
			if err != nil {
				t.Fatal(err)
			}
		}
		if issued != 2 {
			t.Errorf("%d tokens asked for; one to begin with and one when it was refused", issued)
		}
	})
}

// After Drain no call starts: no waiting call, no new call, no retry. Calls in flight finish.
func TestDrain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := &world{latency: 10 * time.Second, answer: func(n int, _ *http.Request) (*http.Response, error) {
			if n == 1 {
				return nil, syscall.ECONNRESET
			}
			return response(200, updated), nil
		}}
		c := newClient(t, w, Config{Pacer: pace.New(pace.Config{InFlight: 3})})
		done := make(chan []error)
		go func() { done <- crew(t.Context(), c, 8, 1000) }()
		if err := wait(t.Context(), 5*time.Second); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		c.pacer.Drain()
		c.pacer.Drain()
		fine, uncertain := 0, 0
		for _, err := range <-done {
			if err == nil {
				fine++
				continue
			}
			e := failure(t, err)
			if e.Ends != EndDraining {
				t.Errorf("%+v", e)
			}
			if e.Uncertain {
				uncertain++
			}
		}
		if fine != 2 || uncertain != 1 || w.count() != 3 || time.Since(began) != 5*time.Second {
			t.Errorf("%d fine, %d uncertain, %d sent, after %v", fine, uncertain, w.count(), time.Since(began))
		}
		if _, err := assignOne(t.Context(), c); failure(t, err).Ends != EndDraining || w.count() != 3 {
			t.Errorf("a new call: %v, %d sent", err, w.count())
		}
	})
}

// Drain wakes a call that waits between two attempts, and one at the gate.
func TestDrainWakes(t *testing.T) {
	t.Parallel()
	for name, first := range map[string]func() (*http.Response, error){
		"between attempts": says(500, broken),
		"at the gate":      says(429, tooMany, "Retry-After: 60"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := script(first)
				c := newClient(t, w, Config{})
				c.jitter = whole
				time.AfterFunc(100*time.Millisecond, c.pacer.Drain)
				began := time.Now()
				_, err := assignOne(t.Context(), c)
				if e := failure(t, err); e.Ends != EndDraining || w.count() != 1 ||
					time.Since(began) != 100*time.Millisecond {
					t.Errorf("%v after %v, %d sent", e, time.Since(began), w.count())
				}
			})
		})
	}
}

// A cancelled context ends a call at once, in every state. Nothing is sent after that.
func TestCancel(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name      string
		w         *world
		uncertain bool
	}{
		{"in flight", &world{latency: time.Hour}, true},
		{"between attempts", script(says(500, broken)), true},
		{"at the gate", script(says(429, tooMany, "Retry-After: 60")), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				client := newClient(t, c.w, Config{})
				client.jitter = whole
				time.AfterFunc(100*time.Millisecond, cancel)
				began := time.Now()
				_, err := assignOne(ctx, client)
				e := failure(t, err)
				if !errors.Is(err, context.Canceled) || e.Ends != EndDraining || e.Uncertain != c.uncertain ||
					time.Since(began) != 100*time.Millisecond {
					t.Errorf("after %v: %#v", time.Since(began), e)
				}
				sent := c.w.count()
				if _, err := assignOne(ctx, client); !errors.Is(err, context.Canceled) || c.w.count() != sent {
					t.Errorf("sent after the cancel: %v", err)
				}
			})
		})
	}
}

func TestRedirectIsRefused(t *testing.T) {
	t.Parallel()
	for _, to := range []string{
		"https://evil.test/steal?x=y", "http://www.zohoapis.test/crm", "/crm/v8/org", "", "://",
	} {
		for _, status := range []int{301, 302, 303, 307, 308} {
			w := script(says(status, "<html>", "Location: "+to))
			_, err := assignOne(t.Context(), newClient(t, w, Config{}))
			e := failure(t, err)
			if e.Ends != EndRefused || e.HTTP != status || w.count() != 1 || e.Temporary() ||
				strings.Contains(e.Error(), "steal") {
				t.Errorf("%d to %q: %d sent, %v", status, to, w.count(), e)
			}
		}
	}
}

// If a server repeats the token, no error shows it.
func TestTokenStaysOutOfErrors(t *testing.T) {
	t.Parallel()
	const token = "1000.token-0"
	for _, body := range []string{
		"<html>your header was Zoho-oauthtoken " + token,
		`{"code":"INVALID_DATA","details":{"header":"` + token + `"},"message":"bad ` + token + `","status":"error"}`,
		`{"data":[{"code":"` + token + `","details":{"id":"` + token + `"},"message":"` + token + `","status":"error"}]}`,
	} {
		for _, status := range []int{400, 405, 413} {
			var traced Attempt
			c := newClient(t, script(says(status, body)), Config{Trace: func(a Attempt) { traced = a }})
			if status == 400 && body[0] == '<' {
				continue // retried; the kind of error is the same
			}
			_, err := assignOne(t.Context(), c)
			if text := fmt.Sprintf("%v %#v %+v", err, failure(t, err), traced); strings.Contains(text, token) {
				t.Errorf("HTTP %d %s: %s", status, body, text)
			}
		}
	}
}

func TestTrace(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var got []Attempt
		w := script(
			says(429, tooMany), says(500, broken), fails(syscall.ECONNRESET), says(401, expired), says(200, updated),
		)
		w.latency = time.Second
		c := newClient(t, w, Config{Trace: func(a Attempt) { got = append(got, a) }})
		c.jitter = whole
		a, err := c.RemoveContactRoles(t.Context(), "1", []string{"2"})
		if err != nil || a[0].Answer.Attempts != 3 {
			t.Fatal(a, err)
		}
		want := []Attempt{
			{Number: 1, HTTP: 429, Code: "TOO_MANY_REQUESTS", Wait: firstWait},
			{Number: 2, HTTP: 500, Code: "INTERNAL_ERROR", Wait: 200 * time.Millisecond},
			{Number: 3, Wait: 400 * time.Millisecond},
			{Number: 4, HTTP: 401, Code: "INVALID_TOKEN"},
			{Number: 5, HTTP: 200, Final: true},
		}
		for i, w := range want {
			g := got[i]
			if g.Number != w.Number || g.HTTP != w.HTTP || g.Code != w.Code || g.Wait != w.Wait || g.Final != w.Final ||
				g.Took != time.Second || g.Method != "DELETE" || g.Path != "/Deals/1/Contact_Roles" ||
				(g.Err != nil) != (i == 2) {
				t.Errorf("attempt %d: %+v", i+1, g)
			}
		}
		if len(got) != len(want) {
			t.Errorf("%d attempts told", len(got))
		}
	})
}

func TestBodyIsBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := script(says(200, updated+strings.Repeat(" ", largestBody)), says(200, updated))
		if a, err := assignOne(t.Context(), newClient(t, w, Config{})); err != nil || a.Attempts != 2 {
			t.Errorf("%+v, %v", a, err)
		}
	})
}

func TestNew(t *testing.T) {
	t.Parallel()
	for _, base := range []string{
		"", "www.zohoapis.com", "http://www.zohoapis.com", "ftp://x", "https://u:p@www.zohoapis.com",
	} {
		_, err := New(Config{BaseURL: base, Tokens: &tokens{}})
		if _, ok := errors.AsType[*auth.URLError](err); !ok {
			t.Errorf("%q: %v", base, err)
		}
	}
	if _, err := New(Config{BaseURL: "https://www.zohoapis.com"}); err == nil {
		t.Error("no token source")
	}
	if _, err := New(Config{BaseURL: "https://www.zohoapis.com", Tokens: &tokens{}, Version: 99}); err == nil {
		t.Error("no such version")
	}
}

// With Once, a call ends after one attempt for each temporary failure. An expired token is still renewed.
func TestOnce(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status int
		body   string
		want   int
	}{
		"429":     {429, tooMany, 1},
		"500":     {500, broken, 1},
		"html":    {502, "<html>", 1},
		"expired": {401, expired, 2},
	} {
		w := &world{answer: func(int, *http.Request) (*http.Response, error) { return response(c.status, c.body), nil }}
		_, err := newClient(t, w, Config{Once: true}).Org(t.Context())
		var e *Error
		if !errors.As(err, &e) || w.count() != c.want {
			t.Errorf("%s: %v after %d attempts, want %d", name, err, w.count(), c.want)
		}
	}
}
