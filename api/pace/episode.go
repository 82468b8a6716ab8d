package pace

import "time"

// Episode is a time in which Zoho answers 429.
type Episode struct {
	Over     bool // the episode ends; false: it begins
	Began    time.Time
	Lasted   time.Duration // with Over
	Refusals int           // calls answered 429 so far
	InFlight int           // calls in flight allowed from now on
	Wait     time.Duration // how long the gate is closed, at the beginning
}

// throttled handles an attempt that was answered 429.
func (p *Pacer) throttled(now time.Time, t Ticket, after time.Duration) {
	r := p.gate.refuse(now, t.closings, after)
	if r.opens {
		p.stats.Episodes++
		p.tell(Episode{Began: now, Refusals: p.gate.refusals, InFlight: p.gate.limit, Wait: p.gate.closed(now)})
	}
	if !r.gaveUp || p.waitForCredits(now, r.waitEnd) {
		return
	}
	message := "Zoho still refuses after " + p.gate.patience().String() + " at one call in flight"
	if !p.free {
		message += ": the credits of the last 24 hours are used up"
	}
	if !r.waitEnd.IsZero() {
		message = "Zoho asks to come back at " + r.waitEnd.UTC().Format(time.RFC3339)
	}
	p.end(&Stop{Reason: Throttled, Message: message})
}

// answered handles an attempt that was answered with anything but 429.
func (p *Pacer) answered(now time.Time, t Ticket) {
	began, n := p.gate.began, p.gate.refusals
	if p.gate.answer(now, t.closings) {
		p.gate.refusals = 0
		p.tell(Episode{Over: true, Began: began, Lasted: now.Sub(began), Refusals: n, InFlight: p.gate.limit})
	}
}

func (p *Pacer) tell(e Episode) {
	if p.onEpisode != nil {
		p.news = append(p.news, func() { p.onEpisode(e) })
	}
}

func (p *Pacer) tellWait(until time.Time, why string) {
	if p.onWait != nil {
		p.news = append(p.news, func() { p.onWait(until, why) })
	}
}

// publish calls the hooks in order. It does not hold the lock that calls need.
func (p *Pacer) publish() {
	p.hooks.Lock()
	defer p.hooks.Unlock()
	p.mu.Lock()
	news := p.news
	p.news = nil
	p.mu.Unlock()
	for _, tell := range news {
		tell()
	}
}
