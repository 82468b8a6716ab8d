package auth

import (
	"errors"
	"sync"
	"time"
)

// throttle decides when to ask Zoho again after a refusal because of too many
// requests: Zoho gives ten access tokens in ten minutes (Zoho CRM API, Token
// Validity). It does not read the clock: callers pass the time.
//
// Zoho does not say when its window of ten minutes ends, nor whether a refused
// request counts. So the throttle allows only a few requests: fewer than ten in
// a window even for several processes. The last request comes when no earlier
// token counts any more. Processes with a common cache then need one token.
type throttle struct {
	mu      sync.Mutex
	began   time.Time // when the refusals began; zero: there are none
	next    time.Time // when to ask again
	step    int       // the index of the next of throttleSteps
	gaveUp  bool      // all steps were refused; nobody waits until next
	refusal *Error    // the last refusal
}

const (
	throttleWindow = 10 * time.Minute
	// throttleLast is when to ask for the last time: after the window, with a
	// margin for the difference of two clocks.
	throttleLast = throttleWindow + 30*time.Second
	// throttleRest is how long the last refusal counts after giving up, so that
	// late callers do not begin to wait from the start.
	throttleRest = time.Minute
)

// throttleSteps returns when to ask again, as times after the first refusal.
func throttleSteps() []time.Duration {
	return []time.Duration{time.Minute, 4 * time.Minute, throttleLast}
}

// refuse records a refusal. begins reports whether it is the first of a series.
func (t *throttle) refuse(now time.Time, e *Error) (begins bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.refusal = e
	steps := throttleSteps()
	if t.began.IsZero() || t.gaveUp || now.Sub(t.began) > throttleLast+refreshTimeout {
		t.began, t.step, t.gaveUp = now, 0, false
		begins = true
	}
	// A late answer skips the steps whose time has passed.
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

// over ends the series of refusals after Zoho gave a token.
func (t *throttle) over() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.began, t.next, t.step, t.gaveUp, t.refusal = time.Time{}, time.Time{}, 0, false, nil
}

// closed returns the last refusal, or nil if the Source may ask for a token now.
func (t *throttle) closed(now time.Time) *Error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if now.Before(t.next) {
		return t.refusal
	}
	return nil
}

// patience returns how long to wait before asking again, and whether to wait at
// all.
func (t *throttle) patience(now time.Time) (time.Duration, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return max(0, t.next.Sub(now)), !t.gaveUp
}

// isThrottled reports whether err is a refusal because of too many requests.
func isThrottled(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.Throttled()
}
