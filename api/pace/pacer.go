// Package pace decides when calls to an org may start. All calls of a run pass one [Pacer]. It keeps the calls in
// flight, the rate and the credits within their limits, and closes one gate for everybody after a 429.
//
// It opens no file and sends nothing. [Places] and [Credits] stand for what a run shares with others who call the same
// org: behind them are files on one machine, or leases in a distributed run.
package pace

import (
	"context"
	"math"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// defaultInFlight is the limit of the smallest edition (Zoho CRM API v8, API Limits: Free, 5).
const defaultInFlight = 5

// Config holds the limits and the hooks of a Pacer.
type Config struct {
	InFlight   int     // most calls in flight; 0: 5
	Rate       float64 // most calls started per second; 0: no limit
	MaxCredits int     // most credits to spend; 0: no limit
	Free       bool    // calls cost no credits
	// Patience is how long 429s may go on at one call in flight before all calls end; 0: two minutes.
	Patience time.Duration
	// OnEpisode is called when a 429 episode begins and when it ends, once each, in order, by one goroutine at a time.
	// It may call Stats.
	OnEpisode func(Episode)
	// OnWait is called in the same way when calls of all kinds, or of one kind, wait until a time. why says what for.
	OnWait func(until time.Time, why string)
}

// Pacer lets calls start. A process has one for an org: all workers keep its limits together, and stop together.
type Pacer struct {
	onEpisode  func(Episode)
	onWait     func(time.Time, string)
	maxCredits int
	free       bool
	limiter    *rate.Limiter // nil: no limit; guarded by mu like the rest

	hooks   sync.Mutex // held while a hook runs; locked before mu
	leasing sync.Mutex // held while the record of the credits works; locked before mu

	mu          sync.Mutex
	gate        gate
	places      Places // nil: not shared
	heavy       int    // heavy calls in flight
	heavyPlaces Places // nil: not shared
	account     account
	health      health
	stats       Stats
	kinds       map[string]int
	lanes       map[string]*lane // kinds of calls with a limit of their own
	latencies   latencies
	meter       meter
	news        []func()      // hooks to call
	first       *Claim        // the others wait for this claim; nil: there is none
	stop        *Stop         // why no call starts any more; nil: calls start
	stopped     chan struct{} // closed with stop
	changed     chan struct{} // closed and replaced when waiting calls should look again
	waiting     int           // calls that wait for changed
}

// New makes a Pacer.
func New(c Config) *Pacer {
	n := c.InFlight
	if n <= 0 {
		n = defaultInFlight
	}
	p := &Pacer{
		onEpisode:  c.OnEpisode,
		onWait:     c.OnWait,
		maxCredits: c.MaxCredits,
		free:       c.Free,
		gate:       gate{ceiling: n, limit: n, patient: c.Patience},
		account:    account{ledger: newLedger(&alone{}, time.Now)},
		kinds:      map[string]int{},
		lanes:      map[string]*lane{},
		stopped:    make(chan struct{}),
		changed:    make(chan struct{}),
	}
	if c.Rate > 0 {
		// The calls of a hundredth of a second may start at once, because timers are no finer on some systems. The rate
		// is that much lower, so that no second has more starts than Config.Rate.
		burst := max(1, int(math.Ceil(c.Rate/100)))
		p.limiter = rate.NewLimiter(rate.Limit(c.Rate-float64(burst-1)), burst)
	}
	return p
}

// SetCeiling changes the most calls in flight. Calls in flight go on.
func (p *Pacer) SetCeiling(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.gate.setCeiling(max(1, n))
	p.wake()
}

// Pause waits between two attempts of a call. It returns nil if the call may go on.
func (p *Pacer) Pause(ctx context.Context, d time.Duration) *Stop {
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

// wake makes the waiting calls look again. Waiting calls are few, at most one for each worker, so waking all of them
// costs less than a queue.
func (p *Pacer) wake() {
	if p.waiting > 0 {
		close(p.changed)
		p.changed = make(chan struct{})
	}
}
