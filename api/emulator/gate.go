package emulator

import (
	"fmt"
	"maps"
	"sync"
	"time"
)

// A gate lets API calls in, counts them and enforces the org's limits.
type gate struct {
	now func() time.Time

	mu       sync.Mutex
	inFlight int
	heavy    int // of these, calls with a limit of their own
	limit    int // calls in flight
	credits  window
	max      int // credits in a window; 0 is no limit
	stats    Stats
}

// Stats is what GET /__emulator/stats gives.
type Stats struct {
	// Calls counts every API call that arrived, refused and faulted ones
	// too, by method and path without its /crm/vN, ids written {id}.
	Calls map[string]int `json:"calls"`
	// MaxInFlight is the most API calls that were let in at one time, a
	// composite request counting for five.
	MaxInFlight int `json:"max_in_flight"`
	// TooManyRequests counts the answers 429, injected ones too.
	TooManyRequests int `json:"too_many_requests"`
	// Credits used in the last 24 hours. API calls cost one, lists of deleted
	// records two and COQL up to three, but not those answered 429 and those
	// cut before they were looked at.
	Credits int `json:"credits"`
	// TokensIssued counts access tokens.
	TokensIssued int `json:"tokens_issued"`
}

// Limits change what the emulator enforces while it runs; nil leaves a limit
// as it is.
type Limits struct {
	// InFlight is the calls in flight, at least 1.
	InFlight *int `json:"in_flight,omitempty"`
	// Credits in any 24 hours, those already used included; 0 is no limit.
	Credits *int `json:"credits,omitempty"`
}

// maxLabels bounds the map of calls against clients that make up paths.
const maxLabels = 1000

func newGate(limit, credits int, now func() time.Time) *gate {
	return &gate{now: now, limit: limit, max: credits, stats: Stats{Calls: make(map[string]int)}}
}

// subConcurrency is how many heavy calls may be in flight, in every edition:
// COQL, composite requests, and records sorted or by a custom view are. Zoho
// CRM API v8, API Limits, "Sub-concurrency limit".
const subConcurrency = 10

// enter counts a call, which takes its places among those in flight or none,
// and its credits, and says whether it may go on; then leave must follow.
func (g *gate) enter(c *call) (admitted bool) {
	label := c.label
	g.mu.Lock()
	defer g.mu.Unlock()
	if _, known := g.stats.Calls[label]; !known && len(g.stats.Calls) >= maxLabels {
		label = "other"
	}
	g.stats.Calls[label]++
	now := g.now()
	used := g.credits.used(now)
	if g.inFlight+c.places > g.limit || g.max > 0 && used >= g.max || c.heavy && g.heavy >= subConcurrency {
		g.stats.TooManyRequests++
		return false
	}
	g.inFlight += c.places
	if c.heavy {
		g.heavy++
	}
	g.stats.MaxInFlight = max(g.stats.MaxInFlight, g.inFlight)
	g.credits.add(now, c.credits)
	c.remaining = g.max - used - c.credits
	return true
}

// charge adds credits that show only when a call is looked at. Whether a call
// may go on is decided before that.
func (g *gate) charge(c *call, more int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.credits.add(g.now(), more)
	c.remaining -= more
}

// remaining is the credits that were left after a call, 0 at the least. Zoho
// says so once half are used (Zoho CRM API v8, API Limits).
func (g *gate) remaining(c *call) (credits int, said bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return max(c.remaining, 0), g.max > 0 && 2*c.remaining <= g.max
}

// refund takes back the credits of a call that was not looked at; tooMany says
// that it was answered 429.
func (g *gate) refund(c *call, tooMany bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.credits.add(g.now(), -c.credits)
	if tooMany {
		g.stats.TooManyRequests++
	}
}

func (g *gate) leave(c *call) {
	g.mu.Lock()
	g.inFlight -= c.places
	if c.heavy {
		g.heavy--
	}
	g.mu.Unlock()
}

func (g *gate) tokenIssued() {
	g.mu.Lock()
	g.stats.TokensIssued++
	g.mu.Unlock()
}

func (g *gate) snapshot() Stats {
	g.mu.Lock()
	defer g.mu.Unlock()
	s := g.stats
	s.Calls = maps.Clone(s.Calls)
	s.Credits = g.credits.used(g.now())
	return s
}

// set changes limits and gives those now in force.
func (g *gate) set(l Limits) (Limits, error) {
	switch {
	case l.InFlight != nil && *l.InFlight < 1:
		return Limits{}, fmt.Errorf("in_flight is %d: at least one call must be let in", *l.InFlight)
	case l.Credits != nil && *l.Credits < 0:
		return Limits{}, fmt.Errorf("credits is %d: use 0 for no limit", *l.Credits)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if l.InFlight != nil {
		g.limit = *l.InFlight
	}
	if l.Credits != nil {
		g.max = *l.Credits
	}
	return Limits{InFlight: new(g.limit), Credits: new(g.max)}, nil
}

// A window sums what happened in the last 24 hours, to the minute: exact
// times of a million calls would cost more than they tell.
type window struct {
	minutes map[int64]int
	sum     int
	oldest  int64
}

const windowMinutes = 24 * 60

func (w *window) add(now time.Time, n int) {
	minute := now.Unix() / 60
	if w.minutes == nil {
		w.minutes = make(map[int64]int)
		w.oldest = minute
	}
	w.minutes[minute] += n
	w.sum += n
}

// used forgets what is older than 24 hours and gives the rest.
func (w *window) used(now time.Time) int {
	if w.minutes == nil {
		return 0
	}
	first := now.Unix()/60 - windowMinutes + 1
	if first <= w.oldest {
		return w.sum
	}
	for minute, n := range w.minutes {
		if minute < first {
			w.sum -= n
			delete(w.minutes, minute)
		}
	}
	w.oldest = first
	return w.sum
}
