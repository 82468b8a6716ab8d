package pace

import (
	"context"
	"time"
)

// Claim is one attempt of a call that wants to start.
type Claim struct {
	Kind    string // its name in the statistics
	Places  int    // calls in flight that it counts for; 0: one
	Credits int    // that it costs; 0: one
	Heavy   bool   // it counts for sub-concurrency: see MostHeavy
	Retry   bool   // it is not the first attempt of its call
}

// Ticket is the right to send one attempt. The caller must release it.
type Ticket struct {
	Started  time.Time
	closings int  // of the gate at the start
	places   int  // calls in flight that it counts for
	credits  int  // that it costs
	spent    int  // credits of the last 24 hours, its own included
	heavy    bool // it counts for sub-concurrency
	shared   lent // places among all calls
	heavies  lent // a place among the heavy calls

	kind string // of the claim
}

// Result is the part of an attempt's result that the pacer needs.
type Result struct {
	Answered  bool          // Zoho answered, whatever it said
	Throttled bool          // Zoho answered 429
	After     time.Duration // the wait that a 429 asked for
	Lock      Lock          // the limit on calls of this kind alone that a 429 names
	Failed    bool          // no answer that could be read, or a fault of the server
	Unsent    bool          // it was certainly not sent
	// Credits is how many credits remain, as Zoho says. It counts only with SaysCredits.
	Credits     int
	SaysCredits bool
}

// Acquire waits until an attempt may start: calls in flight, gate, rate and budget all allow it at one moment, and
// nothing has stopped.
//
// An attempt that counts for several calls in flight starts when so many places are free. If the limit is lower, it
// starts alone. While it waits, no other attempt starts. Otherwise attempts of one place would always overtake it.
func (p *Pacer) Acquire(ctx context.Context, c Claim) (Ticket, *Stop) {
	c.Places, c.Credits = max(c.Places, 1), max(c.Credits, 1)
	if p.free {
		c.Credits = 0
	}
	for {
		p.mu.Lock()
		if stop := p.mayNotStart(ctx, c.Credits); stop != nil {
			p.standDown(&c)
			p.mu.Unlock()
			return Ticket{}, stop
		}
		t, wait, ok := p.grant(time.Now(), &c)
		if ok {
			p.standDown(&c)
			p.start(&t, c)
			p.mu.Unlock()
			return t, nil
		}
		if p.stop != nil {
			p.mu.Unlock()
			continue
		}
		changed, renews, news := p.changed, p.account.ledger.lacks(c.Credits), len(p.news) > 0
		p.waiting++
		p.mu.Unlock()
		if renews {
			p.renew(c.Credits)
		}
		if renews || news {
			p.publish()
		}
		p.await(ctx, changed, wait)
	}
}

// mayNotStart returns why an attempt of that many credits may not start, or nil.
func (p *Pacer) mayNotStart(ctx context.Context, credits int) *Stop {
	if ctx.Err() != nil {
		return &Stop{Reason: Drained, Message: "not sent", Err: ctx.Err()}
	}
	if p.stop != nil {
		return p.stop
	}
	if p.maxCredits > 0 && p.stats.Credits+credits > p.maxCredits {
		return &Stop{Reason: OutOfCredits, Message: "not sent: the run's budget of credits is used up"}
	}
	return nil
}

// grant reports whether an attempt may start now. If not, wait is the time after which to look again at the latest, or
// zero to look again only when something changes. A waiting attempt holds no shared place, so that others can use it.
func (p *Pacer) grant(now time.Time, c *Claim) (t Ticket, wait time.Duration, ok bool) {
	t = Ticket{
		closings: p.gate.closings, Started: now, places: c.Places, credits: c.Credits, kind: c.Kind, heavy: c.Heavy,
	}
	why, wait := p.hold(now, c)
	switch why {
	case phaseFree:
	case phaseLimit:
		p.meter.turn(now, why)
		return t, wait, false
	default: // others may start meanwhile
		p.stepAside(c)
		p.meter.turn(now, why)
		return t, wait, false
	}
	if c.Heavy && !p.lend(&t.heavies, p.heavyPlaces, 1) || !p.lend(&t.shared, p.places, c.Places) {
		t.free()
		p.meter.turn(now, phasePlaces)
		return t, placeWait(), false
	}
	if d := p.overRate(now); d > 0 {
		t.free()
		p.meter.turn(now, phaseRate)
		return t, d, false
	}
	return t, 0, true
}

// hold returns what keeps a claim from starting, apart from other processes and the rate, and after what time to look
// again.
func (p *Pacer) hold(now time.Time, c *Claim) (phase, time.Duration) {
	if d := p.gate.closed(now); d > 0 {
		if p.account.dry.After(now) {
			return phaseCredits, min(d, longestLook)
		}
		return phaseGate, d
	}
	if d := p.lanes[c.Kind].closed(now); d > 0 {
		return phaseRate, min(d, longestLook)
	}
	if why, wait := p.mayNotSpend(now, c.Credits); why != phaseFree {
		return why, wait
	}
	if c.Heavy && p.heavy >= MostHeavy || !p.fits(c) {
		return phaseLimit, 0
	}
	return phaseFree, 0
}

// overRate returns how long the rate lets no call start. If it returns zero, it has counted the start of a call.
func (p *Pacer) overRate(now time.Time) time.Duration {
	if p.limiter == nil {
		return 0
	}
	r := p.limiter.ReserveN(now, 1)
	d := r.DelayFrom(now)
	if d > 0 {
		r.CancelAt(now)
	}
	return max(0, d)
}

// fits reports whether the places of a claim are free. If the claim wants several, the other claims wait for it.
func (p *Pacer) fits(c *Claim) bool {
	if p.first != nil && p.first != c {
		return false
	}
	if c.Places > 1 {
		p.first = c
	}
	return p.stats.InFlight == 0 || p.stats.InFlight+c.Places <= p.gate.limit
}

// standDown lets the other claims of this process go on, if they wait for this claim.
func (p *Pacer) standDown(c *Claim) {
	if p.first != c {
		return
	}
	p.stepAside(c)
	p.first = nil
	p.wake()
}

// stepAside lets other processes go on, if they wait for this claim.
func (p *Pacer) stepAside(c *Claim) {
	if p.first == c && p.places != nil {
		p.places.StepAside()
	}
}

func (p *Pacer) start(t *Ticket, c Claim) {
	p.stats.Calls++
	p.stats.Credits += c.Credits
	p.kinds[c.Kind]++
	p.lanes[c.Kind].start(t.Started)
	if c.Retry {
		p.stats.Retries++
	}
	p.stats.InFlight += c.Places
	if c.Heavy {
		p.heavy++
	}
	p.stats.MaxInFlight = max(p.stats.MaxInFlight, p.stats.InFlight)
	p.account.ledger.take(c.Credits)
	t.spent = p.account.ledger.spent()
	p.settle(t.Started)
}

// refund gives back the credits of an attempt that Zoho cannot have executed.
func (p *Pacer) refund(t Ticket) {
	p.stats.Credits -= t.credits
	p.account.ledger.take(-t.credits)
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
	p.settle(time.Now())
	p.mu.Unlock()
}

// Release gives a ticket back with what became of the attempt.
func (p *Pacer) Release(t Ticket, r Result) {
	now := time.Now()
	p.mu.Lock()
	t.free()
	p.stats.InFlight -= t.places
	if t.heavy {
		p.heavy--
	}
	if r.Answered {
		p.health.answer(now)
		p.latencies.add(now.Sub(t.Started))
		if r.SaysCredits {
			p.account.said, p.account.saidAt = r.Credits+t.spent, now
		}
	}
	switch {
	case r.Throttled:
		p.stats.TooManyRequests++
		p.refund(t)
		if r.Lock.For > 0 {
			p.lock(now, t.kind, r.Lock)
		} else {
			p.throttled(now, t, r.After)
		}
	case r.Answered:
		p.answered(now, t)
	default:
		if r.Unsent {
			p.refund(t)
		}
		if r.Failed {
			p.health.fail(t.Started)
		}
	}
	p.settle(now)
	p.wake()
	news := len(p.news) > 0
	p.mu.Unlock()
	if news {
		p.publish()
	}
}
