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
	// OnWait is told, as OnEpisode is, that nothing starts for want of credits
	// until some have come back.
	OnWait func(until time.Time, why string)
}

// Pacer lets calls start. There is one for an org: every attempt of every call
// passes it, so that all workers together keep the org's limits and stop
// together.
type Pacer struct {
	onEpisode  func(Episode)
	onWait     func(time.Time, string)
	maxCredits int
	limiter    *rate.Limiter // nil: no limit; guarded by mu as the rest is

	hooks sync.Mutex // held while a hook runs; taken before mu

	mu        sync.Mutex
	gate      gate
	slots     *Slots // nil: not shared with other processes
	account   account
	health    health
	stats     PacerStats
	kinds     map[string]int
	latencies latencies
	meter     meter
	news      []func()      // hooks to call
	first     *claim        // for whom the others stand back; nil: nobody
	stop      *Error        // why nothing starts any more; nil: it does
	stopped   chan struct{} // closed with stop
	changed   chan struct{} // closed, and made anew, when a waiting call should look again
	waiting   int           // calls that look at changed
}

// NewPacer makes a Pacer.
func NewPacer(c PacerConfig) *Pacer {
	n := c.InFlight
	if n <= 0 {
		n = defaultInFlight
	}
	p := &Pacer{
		onEpisode:  c.OnEpisode,
		onWait:     c.OnWait,
		maxCredits: c.MaxCredits,
		gate:       gate{ceiling: n, limit: n},
		account:    newAccount(),
		kinds:      map[string]int{},
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
	if p.slots != nil {
		p.slots.stepAside()
	}
	p.slots = s
}

// Drain lets nothing start any more: calls that wait, in the pacer or between
// attempts, and new ones end with EndDraining. Those in flight finish and are
// not retried.
func (p *Pacer) Drain() {
	p.end(&Error{Ends: EndDraining, Message: "not sent: the run is stopping"})
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
	return p.mayNotStart(ctx, 1)
}
