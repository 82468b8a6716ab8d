package api

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

const (
	// gateFirst and gateLongest: Zoho documents no wait after a 429; these find
	// a limit on calls in flight again within a second and do not hammer used-up
	// credits.
	gateFirst   = 500 * time.Millisecond
	gateLongest = time.Minute
	// gatePatience at one call in flight: what does not clear then is no limit
	// on calls in flight, it is the day's credits. Zoho answers both alike.
	gatePatience = 2 * time.Minute
	// raiseAfter so long without a 429 one call more may be in flight than was
	// refused before. A try that is refused costs about 0.7 s of work, the
	// closed gate's and that of the calls in flight that are halved: a tenth. A
	// number that was refused raiseTries times is tried a second later each
	// time, up to raiseLongest: a limit that comes back is found no later.
	raiseAfter   = 6 * time.Second
	raiseLongest = 10 * time.Second
	raiseTries   = 8
	// raiseSoon is the same for a number that was not refused lately; all calls
	// in flight must also have been answered once.
	raiseSoon = 250 * time.Millisecond
)

// gate is the one throttle of all workers. A 429 closes it for everybody and
// halves the calls in flight; a call answered otherwise opens it for good and
// lets them grow again by one after the other: soon up to what was not refused,
// and with patience beyond. It is pure in now.
type gate struct {
	ceiling int // calls in flight, at most
	limit   int // calls in flight, now; 1..ceiling

	closings int           // so far; a call remembers it as it starts
	until    time.Time     // closed until then
	next     time.Duration // length of the next closing, unless zero: gateFirst
	began    time.Time     // of the episode; zero: there is none
	alone    time.Time     // since when the episode is at one call in flight; zero: it is not
	refusals int           // in the episode
	calm     time.Time     // when limit last changed or a 429 came
	clean    int           // answers since
	refused  int           // calls in flight that were too many lately; 0: not known
	tries    int           // times that so many were too many
}

// refusal is what a 429 did to the gate.
type refusal struct {
	opens   bool      // an episode began
	gaveUp  bool      // waiting further is no use
	waitEnd time.Time // with gaveUp: when Zoho asks to come back, if it said
}

// refuse takes a 429 to a call that started after so many closings. after is
// the wait that Zoho asked for, zero if none.
func (g *gate) refuse(now time.Time, closings int, after time.Duration) refusal {
	g.refusals++
	g.calm, g.clean = now, 0
	if after > gatePatience {
		return refusal{gaveUp: true, waitEnd: now.Add(after)}
	}
	if closings != g.closings {
		// In flight when the gate closed: this is the same news.
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
		if now.Sub(g.alone) >= gatePatience {
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

// learn takes it that as many calls as are allowed now are too many. One that is
// refused alone says nothing of how many may be in flight, nor do those that are
// refused in the midst of an episode: then none may.
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

// mayRaise reports that one call more may be tried.
func (g *gate) mayRaise(now time.Time) bool {
	calm := now.Sub(latest(g.calm, g.until))
	if g.limit == g.refused-1 {
		more := time.Duration(max(0, g.tries-raiseTries)) * time.Second
		return calm >= min(raiseAfter+more, raiseLongest)
	}
	return calm >= raiseAfter || calm >= raiseSoon && g.clean >= g.limit
}

// answer takes any answer but a 429, to a call that started after so many
// closings. It reports whether an episode ended.
func (g *gate) answer(now time.Time, closings int) (ended bool) {
	if closings != g.closings {
		return false // sent before the gate closed: it says nothing of now
	}
	ended = !g.began.IsZero()
	g.began, g.alone, g.next = time.Time{}, time.Time{}, 0
	g.clean++
	if g.limit < g.ceiling && g.mayRaise(now) {
		if g.limit >= g.refused {
			g.refused = 0 // so many are fine by now
		}
		g.limit++
		g.calm, g.clean = now, 0
	}
	return ended
}

// suspend closes the gate until then, and lets one call try after it.
func (g *gate) suspend(until time.Time) {
	g.until = until
	g.closings++
	g.limit = 1
	g.calm, g.clean = until, 0
}

// closed is how long the gate stays closed.
func (g *gate) closed(now time.Time) time.Duration { return max(0, g.until.Sub(now)) }

// setCeiling moves the ceiling, and with it a limit that no 429 had lowered.
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

// parseRetryAfter reads a Retry-After header: seconds, or an HTTP date. What it
// cannot read, or lies in the past, is zero: no wait asked for.
func parseRetryAfter(text string, now time.Time) time.Duration {
	text = strings.TrimSpace(text)
	if text == "" {
		return 0
	}
	if d, ok := parseSeconds(text); ok {
		return d
	}
	at, err := http.ParseTime(text)
	if err != nil {
		return 0
	}
	return min(max(0, at.Sub(now)), longestWait)
}

// longestWait bounds what a server may ask for: its credits come back within a
// day (Zoho CRM API v8, API Limits).
const longestWait = 24 * time.Hour

// parseSeconds reads a count of seconds, fractions allowed; ok is false for
// anything else.
func parseSeconds(text string) (time.Duration, bool) {
	s, err := strconv.ParseFloat(text, 64)
	if err != nil || s != s {
		return 0, false
	}
	if s >= longestWait.Seconds() {
		return longestWait, true
	}
	return time.Duration(max(0, s) * float64(time.Second)), true
}
