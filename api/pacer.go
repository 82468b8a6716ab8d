package api

import (
	"context"
	"math"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// defaultInFlight is what the smallest edition allows (Zoho CRM API v8, API
// Limits: Free, 5).
const defaultInFlight = 5

// PacerConfig says what an org may bear.
type PacerConfig struct {
	InFlight   int     // calls in flight at most; 0: 5
	Rate       float64 // calls started per second at most; 0: no limit
	MaxCredits int     // credits to spend at most; 0: no limit
	// OnEpisode is told when a 429 episode begins and when it ends, once each,
	// in order, from one goroutine at a time. It may call Stats.
	OnEpisode func(Episode)
}

// Episode is a time in which Zoho answered 429.
type Episode struct {
	Over     bool          // false: it begins
	Began    time.Time     //
	Lasted   time.Duration // with Over
	Refusals int           // calls answered 429 so far
	InFlight int           // calls in flight allowed from here on
	Wait     time.Duration // how long the gate is closed, at its beginning
}

// PacerStats counts what passed a pacer.
type PacerStats struct {
	Calls           int // attempts sent
	Credits         int // spent: one for each attempt that Zoho may have executed
	Retries         int // attempts after a call's first
	TooManyRequests int // attempts answered 429
	Episodes        int // 429 episodes
	InFlight        int // now
	MaxInFlight     int // at most, so far
	Limit           int // calls in flight allowed now
}

// Pacer lets calls start. There is one for an org: every attempt of every call
// passes it, so that all workers together keep the org's limits and stop
// together.
type Pacer struct {
	onEpisode  func(Episode)
	maxCredits int
	limiter    *rate.Limiter // nil: no limit; guarded by mu as the rest is

	hooks sync.Mutex // held while onEpisode runs; taken before mu

	mu      sync.Mutex
	gate    gate
	slots   *Slots // nil: not shared with other processes
	health  health
	stats   PacerStats
	news    []Episode     // not told yet
	stop    *Error        // why nothing starts any more; nil: it does
	stopped chan struct{} // closed with stop
	changed chan struct{} // closed, and made anew, when a waiting call should look again
	waiting int           // calls that look at changed
}

// NewPacer makes a Pacer.
func NewPacer(c PacerConfig) *Pacer {
	n := c.InFlight
	if n <= 0 {
		n = defaultInFlight
	}
	p := &Pacer{
		onEpisode:  c.OnEpisode,
		maxCredits: c.MaxCredits,
		gate:       gate{ceiling: n, limit: n},
		stopped:    make(chan struct{}),
		changed:    make(chan struct{}),
	}
	if c.Rate > 0 {
		// A hundredth of a second's worth may start at once: timers are no
		// finer than that on every system. What may start at once comes off the
		// rate, so that no second has more starts than asked for.
		burst := max(1, int(math.Ceil(c.Rate/100)))
		p.limiter = rate.NewLimiter(rate.Limit(c.Rate-float64(burst-1)), burst)
	}
	return p
}

// SetCeiling changes the calls in flight at most; those in flight are left.
func (p *Pacer) SetCeiling(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.gate.setCeiling(max(1, n))
	p.wake()
}

// Share makes the calls in flight those of all processes that use the same
// slots: a call starts only with one of them.
func (p *Pacer) Share(s *Slots) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.slots = s
}

// Drain lets nothing start any more: calls that wait, in the pacer or between
// attempts, and new ones end with EndDraining. Those in flight finish and are
// not retried.
func (p *Pacer) Drain() {
	p.end(&Error{Ends: EndDraining, Message: "not sent: the run is stopping"})
}

// Stats tells what passed so far.
func (p *Pacer) Stats() PacerStats {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := p.stats
	s.Limit = p.gate.limit
	return s
}

// ticket is the right to send one attempt. It must be given back.
type ticket struct {
	closings int // of the gate, as it started
	started  time.Time
	slot     int    // of slots
	slots    *Slots // nil: it has none
}

// acquire waits until an attempt may start: calls in flight, the gate, the rate
// and the budget all allow it at one moment, and nothing has stopped. The error
// is an *Error: the pacer's stop, or the context's.
func (p *Pacer) acquire(ctx context.Context, retry bool) (ticket, *Error) {
	for {
		p.mu.Lock()
		if stop := p.mayNotStart(ctx); stop != nil {
			p.mu.Unlock()
			return ticket{}, stop
		}
		now := time.Now()
		t, wait, ok := p.grant(now)
		if ok {
			p.start(retry)
			p.mu.Unlock()
			return t, nil
		}
		changed := p.changed
		p.waiting++
		p.mu.Unlock()
		p.await(ctx, changed, wait)
	}
}

// mayNotStart gives the reason why no attempt may start, looked at in the same
// moment as it would.
func (p *Pacer) mayNotStart(ctx context.Context) *Error {
	if ctx.Err() != nil {
		return cancelled(ctx)
	}
	if p.stop != nil {
		return p.stop
	}
	if p.maxCredits > 0 && p.stats.Credits >= p.maxCredits {
		return &Error{Ends: EndCredits, Message: "not sent: the run's budget of credits is used up"}
	}
	return nil
}

// grant reports whether an attempt may start now; if not, after what time to
// look again at the latest, zero standing for: when something changes. Nothing
// is held while waiting: a slot kept for a closed gate or for the rate would be
// lost to other processes.
func (p *Pacer) grant(now time.Time) (t ticket, wait time.Duration, ok bool) {
	t = ticket{closings: p.gate.closings, started: now, slots: p.slots}
	if d := p.gate.closed(now); d > 0 {
		return t, d, false
	}
	if p.stats.InFlight >= p.gate.limit {
		return t, 0, false
	}
	if p.slots != nil {
		if t.slot, ok = p.takeSlot(); !ok {
			return t, slotWait(), false
		}
	}
	if p.limiter == nil {
		return t, 0, true
	}
	r := p.limiter.ReserveN(now, 1)
	d := r.DelayFrom(now)
	if d > 0 {
		r.CancelAt(now)
		t.freeSlot()
	}
	return t, d, d <= 0
}

func (p *Pacer) start(retry bool) {
	p.stats.Calls++
	p.stats.Credits++
	if retry {
		p.stats.Retries++
	}
	p.stats.InFlight++
	p.stats.MaxInFlight = max(p.stats.MaxInFlight, p.stats.InFlight)
}

func (p *Pacer) await(ctx context.Context, changed <-chan struct{}, wait time.Duration) {
	var timer <-chan time.Time
	if wait > 0 {
		t := time.NewTimer(wait)
		defer t.Stop()
		timer = t.C
	}
	select {
	case <-ctx.Done():
	case <-changed:
	case <-timer:
	}
	p.mu.Lock()
	p.waiting--
	p.mu.Unlock()
}

// wake makes the waiting calls look again. There are no more of them than
// workers, and they wait only when the org is at its limit: telling them all
// costs less than a queue.
func (p *Pacer) wake() {
	if p.waiting > 0 {
		close(p.changed)
		p.changed = make(chan struct{})
	}
}

// release gives a ticket back with what came of the attempt.
func (p *Pacer) release(t ticket, f *fault) {
	now := time.Now()
	p.mu.Lock()
	t.freeSlot()
	p.stats.InFlight--
	switch {
	case f.kind == kindThrottle:
		p.stats.TooManyRequests++
		p.stats.Credits-- // refused before it was executed
		p.health.answer(now)
		p.throttled(now, t, f.after)
	case f.answered:
		p.health.answer(now)
		if began, n := p.gate.began, p.gate.refusals; p.gate.answer(now, t.closings) {
			p.gate.refusals = 0
			p.tell(Episode{Over: true, Began: began, Lasted: now.Sub(began), Refusals: n, InFlight: p.gate.limit})
		}
	default:
		if f.unsent {
			p.stats.Credits--
		}
		if f.kind == kindTransient {
			p.health.fail(t.started)
		}
	}
	p.wake()
	news := len(p.news) > 0
	p.mu.Unlock()
	if news {
		p.publish()
	}
}

func (p *Pacer) throttled(now time.Time, t ticket, after time.Duration) {
	r := p.gate.refuse(now, t.closings, after)
	if r.opens {
		p.stats.Episodes++
		p.tell(Episode{Began: now, Refusals: p.gate.refusals, InFlight: p.gate.limit, Wait: p.gate.closed(now)})
	}
	if !r.gaveUp {
		return
	}
	stop := &Error{Ends: EndCredits, HTTP: 429, Code: codeTooMany,
		Message: "Zoho still refuses after " + gatePatience.String() + " at one call in flight: the credits of the last 24 hours are used up"}
	if !r.waitEnd.IsZero() {
		stop.Message = "Zoho asks to come back at " + r.waitEnd.UTC().Format(time.RFC3339)
	}
	p.endLocked(stop)
}

// end stops the pacer for good; the first reason stands.
func (p *Pacer) end(reason *Error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.endLocked(reason)
}

func (p *Pacer) endLocked(reason *Error) {
	if p.stop != nil {
		return
	}
	p.stop = reason
	close(p.stopped)
	p.wake()
}

// pause waits between two attempts of a call. It errors as acquire does.
func (p *Pacer) pause(ctx context.Context, d time.Duration) *Error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	case <-p.stopped:
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.mayNotStart(ctx)
}

func (p *Pacer) tell(e Episode) {
	if p.onEpisode != nil {
		p.news = append(p.news, e)
	}
}

// publish tells the news in order, outside the lock that calls need.
func (p *Pacer) publish() {
	p.hooks.Lock()
	defer p.hooks.Unlock()
	p.mu.Lock()
	news := p.news
	p.news = nil
	p.mu.Unlock()
	for _, e := range news {
		p.onEpisode(e)
	}
}
