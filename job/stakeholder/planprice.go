package stakeholder

import (
	"iter"

	"rolecall/job"
	"rolecall/job/report"
)

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
