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
	heavy    int // heavy calls in flight
	limit    int // calls in flight
	credits  window
	max      int // credits in a window; 0 is no limit
	stats    Stats
}

// Stats is the answer of GET /__emulator/stats.
type Stats struct {
	// Calls counts every API call that arrived, refused and faulted ones too, by method and path. The path is without
	// its /crm/vN, and ids are {id}.
	Calls map[string]int `json:"calls"`
	// MaxInFlight is the most API calls that were in flight at one time. A composite request counts for five.
	MaxInFlight int `json:"max_in_flight"`
	// TooManyRequests counts the answers 429, injected ones too.
	TooManyRequests int `json:"too_many_requests"`
	// Credits used in the last 24 hours. API calls cost one, lists of deleted records two, COQL up to three, writes of
	// records one for each ten, and a bulk read job 50. Calls that are answered 429, or cut before they are applied,
	// cost nothing.
	Credits int `json:"credits"`
	// TokensIssued counts access tokens.
	TokensIssued int `json:"tokens_issued"`
	// Voice has the counts of Zoho Voice, which are not part of the other counts; nil without a call.
	Voice *VoiceStats `json:"voice,omitempty"`
}

// VoiceStats are the counts of Zoho Voice. Its calls cost no credits.
type VoiceStats struct {
	Calls           map[string]int `json:"calls"`
	MaxInFlight     int            `json:"max_in_flight"`
	TooManyRequests int            `json:"too_many_requests"`
}

// Limits change what the emulator enforces while it runs. A nil limit stays as it is.
type Limits struct {
	// InFlight is the calls in flight, at least 1.
	InFlight *int `json:"in_flight,omitempty"`
	// Credits in any 24 hours, with those already used; 0 is no limit.
	Credits *int `json:"credits,omitempty"`
}

// maxLabels bounds the map of calls, in case a client invents paths.
const maxLabels = 1000

// subConcurrency is how many heavy calls may be in flight, in every edition: COQL, composite requests, writes of more
// than ten records, and records that are sorted or come from a custom view. Zoho CRM API v8, API Limits,
// "Sub-concurrency limit".
const subConcurrency = 10

func newGate(limit, credits int, now func() time.Time) *gate {
	return &gate{now: now, limit: limit, max: credits, stats: Stats{Calls: make(map[string]int)}}
}

// enter counts a call and reports whether it may go on. Then it holds its calls in flight until leave, and its credits
// are used.
func (g *gate) enter(c *call) (admitted bool) {
	label := c.Label
	g.mu.Lock()
	defer g.mu.Unlock()
	if _, known := g.stats.Calls[label]; !known && len(g.stats.Calls) >= maxLabels {
		label = "other"
	}
	g.stats.Calls[label]++
	now := g.now()
	used := g.credits.used(now)
	if g.inFlight+c.route.Places > g.limit || g.max > 0 && used >= g.max || c.heavy && g.heavy >= subConcurrency {
		g.stats.TooManyRequests++
		return false
	}
	g.inFlight += c.route.Places
	if c.heavy {
		g.heavy++
	}
	g.stats.MaxInFlight = max(g.stats.MaxInFlight, g.inFlight)
	g.credits.add(now, c.route.Credits)
	c.remaining = g.max - used - c.route.Credits
	return true
}

// charge adds credits that the emulator knows only after enter. They do not stop the call.
func (g *gate) charge(c *call, credits int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.credits.add(g.now(), credits)
	c.remaining -= credits
}

// makeHeavy makes a call count for sub-concurrency, if that is known only after enter. It returns false if too many
// heavy calls are in flight. Then the call is refused and costs nothing.
func (g *gate) makeHeavy(c *call) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.heavy >= subConcurrency {
		g.credits.add(g.now(), -c.route.Credits)
		g.stats.TooManyRequests++
		return false
	}
	g.heavy++
	c.heavy = true
	return true
}

// remaining returns the credits that were left after a call, at least 0, and whether the answer shows them. Zoho shows
// them once half are used (Zoho CRM API v8, API Limits).
func (g *gate) remaining(c *call) (credits int, shown bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return max(c.remaining, 0), g.max > 0 && 2*c.remaining <= g.max
}

// refund returns the credits of a call that was not applied. The call may count as answered 429.
func (g *gate) refund(c *call, tooMany bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.credits.add(g.now(), -c.route.Credits)
	if tooMany {
		g.stats.TooManyRequests++
	}
}

func (g *gate) leave(c *call) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.inFlight -= c.route.Places
	if c.heavy {
		g.heavy--
	}
}

func (g *gate) tokenIssued() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.stats.TokensIssued++
}

func (g *gate) snapshot() Stats {
	g.mu.Lock()
	defer g.mu.Unlock()
	s := g.stats
	s.Calls = maps.Clone(s.Calls)
	s.Credits = g.credits.used(g.now())
	return s
}

// set changes limits and returns all of them.
func (g *gate) set(l Limits) (Limits, error) {
	switch {
	case l.InFlight != nil && *l.InFlight < 1:
		return Limits{}, fmt.Errorf("in_flight is %d: it must be at least 1", *l.InFlight)
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

// A window sums the credits of the last 24 hours, to the minute. Exact times of a million calls would need much memory.
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

// used drops what is older than 24 hours and returns the rest.
func (w *window) used(now time.Time) int {
	first := now.Unix()/60 - windowMinutes + 1
	if w.minutes == nil || first <= w.oldest {
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
