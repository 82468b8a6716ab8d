package export

import (
	"encoding/json"
	"iter"

	"rolecall/job"
	"rolecall/job/report"
)

// deal is a deal of an export with the contacts on it, from run.db.
type deal struct {
	key  string
	ask  json.RawMessage // its fields
	read bool            // the deal has an outcome
	gone bool            // the deal was deleted after it was listed
	on   []job.Entry     // by contact
}

// merged yields the deals of an export in the order of their ids. It merges the rows and the entries, which both come
// in that order. It skips entries of deals without a row: those deals are not selected, or were created after the
// listing. It yields the same *deal each time, so the caller must not keep it.
func merged(rows job.Results) iter.Seq2[*deal, error] {
	return func(yield func(*deal, error) bool) {
		next, stop := iter.Pull2(rows.Entries())
		defer stop()
		e, err, more := next()
		var d deal
		for r, failed := range rows.ByKey(phaseDeals) {
			if failed != nil {
				yield(nil, failed)
				return
			}
			if r.Key == d.key { // the user named the deal twice
				continue
			}
			d = deal{key: r.Key, ask: r.Ask, read: r.Done != nil, on: d.on[:0]}
			d.gone = d.read && r.Done.Action == actionGone
			for ; more && err == nil && e.Key <= d.key; e, err, more = next() {
				if e.Key == d.key {
					d.on = append(d.on, e)
				}
			}
			if more && err != nil {
				yield(nil, err)
				return
			}
			if !yield(&d, nil) {
				return
			}
		}
	}
}

// add adds a deal to the counts.
func add(c *report.ExportRows, d *deal) {
	switch {
	case d.gone:
		c.Gone++
		return
	case d.read && len(d.on) == 0:
		c.Empty++
	}
	c.Deals++
	c.Stakeholders += int64(len(d.on))
}
