package pace

import (
	"context"
	"math"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// The tests of calls that cost three credits, beside calls that cost one.

// turns makes calls, every third of three credits, until one does not start.
func (s *service) turns(ctx context.Context, calls int) *Stop {
	for i := range calls {
		c := Claim{Credits: 1}
		if i%3 == 0 {
			c.Credits = 3
		}
		if stop := s.call(ctx, c); stop != nil {
			return stop
		}
	}
	return nil
}

// A call starts only if the budgets have all credits that it costs. So neither the run's budget nor the org's is ever
// exceeded.
func TestCreditsAreReserved(t *testing.T) {
	t.Parallel()
	for total := 100; total < 106; total++ {
		synctest.Test(t, func(t *testing.T) {
			s, record := &service{latency: time.Millisecond, pacer: New(Config{InFlight: 8})}, &shared{}
			_ = s.pacer.Account(record, Budget{Credits: total + 7, Reserve: 7, Limited: true})
			var wg sync.WaitGroup
			for range 4 {
				wg.Go(func() {
					if stop := s.turns(t.Context(), 1000); stop == nil || stop.Reason != OutOfCredits {
						t.Errorf("%+v", stop)
					}
				})
			}
			wg.Wait()
			if s.spent > total || s.spent < total-2 || s.pacer.Stats().Credits != s.spent {
				t.Errorf("%d of %d spent; %+v", s.spent, total, s.pacer.Stats())
			}
			_ = s.pacer.Close()
			if got := record.spent(time.Now()); got != s.spent {
				t.Errorf("recorded: %d, spent: %d", got, s.spent)
			}
		})
	}
	for most, want := range map[int]int{1: 0, 2: 0, 3: 3, 5: 3, 6: 6} {
		s := &service{pacer: New(Config{MaxCredits: most})}
		var stop *Stop
		for stop == nil {
			stop = s.call(t.Context(), Claim{Credits: 3})
		}
		if reason(t, stop, OutOfCredits); s.spent != want {
			t.Errorf("at most %d: %d spent", most, s.spent)
		}
	}
}

// If a stop is because of missing credits, its message says what the call costs.
func TestCreditsWanted(t *testing.T) {
	t.Parallel()
	s := &service{pacer: New(Config{})}
	_ = s.pacer.Account(nil, Budget{Credits: 2, Limited: true})
	stop := reason(t, s.call(t.Context(), Claim{Credits: 3}), OutOfCredits)
	if !strings.Contains(stop.Message, "this call costs 3") || s.spent != 0 {
		t.Errorf("%d spent, %q", s.spent, stop.Message)
	}
}

// A call that costs several credits is also stopped if Zoho says that fewer remain, because other programs spent them.
func TestCreditsThatZohoSays(t *testing.T) {
	t.Parallel()
	for remain, sent := range map[int]int{2: 1, 3: 2} {
		s := &service{pacer: New(Config{}), answer: func(int) Result { return says(remain) }}
		_ = s.pacer.Account(nil, Budget{Credits: 1000, Limited: true})
		for range 2 {
			s.call(t.Context(), Claim{Credits: 3})
		}
		if s.sent != sent {
			t.Errorf("%d remain: %d sent, want %d", remain, s.sent, sent)
		}
	}
}

// A run that waits for credits waits until there are enough for its call, and never spends more in any 24 hours.
func TestCreditsAreWaitedFor(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &service{latency: 50 * time.Second}
		waited, spent := 0, -1 // spent: at the wait before
		s.pacer = New(Config{InFlight: 2, OnWait: func(time.Time, string) {
			if waited++; s.spent == spent {
				t.Errorf("waited again at %d, with nothing sent", spent)
			}
			spent = s.spent
		}})
		_ = s.pacer.Account(nil, Budget{Credits: 21, Limited: true, Wait: true})
		if stop := s.turns(t.Context(), 60); stop != nil {
			t.Fatal(stop)
		}
		if got := mostIn(s.times); s.spent != 100 || got > 21 || waited == 0 {
			t.Errorf("%d spent, %d in 24 hours, %d waits", s.spent, got, waited)
		}
	})
	// It waits once, for the last of the credits that it needs.
	synctest.Test(t, func(t *testing.T) {
		var w waits
		s := &service{pacer: New(Config{OnWait: w.hook})}
		_ = s.pacer.Account(nil, Budget{Credits: 5, Limited: true, Wait: true})
		began := time.Now()
		for range 5 {
			if stop := s.call(t.Context(), Claim{}); stop != nil {
				t.Fatal(stop)
			}
			<-time.After(10 * time.Minute)
		}
		stop := s.call(t.Context(), Claim{Credits: 3})
		if took, want := time.Since(began), 24*time.Hour+21*time.Minute; stop != nil || len(w.lasts) != 1 ||
			took != want {
			t.Errorf("%+v: %d waits, until %s, want %s", stop, len(w.lasts), took, want)
		}
	})
	// A call that costs more than the org ever has is not waited for.
	synctest.Test(t, func(t *testing.T) {
		s := &service{pacer: New(Config{})}
		_ = s.pacer.Account(nil, Budget{Credits: 2, Limited: true, Wait: true})
		reason(t, s.call(t.Context(), Claim{Credits: 3}), OutOfCredits)
	})
}

// A process that dies in the middle of a call has recorded all its credits.
func TestCreditsAreRecordedFirst(t *testing.T) {
	t.Parallel()
	record := &shared{}
	s := &service{pacer: New(Config{})}
	_ = s.pacer.Account(record, Budget{Credits: math.MaxInt32})
	s.crew(t.Context(), 1, 48) // of a first lease of fifty: two are left
	s.answer = func(int) Result {
		if recorded := record.spent(time.Now()); recorded < 51 {
			t.Errorf("%d recorded", recorded)
		}
		return fine
	}
	if stop := s.call(t.Context(), Claim{Credits: 3}); stop != nil {
		t.Fatal(stop)
	}
}
