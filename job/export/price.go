package export

import (
	"fmt"

	"rolecall/api"
	"rolecall/job"
	"rolecall/job/deals"
	"rolecall/job/report"
)

// counts counts the records of an export.
type counts struct{ deals, contacts, unread int64 }

// Count implements job.Work.
func (w *work) Count(g job.Group) error {
	if g.Phase == phaseDeals {
		w.counts.deals++
	} else {
		w.counts.contacts++
	}
	if g.Phase == phaseOf(w.module()) && g.Open() > 0 {
		w.counts.unread++
	}
	return nil
}

// Price implements job.Work. It returns the price of the reads, and chooses how the deals are read.
func (w *work) Price() (report.Forecast, error) {
	p := report.ExportPlan{
		Deals: w.counts.deals, Contacts: w.counts.contacts, Left: w.counts.unread,
		Cost: w.org.Cost(w.set), Before: int64(w.org.Pacer.Stats().Credits),
	}
	if w.ViaContacts {
		p.Looks = (p.Deals + int64(w.org.Version.MostInQuery()) - 1) / int64(w.org.Version.MostInQuery())
	}
	p.Reads, p.CompositeReads = p.Left, deals.CompositeReads(p.Left)
	p.Composite = w.composite(p.Reads, p.CreditsLeft)
	p.Reckon(w.set.Rate, api.CompositePlaces)
	w.reader = deals.New(deals.Options{
		Zoho: w.org.Client, Fields: fieldsOf(modContacts, w.Fields), Plain: !p.Composite,
		Known: w.org.Known(deals.Finding), Remember: w.org.Keep(deals.Finding), Say: w.desk.Say, Over: w.desk.Over,
		Places: func() int { return w.org.Pacer.Stats().Limit },
	})
	if err := w.desk.Notebook.Put(keyPrice, p); err != nil {
		return report.Forecast{}, &job.Stop{Reason: job.Broken, Err: fmt.Errorf("keep the price in run.db: %w", err)}
	}
	return report.Forecast{Export: &p}, nil
}

// composite reports whether the export reads five deals in each call. A composite request counts for five calls in
// flight, so it saves only credits.
func (w *work) composite(reads, left int64) bool {
	switch {
	case w.ViaContacts, !w.org.Composes, w.org.InFlight < api.CompositePlaces, w.Composite == job.Off,
		w.org.Known(deals.Finding) == deals.Refused:
		return false
	case w.Composite == job.On:
		return true
	}
	return left >= 0 && reads > left
}
