package api

import "time"

// health knows whether anybody answers at all. One row's trouble and a service
// that is away look the same from a single call; they differ in what the other
// calls see. It is pure in now.
type health struct {
	answered time.Time // the last answer to any call
	failing  time.Time // the start of the first attempt that failed since; zero: none did
}

func (h *health) answer(now time.Time) {
	h.answered = now
	h.failing = time.Time{}
}

// fail takes an attempt that got no answer, by when it started. Time in which
// nobody asked is not counted: silence then proves nothing.
func (h *health) fail(started time.Time) {
	if h.failing.IsZero() {
		h.failing = latest(started, h.answered)
	}
}

// unanswered is how long calls have been failing without any answer between.
func (h *health) unanswered(now time.Time) time.Duration {
	if h.failing.IsZero() {
		return 0
	}
	return now.Sub(h.failing)
}

// lately is how old an answer may be and still show that the service is there.
// Without it, a call that fails faster than its neighbours are answered would
// look like an outage.
const lately = 500 * time.Millisecond

// away reports that nobody was answered since, nor lately.
func (h *health) away(now, since time.Time) bool {
	return !h.answered.After(since) && now.Sub(h.answered) > lately
}

// look reports whether the service has been away since, and for how long no
// call has been answered.
func (p *Pacer) look(since time.Time) (away bool, unanswered time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	return p.health.away(now, since), p.health.unanswered(now)
}

// unanswered is how long no call has been answered.
func (p *Pacer) unanswered() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.health.unanswered(time.Now())
}

// failToken takes a token request that failed: without a token nothing is
// answered either.
func (p *Pacer) failToken(started time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.health.fail(started)
}

// gateWait is how long the gate stays closed.
func (p *Pacer) gateWait() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.gate.closed(time.Now())
}
