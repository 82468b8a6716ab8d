package api

import "time"

// jitter gives a random duration in [0, n); n is above zero.
type jitter func(n time.Duration) time.Duration

// probeFrom is the failure of a call from which, while nobody else is answered,
// something cheap is asked as well: only that tells a service that is away from
// a call that is never answered and has no others beside it.
const probeFrom = 3

// policy says what a failed attempt means for its call. It is a plain value
// with a pure function rather than a retry library's loop: five kinds of failure
// wait in five ways, three of them on state that all calls share (the gate, the
// token, the outage), and a table can hold every case.
type policy struct {
	attempts int           // attempts that count
	first    time.Duration // the longest that the first wait may be; doubles
	longest  time.Duration // the longest that any wait may be
	budget   time.Duration // of one call: attempts that count, and the waits after them
	outage   time.Duration // no call answered for so long: the service is away
	once     bool          // nothing is waited for
}

// defaultPolicy has rolecall's own numbers; Zoho documents none for calls that
// fail without a 429.
func defaultPolicy() policy {
	return policy{
		attempts: 8,
		first:    200 * time.Millisecond,
		longest:  10 * time.Second,
		budget:   time.Minute,
		outage:   2 * time.Minute,
	}
}

// trial is what a call has been through, its failed attempt included.
type trial struct {
	counted    int           // attempts that failed while the service was there
	failed     int           // attempts that failed transiently, counted or not
	spent      time.Duration // on attempts that count, and the waits after them
	refreshed  bool          // a token was refused once already
	away       bool          // no call was answered between the failure before and this one
	unanswered time.Duration // how long no call at all has been answered
	applied    bool          // it may have been applied, and must not be twice
}

type action int

const (
	actStop    action = iota // the call fails, for the fault's own reason or the verdict's
	actWait                  // send again after the wait
	actGate                  // send again when the gate opens
	actRefresh               // send again with another token
)

type verdict struct {
	action action
	wait   time.Duration
	end    End
	reason string // why it stops, where the fault itself does not say
}

// next decides what follows a failure.
func (p policy) next(k kind, t trial, j jitter) verdict {
	if t.applied && (k == kindThrottle || k == kindToken) {
		return verdict{} // it says so, and has done some of it all the same
	}
	switch k {
	case kindThrottle:
		if p.once {
			return verdict{}
		}
		return verdict{action: actGate}
	case kindToken:
		if t.refreshed {
			return verdict{end: EndSignIn, reason: "Zoho refused two access tokens in a row"}
		}
		return verdict{action: actRefresh}
	case kindTransient, kindTokenServer:
		if p.once {
			return verdict{}
		}
		return p.again(k, t, j)
	case kindSignIn:
		return verdict{end: EndSignIn}
	case kindRefused:
		return verdict{end: EndRefused}
	case kindTokenThrottle:
		return verdict{end: EndSignIn, reason: "Zoho gives ten access tokens in ten minutes; go on in ten minutes"}
	case kindCancelled:
		return verdict{end: EndDraining}
	case kindNone, kindRow:
	}
	return verdict{}
}

func (p policy) again(k kind, t trial, j jitter) verdict {
	// Without a token no row can be sent: that is never this row's own failure.
	waits := t.away || k == kindTokenServer
	switch {
	case waits && t.unanswered >= p.outage:
		return verdict{end: EndOutage, reason: "no call answered for " + p.outage.String()}
	case t.applied:
		return verdict{}
	case waits:
		return verdict{action: actWait, wait: j(p.backoff(t.failed))}
	}
	wait := j(p.backoff(t.failed))
	if t.counted >= p.attempts || t.spent+wait >= p.budget {
		return verdict{}
	}
	return verdict{action: actWait, wait: wait}
}

// backoff is the upper bound of the wait after the n-th failure, n from 1.
func (p policy) backoff(n int) time.Duration {
	d := p.first
	for range n - 1 {
		if d *= 2; d >= p.longest {
			return p.longest
		}
	}
	return d
}
