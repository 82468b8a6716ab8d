package api

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// world is a Zoho made of a function, for tests in a synctest bubble. It has no socket, so the bubble's time moves
// during each wait.
type world struct {
	answer func(n int, r *http.Request) (*http.Response, error) // n: requests so far, this one included

	mu       sync.Mutex
	requests int
	inFlight int
	most     int
	times    []time.Time
	latency  time.Duration
}

func (w *world) RoundTrip(r *http.Request) (*http.Response, error) {
	w.mu.Lock()
	w.requests++
	n := w.requests
	w.inFlight++
	w.most = max(w.most, w.inFlight)
	w.times = append(w.times, time.Now())
	w.mu.Unlock()
	defer func() {
		w.mu.Lock()
		w.inFlight--
		w.mu.Unlock()
	}()
	if r.Body != nil {
		defer r.Body.Close()
	}
	if err := wait(r.Context(), w.latency); err != nil {
		return nil, err
	}
	return w.answer(n, r)
}

func (w *world) count() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.requests
}

func wait(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// response makes an answer; header is "Name: value" or nothing.
func response(status int, body string, header ...string) *http.Response {
	r := &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body))}
	for _, h := range header {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Set(name, value)
	}
	return r
}

const (
	updated = `{"data":[{"code":"SUCCESS","details":{"id":"2"},"message":"relation updated","status":"success"}]}`
	tooMany = `{"code":"TOO_MANY_REQUESTS","details":{},"message":"You have exceeded the limit","status":"error"}`
	broken  = `{"code":"INTERNAL_ERROR","details":{},"message":"Internal Server Error","status":"error"}`
	expired = `{"code":"INVALID_TOKEN","details":{},"message":"invalid oauth token","status":"error"}`
)

// tokens is a token source that counts.
type tokens struct {
	mu          sync.Mutex
	err         error
	invalidated int
}

func (s *tokens) Token(context.Context) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return fmt.Sprintf("1000.token-%d", s.invalidated), s.err
}

func (s *tokens) Invalidate(string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.invalidated++
}

func (s *tokens) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.err = err
}

// newClient connects to a world; config adds what a test needs.
func newClient(t *testing.T, w http.RoundTripper, config Config) *Client {
	t.Helper()
	config.BaseURL, config.Transport = "https://www.zohoapis.test", w
	if config.Tokens == nil {
		config.Tokens = &tokens{}
	}
	c, err := New(config)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// assignOne is the call that most tests make.
func assignOne(ctx context.Context, c *Client) (Answer, error) {
	return c.AssignContactRole(ctx, "1", "2", RoleRef{ID: "3", Name: "Purchasing"})
}

// failure returns the *Error that a call returned. errors.AsType alone would also find one that another error wraps.
func failure(t *testing.T, err error) *Error {
	t.Helper()
	e, ok := errors.AsType[*Error](err)
	if !ok || any(e) != any(err) {
		t.Fatalf("not an *Error: %v", err)
	}
	return e
}

// crew runs n workers until their calls are made or one of them ends the run, and returns every call's error.
func crew(ctx context.Context, c *Client, workers, calls int) []error {
	var (
		mu   sync.Mutex
		errs []error
		wg   sync.WaitGroup
	)
	take := func() bool {
		mu.Lock()
		defer mu.Unlock()
		calls--
		return calls >= 0
	}
	for range workers {
		wg.Go(func() {
			for take() {
				_, err := assignOne(ctx, c)
				mu.Lock()
				errs = append(errs, err)
				mu.Unlock()
				if e, ok := errors.AsType[*Error](err); ok && e.Ends != EndNone {
					return
				}
			}
		})
	}
	wg.Wait()
	return errs
}
