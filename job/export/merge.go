package export

import (
	"encoding/json"
	"iter"

	"rolecall/job"
	"rolecall/job/report"
)

// deal is a deal of an export with the contacts on it, as run.db keeps them.
type deal struct {
	key  string
	ask  json.RawMessage // its fields
	read bool            // false: not yet
	gone bool            // it was deleted after it was listed
	on   []job.Entry     // by contact
}

// merged yields the deals of an export in the order of their ids: the rows and the entries are merged, both in the
// order of the deals. Entries of deals that are no rows are left out: they belong to another selection, or to deals
// that were made meanwhile. The deal that is yielded is used again for the next.
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

// add counts a deal.
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
