package stakeholder

import (
	"iter"

	"rolecall/api"
	"rolecall/job"
	"rolecall/job/deals"
	"rolecall/job/report"
)

// price counts the open rows of a run and the calls for them.
type price struct {
	deals          int64 // deals with an open row; plan, apply: deals that are read before the first write
	changing       int64 // plan, apply: deals that are read again and written to
	sent           int64 // rows that are sent
	together       int64 // calls, if up to 100 contacts of a deal go in one call
	spared         int64 // undo: calls that its removals save with every way, because they always go together
	repeats        int64 // rows that repeat an earlier row and are not sent
	contradictions int64 // rows that are not sent, because a later row of the same contact counts
}

// Count implements job.Work.
func (w *work) Count(g job.Group) error {
	p := &w.price
	p.repeats += int64(g.Repeats)
	p.contradictions += int64(g.Superseded)
	if w.plans() {
		w.countPlan(g)
		return nil
	}
	if w.job == Verify {
		if g.Open() > 0 {
			p.deals++
		}
		return nil
	}
	puts, putCalls := countCalls(g, func(r *job.Row) bool { return !w.removes(r) })
	offs, offCalls := countCalls(g, w.removes)
	p.sent += puts + offs
	p.together += putCalls + offCalls
	if w.job == Undo {
		p.spared += offs - offCalls
		if !w.desk.Dry { // a dry run lists what it reads
			w.take(g)
		}
	}
	if puts+offs > 0 {
		p.deals++
	}
	return nil
}

// countCalls returns how many open rows of a deal counts selects, and how many calls they take if up to 100 contacts of
// a deal go in one call.
func countCalls(g job.Group, counts func(*job.Row) bool) (rows, calls int64) {
	in := map[string]bool{}
	for i := range g.Rows {
		r := &g.Rows[i]
		if !job.IsOpen(r) || !counts(r) {
			continue
		}
		rows++
		if len(in) == maxTogether || in[r.Item] {
			clear(in)
		}
		if len(in) == 0 {
			calls++
		}
		in[r.Item] = true
	}
	return rows, calls
}

// way is a way to send the rows of a run.
type way string

// The ways, in the words of summary.json.
const (
	wayOneByOne way = "one by one"
	wayTogether way = "together"
	wayProving  way = "together once proven" // one by one until then
)

// A proof takes four calls, one after the other: two reads of the deal, the first row alone, the other rows together.
// Three of them are extra calls. During the proof each other worker sends up to five rows one by one.
const (
	proofSteps = 5
	proofCalls = 3
)

// proofPrice returns how many extra calls a proof costs.
func (p *price) proofPrice(inFlight int) int64 {
	others := min(int64(inFlight), p.deals) - 1 // a deal has one worker
	return proofCalls + proofSteps*max(0, others)
}

// calls returns the number of calls for the rows if they go by the way w.
func (p *price) calls(w way, inFlight int) int64 {
	switch w {
	case wayOneByOne:
		return p.sent - p.spared
	case wayProving:
		return p.together + p.proofPrice(inFlight)
	case wayTogether:
	}
	return p.together
}

// writes returns the way that the rows go.
func (w *work) writes() way {
	finding := w.org.Known(findingCollection)
	switch {
	case w.job == Remove:
		return wayTogether
	case w.OneByOne || !w.org.Batches || finding == CollectionReplaces || finding == CollectionRefused:
		return wayOneByOne
	case finding == CollectionMerges:
		return wayTogether
	case w.price.together+w.price.proofPrice(w.org.InFlight) < w.price.sent-w.price.spared:
		return wayProving
	}
	return wayOneByOne
}

// composite reports whether the run reads five deals in each call. A composite request counts for five calls in flight,
// so it saves only credits.
func (w *work) composite(by way) bool {
	switch {
	case !w.reads, !w.org.Composes, w.org.InFlight < api.CompositePlaces, w.Composite == job.Off,
		w.org.Known(deals.Finding) == deals.Refused:
		return false
	case w.Composite == job.On:
		return true
	}
	left := w.org.Left(w.set)
	return left >= 0 && w.readings()*w.price.deals+w.price.calls(by, w.org.InFlight) > left
}

// autoReads is the most deals of a run that reads first if the user says nothing about that (design.md, Reading first).
const autoReads = 1000

// keyReads is the key of work.reads in the notebook.
const keyReads = "reads first"

// decideReads decides once per run whether the run reads first, and stores the decision for resume.
func (w *work) decideReads() error {
	if w.decided {
		return nil
	}
	w.decided = true
	w.reads = w.job != Assign || w.ReadFirst == job.On || w.ReadFirst == "" && w.price.deals <= autoReads
	return w.desk.Notebook.Put(keyReads, w.reads)
}

// Price implements job.Work. It chooses the way for the open rows and returns the price.
func (w *work) Price() (report.Forecast, error) {
	if err := w.decideReads(); err != nil {
		return report.Forecast{}, err
	}
	by := w.writes()
	composite := w.composite(by)
	w.collection.never = by == wayOneByOne
	if w.reads {
		w.reader = deals.New(deals.Options{
			Zoho: w.zoho, Plain: !composite, EmptyProves: w.job == Assign, Known: w.org.Known(deals.Finding),
			Remember: w.org.Keep(deals.Finding), Say: w.desk.Say, Over: w.desk.Over,
			Places: func() int { return w.org.Pacer.Stats().Limit },
		})
	}
	w.by, w.composes = by, composite
	f := report.Forecast{Plan: w.plan(by, composite), UnknownRoles: w.unknown.List(w.roles.Names())}
	if w.job == Undo {
		f.Taken, f.Asks, f.Question = &w.taken, w.taken.Total(), "About to "+w.taken.String()+". Go on?"
	}
	return f, nil
}

// take adds the rows of a deal to what undo takes back, for the question to the user.
func (w *work) take(g job.Group) {
	t := &w.taken
	before := t.Total()
	defer func() {
		if t.Total() > before {
			t.Deals++
		}
	}()
	for i := range g.Rows {
		r := &g.Rows[i]
		if !job.IsOpen(r) {
			continue
		}
		a, who := askOf(r), w.named.contact(onDeal{contact: r.Item})+" on "+w.named.deal(r.Key)
		switch {
		case a.TakesOff:
			t.Removed++
			t.Add("- " + who + " as " + a.Left.Name)
		case a.Left.Absent:
			t.Added++
			t.Add("+ " + who + " as " + a.Name)
		default:
			t.Updated++
			t.Add("~ " + who + " " + a.Left.Name + " -> " + a.Name)
		}
		if a.Unsure {
			t.Unknown++
		}
	}
}

// plan returns the price for people and summary.json.
func (w *work) plan(by way, composite bool) report.Plan {
	p, inFlight := &w.price, w.org.InFlight
	plan := report.Plan{
		Deals: p.deals, Calls: p.calls(by, inFlight), Reads: w.readsBefore(), Sent: p.sent, Repeats: p.repeats,
		Contradictions: p.contradictions, OneByOne: p.calls(wayOneByOne, inFlight), Together: p.together,
		Way: string(by), ReadFirst: w.reads, Looks: w.readings() > 1, DealReads: p.deals + p.changing,
		CompositeReads: deals.CompositeReads(p.deals), Composite: composite, Cost: w.org.Cost(w.set),
	}
	if p.changing > 0 {
		plan.CompositeReads += deals.CompositeReads(p.changing) - 1 // the reader's comparison is made only once
	}
	plan.OnlyReads = w.job == Verify
	plan.Reckon(w.set.Rate, api.CompositePlaces)
	return plan
}

// readings returns how often the run reads a deal: a remove reads it before the question, and again right before the
// write to it, because somebody may change the deal in between.
func (w *work) readings() int64 {
	switch {
	case w.job == Remove && !w.desk.Agreed:
		return 2
	case w.reads:
		return 1
	}
	return 0
}

// readsBefore returns the number of calls before the first deal: one for the org, and one for its roles.
func (w *work) readsBefore() int64 {
	if w.job == Remove {
		return 1
	}
	return 2
}

// countPlan adds the rows of a deal to the price of plan or apply. Before any deal is read, this price is an upper
// limit.
func (w *work) countPlan(g job.Group) {
	p, s := &w.price, sheetOf(g.Rows)
	if !w.mustRead(&s, g.Rows) {
		return
	}
	edited := func(r *job.Row) bool {
		a := askOf(r)
		return !a.Empty && a.Planned != planConflict && (a.Left != nil || !s.whole || !s.leaves(a))
	}
	puts, putCalls := countCalls(g, func(r *job.Row) bool { return edited(r) && !w.removes(r) })
	offs, offCalls := countCalls(g, func(r *job.Row) bool { return edited(r) && w.removes(r) })
	if w.desk.Agreed {
		p.deals-- // the look stage is over
	}
	p.deals++
	if puts+offs > 0 {
		p.changing++
	}
	p.sent += puts + offs
	p.together += putCalls + offCalls
	p.spared += offs - offCalls
}

// exactPrice replaces the price by that of the changes that the look stage found.
func (w *work) exactPrice(notes iter.Seq2[job.Entry, error], forecast *report.Forecast) error {
	was := w.price
	w.price = price{deals: was.deals, repeats: was.repeats, contradictions: was.contradictions}
	p := &w.price
	for e, err := range notes {
		if err != nil {
			return err
		}
		note := job.Decoded[looked](e.Value)
		if note.Puts+note.Go == 0 {
			continue
		}
		putCalls, offCalls := callsFor(note.Puts), callsFor(note.Go)
		p.changing += min(putCalls, 1) + min(offCalls, 1) // removals come later, after another read
		p.sent += int64(note.Puts + note.Go)
		p.together += putCalls + offCalls
		p.spared += int64(note.Go) - offCalls
	}
	w.by = w.writes()
	w.collection.never = w.by == wayOneByOne
	forecast.Plan = w.plan(w.by, w.composes)
	forecast.Plan.Exact, forecast.Plan.Deals = true, p.changing
	return nil
}

// callsFor returns how many calls take n contacts of one deal.
func callsFor(n int) int64 { return int64((n + maxTogether - 1) / maxTogether) }
