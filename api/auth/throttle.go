package auth

import (
	"errors"
	"sync"
	"time"
)

// throttle knows when the next token may be asked for while Zoho gives none
// for having been asked too often: ten access tokens in ten minutes (Zoho CRM
// API, Token Validity). It is pure in now.
//
// Zoho does not say when its window opens again, nor whether a refused request
// counts in it. So few are made: less than ten in a window even for several
// processes, the last when every token of before is out of it. Processes with a
// common cache then need but one token.
type throttle struct {
	mu      sync.Mutex
	began   time.Time // of the episode; zero: there is none
	next    time.Time // when to ask again
	step    int       // of throttleSteps, the next one's
	gaveUp  bool      // all steps were in vain; until next nobody waits
	refusal *Error    // the last
}

const (
	throttleWindow = 10 * time.Minute
	// throttleLast is the last time of asking: the window and a margin for two
	// clocks.
	throttleLast = throttleWindow + 30*time.Second
	// throttleRest is how long the last refusal stands after giving up, so
	// that callers who come a moment late do not begin to wait anew.
	throttleRest = time.Minute
)

// throttleSteps are the times of asking again, since the first refusal.
func throttleSteps() []time.Duration {
	return []time.Duration{time.Minute, 4 * time.Minute, throttleLast}
}

// refuse takes a refusal and reports whether an episode begins with it.
func (t *throttle) refuse(now time.Time, e *Error) (begins bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.refusal = e
	steps := throttleSteps()
	if t.began.IsZero() || t.gaveUp || now.Sub(t.began) > throttleLast+refreshTimeout {
		t.began, t.step, t.gaveUp = now, 0, false
		begins = true
	}
	// A late answer skips the times that have passed meanwhile.
	for t.step < len(steps) && !t.began.Add(steps[t.step]).After(now) {
		t.step++
	}
	if t.step == len(steps) {
		t.gaveUp, t.next = true, now.Add(throttleRest)
		return begins
	}
	t.next = t.began.Add(steps[t.step])
	t.step++
	return begins
}

// over takes a token that was given.
func (t *throttle) over() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.began, t.next, t.step, t.gaveUp, t.refusal = time.Time{}, time.Time{}, 0, false, nil
}

// closed gives the refusal that stands, nil when a token may be asked for.
func (t *throttle) closed(now time.Time) *Error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if now.Before(t.next) {
		return t.refusal
	}
	return nil
}

// patience is how long to wait before asking again, and whether that is worth
// while.
func (t *throttle) patience(now time.Time) (time.Duration, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return max(0, t.next.Sub(now)), !t.gaveUp
}

func isThrottled(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.Throttled()
}
