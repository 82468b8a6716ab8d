package api

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// waits keeps what OnWait told.
type waits struct {
	mu   sync.Mutex
	told []time.Duration // how long
	why  []string
}

func (w *waits) hook(until time.Time, why string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.told = append(w.told, time.Until(until))
	w.why = append(w.why, why)
}

func updates(int, *http.Request) (*http.Response, error) { return response(200, updated), nil }

// ended counts how the calls of a crew ended, and takes the last end.
func ended(t *testing.T, errs []error, want End) (fine int, last *Error) {
	t.Helper()
	for _, err := range errs {
		if err == nil {
			fine++
		} else if last = failure(t, err); last.Ends != want {
			t.Fatalf("%+v", last)
		}
	}
	return fine, last
}

// mostIn is the most calls that started in any 24 hours.
func mostIn(times []time.Time) int {
	most, first := 0, 0
	for i, at := range times {
		for at.Sub(times[first]) > 24*time.Hour {
			first++
		}
		most = max(most, i-first+1)
	}
	return most
}

func TestBudgetEndsTheRun(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "org.json")
	synctest.Test(t, func(t *testing.T) {
		w := &world{latency: 10 * time.Millisecond, answer: updates}
		c := newClient(t, w, Config{Pacer: NewPacer(PacerConfig{InFlight: 4})})
		if _, err := assignOne(t.Context(), c); err != nil { // as GET /org, before the org is known
			t.Fatal(err)
		}
		l := openLedger(t, path, time.Now)
		c.pacer.Account(l, Budget{Credits: 200, Reserve: 10, Limited: true})
		if s := c.pacer.Stats(); s.Remaining != 199 {
			t.Errorf("%d remain, want 199", s.Remaining)
		}
		fine, e := ended(t, crew(t.Context(), c, 4, 1000), EndCredits)
		if fine != 189 || w.count() != 190 {
			t.Errorf("%d calls, want 190", w.count())
		}
		// The bubble's time begins in 2000; credits come back after a day and a minute.
		for _, want := range []string{"190 credits", "of 200", "10 in reserve", "2000-01-02T00:01:00Z"} {
			if !strings.Contains(e.Error(), want) {
				t.Errorf("%q does not say %q", e, want)
			}
		}
		if s := c.pacer.Stats(); s.Remaining != 10 || s.Credits != 190 {
			t.Errorf("%+v", s)
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		if got := spentIn(t, openLedger(t, path, time.Now)); got != 190 {
			t.Errorf("written down: %d", got)
		}
	})
}

func TestBudgetOnlyInforms(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := &world{latency: time.Millisecond, answer: updates}
		c := newClient(t, w, Config{})
		if s := c.pacer.Stats(); s.Remaining != -1 {
			t.Errorf("%d remain of an unknown budget", s.Remaining)
		}
		c.pacer.Account(nil, Budget{Credits: 100, Reserve: 90})
		if fine, _ := ended(t, crew(t.Context(), c, 4, 60), EndNone); fine != 60 || c.pacer.Stats().Remaining != 40 {
			t.Errorf("%d fine; %+v", fine, c.pacer.Stats())
		}
		if fine, _ := ended(t, crew(t.Context(), c, 4, 60), EndNone); fine != 60 || c.pacer.Stats().Remaining != 0 {
			t.Errorf("%d fine; %+v", fine, c.pacer.Stats())
		}
	})
}

// Processes that share a ledger spend one budget.
func TestBudgetIsShared(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "org.json")
	w := &world{answer: updates}
	var wg sync.WaitGroup
	for range 3 {
		l := openLedger(t, path, time.Now)
		c := newClient(t, w, Config{Pacer: NewPacer(PacerConfig{InFlight: 4})})
		c.pacer.Account(l, Budget{Credits: 1000, Limited: true})
		wg.Go(func() {
			for _, err := range crew(t.Context(), c, 4, 1000) {
				if e, ok := err.(*Error); err != nil && (!ok || e.Ends != EndCredits) { //nolint:errorlint // the very type is promised
					t.Error(err)
				}
			}
			if err := l.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if got := spentIn(t, openLedger(t, path, time.Now)); w.count() != 1000 || got != 1000 {
		t.Errorf("%d calls, %d written down", w.count(), got)
	}
}

// A run that waits spends what it may in every 24 hours, and goes on for days.
func TestBudgetWaits(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "org.json")
	synctest.Test(t, func(t *testing.T) {
		var told waits
		w := &world{latency: time.Second, answer: updates}
		c := newClient(t, w, Config{Pacer: NewPacer(PacerConfig{InFlight: 2, OnWait: told.hook})})
		c.pacer.Account(openLedger(t, path, time.Now), Budget{Credits: 330, Reserve: 30, Limited: true, Wait: true})
		began := time.Now()
		if fine, _ := ended(t, crew(t.Context(), c, 2, 1000), EndNone); fine != 1000 {
			t.Errorf("%d fine", fine)
		}
		if most := mostIn(w.times); most > 300 {
			t.Errorf("%d calls in 24 hours, 300 allowed", most)
		}
		// 300 at once, and 700 more need three more days.
		if took := time.Since(began); took < 72*time.Hour || took > 74*time.Hour {
			t.Errorf("took %v", took)
		}
		if len(told.told) < 3 || told.told[0] < 23*time.Hour || !strings.Contains(told.why[0], "300 credits") {
			t.Errorf("told: %v, %q", told.told, told.why)
		}
		s := c.pacer.CallStats()
		if s.WaitCredits < 71*time.Hour || s.Waiting() != s.WaitCredits {
			t.Errorf("%+v", s)
		}
	})
}

// A round of credits is no more than what may be spent at all.
func TestBudgetWaitsForLittle(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := &world{answer: updates}
		c := newClient(t, w, Config{})
		c.pacer.Account(nil, Budget{Credits: 10_000, Reserve: 9_990, Limited: true, Wait: true})
		began := time.Now()
		ended(t, crew(t.Context(), c, 1, 25), EndNone)
		if took := time.Since(began); mostIn(w.times) != 10 || took < 48*time.Hour || took > 49*time.Hour {
			t.Errorf("%d in 24 hours; %v", mostIn(w.times), took)
		}
	})
}

// A minute that turns at any moment of a lease ends nothing.
func TestBudgetAcrossMinutes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := &world{latency: 41 * time.Second, answer: updates}
		c := newClient(t, w, Config{})
		c.pacer.Account(nil, Budget{Credits: 1000, Limited: true})
		if fine, _ := ended(t, crew(t.Context(), c, 5, 900), EndNone); fine != 900 || c.pacer.Stats().Remaining != 100 {
			t.Errorf("%d fine; %+v", fine, c.pacer.Stats())
		}
	})
}

func TestBudgetWaitEnds(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(p *Pacer, cancel func()){
		"drained":   func(p *Pacer, _ func()) { p.Drain() },
		"cancelled": func(_ *Pacer, cancel func()) { cancel() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c := newClient(t, &world{answer: updates}, Config{})
				c.pacer.Account(nil, Budget{Credits: 3, Limited: true, Wait: true})
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				began := time.Now()
				time.AfterFunc(time.Hour, func() { end(c.pacer, cancel) })
				if fine, e := ended(t, crew(ctx, c, 4, 100), EndDraining); fine != 3 || e == nil || time.Since(began) != time.Hour {
					t.Errorf("%d fine, %v, after %v", fine, e, time.Since(began))
				}
				_ = wait(t.Context(), time.Hour)
				if s := c.pacer.CallStats(); s.WaitCredits != time.Hour {
					t.Errorf("nobody waits any more: %+v", s)
				}
			})
		})
	}
}

// A reserve that leaves nothing is not waited for.
func TestBudgetOfNothing(t *testing.T) {
	t.Parallel()
	c := newClient(t, &world{answer: updates}, Config{})
	c.pacer.Account(nil, Budget{Credits: 100, Reserve: 100, Limited: true, Wait: true})
	if _, err := assignOne(t.Context(), c); failure(t, err).Ends != EndCredits {
		t.Error(err)
	}
}

// What Zoho says goes before the edition's reckoning, be it less or more.
func TestBudgetByZoho(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name      string
		budget    Budget
		zoho      int // has so many credits
		want      int // calls
		remaining int
	}{
		{"less", Budget{Credits: 500, Reserve: 20, Limited: true}, 100, 80, 20},
		{"more", Budget{Credits: 150, Reserve: 20, Limited: true}, 220, 200, 20},
		{"unknown", Budget{Reserve: 5, Limited: true}, 60, 55, 5},
		{"only informs", Budget{Credits: 500}, 100, 90, 10},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := &world{latency: time.Millisecond, answer: func(n int, _ *http.Request) (*http.Response, error) {
					if 2*n < c.zoho {
						return response(200, updated), nil
					}
					return response(200, updated, creditsHeader+": "+strconv.Itoa(c.zoho-n)), nil
				}}
				client := newClient(t, w, Config{})
				client.pacer.Account(nil, c.budget)
				calls := 1000
				if !c.budget.Limited {
					calls = c.want
				}
				_, e := ended(t, crew(t.Context(), client, 1, calls), EndCredits)
				if w.count() != c.want || client.pacer.Stats().Remaining != c.remaining {
					t.Errorf("%d calls, want %d; %+v", w.count(), c.want, client.pacer.Stats())
				}
				if c.budget.Limited && !strings.Contains(e.Error(), "Zoho says that "+strconv.Itoa(c.remaining)+" credits remain") {
					t.Error(e)
				}
			})
		})
	}
}

// Others spent the credits, and nobody here knows when they come back: what Zoho
// said is believed for an hour, and then it is asked again.
func TestBudgetWaitsForOthersCredits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		w := &world{answer: func(n int, _ *http.Request) (*http.Response, error) {
			if time.Since(began) < 150*time.Minute {
				return response(200, updated, creditsHeader+": 0"), nil
			}
			return response(200, updated), nil
		}}
		c := newClient(t, w, Config{})
		c.pacer.Account(nil, Budget{Credits: 1000, Limited: true, Wait: true})
		if fine, _ := ended(t, crew(t.Context(), c, 1, 100), EndNone); fine != 100 {
			t.Errorf("%d fine", fine)
		}
		if took := time.Since(began); took < 150*time.Minute || took > 4*time.Hour || w.times[2].Sub(began) < 2*time.Hour {
			t.Errorf("took %v; %v", took, w.times[:4])
		}
	})
}

func TestParseCredits(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{"": -1, "7": 7, "0": 0, "-4": 0, "many": -1, "1e3": -1, "99999999999999999999": -1} {
		got, ok := parseCredits(response(200, "", creditsHeader+": "+text).Header)
		if ok != (want >= 0) || ok && got != want {
			t.Errorf("%q: %d, %v", text, got, ok)
		}
	}
}

// A 429 costs no credit, in the ledger neither.
func TestBudgetRefunds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := &world{latency: time.Millisecond, answer: func(n int, _ *http.Request) (*http.Response, error) {
			switch n % 10 {
			case 3:
				return response(429, tooMany), nil
			case 6:
				return nil, errDial
			}
			return response(200, updated), nil
		}}
		c := newClient(t, w, Config{})
		c.pacer.Account(nil, Budget{Credits: 1000})
		ended(t, crew(t.Context(), c, 3, 100), EndNone)
		if s := c.pacer.Stats(); s.Credits != 100 || s.Remaining != 900 || s.Calls <= 100 {
			t.Errorf("%+v", s)
		}
	})
}

// Zoho refuses every call for hours: a run that waits asks once in a while, one
// call at a time, and goes on.
func TestDryCreditsAreWaitedFor(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		header           string
		least, most      time.Duration // of every wait
		attempts, refuse int
	}{
		"nothing said":     {"X: y", dryLongest, dryLongest, 3, 30},
		"to come back":     {"Retry-After: 7200", 2 * time.Hour, 2 * time.Hour, 2, 12},
		"soon, nobody can": {"Retry-After: 180", 3 * time.Minute, 3 * time.Minute, 50, 60},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				var told waits
				w := &world{latency: 10 * time.Millisecond, answer: func(n int, _ *http.Request) (*http.Response, error) {
					if time.Since(began) < 150*time.Minute {
						return response(429, tooMany, c.header), nil
					}
					return response(200, updated), nil
				}}
				client := newClient(t, w, Config{Pacer: NewPacer(PacerConfig{InFlight: 8, OnWait: told.hook})})
				client.pacer.Account(nil, Budget{Wait: true}) // whether it is limited or not
				for range 3 {
					client.pacer.account.ledger.take(1) // spent now: comes back tomorrow
				}
				if fine, _ := ended(t, crew(t.Context(), client, 8, 50), EndNone); fine != 50 {
					t.Errorf("%d fine", fine)
				}
				if len(told.told) < c.attempts || w.count()-50 > c.refuse {
					t.Errorf("told of %d waits; %d calls refused", len(told.told), w.count()-50)
				}
				for _, d := range told.told {
					if d < c.least-time.Second || d > c.most {
						t.Errorf("told: %v", told.told)
						break
					}
				}
				if s := client.pacer.CallStats(); s.WaitCredits < 2*time.Hour {
					t.Errorf("%+v", s)
				}
			})
		})
	}
}

// A ledger that cannot be written ends a run that it limits, and no other.
func TestLedgerFailsMeanwhile(t *testing.T) {
	t.Parallel()
	for name, limited := range map[string]bool{"limits": true, "informs": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "org.json")
			l := openLedger(t, path, time.Now)
			c := newClient(t, &world{answer: updates}, Config{})
			c.pacer.Account(l, Budget{Credits: 1000, Limited: limited})
			if err := os.Mkdir(path, 0o700); err != nil {
				t.Fatal(err)
			}
			_, err := assignOne(t.Context(), c)
			if !limited {
				if err != nil || l.Warning() == nil || !strings.Contains(l.Warning().Error(), path) {
					t.Errorf("%v; warning: %v", err, l.Warning())
				}
				return
			}
			if e := failure(t, err); e.Ends != EndRefused || !strings.Contains(e.Error(), path) {
				t.Error(e)
			}
		})
	}
}
