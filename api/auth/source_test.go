package auth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"rolecall/api/auth/private"
)

// accounts is Zoho's accounts server as a function, for synctest bubbles.
type accounts struct {
	answer func(n int, form url.Values) (*http.Response, error) // n: requests so far

	mu       sync.Mutex
	requests int
	latency  time.Duration
}

func (a *accounts) RoundTrip(r *http.Request) (*http.Response, error) {
	a.mu.Lock()
	a.requests++
	n := a.requests
	a.mu.Unlock()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, err
	}
	t := time.NewTimer(a.latency)
	defer t.Stop()
	select {
	case <-t.C:
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
	return a.answer(n, form)
}

func (a *accounts) count() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.requests
}

func response(status int, body string, header ...string) *http.Response {
	r := &http.Response{
		StatusCode: status, Header: http.Header{"Content-Type": {"application/json;charset=UTF-8"}},
		Body: io.NopCloser(strings.NewReader(body)),
	}
	for _, h := range header {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Set(name, value)
	}
	return r
}

// gives answers request n with token n.
func gives(rest string) *accounts {
	return &accounts{answer: func(n int, _ url.Values) (*http.Response, error) {
		return response(200, fmt.Sprintf(`{"access_token":"1000.access-%d","token_type":"Bearer"%s}`, n, rest)), nil
	}}
}

const oneHour = `,"expires_in":3600,"api_domain":"https://www.zohoapis.com"`

func newSource(t *testing.T, a *accounts, dir string) *Source {
	t.Helper()
	s, err := NewSource(secretCredentials("https://accounts.zoho.test"), Options{CacheDir: dir, Transport: a})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func mustToken(t *testing.T, s *Source) string {
	t.Helper()
	token, err := s.Token(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Warning(); err != nil {
		t.Errorf("warning: %v", err)
	}
	return token
}

func cacheDir(t *testing.T) string {
	t.Helper()
	return filepath.Join(t.TempDir(), "rolecall", "tokens")
}

func TestRefreshRequest(t *testing.T) {
	t.Parallel()
	a := gives(oneHour)
	var got url.Values
	answer := a.answer
	a.answer = func(n int, form url.Values) (*http.Response, error) {
		got = form
		return answer(n, form)
	}
	mustToken(t, newSource(t, a, ""))
	want := url.Values{
		"grant_type": {"refresh_token"}, "client_id": {"1000.CLIENT"}, "client_secret": {"hunter2"},
		"refresh_token": {"1000.refresh"},
	}
	if got.Encode() != want.Encode() {
		t.Errorf("got %v", got)
	}
}

// Ten workers in each of ten runs, in turn and at the same time, use one token.
func TestTokenIsShared(t *testing.T) {
	t.Parallel()
	dir := cacheDir(t)
	a := gives(oneHour)
	a.latency = 20 * time.Millisecond
	var wg sync.WaitGroup
	for range 10 {
		s := newSource(t, a, dir)
		for range 10 {
			wg.Go(func() {
				if token, err := s.Token(t.Context()); err != nil || token != "1000.access-1" {
					t.Errorf("%q, %v", token, err)
				}
			})
		}
	}
	wg.Wait()
	if token := mustToken(t, newSource(t, a, dir)); token != "1000.access-1" || a.count() != 1 {
		t.Errorf("%s after %d requests", token, a.count())
	}
	other := secretCredentials("https://accounts.zoho.test")
	other.ClientID = "another"
	s, err := NewSource(other, Options{CacheDir: dir, Transport: a})
	if err != nil {
		t.Fatal(err)
	}
	if token := mustToken(t, s); token != "1000.access-2" {
		t.Errorf("another client got %s", token)
	}
}

func TestCacheIsPrivate(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no permission bits")
	}
	dir := cacheDir(t)
	s := newSource(t, gives(oneHour), dir)
	mustToken(t, s)
	files, err := os.ReadDir(dir)
	if err != nil || len(files) != 2 {
		t.Fatal(files, err)
	}
	for _, f := range files {
		info, err := f.Info()
		if err != nil || info.Mode().Perm() != 0o600 || strings.Contains(f.Name(), "1000") {
			t.Errorf("%s: %v, %v", f.Name(), info.Mode(), err)
		}
	}
	if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("folder: %v, %v", info.Mode(), err)
	}
	data, err := os.ReadFile(s.cache.file())
	if err != nil || strings.Contains(string(data), "refresh") || strings.Contains(string(data), "hunter2") {
		t.Errorf("the file holds more than the access token: %s", data)
	}
	var kept struct {
		AccessToken string    `json:"access_token"`
		APIDomain   string    `json:"api_domain"`
		Expiry      time.Time `json:"expiry"`
	}
	if err := json.Unmarshal(data, &kept); err != nil || kept.AccessToken != "1000.access-1" ||
		kept.APIDomain != "https://www.zohoapis.com" || kept.Expiry.IsZero() {
		t.Errorf("%s: %v", data, err)
	}

	for _, c := range []struct {
		path string
		mode os.FileMode
		fix  string
	}{
		{s.cache.file(), 0o644, "chmod 600 " + s.cache.file()},
		{s.cache.file(), 0o620, "chmod 600 " + s.cache.file()},
		{dir, 0o755, "chmod 700 " + dir},
	} {
		if err := os.Chmod(c.path, c.mode); err != nil {
			t.Fatal(err)
		}
		fresh, err := NewSource(secretCredentials("https://accounts.zoho.test"), Options{
			CacheDir: dir, Transport: gives(oneHour),
		})
		if err == nil {
			_, err = fresh.Token(t.Context())
		}
		if open, ok := errors.AsType[*private.PermissionError](err); !ok || open.Mode != c.mode ||
			!strings.Contains(err.Error(), c.fix) {
			t.Errorf("mode %o: %v", c.mode, err)
		}
		if err := os.Chmod(c.path, 0o600|c.mode&0o100); err != nil {
			t.Fatal(err)
		}
	}
}

// A broken file counts as no token, and is replaced.
func TestCacheThatIsBroken(t *testing.T) {
	t.Parallel()
	for _, content := range []string{
		"", "{", "null", "[]", "\x00", `{"access_token":""}`, `{"access_token":"old","expiry":"2001-01-01T00:00:00Z"}`,
		`{"access_token":"x"}`, `{"access_token":7}`,
	} {
		dir := cacheDir(t)
		a := gives(oneHour)
		s := newSource(t, a, dir)
		if err := os.WriteFile(s.cache.file(), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := mustToken(t, s); got != "1000.access-1" {
			t.Errorf("%q: got %s", content, got)
		}
		if mustToken(t, newSource(t, a, dir)); a.count() != 1 {
			t.Errorf("%q was not replaced", content)
		}
	}
}

func TestInvalidate(t *testing.T) {
	t.Parallel()
	dir := cacheDir(t)
	a := gives(oneHour)
	s, other := newSource(t, a, dir), newSource(t, a, dir)
	first := mustToken(t, s)
	mustToken(t, other)
	s.Invalidate("another")
	if got := mustToken(t, s); got != first {
		t.Errorf("dropped a token that was not refused: %s", got)
	}
	s.Invalidate(first)
	if _, err := os.Stat(s.cache.file()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("still on disk: %v", err)
	}
	second := mustToken(t, s)
	if second == first {
		t.Error("the refused token again")
	}
	// The other process still has the first token. After a refusal it takes the second.
	other.Invalidate(first)
	if got := mustToken(t, other); got != second || a.count() != 2 {
		t.Errorf("%s after %d requests", got, a.count())
	}
	s.Invalidate(first) // late news
	if got := mustToken(t, s); got != second {
		t.Errorf("late news dropped the new token: %s", got)
	}
	// Another process writes the refused token back. The Source does not take it again.
	refused, _ := s.inMemory()
	s.Invalidate(second)
	if err := s.cache.save(refused); err != nil {
		t.Fatal(err)
	}
	if got := mustToken(t, s); got == second || a.count() != 3 {
		t.Errorf("%s after %d requests", got, a.count())
	}
}

func TestExpiry(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		rest string
		good time.Duration // a token is used so long
	}{
		{`,"expires_in":3600`, 59 * time.Minute},
		{`,"expires_in":"3600"`, 59 * time.Minute},
		{`,"expires_in":10`, 8 * time.Second},
		{``, 59 * time.Minute},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := newSource(t, gives(c.rest), "")
			first := mustToken(t, s)
			<-time.After(c.good - time.Millisecond)
			if mustToken(t, s) != first {
				t.Errorf("%s: renewed early", c.rest)
			}
			<-time.After(2 * time.Millisecond)
			if mustToken(t, s) == first {
				t.Errorf("%s: used too long", c.rest)
			}
		})
	}
}

// One caller that gives up does not end the request that others wait for.
func TestCancelledCaller(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := gives(oneHour)
		a.latency = 5 * time.Second
		s := newSource(t, a, "")
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		var wg sync.WaitGroup
		wg.Go(func() {
			began := time.Now()
			if _, err := s.Token(ctx); !errors.Is(err, context.Canceled) || time.Since(began) != time.Second {
				t.Errorf("%v after %v", err, time.Since(began))
			}
		})
		synctest.Wait()
		for range 9 {
			wg.Go(func() {
				if _, err := s.Token(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if a.count() != 1 {
			t.Errorf("%d requests", a.count())
		}
	})
}

func TestAccountsServerThatHangs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := gives(oneHour)
		a.latency = time.Hour
		began := time.Now()
		_, err := newSource(t, a, "").Token(t.Context())
		if e, ok := errors.AsType[*Error](err); !ok || !e.Temporary() || time.Since(began) != refreshTimeout {
			t.Errorf("%v after %v", err, time.Since(began))
		}
	})
}

// Each refusal of the accounts server becomes the right error, without a secret.
func TestRefreshFailures(t *testing.T) {
	t.Parallel()
	const secrets = "hunter2 1000.refresh"
	for _, c := range []struct {
		name                 string
		answer               func() (*http.Response, error)
		code                 string
		status               int
		temporary, throttled bool
	}{
		{
			"refused", func() (*http.Response, error) { return response(200, `{"error":"invalid_code"}`), nil },
			"invalid_code", 200, false, false,
		},
		{"refused, as text", func() (*http.Response, error) {
			return response(400, `{"error":"invalid_client"}`, "Content-Type: application/json"), nil
		}, "invalid_client", 400, false, false},
		{"throttled", func() (*http.Response, error) {
			return response(
				200,
				`{"error_description":"You have made too many requests continuously. Please try again after some time. `+secrets+`","error":"Access Denied","status":"failure"}`,
			), nil
		}, "Access Denied", 200, false, true},
		{"throttled with 400", func() (*http.Response, error) {
			return response(400, `{"error_description":"x","error":"Access Denied","status":"failure"}`), nil
		}, "Access Denied", 400, false, true},
		{
			"a page",
			func() (*http.Response, error) { return response(502, "<html>"+secrets, "Content-Type: text/html"), nil },
			"", 502, true, false,
		},
		{
			"a page with 200",
			func() (*http.Response, error) { return response(200, "<html>"+secrets, "Content-Type: text/html"), nil },
			"", 200, true, false,
		},
		{
			"text", func() (*http.Response, error) { return response(200, secrets, "Content-Type: text/plain"), nil },
			"", 200, true, false,
		},
		{
			"no token", func() (*http.Response, error) { return response(200, `{"api_domain":"hunter2"}`), nil }, "",
			200, true, false,
		},
		{"empty", func() (*http.Response, error) { return response(200, ``), nil }, "", 200, true, false},
		{
			"cut", func() (*http.Response, error) { return response(200, `{"access_token":"1000.access`), nil }, "",
			200, true, false,
		},
		{
			"wrong type", func() (*http.Response, error) { return response(200, `{"access_token":1000}`), nil }, "",
			200, true, false,
		},
		{"reset", func() (*http.Response, error) { return nil, syscall.ECONNRESET }, "", 0, true, false},
		{"redirect", func() (*http.Response, error) {
			return response(307, "", "Location: https://evil.test/"), nil
		}, "", 307, false, false},
		{"not found", func() (*http.Response, error) { return response(404, "<html>"), nil }, "", 404, false, false},
	} {
		a := &accounts{answer: func(int, url.Values) (*http.Response, error) { return c.answer() }}
		var token string
		var err error
		synctest.Test(t, func(t *testing.T) { token, err = newSource(t, a, "").Token(t.Context()) })
		e, ok := errors.AsType[*Error](err)
		if !ok || token != "" || e.Code != c.code || e.HTTP != c.status || e.Temporary() != c.temporary ||
			e.Throttled() != c.throttled {
			t.Errorf("%s: %#v", c.name, err)
		}
		if text := fmt.Sprintf("%v %#v", err, e); strings.Contains(text, "hunter2") || strings.Contains(text, "1000.") {
			t.Errorf("%s: a secret in %s", c.name, text)
		}
		want := 1
		if c.throttled {
			want = 1 + len(throttleSteps())
		}
		if a.count() != want {
			t.Errorf("%s: %d requests", c.name, a.count())
		}
	}
}

func TestAPIDomain(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		accounts, domain string
		ok               bool
	}{
		{"https://accounts.zoho.com", "https://www.zohoapis.com", true},
		{"https://accounts.zoho.com", "https://sandbox.zohoapis.eu", true},
		{"https://accounts.zoho.com", "", true},
		{"https://accounts.zoho.com", "http://www.zohoapis.com", false},
		{"https://accounts.zoho.com", "https://www.zohoapis.com:8443", false},
		{"https://accounts.zoho.com", "https://www.zohoapis.com.evil.test", false},
		{"https://accounts.zoho.com", "https://evilzohoapis.com", false},
		{"https://accounts.zoho.com", "https://www.zohoapis.com@evil.test", false},
		{"https://accounts.zoho.com", "http://127.0.0.1:80", false},
		{"https://accounts.zoho.com", "https://localhost", false},
		{"http://127.0.0.1:8765", "http://127.0.0.1:8765", true},
		{"http://localhost:8765", "http://[::1]:1", true},
		{"http://127.0.0.1:8765", "https://evil.test", false},
		{"http://127.0.0.1:8765", "http://evil.test", false},
	} {
		a := gives(`,"expires_in":3600,"api_domain":"` + c.domain + `"`)
		s, err := NewSource(secretCredentials(c.accounts), Options{Transport: a})
		if err != nil {
			t.Fatal(err)
		}
		got, err := s.APIDomain(t.Context())
		if (err == nil) != c.ok || c.ok && got != c.domain {
			t.Errorf("%s names %s: %q, %v", c.accounts, c.domain, got, err)
		}
		if _, ok := errors.AsType[*URLError](err); !c.ok && !ok {
			t.Errorf("%s: %v", c.domain, err)
		}
	}
}

func TestNewSourceRefuses(t *testing.T) {
	t.Parallel()
	for _, c := range []Credentials{
		{AccountsURL: "https://accounts.zoho.com"},
		{AccountsURL: "https://accounts.zoho.com", ClientID: "i", ClientSecret: "s"},
		{AccountsURL: "https://accounts.zoho.com", ClientID: "i", RefreshToken: "r"},
	} {
		_, err := NewSource(c, Options{})
		if e, ok := errors.AsType[*Error](err); !ok || e.Temporary() || !strings.Contains(err.Error(), "missing") {
			t.Errorf("%v", err)
		}
	}
	_, err := NewSource(secretCredentials("http://accounts.zoho.com"), Options{})
	if _, ok := errors.AsType[*URLError](err); !ok {
		t.Error(err)
	}
}
