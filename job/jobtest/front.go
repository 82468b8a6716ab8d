package jobtest

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
)

// Front is a handler before the emulator. It can store the calls of a job, without those of signing in, and let a test
// answer them.
type Front struct {
	Keep bool // store the calls, for Sent

	// Meddle answers a call in place of the emulator. pass lets the emulator answer. nil: the emulator answers all calls.
	Meddle func(w http.ResponseWriter, q *http.Request, body string, pass Pass)

	mu    sync.Mutex
	calls []string
	next  http.Handler
}

// Pass lets the emulator answer a call.
type Pass = func(http.ResponseWriter)

// ServeHTTP implements http.Handler.
func (f *Front) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	path, isCall := strings.CutPrefix(q.URL.RequestURI(), "/crm/v8")
	if !isCall {
		path, isCall = strings.CutPrefix(q.URL.RequestURI(), "/rest/json/zv")
	}
	if !isCall || path == "/org" || !f.Keep {
		f.next.ServeHTTP(w, q)
		return
	}
	body := []byte{}
	if q.Body != nil {
		body, _ = io.ReadAll(q.Body) // the emulator refuses what a client cut short
	}
	q.Body = io.NopCloser(bytes.NewReader(body))
	call := strings.TrimSpace(q.Method + " " + path + " " + string(body))
	f.mu.Lock()
	at := len(f.calls)
	f.calls = append(f.calls, call)
	meddle := f.Meddle
	f.mu.Unlock()
	defer func() { // a call that Zoho did not take is none
		f.mu.Lock()
		defer f.mu.Unlock()
		rec, ok := w.(*httptest.ResponseRecorder)
		if ok && rec.Code == http.StatusTooManyRequests && at < len(f.calls) {
			f.calls[at] = "429 " + call
		}
	}()
	pass := func(w http.ResponseWriter) { f.next.ServeHTTP(w, q) }
	if meddle == nil {
		pass(w)
		return
	}
	meddle(w, q, string(body), pass)
}

// Sent returns the calls since the last time: method, path and body.
func (f *Front) Sent() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	calls := f.calls
	f.calls = nil
	return calls
}

// Writes returns the calls that change something.
func Writes(calls []string) []string {
	return slices.DeleteFunc(slices.Clone(calls), func(c string) bool { return strings.HasPrefix(c, "GET ") })
}

// Answer answers a call in place of the emulator.
func Answer(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(body)) // a client that went away hears nothing
}

// Discarded is a response writer that drops the answer.
type Discarded struct{}

// Header implements http.ResponseWriter.
func (Discarded) Header() http.Header { return http.Header{} }

// Write implements http.ResponseWriter.
func (Discarded) Write(b []byte) (int, error) { return len(b), nil }

// WriteHeader implements http.ResponseWriter.
func (Discarded) WriteHeader(int) {}
