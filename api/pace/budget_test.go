package pace

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestBudgetEndsTheRun(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &service{latency: 10 * time.Millisecond, pacer: New(Config{InFlight: 4})}
		s.crew(t.Context(), 1, 1) // as GET /org, before the org is known
		record := &shared{}
		if err := s.pacer.Account(record, Budget{Credits: 200, Reserve: 10, Limited: true}); err != nil {
			t.Fatal(err)
		}
		if got := s.pacer.Stats(); got.Remaining != 199 {
			t.Errorf("%d remain, want 199", got.Remaining)
		}
		done, stop := s.crew(t.Context(), 4, 1000)
		if reason(t, stop, OutOfCredits); done != 189 || s.sent != 190 {
			t.Errorf("%d calls, want 190", s.sent)
		}
		// The bubble's time begins in 2000; credits come back after a day and a minute.
		for _, want := range []string{"190 credits", "of 200", "10 in reserve", "2000-01-02T00:01:00Z"} {
			if !strings.Contains(stop.Message, want) {
				t.Errorf("%q does not say %q", stop.Message, want)
			}
		}
		if got := s.pacer.Stats(); got.Remaining != 10 || got.Credits != 190 {
			t.Errorf("%+v", got)
		}
		if err := s.pacer.Close(); err != nil {
			t.Fatal(err)
		}
		if got := record.spent(time.Now()); got != 190 {
			t.Errorf("recorded: %d", got)
		}
	})
}

func TestBudgetOnlyInforms(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &service{latency: time.Millisecond, pacer: New(Config{})}
		if got := s.pacer.Stats(); got.Remaining != -1 {
			t.Errorf("%d remain of an unknown budget", got.Remaining)
		}
		_ = s.pacer.Account(nil, Budget{Credits: 100, Reserve: 90})
		for _, want := range []int{40, 0} {
			if done, stop := s.crew(t.Context(), 4, 60); done != 60 || stop != nil ||
				s.pacer.Stats().Remaining != want {
				t.Errorf("%d fine, %+v; %+v", done, stop, s.pacer.Stats())
			}
		}
	})
}

// Pacers that share a record spend one budget.
func TestBudgetIsShared(t *testing.T) {
	t.Parallel()
	record := &shared{}
	var services []*service
	var wg sync.WaitGroup
	for range 3 {
		s := &service{pacer: New(Config{InFlight: 4})}
		services = append(services, s)
		if err := s.pacer.Account(record, Budget{Credits: 1000, Limited: true}); err != nil {
			t.Fatal(err)
		}
		wg.Go(func() {
			if _, stop := s.crew(t.Context(), 4, 2000); stop == nil || stop.Reason != OutOfCredits {
				t.Errorf("%+v", stop)
			}
			_ = s.pacer.Close()
		})
	}
	wg.Wait()
	sent := 0
	for _, s := range services {
		sent += s.sent
	}
	if got := record.spent(time.Now()); sent != 1000 || got != 1000 {
		t.Errorf("%d calls, %d recorded", sent, got)
	}
}

// A run that waits spends its budget in every 24 hours, and goes on for days.
func TestBudgetWaits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var w waits
		s := &service{latency: time.Second, pacer: New(Config{InFlight: 2, OnWait: w.hook})}
		_ = s.pacer.Account(&shared{}, Budget{Credits: 330, Reserve: 30, Limited: true, Wait: true})
		began := time.Now()
		if done, stop := s.crew(t.Context(), 2, 1000); done != 1000 {
			t.Errorf("%d fine, %+v", done, stop)
		}
		if most := mostIn(s.times); most > 300 {
			t.Errorf("%d calls in 24 hours, 300 allowed", most)
		}
		// 300 at once, and 700 more need three more days.
		if took := time.Since(began); took < 72*time.Hour || took > 74*time.Hour {
			t.Errorf("took %v", took)
		}
		if len(w.lasts) < 3 || w.lasts[0] < 23*time.Hour || !strings.Contains(w.why[0], "300 credits") {
			t.Errorf("waits: %v, %q", w.lasts, w.why)
		}
		if got := s.pacer.CallStats(); got.WaitCredits < 71*time.Hour || got.Waiting() != got.WaitCredits {
			t.Errorf("%+v", got)
		}
	})
}

// A round of credits is not larger than the whole budget.
func TestBudgetWaitsForLittle(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &service{pacer: New(Config{})}
		_ = s.pacer.Account(nil, Budget{Credits: 10_000, Reserve: 9_990, Limited: true, Wait: true})
		began := time.Now()
		if done, stop := s.crew(t.Context(), 1, 25); done != 25 {
			t.Errorf("%d fine, %+v", done, stop)
		}
		if took := time.Since(began); mostIn(s.times) != 10 || took < 48*time.Hour || took > 49*time.Hour {
			t.Errorf("%d in 24 hours; %v", mostIn(s.times), took)
		}
	})
}

// A lease may cross from one minute to the next at any moment, and calls go on.
func TestBudgetAcrossMinutes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &service{latency: 41 * time.Second, pacer: New(Config{})}
		_ = s.pacer.Account(nil, Budget{Credits: 1000, Limited: true})
		if done, _ := s.crew(t.Context(), 5, 900); done != 900 || s.pacer.Stats().Remaining != 100 {
			t.Errorf("%d fine; %+v", done, s.pacer.Stats())
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
				s := &service{pacer: New(Config{})}
				_ = s.pacer.Account(nil, Budget{Credits: 3, Limited: true, Wait: true})
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				began := time.Now()
				time.AfterFunc(time.Hour, func() { end(s.pacer, cancel) })
				done, stop := s.crew(ctx, 4, 100)
				if reason(t, stop, Drained); done != 3 || time.Since(began) != time.Hour {
					t.Errorf("%d fine, after %v", done, time.Since(began))
				}
				<-time.After(time.Hour)
				if got := s.pacer.CallStats(); got.WaitCredits != time.Hour {
					t.Errorf("no call waits any more: %+v", got)
				}
			})
		})
	}
}

// A reserve that leaves nothing is not waited for.
func TestBudgetOfNothing(t *testing.T) {
	t.Parallel()
	s := &service{pacer: New(Config{})}
	_ = s.pacer.Account(nil, Budget{Credits: 100, Reserve: 100, Limited: true, Wait: true})
	reason(t, s.call(t.Context(), Claim{}), OutOfCredits)
}

// says returns the result of an answer that says how many credits remain.
func says(credits int) Result { return Result{Answered: true, SaysCredits: true, Credits: credits} }

// Zoho's number of credits wins over the edition's limit, whether it is lower or higher.
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
				s := &service{latency: time.Millisecond, pacer: New(Config{}), answer: func(n int) Result {
					if 2*n < c.zoho {
						return fine
					}
					return says(c.zoho - n)
				}}
				_ = s.pacer.Account(nil, c.budget)
				calls := 1000
				if !c.budget.Limited {
					calls = c.want
				}
				_, stop := s.crew(t.Context(), 1, calls)
				if s.sent != c.want || s.pacer.Stats().Remaining != c.remaining {
					t.Errorf("%d calls, want %d; %+v", s.sent, c.want, s.pacer.Stats())
				}
				if !c.budget.Limited {
					return
				}
				if reason(t, stop, OutOfCredits); !strings.Contains(stop.Message, "Zoho says that ") {
					t.Error(stop.Message)
				}
			})
		})
	}
}

// Other programs spent the credits, and the pacer does not know when they come back. It uses Zoho's number for an hour.
// Then a call gets a new one.
func TestBudgetWaitsForOthersCredits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		s := &service{pacer: New(Config{}), answer: func(int) Result {
			if time.Since(began) < 150*time.Minute {
				return says(0)
			}
			return fine
		}}
		_ = s.pacer.Account(nil, Budget{Credits: 1000, Limited: true, Wait: true})
		if done, stop := s.crew(t.Context(), 1, 100); done != 100 {
			t.Errorf("%d fine, %+v", done, stop)
		}
		took := time.Since(began)
		if took < 150*time.Minute || took > 4*time.Hour || s.starts[2].Sub(began) < 2*time.Hour {
			t.Errorf("took %v; %v", took, s.starts[:4])
		}
	})
}

// A 429 and an attempt that was not sent cost no credit, in the record neither.
func TestBudgetRefunds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &service{latency: time.Millisecond, pacer: New(Config{}), answer: func(n int) Result {
			switch n % 10 {
			case 3:
				return Result{Answered: true, Throttled: true}
			case 6:
				return Result{Failed: true, Unsent: true}
			}
			return fine
		}}
		_ = s.pacer.Account(nil, Budget{Credits: 1000})
		s.crew(t.Context(), 3, 100)
		if got := s.pacer.Stats(); got.Credits != 100 || got.Remaining != 900 || got.Calls <= 100 {
			t.Errorf("%+v", got)
		}
	})
}

// Zoho refuses every call for hours. A run that waits tries one call from time to time, and goes on after a success.
func TestDryCreditsAreWaitedFor(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		after            time.Duration
		least, most      time.Duration // of every wait
		attempts, refuse int
	}{
		"nothing said":     {0, dryLongest, dryLongest, 3, 30},
		"to come back":     {2 * time.Hour, 2 * time.Hour, 2 * time.Hour, 2, 12},
		"soon, nobody can": {3 * time.Minute, 3 * time.Minute, 3 * time.Minute, 50, 60},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				var w waits
				s := &service{latency: 10 * time.Millisecond, pacer: New(Config{InFlight: 8, OnWait: w.hook})}
				s.answer = func(int) Result {
					if time.Since(began) < 150*time.Minute {
						return Result{Answered: true, Throttled: true, After: c.after}
					}
					return fine
				}
				_ = s.pacer.Account(nil, Budget{Wait: true}) // limited or not
				s.pacer.account.ledger.take(3)               // spent now: comes back tomorrow
				if done, stop := s.crew(t.Context(), 8, 50); done != 50 {
					t.Errorf("%d fine, %+v", done, stop)
				}
				if len(w.lasts) < c.attempts || s.sent-50 > c.refuse {
					t.Errorf("%d waits; %d calls refused", len(w.lasts), s.sent-50)
				}
				for _, d := range w.lasts {
					if d < c.least-time.Second || d > c.most {
						t.Errorf("waits: %v", w.lasts)
						break
					}
				}
				if got := s.pacer.CallStats(); got.WaitCredits < 2*time.Hour {
					t.Errorf("%+v", got)
				}
			})
		})
	}
}

var errBroken = errors.New("the record is broken")

// A record that fails ends a run that it limits, and no other.
func TestRecordFailsMeanwhile(t *testing.T) {
	t.Parallel()
	for name, limited := range map[string]bool{"limits": true, "informs": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, record := &service{pacer: New(Config{})}, &shared{}
			if err := s.pacer.Account(record, Budget{Credits: 1000, Limited: limited}); err != nil {
				t.Fatal(err)
			}
			record.fail(errBroken)
			done, stop := s.crew(t.Context(), 2, 100)
			warning := s.pacer.Close()
			if limited {
				if reason(t, stop, Broken); !errors.Is(stop.Err, errBroken) || done != 0 || warning != nil {
					t.Errorf("%d calls, %+v, %v", done, stop, warning)
				}
				return
			}
			if done != 100 || !errors.Is(warning, errBroken) || s.pacer.Stats().Remaining != 900 {
				t.Errorf("%d fine, %+v, warning: %v", done, stop, warning)
			}
		})
	}
	record := &shared{err: errBroken}
	if err := New(Config{}).Account(record, Budget{}); !errors.Is(err, errBroken) {
		t.Errorf("a record that cannot be read: %v", err)
	}
}
