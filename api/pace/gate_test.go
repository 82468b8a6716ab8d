package pace

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// A lone caller that is always refused waits 0.5 s, doubling to 60 s, and gives up when two minutes at one call in
// flight have passed.
func TestGateDoublesAndGivesUp(t *testing.T) {
	t.Parallel()
	g := gate{ceiling: 1, limit: 1}
	now := start()
	var waits []time.Duration
	for range 20 {
		r := g.refuse(now, g.closings, 0)
		if r.opens != (len(waits) == 0) {
			t.Errorf("refusal %d: episode begins %v", len(waits)+1, r.opens)
		}
		if r.gaveUp {
			break
		}
		waits = append(waits, g.closed(now))
		now = g.until
	}
	const ms, s = time.Millisecond, time.Second
	want := []time.Duration{500 * ms, 1 * s, 2 * s, 4 * s, 8 * s, 16 * s, 32 * s, 60 * s}
	if diff := cmp.Diff(want, waits); diff != "" {
		t.Errorf("waits (-want +got):\n%s", diff)
	}
	if passed := now.Sub(start()); passed < 2*time.Minute || passed > 3*time.Minute {
		t.Errorf("gave up after %v", passed)
	}
}

func TestGateHalvesAndRaises(t *testing.T) {
	t.Parallel()
	g := gate{ceiling: 20, limit: 20}
	now := start()
	var limits []int
	for range 6 {
		g.refuse(now, g.closings, 0)
		limits = append(limits, g.limit)
		now = g.until
	}
	if diff := cmp.Diff([]int{10, 5, 2, 1, 1, 1}, limits); diff != "" {
		t.Errorf("limits (-want +got):\n%s", diff)
	}
	if !g.answer(now, g.closings) {
		t.Error("an answer did not end the episode")
	}
	if g.answer(now, g.closings) {
		t.Error("the episode ended twice")
	}
	for i := range 30 {
		now = now.Add(raiseAfter)
		g.answer(now, g.closings)
		g.answer(now, g.closings) // a second one at the same moment raises nothing
		if want := min(20, 2+i); g.limit != want {
			t.Fatalf("after %d clean intervals: limit %d, want %d", i+1, g.limit, want)
		}
	}
	g.refuse(now, g.closings, 0)
	if g.closed(now) != gateFirst {
		t.Errorf("after an answer the first wait is %v", g.closed(now))
	}
}

// After a refusal, the calls in flight grow quickly to one below the refused number, and slowly beyond. Once that
// number is accepted, they grow quickly again.
func TestGateRemembersWhatWasRefused(t *testing.T) {
	t.Parallel()
	g := gate{ceiling: 10, limit: 10}
	now := start()
	// round answers as many calls as are in flight, and returns the limit after that.
	round := func(after time.Duration) int {
		now = latest(now, g.until).Add(after)
		for range g.limit {
			g.answer(now, g.closings)
		}
		return g.limit
	}
	g.refuse(now, g.closings, 0) // ten are too many: five
	var limits []int
	for range 6 {
		limits = append(limits, round(raiseSoon))
	}
	if diff := cmp.Diff([]int{6, 7, 8, 9, 9, 9}, limits); diff != "" {
		t.Errorf("after a refusal at ten (-want +got):\n%s", diff)
	}
	if got := round(raiseAfter); got != 10 {
		t.Errorf("ten are not tried again after %v: %d", raiseAfter, got)
	}

	g = gate{ceiling: 10, limit: 7}
	g.refuse(now, g.closings, 0) // seven are too many: three
	limits = nil
	for range 4 {
		limits = append(limits, round(raiseSoon))
	}
	for range 4 {
		limits = append(limits, round(raiseAfter))
	}
	if diff := cmp.Diff([]int{4, 5, 6, 6, 7, 8, 9, 10}, limits); diff != "" {
		t.Errorf("seven become fine (-want +got):\n%s", diff)
	}
}

// The limit rises only after as many answers as calls in flight, however slow they are, and only after raiseSoon,
// however fast they are.
func TestGateRaisesByTheRound(t *testing.T) {
	t.Parallel()
	g := gate{ceiling: 10, limit: 8}
	g.refuse(start(), g.closings, 0)
	now := g.until.Add(raiseSoon)
	for range 3 {
		g.answer(now, g.closings)
	}
	if g.limit != 4 {
		t.Errorf("raised after three answers of four: %d", g.limit)
	}
	if g.answer(now, g.closings); g.limit != 5 {
		t.Errorf("not raised after four answers of four: %d", g.limit)
	}
	now = now.Add(raiseSoon - 1)
	for range 100 {
		g.answer(now, g.closings)
	}
	if g.limit != 5 {
		t.Errorf("raised within %v: %d", raiseSoon, g.limit)
	}
}

// If Zoho's limit stays, the gate tries a higher number less and less often, down to a bound.
func TestGateTriesMoreSeldom(t *testing.T) {
	t.Parallel()
	const limit = 5
	g := gate{ceiling: 10, limit: 10}
	now, last := start(), start()
	var tries []time.Duration
	for now.Before(start().Add(10 * time.Minute)) {
		now = latest(now, g.until).Add(100 * time.Millisecond)
		if g.limit > limit {
			if g.refuse(now, g.closings, 0).opens && g.limit == limit/2+1 {
				tries = append(tries, now.Sub(last))
				last = now
			}
			continue
		}
		for range g.limit {
			g.answer(now, g.closings)
		}
	}
	for i, d := range tries[1:] {
		if d < raiseAfter || d > raiseLongest+2*time.Second || i > 0 && d < tries[i] {
			t.Fatalf("try %d: %v after the one before (%v)", i+2, d, tries)
		}
	}
	if d := tries[len(tries)-1]; d < raiseLongest {
		t.Errorf("after ten minutes still every %v", d)
	}
}

// The answers to calls that were in flight when the gate closed neither close it for longer nor open it.
func TestGateCallsInFlight(t *testing.T) {
	t.Parallel()
	g := gate{ceiling: 8, limit: 8}
	now := start()
	before := g.closings
	g.refuse(now, before, 0)
	for range 7 {
		if r := g.refuse(now, before, 0); r.opens || r.gaveUp {
			t.Errorf("the same news: %+v", r)
		}
	}
	if g.closed(now) != gateFirst || g.limit != 4 {
		t.Errorf("closed for %v with limit %d", g.closed(now), g.limit)
	}
	if g.answer(now, before) {
		t.Error("a call from before the closing ended the episode")
	}
	if g.refuse(now, before, 3*time.Second); g.closed(now) != 3*time.Second {
		t.Errorf("a longer Retry-After was not honoured: %v", g.closed(now))
	}
	if r := g.refuse(g.until, g.closings, 0); r.opens {
		t.Error("one episode began twice")
	}
}

func TestGateRetryAfter(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		after, closed time.Duration
		gaveUp        bool
	}{
		{0, gateFirst, false},
		{100 * time.Millisecond, gateFirst, false},
		{7 * time.Second, 7 * time.Second, false},
		{gatePatience, gatePatience, false},
		{gatePatience + 1, 0, true},
		{time.Hour, 0, true},
	} {
		g := gate{ceiling: 5, limit: 5}
		r := g.refuse(start(), 0, c.after)
		if r.gaveUp != c.gaveUp || g.closed(start()) != c.closed {
			t.Errorf("Retry-After %v: %+v, closed for %v", c.after, r, g.closed(start()))
		}
		if c.gaveUp && !r.waitEnd.Equal(start().Add(c.after)) {
			t.Errorf("Retry-After %v: says to come back at %v", c.after, r.waitEnd)
		}
	}
}

func TestGateCeiling(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ ceiling, limit, to, want int }{
		{5, 5, 20, 20}, // nothing had lowered it
		{20, 20, 5, 5},
		{20, 3, 25, 3}, // a 429 had: it must grow
		{20, 10, 5, 5},
		{20, 3, 5, 3},
	} {
		g := gate{ceiling: c.ceiling, limit: c.limit}
		if g.setCeiling(c.to); g.limit != c.want || g.ceiling != c.to {
			t.Errorf("%+v: limit %d, ceiling %d", c, g.limit, g.ceiling)
		}
	}
}

// After any answers, the limit is in 1..ceiling, a closing is at most two minutes, and each episode that begins ends
// once.
func TestGateInvariants(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 30).Draw(t, "ceiling")
		g := gate{ceiling: n, limit: n}
		now, open := start(), false
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			now = now.Add(time.Duration(rapid.IntRange(0, 20_000).Draw(t, "ms")) * time.Millisecond)
			seen := rapid.IntRange(max(0, g.closings-2), g.closings).Draw(t, "closings")
			if rapid.Bool().Draw(t, "refused") {
				r := g.refuse(now, seen, time.Duration(rapid.IntRange(0, 130).Draw(t, "after"))*time.Second)
				if r.gaveUp {
					return
				}
				if r.opens && open {
					t.Fatal("began twice")
				}
				open = open || r.opens
			} else if g.answer(now, seen) {
				if !open {
					t.Fatal("ended twice")
				}
				open = false
			}
			if g.limit < 1 || g.limit > n || g.closed(now) > gatePatience {
				t.Fatalf("limit %d of %d, closed for %v", g.limit, n, g.closed(now))
			}
		}
	})
}
