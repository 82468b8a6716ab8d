package job

import (
	"time"

	"rolecall/api"
	"rolecall/job/deals"
	"rolecall/job/report"
)

// Price is what the rows of a run take, known before the first of them is sent.
type Price struct {
	Deals          int64 `json:"deals"`          // with at least one row to send
	Sent           int64 `json:"sent"`           // rows that are sent
	OneByOne       int64 `json:"one_by_one"`     // calls, when each row is one
	Together       int64 `json:"together"`       // calls, when up to a hundred contacts of a deal are one
	Repeats        int64 `json:"repeats"`        // rows that equal the latest earlier row of their deal and contact, and are not sent
	Contradictions int64 `json:"contradictions"` // rows that give a contact another role than the latest earlier row does
}

// price reckons what the rows of the store that are not done will take.
func price(s *store, b batcher, done *rowSet) (Price, error) {
	var p Price
	err := s.deals(func(d dealRows) bool {
		p.add(b.plan(d), done.has)
		return true
	})
	return p, err
}

// add takes the rows of a deal into the price.
func (p *Price) add(rows []plannedRow, done func(row int64) bool) {
	var batch []plannedRow
	calls := int64(0)
	for _, r := range rows {
		if r.sameAs != 0 {
			p.Repeats++
		}
		if r.contradicts {
			p.Contradictions++
		}
		if !r.sendable(done) {
			continue
		}
		p.Sent++
		p.OneByOne++
		if len(batch) == maxTogether || among(r.contact, batch) {
			batch = batch[:0]
		}
		if len(batch) == 0 {
			calls++
		}
		batch = append(batch, r)
	}
	p.Together += calls
	if calls > 0 {
		p.Deals++
	}
}

// way is how the rows of a run travel.
type way string

// The ways, in the words of summary.json.
const (
	wayOneByOne way = "one by one"
	wayTogether way = "together"
	wayProving  way = "together once proven" // one by one until then
)

// A proof is four calls one after the other: two reads of the deal, the first row alone, the others together. Three of them are beside the rows' own; and meanwhile each of the other workers sends
// its rows one by one, the last of them as the proof ends.
const (
	proofSteps = 5
	proofCalls = 3
)

// proofPrice is what it costs to prove the collection PUT, in calls.
func (p Price) proofPrice(inFlight int) int64 {
	others := min(int64(inFlight), p.Deals) - 1 // a deal has one worker
	return proofCalls + proofSteps*max(0, others)
}

// ways chooses how the rows of a run travel at this price, and whether the deals that are read first are read five to a call.
func (r *run) ways(org *Org, p Price) (w way, composite bool) {
	w = r.writes(org, p)
	switch {
	case !r.settings.SkipUnchanged, !org.Composes, org.InFlight < api.CompositePlaces, r.settings.Composite == Off, org.Known(deals.Finding) == deals.Refused:
		return w, false
	case r.settings.Composite == On:
		return w, true
	}
	// A composite request counts for five calls in flight: it gains nothing but credits.
	left := org.Left(r.settings)
	return w, left >= 0 && p.Deals+p.calls(w, org.InFlight) > left
}

func (r *run) writes(org *Org, p Price) way {
	finding := org.Known(findingCollection)
	switch {
	case r.command == Remove:
		return wayTogether
	case r.settings.OneByOne || !org.Batches || finding == CollectionReplaces || finding == CollectionRefused:
		return wayOneByOne
	case finding == CollectionMerges:
		return wayTogether
	case p.Together+p.proofPrice(org.InFlight) < p.OneByOne:
		return wayProving
	}
	return wayOneByOne
}

// calls is how many calls the rows make by a way.
func (p Price) calls(w way, inFlight int) int64 {
	switch w {
	case wayOneByOne:
		return p.OneByOne
	case wayProving:
		return p.Together + p.proofPrice(inFlight)
	case wayTogether:
	}
	return p.Together
}

// announce makes the price as people are told it, and as the summary has it.
func (r *run) announce(org *Org, p Price, w way, composite bool) report.Plan {
	calls := org.Pacer.CallStats()
	plan := report.Plan{
		Deals: p.Deals, Calls: p.calls(w, org.InFlight), Reads: r.command.reads(), Sent: p.Sent, Repeats: p.Repeats, Contradictions: p.Contradictions,
		OneByOne: p.OneByOne, Together: p.Together, Way: string(w), Skips: r.settings.SkipUnchanged,
		DealReads: p.Deals, CompositeReads: deals.CompositeReads(p.Deals), Composite: composite,
		InFlight: int64(org.InFlight), CallMilliseconds: float64(calls.P50) / float64(time.Millisecond), CreditsLeft: org.Left(r.settings),
	}
	plan.Reckon(r.settings.Rate, api.CompositePlaces)
	return plan
}
