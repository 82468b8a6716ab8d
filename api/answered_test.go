package api

import (
	"io"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"rolecall/api/pace"
)

const orgAnswer = `{"org":[{"id":"11","zgid":"12","company_name":"Zylker"}]}`

// unusable are answers to a write that come at once and cannot be used.
func unusable() map[string]func() (*http.Response, error) {
	return map[string]func() (*http.Response, error){
		"a page": says(502, "<html>Bad Gateway</html>"),
		"cut off": func() (*http.Response, error) {
			body := io.MultiReader(strings.NewReader(updated[:40]), iotest.ErrReader(io.ErrUnexpectedEOF))
			return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(body)}, nil
		},
		"half of it": says(200, updated[:40]),
		"reset":      fails(syscall.ECONNRESET),
		"nothing":    says(200, ""),
	}
}

// split answers writes by one function and GET /org by another, and counts the writes.
func split(writes, org func() (*http.Response, error)) (w *world, sent func() int) {
	n := 0
	w = &world{latency: 50 * time.Millisecond}
	w.answer = func(_ int, r *http.Request) (*http.Response, error) {
		if r.URL.Path == "/crm/v8/org" {
			return org()
		}
		n++
		return writes()
	}
	return w, func() int { return n }
}

// A call that runs alone gets no usable answer, while the service is there. The call fails after about as many attempts
// as any other. This is no outage.
func TestLoneCallIsItsOwnFailure(t *testing.T) {
	t.Parallel()
	for name, never := range unusable() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w, sent := split(never, says(200, orgAnswer))
				c := newClient(t, w, Config{})
				c.jitter = whole // the longest that it can take
				began := time.Now()
				_, err := assignOne(t.Context(), c)
				e := failure(t, err)
				if e.Ends != EndNone || !e.Uncertain || !e.Temporary() {
					t.Errorf("%+v", e)
				}
				if n := sent(); n < 8 || n > 11 || e.Attempts != n {
					t.Errorf("%d attempts sent, %d told", n, e.Attempts)
				}
				if took := time.Since(began); took > 90*time.Second {
					t.Errorf("took %v", took)
				}
				// The others may go on.
				if _, err := c.Org(t.Context()); err != nil {
					t.Errorf("the next call: %v", err)
				}
			})
		})
	}
}

// Any answer to the probe shows that the service is there.
func TestLoneCallBesideARefusedOrg(t *testing.T) {
	t.Parallel()
	for name, org := range map[string]func() (*http.Response, error){
		"scope": says(401, flat("OAUTH_SCOPE_MISMATCH", "{}")),
		"right": says(403, flat("NO_PERMISSION", "{}")),
		"429":   says(429, tooMany),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w, sent := split(says(502, "<html>"), org)
				_, err := assignOne(t.Context(), newClient(t, w, Config{}))
				if e := failure(t, err); e.Ends != EndNone || sent() < 8 || sent() > 11 {
					t.Errorf("%d sent: %+v", sent(), e)
				}
			})
		})
	}
}

// If the probe gets no answer either, the outage is found after two minutes.
func TestLoneCallInAnOutage(t *testing.T) {
	t.Parallel()
	silent := func(r *http.Request) (*http.Response, error) {
		<-r.Context().Done()
		return nil, r.Context().Err()
	}
	for name, never := range unusable() {
		for how, org := range map[string]func(*http.Request) (*http.Response, error){
			"silent": silent,
			"alike":  func(*http.Request) (*http.Response, error) { return never() },
		} {
			t.Run(name+", org "+how, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					w := &world{}
					w.answer = func(_ int, r *http.Request) (*http.Response, error) {
						if r.URL.Path == "/crm/v8/org" {
							return org(r)
						}
						return never()
					}
					began := time.Now()
					_, err := assignOne(t.Context(), newClient(t, w, Config{}))
					if e := failure(t, err); e.Ends != EndOutage || !e.Uncertain || !e.Temporary() {
						t.Errorf("%+v", e)
					}
					// A probe and a wait may lie on the two minutes.
					if took := time.Since(began); took < 2*time.Minute || took > 2*time.Minute+20*time.Second {
						t.Errorf("took %v", took)
					}
				})
			})
		}
	}
}

// The client sends a probe from the third failure on, and none while other calls are answered. Each probe is traced and
// costs its credit.
func TestProbeIsAskedSparingly(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var told []Attempt
		w, sent := split(says(502, "<html>"), says(200, orgAnswer))
		pacer := pace.New(pace.Config{InFlight: 1})
		c := newClient(t, w, Config{Pacer: pacer, Trace: func(a Attempt) { told = append(told, a) }})
		_, err := assignOne(t.Context(), c)
		failure(t, err)
		writes, probes := 0, 0
		for _, a := range told {
			if a.Path != "/org" {
				writes++
				continue
			}
			if probes++; writes < 2 {
				t.Error("asked before the third failure")
			}
			if !a.Final || a.Number != 1 || a.HTTP != 200 || a.Code != "" {
				t.Errorf("told as %+v", a)
			}
		}
		if writes != sent() || probes == 0 || probes > writes-2 {
			t.Errorf("%d writes told of %d, %d probes", writes, sent(), probes)
		}
		if got := pacer.Stats(); got.Calls != writes+probes || got.Credits != writes+probes || got.MaxInFlight != 1 ||
			got.InFlight != 0 {
			t.Errorf("%d writes, %d probes, yet %+v", writes, probes, got)
		}
		// A single failure causes no probe.
		told = nil
		client := newClient(t, script(says(502, ""), says(502, ""), says(200, updated)), Config{
			Trace: func(a Attempt) { told = append(told, a) },
		})
		if _, err := assignOne(t.Context(), client); err != nil || len(told) != 3 {
			t.Errorf("%v, %d told", err, len(told))
		}
	})
}
