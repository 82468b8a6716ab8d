package pace

import (
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// clock is a time that a test moves.
type clock struct{ now time.Time }

func (c *clock) Now() time.Time { return c.now }

// renew takes a lease as a pacer does.
func renew(l *ledger, credits, most int) int {
	r := l.request(credits, most)
	granted, day, _ := l.record.Lease(r)
	l.accept(r, granted, day)
	return granted
}

func giveBack(l *ledger) { renew(l, 0, 0) }

// spend spends n credits as a pacer does, most being allowed, and returns how many it got.
func spend(l *ledger, n, most int) int {
	for i := range n {
		if l.lacks(1) && renew(l, 1, most) == 0 {
			return i
		}
		l.take(1)
	}
	return n
}

func TestLedgersShareARecord(t *testing.T) {
	t.Parallel()
	c, record := &clock{start()}, &shared{}
	a, b := newLedger(record, c.Now), newLedger(record, c.Now)
	spend(a, 7, math.MaxInt)
	if got := a.spent(); got != 7 {
		t.Errorf("a says %d, it spent 7", got)
	}
	// Others count what a has leased before it is spent; otherwise a kill would lose it.
	if got := record.spent(c.now); got != leaseFirst {
		t.Errorf("the record says %d, a leased %d", got, leaseFirst)
	}
	spend(b, 3, math.MaxInt)
	for _, l := range []*ledger{a, b, a} { // to give back twice does nothing
		giveBack(l)
	}
	if got := record.spent(c.now); got != 10 {
		t.Errorf("after both gave back: %d, want 10", got)
	}
}

// No credit comes back before 24 hours, and each within a minute after.
func TestCreditsComeBackAfterADay(t *testing.T) {
	t.Parallel()
	c, record := &clock{start().Add(59 * time.Second)}, &shared{}
	l := newLedger(record, c.Now)
	spend(l, 5, math.MaxInt)
	c.now = c.now.Add(time.Hour)
	spend(l, 20, math.MaxInt)
	giveBack(l)
	first := start().Add(24*time.Hour + time.Minute)
	for n, want := range map[int]time.Time{1: first, 5: first, 6: first.Add(time.Hour), 25: first.Add(time.Hour)} {
		if at, ok := l.returns(n); !ok || !at.Equal(want) {
			t.Errorf("%d come back at %v, want %v", n, at.UTC(), want)
		}
	}
	if at, ok := l.returns(26); ok {
		t.Errorf("26 come back at %v, 25 were spent", at)
	}
	for _, step := range []struct {
		at   time.Time
		want int
	}{
		{start().Add(59*time.Second + 24*time.Hour), 25},
		{first.Add(-time.Nanosecond), 25},
		{first, 20},
		{first.Add(time.Hour), 0},
	} {
		c.now = step.at
		if got := record.spent(c.now); got != step.want || l.spent() != step.want {
			t.Errorf("at %v: %d and %d, want %d", step.at, got, l.spent(), step.want)
		}
	}
}

func TestCreditsWhenTheClockJumps(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	for _, c := range []struct {
		name string
		jump []time.Duration // from the beginning
		want int
	}{
		{"back", []time.Duration{-3 * day}, 40},
		{"far ahead and back", []time.Duration{30 * time.Hour, 0}, 40},
		{"ahead, back", []time.Duration{10 * time.Hour, 0}, 40},
		{"back for more than a day", []time.Duration{-3 * day, -2*day + 5*time.Minute}, 0},
		{"ahead", []time.Duration{day + 5*time.Minute}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			k, record := &clock{start()}, &shared{}
			l := newLedger(record, k.Now)
			spend(l, 40, math.MaxInt)
			spent := 40
			for _, jump := range c.jump {
				giveBack(l)
				k.now = start().Add(jump)
				spend(l, 1, math.MaxInt)
				spent++
			}
			giveBack(l)
			// The credit of the last jump counts, and of the earlier ones as many as wanted.
			got := record.spent(k.now)
			if got < c.want+1 || got > spent || c.want == 0 && got > len(c.jump) {
				t.Errorf("%d, want %d of %d", got, c.want+1, spent)
			}
		})
	}
}

// Leases grow with the speed of calls up to a bound, and shrink again.
func TestLeases(t *testing.T) {
	t.Parallel()
	c := &clock{start()}
	l := newLedger(&alone{}, c.Now)
	var leases []int
	for range 8 {
		leases = append(leases, renew(l, 1, math.MaxInt))
		l.take(l.lease)
	}
	if leases[0] != leaseFirst || leases[1] != 2*leaseFirst || leases[7] != leaseMost {
		t.Errorf("fast: %v", leases)
	}
	c.now = c.now.Add(leaseLasts)
	if got := renew(l, 1, math.MaxInt); got != leaseFirst {
		t.Errorf("slow: %d", got)
	}
	l.take(l.lease)
	// No more is leased than is allowed.
	if got := renew(l, 1, l.spent()+3); got != 3 {
		t.Errorf("near the bound: %d", got)
	}
}

// Several ledgers lease in any order, with a clock that only goes forward. The count of the last 24 hours is never too
// low, and too high by at most the leases and a minute. The ledgers never spend more than allowed.
func TestLedgersAgainstModel(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c, record := &clock{start()}, &shared{}
		ledgers := make([]*ledger, rapid.IntRange(1, 3).Draw(t, "ledgers"))
		for i := range ledgers {
			ledgers[i] = newLedger(record, c.Now)
		}
		most := rapid.IntRange(1, 400).Draw(t, "most")
		var model []time.Time // of every credit
		within := func(d time.Duration) (n int) {
			for _, at := range model {
				if c.now.Sub(at) <= d {
					n++
				}
			}
			return n
		}
		leased := 0 // by processes that were killed
		for range rapid.IntRange(1, 25).Draw(t, "steps") {
			c.now = c.now.Add(time.Duration(rapid.IntRange(0, 5*3600).Draw(t, "seconds")) * time.Second)
			i := rapid.IntRange(0, len(ledgers)-1).Draw(t, "ledger")
			switch rapid.SampledFrom([]string{"spend", "spend", "close", "kill"}).Draw(t, "what") {
			case "spend":
				for range spend(ledgers[i], rapid.IntRange(1, 120).Draw(t, "credits"), most) {
					model = append(model, c.now)
				}
			case "close":
				giveBack(ledgers[i])
			case "kill":
				leased += max(0, ledgers[i].left)
				ledgers[i] = newLedger(record, c.Now)
			}
			held := leased
			for _, l := range ledgers {
				held += max(0, l.left)
			}
			got := record.spent(c.now)
			if least := within(24 * time.Hour); got < least {
				t.Fatalf("says %d, %d were spent", got, least)
			}
			if now := within(24 * time.Hour); now > most {
				t.Fatalf("%d were spent, %d allowed", now, most)
			}
			if top := within(24*time.Hour+time.Minute) + held; got > top {
				t.Fatalf("says %d, at most %d", got, top)
			}
		}
	})
}
