package stakeholder

import (
	"time"

	"rolecall/api"
	"rolecall/job"
	"rolecall/job/deals"
	"rolecall/job/report"
)

// price is what the open rows of a run take.
type price struct {
	deals          int64 // with at least one open row
	sent           int64 // rows that are sent
	together       int64 // calls, where up to 100 contacts of a deal go in one; else each row is a call
	repeats        int64 // rows that equal an earlier one, and are not sent
	contradictions int64 // rows that give a contact another role than an earlier row does
}

// Count implements job.Work.
func (w *work) Count(g job.Group) error {
	p := &w.price
	p.repeats += int64(g.Repeats)
	p.contradictions += int64(g.Contradictions)
	calls, in := int64(0), map[string]bool{}
	for i := range g.Rows {
		r := &g.Rows[i]
		if !job.IsOpen(r) {
			continue
		}
		p.sent++
		if len(in) == maxTogether || in[r.Item] {
			clear(in)
		}
		if len(in) == 0 {
			calls++
		}
		in[r.Item] = true
	}
	p.together += calls
	if calls > 0 {
		p.deals++
	}
	return nil
}

// way is how the rows of a run travel.
type way string

// The ways, in the words of summary.json.
const (
	wayOneByOne way = "one by one"
	wayTogether way = "together"
	wayProving  way = "together once proven" // one by one until then
)

// A proof is four calls one after the other: two reads of the deal, the first row alone, the others together. Three of
// them come on top of the rows' own; and meanwhile each of the other workers sends its rows one by one, the last of them
// as the proof ends.
const (
	proofSteps = 5
	proofCalls = 3
)

// proofPrice returns what a proof costs, in calls.
func (p *price) proofPrice(inFlight int) int64 {
	others := min(int64(inFlight), p.deals) - 1 // a deal has one worker
	return proofCalls + proofSteps*max(0, others)
}

// calls returns how many calls the rows make by a way.
func (p *price) calls(w way, inFlight int) int64 {
	switch w {
	case wayOneByOne:
		return p.sent
	case wayProving:
		return p.together + p.proofPrice(inFlight)
	case wayTogether:
	}
	return p.together
}

// writes chooses how the rows travel.
func (w *work) writes() way {
	finding := w.org.Known(findingCollection)
	switch {
	case w.job == Remove:
		return wayTogether
	case w.OneByOne || !w.org.Batches || finding == CollectionReplaces || finding == CollectionRefused:
		return wayOneByOne
	case finding == CollectionMerges:
		return wayTogether
	case w.price.together+w.price.proofPrice(w.org.InFlight) < w.price.sent:
		return wayProving
	}
	return wayOneByOne
}

// composite chooses whether the deals that are read first are read five to a call. A composite request counts for five
// calls in flight: it saves nothing but credits.
func (w *work) composite(by way) bool {
	switch {
	case !w.SkipUnchanged, !w.org.Composes, w.org.InFlight < api.CompositePlaces, w.Composite == job.Off,
		w.org.Known(deals.Finding) == deals.Refused:
		return false
	case w.Composite == job.On:
		return true
	}
	left := w.org.Left(w.set)
	return left >= 0 && w.price.deals+w.price.calls(by, w.org.InFlight) > left
}

// Price implements job.Work: it chooses the way of the rows that are open, and returns what that takes.
func (w *work) Price() (report.Forecast, error) {
	by := w.writes()
	composite := w.composite(by)
	w.collection.never = by == wayOneByOne
	if w.SkipUnchanged {
		w.reader = deals.New(deals.Options{
			Zoho: w.zoho, Plain: !composite, EmptyProves: w.job == Assign, Known: w.org.Known(deals.Finding),
			Remember: w.org.Keep(deals.Finding), Say: w.desk.Say, Places: func() int { return w.org.Pacer.Stats().Limit },
			Over: w.desk.Over,
		})
	}
	return report.Forecast{Plan: w.plan(by, composite)}, nil
}

// plan returns the price as people and summary.json see it.
func (w *work) plan(by way, composite bool) report.Plan {
	p, inFlight := &w.price, w.org.InFlight
	plan := report.Plan{
		Deals: p.deals, Calls: p.calls(by, inFlight), Reads: w.reads(), Sent: p.sent, Repeats: p.repeats,
		Contradictions: p.contradictions, OneByOne: p.sent, Together: p.together, Way: string(by), Skips: w.SkipUnchanged,
		DealReads: p.deals, CompositeReads: deals.CompositeReads(p.deals), Composite: composite,
		InFlight:         int64(inFlight),
		CallMilliseconds: float64(w.org.Pacer.CallStats().P50) / float64(time.Millisecond),
		CreditsLeft:      w.org.Left(w.set),
	}
	plan.Reckon(w.set.Rate, api.CompositePlaces)
	return plan
}

// reads returns how many calls a run makes before its first write: the org, and for assign its roles.
func (w *work) reads() int64 {
	if w.job == Assign {
		return 2
	}
	return 1
}
