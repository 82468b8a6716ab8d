package export

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"rolecall/csvio"
	"rolecall/job"
	"rolecall/job/picklist"
	"rolecall/job/report"
)

// dealOutput writes the files of an export of stakeholders.
type dealOutput struct {
	*output

	roles  picklist.List
	absent *absent
}

// write writes the files of an export of stakeholders if it has read everything, and completes the summary.
func write(out *job.Output) error {
	base, err := newOutput(out)
	if err != nil {
		return err
	}
	o := &dealOutput{output: base, absent: newAbsent(base.set.Fields)}
	if err := out.Notebook.Get(keyRoles, &o.roles); err != nil {
		return err
	}
	switch {
	case out.DryRun:
		return nil
	case out.Stop != nil:
		return o.unfinished()
	}
	if err := o.unbelieved(); err != nil {
		return err
	}
	out.Progress.Enter(job.Writing, 0, 0)
	if err := o.file(); err != nil {
		return err
	}
	if fields := o.absent.list(); len(fields) > 0 {
		out.Warn("--fields " + strings.Join(fields, ",") + ": no record had it, so its column is empty; " +
			"check the API name in Zoho's setup")
	}
	feed := &changeFeed{}
	o.sum.Changes, err = o.changes(changeColumns(), feed.compare)
	return err
}

// unfinished adds the progress of a stopped export to the summary.
func (o *dealOutput) unfinished() error {
	left := int64(0)
	for r, err := range o.Rows.ByKey(phaseOf(o.set.module())) {
		if err != nil {
			return err
		}
		if r.Done == nil {
			left++
		}
	}
	for d, err := range merged(o.Rows) {
		if err != nil {
			return err
		}
		if o.set.ViaContacts {
			d.read = false // a deal may get more stakeholders until all contacts are read
		}
		add(&o.sum.Counts, d)
	}
	if !o.Reports {
		return nil
	}
	if left > 0 {
		o.sum.Counts.Empty = 0
	}
	o.sum.Plan.Left = left
	listed, err := o.Rows.Listed()
	if far := fmt.Sprintf("%s of its %s are not read", report.Count(left), o.set.module()); listed {
		o.stopped(far)
	} else {
		o.stopped(fmt.Sprintf("its %s are not listed", modDeals))
	}
	return err
}

// file writes the file. The columns of the wide shape, and the number of rows for stdout, need a look at all deals.
func (o *dealOutput) file() error {
	l := &layout{set: &o.set, roles: o.roles.Names(), absent: o.absent}
	if o.set.Output == Stdout || o.set.Shape == Wide {
		if err := o.scan(l); err != nil {
			return err
		}
	}
	t := &table{
		columns: l.columns(), known: csvio.Stakeholders(), roles: o.roles.Names(), rows: o.rows,
		fill: func(put func([]csvio.Value) error) error { return o.fill(l, put) },
	}
	switch {
	case o.set.Format != csvio.FormatXLSX:
	case o.set.Shape == Wide: // no command reads this shape
		t.forPeople(nil)
	default:
		t.forPeople(guide())
	}
	return o.output.file(t)
}

// scan counts the deals. For the wide shape it also adds a column for each role that is not on the org's list.
func (o *dealOutput) scan(l *layout) error {
	found := map[role]bool{}
	for d, err := range merged(o.Rows) {
		if err != nil {
			return err
		}
		add(&o.sum.Counts, d)
		if o.set.Shape != Wide || d.gone {
			continue
		}
		for i := range d.on {
			var r role
			if err := decode(d.on[i].Value, &r); err != nil {
				return err
			}
			found[r] = true
		}
	}
	byName := func(a, b role) int { return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.ID, b.ID)) }
	for _, r := range slices.SortedFunc(maps.Keys(found), byName) {
		if !slices.Contains(l.roles, r.column()) {
			l.roles = append(l.roles, r.column())
		}
	}
	return nil
}

// rows returns the number of rows that the file must have.
func (o *dealOutput) rows() int64 {
	c := &o.sum.Counts
	n := c.Deals
	if o.set.Shape == Long {
		n = c.Stakeholders + c.Empty
	}
	if o.set.SkipEmpty {
		n -= c.Empty
	}
	return n
}

// fill calls put with the rows of every deal. It refuses a deal that was not read, because the deal would look as if it
// had no stakeholders.
func (o *dealOutput) fill(l *layout, put func([]csvio.Value) error) error {
	o.sum.Counts = report.ExportRows{}
	for d, err := range merged(o.Rows) {
		if err != nil {
			return err
		}
		if !d.read {
			return fmt.Errorf("deal %s was listed and not read: this is a bug in rolecall", unkey(d.key))
		}
		add(&o.sum.Counts, d)
		if d.gone {
			continue
		}
		if err := l.rows(d, put); err != nil {
			return err
		}
	}
	return nil
}
