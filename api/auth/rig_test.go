package auth

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
)

// The secrets that no error may show, whatever a server sends back.
const (
	canarySecret   = "canary-secret-hunter2"
	canaryCode     = "1000.canarycode0123456789.canary"
	canaryVerifier = "canary-verifier"
	canaryDevice   = "1004.canarydevice0123456789.canary"
	canaryRefresh  = "1000.canaryrefresh0123456789.canary"
	canaryAccess   = "1000.canaryaccess0123456789.canary"
)

var allCanaries = strings.Join([]string{
	canarySecret, canaryCode, canaryVerifier, canaryDevice, canaryRefresh, canaryAccess,
}, " ")

// zoho is all of Zoho as a function, in a test or a synctest bubble. It accepts
// only what Zoho's documents describe.
type zoho struct {
	t     *testing.T
	serve func(w http.ResponseWriter, r request)

	mu   sync.Mutex
	seen []request
}

// request is a request as the server saw it.
type request struct {
	line string // method and URL without its query
	form url.Values
}

func (z *zoho) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	got := request{line: r.Method + " " + r.URL.Scheme + "://" + r.URL.Host + r.URL.Path}
	switch {
	case strings.HasSuffix(r.URL.Path, "/revoke"):
		got.form = r.URL.Query()
	case r.URL.RawQuery != "":
		z.t.Errorf("%s with a query: it may be logged on its way", got.line)
	case r.Method == http.MethodPost && r.Header.Get("Content-Type") != "application/x-www-form-urlencoded":
		z.t.Errorf("%s with %s", got.line, r.Header.Get("Content-Type"))
	default:
		if err := r.ParseForm(); err != nil {
			z.t.Error(err)
		}
		got.form = r.PostForm
	}
	z.mu.Lock()
	z.seen = append(z.seen, got)
	z.mu.Unlock()
	w := httptest.NewRecorder()
	w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	z.serve(w, got)
	return w.Result(), nil
}

func (z *zoho) lines() string {
	z.mu.Lock()
	defer z.mu.Unlock()
	var lines []string
	for _, r := range z.seen {
		lines = append(lines, r.line)
	}
	return strings.Join(lines, "\n")
}

func (z *zoho) count() int {
	z.mu.Lock()
	defer z.mu.Unlock()
	return len(z.seen)
}

// answers sends the same answer to every request.
func answers(t *testing.T, status int, body string) *zoho {
	return &zoho{t: t, serve: func(w http.ResponseWriter, _ request) { reply(w, status, body) }}
}

func reply(w http.ResponseWriter, status int, body string) {
	w.WriteHeader(status)
	_, _ = w.Write([]byte(body))
}

func (z *zoho) client() Client {
	return Client{AccountsURL: "https://accounts.zoho.eu", ID: "1000.CLIENT", Secret: canarySecret, Transport: z}
}

// refused checks that err is an *Error, and holds no canary however printed.
func refused(t *testing.T, err error) *Error {
	t.Helper()
	noCanary(t, err)
	e, ok := errors.AsType[*Error](err)
	if !ok {
		t.Errorf("not an *Error: %v", err)
		return &Error{}
	}
	return e
}

func noCanary(t *testing.T, values ...any) {
	t.Helper()
	for _, v := range values {
		if text := fmt.Sprintf("%v %+v %#v %q", v, v, v, v); strings.Contains(text, "canary") {
			t.Errorf("a secret in %s", text)
		}
	}
}

const throttledBody = `{"error_description":"You have made too many requests continuously. Please try again after some time.","error":"Access Denied","status":"failure"}`

// hostileAnswers are answers without a token that a server may send. Each
// repeats all secrets.
func hostileAnswers() map[string]struct {
	status      int
	body        string
	contentType string
	code        string
	temporary   bool
} {
	type answer = struct {
		status      int
		body        string
		contentType string
		code        string
		temporary   bool
	}
	escaped := url.QueryEscape(allCanaries)
	return map[string]answer{
		"wrong client": {
			200, `{"error":"invalid_client","error_description":"` + allCanaries + `"}`, "", "invalid_client", false,
		},
		"used twice": {
			200, `{"error":"invalid_code","error_description":"` + escaped + `"}`, "", "invalid_code", false,
		},
		"wrong secret":   {400, `{"error":"invalid_client_secret"}`, "", "invalid_client_secret", false},
		"wrong redirect": {200, `{"error":"invalid_redirect_uri"}`, "", "invalid_redirect_uri", false},
		"throttled": {
			400, strings.Replace(throttledBody, "You have", allCanaries, 1), "", "Access Denied", false,
		},
		"a page":             {502, "<html>" + allCanaries, "text/html", "", true},
		"a page with 200":    {200, "<html>" + allCanaries, "text/html", "", true},
		"nothing":            {200, "", "", "", true},
		"cut":                {200, `{"access_token":"` + canaryAccess, "", "", true},
		"wrong types":        {200, `{"access_token":["` + canaryAccess + `"],"user_code":7,"status":8}`, "", "", true},
		"error of no string": {200, `{"error":{"x":"` + canaryCode + `"}}`, "", "", true},
		"not found":          {404, allCanaries, "text/plain", "", false},
		"secrets as a code":  {200, `{"error":"` + canarySecret + `"}`, "", "[redacted]", false},
	}
}
