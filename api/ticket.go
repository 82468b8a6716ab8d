package api

import (
	"context"
	"time"
)

// claim is one attempt that wants to start.
type claim struct {
	kind    string // in the statistics
	places  int    // calls in flight that it counts for; at least 1
	credits int    // that it costs; at least 1
	retry   bool   // not its call's first
}

// ticket is the right to send one attempt. It must be given back.
type ticket struct {
	closings int // of the gate, as it started
	started  time.Time
	places   int    // calls in flight that it counts for
	credits  int    // that it costs
	spent    int    // credits of the last 24 hours, its own included
	held     []int  // of slots
	slots    *Slots // nil: it has none
}

// acquire waits until an attempt may start: calls in flight, the gate, the rate
// and the budget all allow it at one moment, and nothing has stopped. The error
// is an *Error: the pacer's stop, or the context's.
//
// An attempt of several places starts when they all are free, or alone if there
// are never so many. While it waits for them no other starts, or those of one
// place would overtake it for ever.
func (p *Pacer) acquire(ctx context.Context, c claim) (ticket, *Error) {
	c.places, c.credits = max(c.places, 1), max(c.credits, 1)
	for {
		p.mu.Lock()
		if stop := p.mayNotStart(ctx, c.credits); stop != nil {
			p.standDown(&c)
			p.mu.Unlock()
			return ticket{}, stop
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
		changed, renews, news := p.changed, p.account.ledger.lacks(c.credits), len(p.news) > 0
		p.waiting++
		p.mu.Unlock()
		if renews {
			p.renew(c.credits)
		}
		if renews || news {
			p.publish()
		}
		p.await(ctx, changed, wait)
	}
}

// mayNotStart gives the reason why no attempt of so many credits may start,
// looked at in the same moment as it would.
func (p *Pacer) mayNotStart(ctx context.Context, credits int) *Error {
	if ctx.Err() != nil {
		return cancelled(ctx)
	}
	if p.stop != nil {
		return p.stop
	}
	if p.maxCredits > 0 && p.stats.Credits+credits > p.maxCredits {
		return &Error{Ends: EndCredits, Message: "not sent: the run's budget of credits is used up"}
	}
	return nil
}

// grant reports whether an attempt may start now; if not, after what time to
// look again at the latest, zero standing for: when something changes. No slot
// is held while waiting: one kept for a closed gate or for the rate would be
// lost to other processes.
func (p *Pacer) grant(now time.Time, c *claim) (t ticket, wait time.Duration, ok bool) {
	t = ticket{closings: p.gate.closings, started: now, places: c.places, credits: c.credits, slots: p.slots}
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
	if p.slots != nil {
		if t.held, ok = p.takeSlots(c.places); !ok {
			p.meter.turn(now, phaseSlots)
			return t, slotWait(), false
		}
	}
	if d := p.overRate(now); d > 0 {
		t.freeSlots()
		p.meter.turn(now, phaseRate)
		return t, d, false
	}
	return t, 0, true
}

// hold gives what keeps a claim from starting in this process alone, and after
// what time to look again.
func (p *Pacer) hold(now time.Time, c *claim) (phase, time.Duration) {
	if d := p.gate.closed(now); d > 0 {
		if p.account.dry.After(now) {
			return phaseCredits, min(d, lookAgain)
		}
		return phaseGate, d
	}
	if why, wait := p.mayNotSpend(now, c.credits); why != phaseFree {
		return why, wait
	}
	if !p.fits(c) {
		return phaseLimit, 0
	}
	return phaseFree, 0
}

// overRate is how long the rate lets no call start; zero: one is counted.
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

// fits reports whether a claim's places are free, and makes the others stand
// back for one of several places that are not.
func (p *Pacer) fits(c *claim) bool {
	if p.first != nil && p.first != c {
		return false
	}
	if c.places > 1 {
		p.first = c
	}
	return p.stats.InFlight == 0 || p.stats.InFlight+c.places <= p.gate.limit
}

// standDown ends a claim's waiting, if others stand back for it.
func (p *Pacer) standDown(c *claim) {
	if p.first != c {
		return
	}
	p.stepAside(c)
	p.first = nil
	p.wake()
}

// stepAside lets other processes start what is not to wait for a claim now.
func (p *Pacer) stepAside(c *claim) {
	if p.first == c && p.slots != nil {
		p.slots.stepAside()
	}
}

func (p *Pacer) start(t *ticket, c claim) {
	p.stats.Calls++
	p.stats.Credits += c.credits
	p.kinds[c.kind]++
	if c.retry {
		p.stats.Retries++
	}
	p.stats.InFlight += c.places
	p.stats.MaxInFlight = max(p.stats.MaxInFlight, p.stats.InFlight)
	p.account.ledger.take(c.credits)
	t.spent = p.account.ledger.spent()
	p.settle(t.started)
}

// refund gives back the credits of an attempt that Zoho cannot have executed.
func (p *Pacer) refund(t ticket) {
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
	t.freeSlots()
	p.stats.InFlight -= t.places
	if f.answered {
		p.health.answer(now)
		p.latencies.add(now.Sub(t.started))
		p.account.hear(now, f, t.spent)
	}
	switch {
	case f.kind == kindThrottle:
		p.stats.TooManyRequests++
		p.refund(t)
		p.throttled(now, t, f.after)
	case f.answered:
		p.answered(now, t)
	default:
		if f.unsent {
			p.refund(t)
		}
		if f.kind == kindTransient {
			p.health.fail(t.started)
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
