package pace

import "time"

// lately is the age up to which an answer shows that the service is there. Without it, a call that fails faster than
// other calls are answered would look like an outage.
const lately = 500 * time.Millisecond

// health records whether the service answers any call. One failed call does not show whether its row or the service has
// the problem. The other calls do. It is pure in now.
type health struct {
	answered time.Time // the last answer to any call
	failing  time.Time // the start of the first attempt that failed since; zero: none did
}

func (h *health) answer(now time.Time) {
	h.answered = now
	h.failing = time.Time{}
}

// fail records an attempt that got no answer, by its start. Time without any attempt does not count: it proves nothing.
func (h *health) fail(started time.Time) {
	if h.failing.IsZero() {
		h.failing = latest(started, h.answered)
	}
}

// unanswered returns how long calls have been failing without an answer in between.
func (h *health) unanswered(now time.Time) time.Duration {
	if h.failing.IsZero() {
		return 0
	}
	return now.Sub(h.failing)
}

// away reports whether no call was answered since a time, nor lately.
func (h *health) away(now, since time.Time) bool {
	return !h.answered.After(since) && now.Sub(h.answered) > lately
}

// Health reports whether no call was answered since a time, and returns how long calls have failed without an answer.
func (p *Pacer) Health(since time.Time) (away bool, unanswered time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	return p.health.away(now, since), p.health.unanswered(now)
}

// FailToken records a token request that failed, by its start. Without a token no call is answered either.
func (p *Pacer) FailToken(started time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.health.fail(started)
}
