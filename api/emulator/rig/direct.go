package rig

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"rolecall/api/emulator"
)

// A Direct client calls the handler without a socket, so that the clock of a synctest bubble moves.
type Direct struct {
	T     *testing.T
	E     *emulator.Emulator
	Token string
}

// NewDirect makes an emulator and signs in.
func NewDirect(t *testing.T, o emulator.Options) *Direct {
	t.Helper()
	e := Open(t, o)
	return &Direct{T: t, E: e, Token: strings.TrimPrefix(TokenOf(t, e), "Zoho-oauthtoken ")}
}

// RoundTrip returns an error when the handler aborts, as a client does when the connection is cut.
func (d *Direct) RoundTrip(r *http.Request) (resp *http.Response, err error) {
	w := httptest.NewRecorder()
	defer func() {
		switch p := recover(); p {
		case nil:
		case http.ErrAbortHandler:
			resp, err = nil, io.ErrUnexpectedEOF
		default:
			panic(p)
		}
	}()
	if r.Body == nil {
		r.Body = http.NoBody // as a server has it
	}
	d.E.ServeHTTP(w, r)
	return w.Result(), nil
}

// Call sends a request below /crm/ and returns status and body.
func (d *Direct) Call(method, path, body string) (int, string, error) {
	r := httptest.NewRequestWithContext(d.T.Context(), method, "http://zoho/crm/"+path, strings.NewReader(body))
	r.Header.Set("Authorization", "Zoho-oauthtoken "+d.Token)
	resp, err := d.RoundTrip(r)
	if err != nil {
		return 0, "", err
	}
	defer func() { _ = resp.Body.Close() }()
	b, _ := io.ReadAll(resp.Body)
	return resp.StatusCode, string(b), nil
}

// With sends a request below /crm/ with a header and returns the status.
func (d *Direct) With(name, value, method, path, body string) int {
	r := httptest.NewRequestWithContext(d.T.Context(), method, "http://zoho/crm/"+path, strings.NewReader(body))
	r.Header.Set("Authorization", "Zoho-oauthtoken "+d.Token)
	r.Header.Set(name, value)
	resp, err := d.RoundTrip(r)
	if err != nil {
		d.T.Fatal(err)
	}
	_ = resp.Body.Close()
	return resp.StatusCode
}

// A Failer ends a test or an example of a property.
type Failer interface {
	Fatalf(format string, args ...any)
}

// Must makes a call that must be answered with rows or 204.
func (d *Direct) Must(t Failer, method, path, body string) string {
	status, got, err := d.Call(method, path, body)
	if err != nil || status != 200 && status != 204 {
		t.Fatalf("%s %s %s: %d %v %s", method, path, body, status, err, got)
	}
	return got
}

// TokenOf signs in and returns the value of the Authorization header.
func TokenOf(tb testing.TB, e *emulator.Emulator) string {
	tb.Helper()
	w := httptest.NewRecorder()
	r := httptest.NewRequest(http.MethodPost, "http://zoho/oauth/v2/token?"+RefreshForm().Encode(), http.NoBody)
	e.ServeHTTP(w, r)
	_, after, _ := strings.Cut(w.Body.String(), `"access_token":"`)
	token, _, _ := strings.Cut(after, `"`)
	return "Zoho-oauthtoken " + token
}

// discard is a ResponseWriter that drops the body.
type discard struct {
	header http.Header
	status int
}

func (w *discard) Header() http.Header         { return w.header }
func (w *discard) Write(b []byte) (int, error) { return len(b), nil }
func (w *discard) WriteHeader(status int)      { w.status = status }

// Send sends a request in process and returns the status. The token is one of TokenOf.
func Send(e http.Handler, token, method, path, body string) int {
	r, err := http.NewRequest(method, "http://zoho/crm/"+path, strings.NewReader(body))
	if err != nil {
		return 0
	}
	r.Header = http.Header{"Authorization": {token}}
	w := discard{header: http.Header{}}
	e.ServeHTTP(&w, r)
	return w.status
}
