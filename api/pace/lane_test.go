package pace

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"
)

// At any times of calls, no minute has more calls of a limited kind than allowed, and none starts during a lock. A call
// may start as soon as both allow it.
func TestLane(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := New(Config{})
		most := rapid.IntRange(1, 5).Draw(t, "most")
		lock := time.Duration(rapid.IntRange(60, 600).Draw(t, "lock")) * time.Second
		now := start()
		p.lock(now, "k", Lock{For: lock, PerMinute: most})
		until, l := now.Add(lock), p.lanes["k"]
		var starts []time.Time
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			now = now.Add(time.Duration(rapid.IntRange(0, 90_000).Draw(t, "ms")) * time.Millisecond)
			recent := 0
			for _, at := range starts {
				if now.Sub(at) < minute {
					recent++
				}
			}
			wait := l.closed(now)
			if mayStart := recent < most && !now.Before(until); (wait == 0) != mayStart {
				t.Fatalf("%d of %d in the last minute, lock %v: wait %v", recent, most, until.Sub(now), wait)
			}
			if wait > 0 && l.closed(now.Add(wait)) > 0 {
				t.Fatalf("after the wait of %v it is still closed", wait)
			}
			if wait == 0 {
				l.start(now)
				starts = append(starts, now)
			}
		}
		if wait := p.lanes["other"].closed(now); wait != 0 {
			t.Fatalf("another kind waits %v", wait)
		}
	})
}

// The 429s of calls that were in flight when a kind was locked are no news: OnWait is called once, and nobody waits
// longer.
func TestLockIsToldOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		told := &waits{}
		p := New(Config{Free: true, OnWait: told.hook})
		began := time.Now()
		var tickets []Ticket
		for range 3 {
			ticket, _ := p.Acquire(t.Context(), Claim{Kind: "k"})
			tickets = append(tickets, ticket)
		}
		for _, ticket := range tickets {
			<-time.After(10 * time.Second)
			p.Release(ticket, Result{Answered: true, Throttled: true, Lock: Lock{For: 10 * time.Minute, PerMinute: 30}})
		}
		if _, stop := p.Acquire(t.Context(), Claim{Kind: "other"}); stop != nil || time.Since(began) != 30*time.Second {
			t.Errorf("another kind: %v after %v", stop, time.Since(began))
		}
		if _, stop := p.Acquire(t.Context(), Claim{Kind: "k"}); stop != nil {
			t.Error(stop)
		}
		if took := time.Since(began); took != 10*time.Minute+10*time.Second {
			t.Errorf("it waited %v", took)
		}
		if !slices.Equal(told.lasts, []time.Duration{10 * time.Minute}) {
			t.Errorf("told %v", told.lasts)
		}
		if s := p.Stats(); s.Credits != 0 || s.TooManyRequests != 3 || s.Limit != defaultInFlight {
			t.Errorf("%+v", s)
		}
	})
}

// A pacer with more patience waits longer, and one whose calls are free does not speak of credits.
func TestPatience(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &service{
			pacer:  New(Config{InFlight: 5, Free: true, Patience: 15 * time.Minute}),
			answer: func(int) Result { return Result{Answered: true, Throttled: true} },
		}
		began := time.Now()
		stop := reason(t, s.call(t.Context(), Claim{}), Throttled)
		if took := time.Since(began); took < 15*time.Minute || took > 17*time.Minute {
			t.Errorf("gave up after %v", took)
		}
		if want := "Zoho still refuses after 15m0s at one call in flight"; stop.Message != want {
			t.Errorf("%q", stop.Message)
		}
	})
}
