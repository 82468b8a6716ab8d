package api

import (
	"maps"
	"strings"
	"time"
)

// PacerStats counts what passed a pacer.
type PacerStats struct {
	Calls           int // attempts sent
	Credits         int // spent, on the attempts that Zoho may have executed
	Retries         int // attempts after a call's first
	TooManyRequests int // attempts answered 429
	Episodes        int // 429 episodes
	InFlight        int // now, in places: a call counts for one, a composite one for five
	MaxInFlight     int // at most, so far, in places
	Limit           int // places allowed now
	Remaining       int // credits that the org has left, those in reserve included; -1: not known
}

// CallStats is where a pacer's calls and time went.
type CallStats struct {
	Kinds    map[string]int // attempts sent, by method and path with ids as {id}: "PUT /Deals/{id}/Contact_Roles/{id}"
	Answered int            // attempts answered, with whatever: those that the latencies are of
	P50      time.Duration  // half of the answers took no longer
	P99      time.Duration  // 99 of 100 took no longer
	AtLimit  time.Duration  // as many calls in flight as allowed

	// Time in which calls waited to start, for one thing or another.
	WaitGate    time.Duration // the gate is closed after a 429
	WaitCredits time.Duration // credits must come back
	WaitSlots   time.Duration // other processes have the org's calls in flight
	WaitRate    time.Duration // the rate that was asked for
}

// Waiting is all the time in which calls waited, but for the limit.
func (s CallStats) Waiting() time.Duration {
	return s.WaitGate + s.WaitCredits + s.WaitSlots + s.WaitRate
}

// Stats tells what passed so far.
func (p *Pacer) Stats() PacerStats {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := p.stats
	s.Limit = p.gate.limit
	s.Remaining = p.account.remaining(time.Now())
	return s
}

// CallStats tells where calls and time went so far.
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
		WaitSlots:   spent[phaseSlots],
		WaitRate:    spent[phaseRate],
	}
}

// phase is what keeps the next call from starting.
type phase int

const (
	phaseFree phase = iota // nothing: there is none, or it has not asked yet
	phaseLimit
	phaseGate
	phaseCredits
	phaseLease // of credits, from the ledger: not worth telling
	phaseSlots
	phaseRate
	phases
)

// meter sums the time spent in each phase.
type meter struct {
	now   phase
	since time.Time
	spent [phases]time.Duration
}

// turn begins a phase, or goes on with it.
func (m *meter) turn(now time.Time, next phase) {
	if d := now.Sub(m.since); d > 0 && !m.since.IsZero() {
		m.spent[m.now] += d
	}
	m.now, m.since = next, now
}

// settle begins the phase of calls that have just started or ended.
func (p *Pacer) settle(now time.Time) {
	switch {
	case p.stats.InFlight >= p.gate.limit:
		p.meter.turn(now, phaseLimit)
	case p.waiting == 0 || p.meter.now == phaseLimit:
		p.meter.turn(now, phaseFree)
	}
}

// kind is a call's name in the statistics: its method and path, with ids as
// {id}.
func (q request) kind() string {
	if deal, ok := strings.CutPrefix(q.path, "/Deals/"); ok && deal != "actions/count" {
		_, relation, _ := strings.Cut(deal, "/")
		list, _, one := strings.Cut(relation, "/")
		if one {
			list += "/{id}"
		}
		return q.method + " /Deals/{id}/" + list
	}
	segments := strings.Split(q.path, "/")
	for i, s := range segments {
		if isDigits(s) {
			segments[i] = "{id}"
		}
	}
	return q.method + " " + strings.Join(segments, "/")
}
