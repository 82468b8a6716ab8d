package api

import (
	"math/rand/v2"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"rolecall/api/pace"
)

// limited is a world with a limit on calls in flight, which changes.
type limited struct {
	latency time.Duration
	refusal time.Duration // latency of a 429
	limit   func(since time.Duration) int

	mu       sync.Mutex
	began    time.Time
	inFlight int
	refused  int
	served   []time.Duration // when, since the beginning
}

func (w *limited) RoundTrip(r *http.Request) (*http.Response, error) {
	w.mu.Lock()
	if w.inFlight >= w.limit(time.Since(w.began)) {
		w.refused++
		w.mu.Unlock()
		if err := wait(r.Context(), w.refusal); err != nil {
			return nil, err
		}
		return response(429, tooMany), nil
	}
	w.inFlight++
	w.mu.Unlock()
	// Half as long up to half as long again, so that calls are not in step.
	err := wait(r.Context(), w.latency/2+rand.N(w.latency))
	w.mu.Lock()
	defer w.mu.Unlock()
	w.inFlight--
	if err != nil {
		return nil, err
	}
	w.served = append(w.served, time.Since(w.began))
	return response(200, updated), nil
}

// share is the part of what the limit allowed that was served between two moments.
func (w *limited) share(from, to time.Duration) float64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	served := 0
	for _, at := range w.served {
		if at >= from && at < to {
			served++
		}
	}
	allowed := 0.0
	for at := from; at < to; at += 100 * time.Millisecond {
		allowed += float64(w.limit(at)) * float64(100*time.Millisecond) / float64(w.latency)
	}
	return float64(served) / allowed
}

// The limit drops in the middle of a run and rises again. The calls use at least 85 % of it, and fewer than 2 % are
// answered 429.
func TestPacerAdapts(t *testing.T) {
	t.Parallel()
	steps := func(low int, from, to time.Duration) func(time.Duration) int {
		return func(d time.Duration) int {
			if d >= from && d < to {
				return low
			}
			return 10
		}
	}
	const ms, s, m = time.Millisecond, time.Second, time.Minute
	for _, c := range []struct {
		name             string
		latency, refusal time.Duration
		limit            func(time.Duration) int
		lasts            time.Duration
		share            float64 // of all
	}{
		{"a minute", 100 * ms, 100 * ms, steps(5, 30*s, 70*s), 100 * s, 0.85},
		{"refused at once", 100 * ms, ms, steps(5, 15*s, 45*s), 60 * s, 0.85},
		{"short before and after", 100 * ms, 20 * ms, steps(5, 10*s, 50*s), 60 * s, 0.85},
		{"minutes", 100 * ms, 100 * ms, steps(5, 10*s, 130*s), 140 * s, 0.85},
		{"slow answers", 700 * ms, 100 * ms, steps(5, m, 3*m), 5 * m, 0.85},
		{"fast answers", 50 * ms, 2 * ms, steps(5, 10*s, 30*s), 40 * s, 0.85},
		{"to seven", 100 * ms, 100 * ms, steps(7, 10*s, 50*s), 70 * s, 0.85},
		{"to two", 100 * ms, 100 * ms, steps(2, 10*s, 50*s), 70 * s, 0.85},
		{"to one", 100 * ms, 100 * ms, steps(1, 20*s, 80*s), 2 * m, 0.85},
		{"ups and downs", 100 * ms, 100 * ms, func(d time.Duration) int { return 5 + 5*int(d/(30*s)%2) }, 2 * m, 0.85},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := &limited{latency: c.latency, refusal: c.refusal, limit: c.limit, began: time.Now()}
				pacer := pace.New(pace.Config{InFlight: 10})
				client := newClient(t, w, Config{Pacer: pacer})
				time.AfterFunc(c.lasts, pacer.Drain)
				crew(t.Context(), client, 12, 1_000_000)
				all := w.share(0, c.lasts)
				refused := float64(w.refused) / float64(w.refused+len(w.served))
				s := pacer.Stats()
				t.Logf("%.1f %% of the limit; %.2f %% of %d calls answered 429 in %d episodes",
					100*all, 100*refused, s.Calls, s.Episodes)
				if all < c.share {
					t.Errorf("%.1f %% of the limit", 100*all)
				}
				if refused >= 0.02 {
					t.Errorf("%.2f %% of calls answered 429", 100*refused)
				}
				if s.MaxInFlight > 10 {
					t.Errorf("%d calls in flight", s.MaxInFlight)
				}
			})
		})
	}
}
