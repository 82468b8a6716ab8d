package auth

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// window is Zoho's rule: ten access tokens in any ten minutes. With strict, a
// refused request counts as well.
type window struct {
	mu      sync.Mutex
	strict  bool
	counted []time.Time
	refused int
	given   int
}

func (w *window) answer(int, url.Values) (*http.Response, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	now, n := time.Now(), 0
	for _, at := range w.counted {
		if now.Sub(at) < 10*time.Minute {
			n++
		}
	}
	if n >= 10 {
		w.refused++
		if w.strict {
			w.counted = append(w.counted, now)
		}
		return response(400, throttledBody), nil
	}
	w.counted = append(w.counted, now)
	w.given++
	return response(200, fmt.Sprintf(`{"access_token":"1000.access-%d"%s}`, w.given, oneHour)), nil
}

// used is a window in which Zoho has just given ten tokens.
func used(strict bool) *window {
	w := &window{strict: strict}
	for range 10 {
		w.counted = append(w.counted, time.Now())
	}
	return w
}

// Three processes of fifty workers share a cache. All wait for one token, and
// none longer than eleven minutes. OnThrottle is called once in each process.
func TestThrottleIsWaitedOut(t *testing.T) {
	t.Parallel()
	for _, strict := range []bool{false, true} {
		dir := cacheDir(t)
		synctest.Test(t, func(t *testing.T) {
			w := used(strict)
			began := time.Now()
			var mu sync.Mutex
			told := 0
			var wg sync.WaitGroup
			for range 3 {
				s, err := NewSource(secretCredentials("https://accounts.zoho.test"), Options{
					CacheDir: dir, Transport: &accounts{answer: w.answer},
					OnThrottle: func(until time.Time) {
						mu.Lock()
						defer mu.Unlock()
						told++
						if d := until.Sub(began); d < 10*time.Minute || d > 11*time.Minute {
							t.Errorf("until %v", d)
						}
					},
				})
				if err != nil {
					t.Fatal(err)
				}
				for range 50 {
					wg.Go(func() {
						token, err := s.Token(t.Context())
						if took := time.Since(began); err != nil || token == "" || took > 11*time.Minute {
							t.Errorf("%q, %v after %v", token, err, took)
						}
					})
				}
			}
			wg.Wait()
			if told != 3 || w.given != 1 || w.refused > 3*len(throttleSteps()) {
				t.Errorf("strict %v: told %d, given %d, refused %d", strict, told, w.given, w.refused)
			}
		})
	}
}

// The wait ends early if there is a token before its end.
func TestThrottleThatEndsEarly(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := &accounts{answer: func(n int, _ url.Values) (*http.Response, error) {
			if n == 1 {
				return response(200, throttledBody), nil
			}
			return response(200, `{"access_token":"1000.access"}`), nil
		}}
		began := time.Now()
		if got := mustToken(t, newSource(t, a, "")); got != "1000.access" || time.Since(began) != time.Minute ||
			a.count() != 2 {
			t.Errorf("%s after %v, %d requests", got, time.Since(began), a.count())
		}
	})
}

func TestThrottleThatDoesNotEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := &accounts{answer: func(int, url.Values) (*http.Response, error) { return response(429, `{}`), nil }}
		told := 0
		s, err := NewSource(secretCredentials("https://accounts.zoho.test"),
			Options{Transport: a, OnThrottle: func(time.Time) {
				told++
			}})
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() {
				_, err := s.Token(t.Context())
				if e := refused(t, err); !e.Throttled() || time.Since(began) > 11*time.Minute {
					t.Errorf("%v after %v", err, time.Since(began))
				}
			})
		}
		wg.Wait()
		sent := a.count()
		// A caller that comes a moment later does not wait as long again.
		again := time.Now()
		_, err = s.Token(t.Context())
		if e := refused(t, err); !e.Throttled() || time.Since(again) != 0 || a.count() != sent || sent != 4 ||
			told != 1 {
			t.Errorf("%v after %v, %d then %d requests, told %d", err, time.Since(again), sent, a.count(), told)
		}
		// An hour later, the wait begins from the start.
		<-time.After(time.Hour)
		if _, err := s.Token(t.Context()); told != 2 || a.count() != 2*sent {
			t.Errorf("%v, told %d, %d requests", err, told, a.count())
		}
	})
}

func TestThrottleEndsWithTheContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		a := &accounts{answer: func(int, url.Values) (*http.Response, error) {
			return response(200, throttledBody), nil
		}}
		s := newSource(t, a, "")
		began := time.Now()
		if _, err := s.Token(ctx); !errors.Is(err, context.DeadlineExceeded) || time.Since(began) != 10*time.Second {
			t.Errorf("%v after %v", err, time.Since(began))
		}
		// If nobody waits, nobody asks Zoho either.
		<-time.After(time.Hour)
		if a.count() != 1 {
			t.Errorf("%d requests", a.count())
		}
	})
}

// While one process waits, another gets a token. The first takes that token at
// its next step, and does not delay the other.
func TestThrottleTakesTheTokenOfAnotherProcess(t *testing.T) {
	t.Parallel()
	dir := cacheDir(t)
	synctest.Test(t, func(t *testing.T) {
		throttled := true
		a := &accounts{answer: func(int, url.Values) (*http.Response, error) {
			if throttled {
				return response(200, throttledBody), nil
			}
			return response(200, `{"access_token":"1000.theirs"`+oneHour+`}`), nil
		}}
		s, other := newSource(t, a, dir), newSource(t, a, dir)
		var got string
		var wg sync.WaitGroup
		wg.Go(func() { got = mustToken(t, s) })
		synctest.Wait()
		throttled = false
		if theirs := mustToken(t, other); theirs != "1000.theirs" {
			t.Error(theirs)
		}
		wg.Wait()
		if got != "1000.theirs" || a.count() != 2 {
			t.Errorf("%s after %d requests", got, a.count())
		}
	})
}

func TestThrottleWithoutWaiting(t *testing.T) {
	t.Parallel()
	a := &accounts{answer: func(int, url.Values) (*http.Response, error) { return response(200, throttledBody), nil }}
	c := secretCredentials("https://accounts.zoho.test")
	c.ClientSecret = "s" // takes no letters out of Zoho's words
	s, err := NewSource(c, Options{Transport: a, NoWait: true, OnThrottle: func(time.Time) {
		t.Error("told of a wait")
	}})
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		_, err := s.Token(t.Context())
		if e := refused(t, err); e.Code != "Access Denied" || a.count() != 1 {
			t.Errorf("%v, %d requests", err, a.count())
		}
	}
}

func TestThrottleSteps(t *testing.T) {
	t.Parallel()
	at := func(d time.Duration) time.Time { return time.Unix(1_700_000_000, 0).Add(d) }
	var x throttle
	if x.closed(at(0)) != nil {
		t.Error("closed from the beginning")
	}
	type state struct {
		Begins, GaveUp bool
		Wait           time.Duration
	}
	var got []state
	for _, now := range []time.Duration{
		0, time.Minute, 7 * time.Minute, throttleLast, throttleLast + throttleRest, time.Hour,
	} {
		s := state{Begins: x.refuse(at(now), &Error{Code: codeThrottled})}
		var waits bool
		s.Wait, waits = x.patience(at(now))
		s.GaveUp = !waits
		if x.closed(at(now)) == nil || x.closed(at(now+s.Wait)) != nil {
			t.Errorf("%v: not closed for %v", now, s.Wait)
		}
		got = append(got, s)
	}
	want := []state{
		{true, false, time.Minute},
		{false, false, 3 * time.Minute},
		{false, false, throttleLast - 7*time.Minute},
		{false, true, throttleRest},
		{true, false, time.Minute},
		{true, false, time.Minute},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	x.over()
	if x.closed(at(time.Hour)) != nil {
		t.Error("closed after a token was given")
	}
}
