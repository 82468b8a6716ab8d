package pace

import (
	"cmp"
	"time"
)

const (
	// gateFirst and gateLongest bound how long the gate is closed. Zoho documents no wait after a 429. With these,
	// calls go on within a second after a limit on calls in flight, and an org without credits gets few calls.
	gateFirst   = 500 * time.Millisecond
	gateLongest = time.Minute
	// gatePatience is how long 429s may go on at one call in flight. After that, the limit must be the day's credits,
	// not the calls in flight. The CRM answers both alike.
	gatePatience = 2 * time.Minute
	// raiseAfter is the time without a 429 after which the gate retries a number of calls in flight that was refused. A
	// refused try costs about 0.7 s of work, because it closes the gate and halves the calls in flight. After
	// raiseTries refusals, the gate waits a second longer each time, up to raiseLongest.
	raiseAfter   = 6 * time.Second
	raiseLongest = 10 * time.Second
	raiseTries   = 8
	// raiseSoon is the same time for a number that was not refused lately. As many answers as calls in flight must have
	// come since.
	raiseSoon = 250 * time.Millisecond
)

// gate is the one throttle of all workers. A 429 closes it for everybody and halves the calls in flight. Another answer
// opens it and lets them grow one by one: soon up to what was not refused, and slowly beyond. It is pure in now.
type gate struct {
	ceiling int           // most calls in flight
	limit   int           // calls in flight allowed now; 1..ceiling
	patient time.Duration // in place of gatePatience; 0: gatePatience

	closings int           // so far; a call remembers the number at its start
	until    time.Time     // closed until then
	next     time.Duration // length of the next closing; zero: gateFirst
	began    time.Time     // of the episode; zero: there is none
	alone    time.Time     // since when the episode has been at one call in flight; zero: it is not
	refusals int           // in the episode
	calm     time.Time     // when the limit last changed or a 429 came
	clean    int           // answers since
	refused  int           // number of calls in flight that was refused lately; 0: not known
	tries    int           // how often that number was refused
}

// refusal is the effect of a 429 on the gate.
type refusal struct {
	opens   bool      // an episode began
	gaveUp  bool      // a longer wait does not help
	waitEnd time.Time // with gaveUp: when Zoho asks to come back, if it said
}

// refuse handles a 429 to a call that started after that many closings. after is the wait that Zoho asked for, or zero.
func (g *gate) refuse(now time.Time, closings int, after time.Duration) refusal {
	g.refusals++
	g.calm, g.clean = now, 0
	if after > g.patience() {
		return refusal{gaveUp: true, waitEnd: now.Add(after)}
	}
	if closings != g.closings {
		// The call was in flight when the gate closed, so its 429 is not news.
		g.until = latest(g.until, now.Add(after))
		return refusal{}
	}
	r := refusal{opens: g.began.IsZero()}
	if r.opens {
		g.began = now
		g.learn()
	}
	if g.limit == 1 {
		if g.alone.IsZero() {
			g.alone = now
		}
		if now.Sub(g.alone) >= g.patience() {
			r.gaveUp = true
			return r
		}
	}
	g.next = min(max(g.next, gateFirst), gateLongest)
	g.until = now.Add(max(g.next, after))
	g.next *= 2
	g.closings++
	g.limit = max(1, g.limit/2)
	return r
}

func (g *gate) patience() time.Duration { return cmp.Or(g.patient, gatePatience) }

// learn remembers the present number of calls in flight as too many. A call that is refused alone does not show how
// many may be in flight. Nor do calls that are refused within an episode, when Zoho may accept none.
func (g *gate) learn() {
	switch g.limit {
	case 1:
		g.refused = 0
	case g.refused:
		g.tries++
	default:
		g.refused, g.tries = g.limit, 1
	}
}

// mayRaise reports whether the gate may try one call more in flight.
func (g *gate) mayRaise(now time.Time) bool {
	calm := now.Sub(latest(g.calm, g.until))
	if g.limit == g.refused-1 {
		more := time.Duration(max(0, g.tries-raiseTries)) * time.Second
		return calm >= min(raiseAfter+more, raiseLongest)
	}
	return calm >= raiseAfter || calm >= raiseSoon && g.clean >= g.limit
}

// answer handles any answer except a 429 to a call that started after that many closings. It reports whether an episode
// ended.
func (g *gate) answer(now time.Time, closings int) (ended bool) {
	if closings != g.closings {
		return false // sent before the gate closed, so the answer says nothing about now
	}
	ended = !g.began.IsZero()
	g.began, g.alone, g.next = time.Time{}, time.Time{}, 0
	g.clean++
	if g.limit < g.ceiling && g.mayRaise(now) {
		if g.limit >= g.refused {
			g.refused = 0 // that number is fine now
		}
		g.limit++
		g.calm, g.clean = now, 0
	}
	return ended
}

// suspend closes the gate until a time, and lets one call try then.
func (g *gate) suspend(until time.Time) {
	g.until = until
	g.closings++
	g.limit = 1
	g.calm, g.clean = until, 0
}

// closed returns how long the gate stays closed.
func (g *gate) closed(now time.Time) time.Duration { return max(0, g.until.Sub(now)) }

// setCeiling changes the ceiling. A limit that no 429 has lowered moves with it.
func (g *gate) setCeiling(n int) {
	if g.limit == g.ceiling || g.limit > n {
		g.limit = n
	}
	g.ceiling = n
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

func earliest(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// GateWait returns how long the gate stays closed.
func (p *Pacer) GateWait() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.gate.closed(time.Now())
}
