package pace

import (
	"maps"
	"time"
)

// Stats counts what passed a pacer.
type Stats struct {
	Calls           int // attempts sent
	Credits         int // spent on attempts that Zoho may have executed
	Retries         int // attempts after the first of a call
	TooManyRequests int // attempts answered 429
	Episodes        int // 429 episodes
	InFlight        int // now, in places: a call counts for one, a composite call for five
	MaxInFlight     int // highest so far, in places
	Limit           int // places allowed now
	Remaining       int // credits that the org has left, those in reserve included; -1: not known
}

// CallStats counts a pacer's calls by kind, and the time that they waited.
type CallStats struct {
	Kinds    map[string]int // attempts sent, by the kind of their claims: "PUT /Deals/{id}/Contact_Roles/{id}"
	Answered int            // attempts answered, whatever the answer; the latencies are of these
	P50      time.Duration  // half of the answers took no longer
	P99      time.Duration  // 99 of 100 took no longer
	AtLimit  time.Duration  // time in which as many calls were in flight as allowed

	// Time in which calls waited to start, by what they waited for.
	WaitGate    time.Duration // the gate is closed after a 429
	WaitCredits time.Duration // credits must come back
	WaitSlots   time.Duration // other processes have the org's calls in flight
	WaitRate    time.Duration // the rate that the user asked for
}

// Waiting returns the time in which calls waited to start, for whatever reason except AtLimit.
func (s CallStats) Waiting() time.Duration {
	return s.WaitGate + s.WaitCredits + s.WaitSlots + s.WaitRate
}

// Stats returns the counts so far.
func (p *Pacer) Stats() Stats {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := p.stats
	s.Limit = p.gate.limit
	s.Remaining = p.account.remaining(time.Now())
	return s
}

// CallStats returns where calls and time went so far.
func (p *Pacer) CallStats() CallStats {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.meter.turn(time.Now(), p.meter.now)
	spent := p.meter.spent
	return CallStats{
		Kinds:    maps.Clone(p.kinds),
		Answered: p.latencies.count,
		P50:      p.latencies.quantile(0.50),
		P99:      p.latencies.quantile(0.99),
		AtLimit:  spent[phaseLimit],

		WaitGate:    spent[phaseGate],
		WaitCredits: spent[phaseCredits],
		WaitSlots:   spent[phasePlaces],
		WaitRate:    spent[phaseRate],
	}
}

// phase is what keeps the next call from starting.
type phase int

const (
	phaseFree phase = iota // nothing: there is no call, or it has not asked yet
	phaseLimit
	phaseGate
	phaseCredits
	phaseLease // the record leases credits; too short to report
	phasePlaces
	phaseRate
	phases
)

// meter sums the time spent in each phase.
type meter struct {
	now   phase
	since time.Time
	spent [phases]time.Duration
}

// turn begins a phase, or continues it.
func (m *meter) turn(now time.Time, next phase) {
	if d := now.Sub(m.since); d > 0 && !m.since.IsZero() {
		m.spent[m.now] += d
	}
	m.now, m.since = next, now
}

// settle begins the phase that follows when calls started or ended.
func (p *Pacer) settle(now time.Time) {
	switch {
	case p.stats.InFlight >= p.gate.limit, p.heavy >= MostHeavy:
		p.meter.turn(now, phaseLimit)
	case p.waiting == 0 || p.meter.now == phaseLimit:
		p.meter.turn(now, phaseFree)
	}
}
