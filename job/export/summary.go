package export

import (
	"rolecall/job"
	"rolecall/job/report"
)

// summary says what became of the export so far. org is nil where nobody is signed in.
func (r *run) summary(org *job.Org) report.Export {
	sum := report.Export{
		Version: r.Version, Command: "export", Output: r.set.Output, Format: string(r.set.Format), Shape: string(r.set.Shape), Plan: r.plan, Notes: r.notes.list(),
		Counts:  report.ExportRows{Deals: r.counts.deals, Empty: r.counts.empty, Gone: r.counts.gone, Stakeholders: r.counts.stakeholders},
		Started: r.facts.Started, Finished: r.Now().UTC(),
	}
	if org == nil {
		sum.Spent, sum.Seconds = r.before.Spent, r.before.Seconds
	} else {
		sum.Spent, sum.Seconds = r.spent(org)
	}
	return sum
}

// spent is what the export has spent so far, this process with those before it.
func (r *run) spent(org *job.Org) (spent report.Spent, seconds float64) {
	return r.before.Spent.Add(job.SpentBy(org.Pacer)), r.before.Seconds + max(0, r.Now().Sub(r.began).Seconds()) // the clock may have been set back
}

// keepSpent writes down what was spent, for resume. The lock is held.
func (r *run) keepSpent(org *job.Org) error {
	spent, seconds := r.spent(org)
	return r.s.PutLocked("spent", spending{spent, seconds})
}

// spending is what an export has taken.
type spending struct {
	Spent   report.Spent `json:"spent"`
	Seconds float64      `json:"seconds"`
}
