package api

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// jitter returns a random duration in [0, n); n is above zero.
type jitter func(n time.Duration) time.Duration

// probeFrom is the number of failures of one call after which a probe is sent, if no other call is answered meanwhile.
// Only a probe can tell an outage from one call that is never answered.
const probeFrom = 3

// policy decides what follows a failed attempt. It is a value with a pure function, so that a table of tests can cover
// every case. A retry library does not fit: five kinds of failure wait in five ways, three of them on state that all
// calls share (the gate, the token, the outage).
type policy struct {
	attempts int           // most attempts that count
	first    time.Duration // upper bound of the first wait; doubles
	longest  time.Duration // upper bound of any wait
	budget   time.Duration // of one call: attempts that count, and the waits after them
	outage   time.Duration // how long no call is answered before this counts as an outage
	once     bool          // no retries
}

// defaultPolicy returns rolecall's own numbers. Zoho documents none for calls that fail without a 429.
func defaultPolicy() policy {
	return policy{
		attempts: 8,
		first:    200 * time.Millisecond,
		longest:  10 * time.Second,
		budget:   time.Minute,
		outage:   2 * time.Minute,
	}
}

// trial counts what happened to a call so far, its failed attempt included.
type trial struct {
	counted    int           // attempts that failed while the service was there
	failed     int           // attempts that failed transiently, counted or not
	spent      time.Duration // on attempts that count, and the waits after them
	refreshed  bool          // a token was refused before
	away       bool          // no call was answered since the failure before
	unanswered time.Duration // how long no call has been answered
	applied    bool          // it may have been applied, and must not be applied twice
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
	reason string // why the call stops, if the fault does not say why
}

// next decides what follows a failure.
func (p policy) next(k kind, t trial, j jitter) verdict {
	if t.applied && (k == kindThrottle || k == kindToken) {
		return verdict{} // Zoho refuses, but applied a part
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
		return p.retry(k, t, j)
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

// retry decides about a call that may succeed later.
func (p policy) retry(k kind, t trial, j jitter) verdict {
	// Without a token no row can be sent: the failure is never this row's own.
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

// backoff returns the upper bound of the wait after the n-th failure, n from 1.
func (p policy) backoff(n int) time.Duration {
	d := p.first
	for range n - 1 {
		if d *= 2; d >= p.longest {
			return p.longest
		}
	}
	return d
}

// parseRetryAfter reads a Retry-After header: seconds, or an HTTP date. It returns zero for what it cannot read and for
// the past.
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

// longestWait bounds the wait that a server asks for: credits come back within a day (Zoho CRM API v8, API Limits).
const longestWait = 24 * time.Hour

// parseSeconds reads a number of seconds, which may have a fraction; ok is false for anything else.
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

// waitAskedFor reads how long a 429 asks to wait: its Retry-After, else details.retry_after (Zoho's OpenAPI v8 has
// seconds there). Neither is promised.
func waitAskedFor(h http.Header, r refusalText, now time.Time) time.Duration {
	if d := parseRetryAfter(h.Get("Retry-After"), now); d > 0 {
		return d
	}
	var details struct {
		RetryAfter text `json:"retry_after"`
	}
	if len(r.Details) == 0 || json.Unmarshal(r.Details, &details) != nil {
		return 0
	}
	return parseRetryAfter(string(details.RetryAfter), now)
}
