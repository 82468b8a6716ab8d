package pace

import (
	"math/rand/v2"
	"time"
)

// placePoll is the time between two looks for a place that others gave back. It is short beside a call, which takes
// some tenths of a second, and long enough to cost nothing. A random part is added, so that pacers do not look at the
// same time.
const placePoll = 10 * time.Millisecond

// Places are the calls in flight of an org, shared by all who call it. One goroutine at a time uses them.
type Places interface {
	// Take takes n free places, or all places if there are fewer than n in total. ok is false if others hold too many.
	// Then the caller holds none. If the caller wants several, others can take none until it has them or steps aside.
	Take(n int) (places []int, ok bool, err error)
	// Release gives places back.
	Release(places []int)
	// StepAside lets others take places again.
	StepAside()
}

// Share makes every call hold shared places while it is in flight.
func (p *Pacer) Share(places Places) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.places != nil {
		p.places.StepAside()
	}
	p.places = places
}

// MostHeavy is how many heavy calls may be in flight, in every edition: its sub-concurrency (Zoho CRM API v8, API
// Limits). Heavy are COQL queries, composite requests, sorted lists of records, and writes of more than ten records.
const MostHeavy = 10

// ShareHeavy makes every heavy call also hold one of places while it is in flight. places has MostHeavy places.
func (p *Pacer) ShareHeavy(places Places) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.heavyPlaces = places
}

// placeWait returns how long to wait before looking for a free place again.
func placeWait() time.Duration { return placePoll + rand.N(placePoll/2) }

// lent is places that a ticket holds.
type lent struct {
	from Places // nil: none
	held []int
}

// lend takes n places for an attempt, or none if places is nil. An error stops the pacer, because calls without places
// could exceed the org's limit.
func (p *Pacer) lend(l *lent, places Places, n int) (ok bool) {
	if places == nil {
		return true
	}
	held, ok, err := places.Take(n)
	if err != nil {
		p.end(&Stop{Reason: Broken, Message: "not sent", Err: err})
	}
	if ok {
		*l = lent{places, held}
	}
	return ok
}

// free gives the places of a ticket back, if it has any.
func (t *Ticket) free() {
	for _, l := range []*lent{&t.shared, &t.heavies} {
		if l.from != nil {
			l.from.Release(l.held)
			*l = lent{}
		}
	}
}
