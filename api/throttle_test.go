package api

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"rolecall/api/pace"
)

// firstWait is how long the gate is closed after the first 429.
const firstWait = 500 * time.Millisecond

// All workers get 429s for three seconds. This is one episode, reported when it begins and when it ends. No call fails,
// and none loses an attempt.
func TestThrottleEpisode(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		w := &world{latency: 50 * time.Millisecond, answer: func(int, *http.Request) (*http.Response, error) {
			if time.Since(began) < 3*time.Second {
				return response(429, tooMany), nil
			}
			return response(200, updated), nil
		}}
		var mu sync.Mutex
		var told []pace.Episode
		var pacer *pace.Pacer
		pacer = pace.New(pace.Config{InFlight: 10, OnEpisode: func(e pace.Episode) {
			mu.Lock()
			defer mu.Unlock()
			told = append(told, e)
			pacer.Stats() // allowed
		}})
		c := newClient(t, w, Config{Pacer: pacer})
		for _, err := range crew(t.Context(), c, 10, 100) {
			if err != nil {
				t.Fatal(err)
			}
		}
		if len(told) != 2 || told[0].Over || !told[1].Over {
			t.Fatalf("told: %+v", told)
		}
		if e := told[0]; e.InFlight != 5 || e.Wait != firstWait {
			t.Errorf("beginning: %+v", e)
		}
		if e := told[1]; e.Lasted < 3*time.Second || e.Lasted > 4*time.Second || e.Refusals < 10 ||
			!e.Began.Equal(told[0].Began) {
			t.Errorf("end: %+v", e)
		}
		s := pacer.Stats()
		if s.Credits != 100 || s.Calls != 100+s.TooManyRequests || s.Retries != s.TooManyRequests || s.Episodes != 1 ||
			s.InFlight != 0 {
			t.Errorf("stats: %+v", s)
		}
		if s.Limit <= 1 {
			t.Errorf("calls in flight have not grown again: %d", s.Limit)
		}
	})
}

func TestThrottleCostsNoAttempt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := &world{answer: func(n int, _ *http.Request) (*http.Response, error) {
			if n <= 7 {
				return response(429, "<html>"), nil
			}
			return response(200, updated), nil
		}}
		a, err := assignOne(t.Context(), newClient(t, w, Config{}))
		if err != nil || a.Attempts != 1 || a.Uncertain {
			t.Errorf("%+v, %v", a, err)
		}
		// 0.5, 1, 2, 4, 8, 16, 32 s between the eight requests.
		for i, want := 1, firstWait; i < len(w.times); i, want = i+1, want*2 {
			if got := w.times[i].Sub(w.times[i-1]); got != want {
				t.Errorf("wait %d: %v, want %v", i, got, want)
			}
		}
	})
}

// If 429s go on for two minutes at one call in flight, all calls of the pacer end, those that wait and those that come
// later.
func TestThrottleEndsInCredits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := &world{latency: 10 * time.Millisecond, answer: func(int, *http.Request) (*http.Response, error) {
			return response(429, tooMany), nil
		}}
		c := newClient(t, w, Config{Pacer: pace.New(pace.Config{InFlight: 8})})
		began := time.Now()
		errs := crew(t.Context(), c, 8, 8)
		if passed := time.Since(began); passed < 2*time.Minute || passed > 4*time.Minute {
			t.Errorf("gave up after %v", passed)
		}
		errs = append(errs, crew(t.Context(), c, 1, 1)...)
		for _, err := range errs {
			if e := failure(t, err); e.Ends != EndCredits || e.Attempts != 0 || !e.Temporary() ||
				e.Code != "TOO_MANY_REQUESTS" {
				t.Errorf("%+v", e)
			}
		}
		if s := c.pacer.Stats(); s.Credits != 0 || s.Limit != 1 {
			t.Errorf("%+v", s)
		}
	})
}

func TestThrottleRetryAfter(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, body, header string
		wait               time.Duration // 0: ends at once
	}{
		{"seconds", tooMany, "Retry-After: 30", 30 * time.Second},
		{"a page", "<html>", "Retry-After: 30", 30 * time.Second},
		{
			"in details",
			`{"code":"TOO_MANY_REQUESTS","details":{"retry_after":60,"limit":100},"message":"m","status":"error"}`,
			"X: y", time.Minute,
		},
		{
			"in details, as text",
			`{"code":"TOO_MANY_REQUESTS","details":{"retry_after":"60"},"message":"m","status":"error"}`, "X: y",
			time.Minute,
		},
		{"date", tooMany, "Retry-After: Sat, 01 Jan 2000 00:00:45 GMT", 45 * time.Second}, // a bubble begins in 2000
		{"beyond two minutes", tooMany, "Retry-After: 3600", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := &world{answer: func(n int, _ *http.Request) (*http.Response, error) {
					if n == 1 {
						return response(429, c.body, c.header), nil
					}
					return response(200, updated), nil
				}}
				began := time.Now()
				_, err := assignOne(t.Context(), newClient(t, w, Config{}))
				if c.wait > 0 {
					if err != nil || time.Since(began) != c.wait {
						t.Errorf("waited %v, want %v; %v", time.Since(began), c.wait, err)
					}
					return
				}
				e := failure(t, err)
				if e.Ends != EndCredits || time.Since(began) != 0 ||
					!strings.Contains(e.Error(), "2000-01-01T01:00:00Z") {
					t.Errorf("after %v: %v", time.Since(began), e)
				}
			})
		})
	}
}

func TestPacerInFlight(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := &world{latency: 100 * time.Millisecond, answer: func(int, *http.Request) (*http.Response, error) {
			return response(200, updated), nil
		}}
		c := newClient(t, w, Config{Pacer: pace.New(pace.Config{InFlight: 3})})
		began := time.Now()
		crew(t.Context(), c, 12, 30)
		if w.most != 3 || time.Since(began) != time.Second {
			t.Errorf("%d in flight at most, in %v", w.most, time.Since(began))
		}
		c.pacer.SetCeiling(6)
		began = time.Now()
		crew(t.Context(), c, 12, 60)
		if s := c.pacer.Stats(); w.most != 6 || s.MaxInFlight != 6 || time.Since(began) != time.Second {
			t.Errorf("after raising: %+v in %v", s, time.Since(began))
		}
		c.pacer.SetCeiling(0)
		if s := c.pacer.Stats(); s.Limit != 1 {
			t.Errorf("a ceiling below one: %+v", s)
		}
	})
}

func TestPacerRate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := &world{latency: 300 * time.Millisecond, answer: func(int, *http.Request) (*http.Response, error) {
			return response(200, updated), nil
		}}
		c := newClient(t, w, Config{Pacer: pace.New(pace.Config{InFlight: 20, Rate: 10})})
		crew(t.Context(), c, 20, 50)
		for i := 10; i < len(w.times); i++ {
			// Timers are exact in a bubble, the limiter's arithmetic is not.
			if d := w.times[i].Sub(w.times[i-10]); d < time.Second-time.Millisecond {
				t.Fatalf("eleven starts within %v", d)
			}
		}
		if d := w.times[49].Sub(w.times[0]); d > 5*time.Second {
			t.Errorf("50 starts took %v", d)
		}
	})
}

func TestPacerCredits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := &world{latency: time.Millisecond, answer: func(n int, _ *http.Request) (*http.Response, error) {
			if n == 5 {
				return response(500, broken), nil
			}
			return response(200, updated), nil
		}}
		c := newClient(t, w, Config{Pacer: pace.New(pace.Config{InFlight: 4, MaxCredits: 20})})
		ended, fine := 0, 0
		for _, err := range crew(t.Context(), c, 4, 1000) {
			if err == nil {
				fine++
			} else if e := failure(t, err); e.Ends == EndCredits {
				ended++
			}
		}
		if w.count() != 20 || ended != 4 || fine != 19 {
			t.Errorf("%d sent, %d workers ended, %d fine", w.count(), ended, fine)
		}
	})
}

// tokenless is a token source that has to wait for its token.
type tokenless struct{}

func (tokenless) Token(ctx context.Context) (string, error) {
	<-ctx.Done()
	return "", ctx.Err()
}

func (tokenless) Invalidate(string) {}

// Zoho's token throttle can last for ten minutes. A run that is stopped meanwhile ends at once, and its calls end as
// not sent.
func TestDrainEndsTheWaitForAToken(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		pacer := pace.New(pace.Config{})
		client, err := New(Config{BaseURL: "http://127.0.0.1:1", Tokens: tokenless{}, Pacer: pacer})
		if err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		for range 5 {
			wg.Go(func() {
				_, _, stop := client.do(t.Context(), request{method: "GET", path: "/org", due: dueOrg})
				if stop == nil || stop.Ends != EndDraining {
					t.Errorf("%v", stop)
				}
			})
		}
		began := time.Now()
		time.AfterFunc(time.Second, pacer.Drain)
		wg.Wait()
		if took := time.Since(began); took != time.Second {
			t.Errorf("ended after %v", took)
		}
	})
}
