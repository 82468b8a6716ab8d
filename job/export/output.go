package export

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"rolecall/api/auth/whole"
	"rolecall/csvio"
	"rolecall/job"
	"rolecall/job/picklist"
	"rolecall/job/report"
)

// output writes the files of an export.
type output struct {
	*job.Output

	set    Options
	roles  picklist.List
	absent *absent
	sum    *report.Export
}

// write writes the files of an export if it has read everything, and completes the summary.
func write(out *job.Output) error {
	o := &output{Output: out}
	var err error
	if o.set, err = job.OptionsOf[Options](out.Settings); err != nil {
		return err
	}
	o.absent = newAbsent(o.set.Fields)
	o.sum = &report.Export{Output: o.set.Output, Format: string(o.set.Format), Shape: string(o.set.Shape)}
	out.Summary.Export = o.sum
	if err := errors.Join(out.Notebook.Get(keyPrice, &o.sum.Plan), out.Notebook.Get(keyRoles, &o.roles)); err != nil {
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
	o.sum.Changes, err = o.changes()
	return err
}

// unfinished adds to the summary how far a stopped export got.
func (o *output) unfinished() error {
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
			d.read = false // only after all contacts are read it is known whether a deal has stakeholders
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
	o.Summary.Stopped = fmt.Sprintf("the export to %s has not ended yet: ", o.set.Output)
	if listed, err := o.Rows.Listed(); err != nil || !listed {
		o.Summary.Stopped += fmt.Sprintf("its %s are not listed", modDeals)
		return err
	}
	o.Summary.Stopped += fmt.Sprintf("%s of its %s are not read", report.Count(left), o.set.module())
	return nil
}

// file writes the file. It counts the rows of a file while it writes them under a temporary name. It counts the rows
// for stdout before it writes them, because it cannot take them back.
func (o *output) file() error {
	l := &layout{set: &o.set, roles: o.roles.Names(), absent: o.absent}
	if o.set.Output == Stdout || o.set.Shape == Wide {
		if err := o.scan(l); err != nil {
			return err
		}
	}
	if o.set.Output == Stdout {
		if err := o.guard(o.rows()); err != nil {
			return err
		}
		return o.table(o.Stdout, l)
	}
	w, err := whole.Create(o.set.Output)
	if err != nil {
		return err
	}
	defer w.Discard()
	if err := o.table(w, l); err != nil {
		return err
	}
	if err := o.guard(o.sum.Rows); err != nil {
		return err
	}
	return w.Commit()
}

// scan counts the deals. For the wide shape it also adds a column for each role that is not on the org's list.
func (o *output) scan(l *layout) error {
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
func (o *output) rows() int64 {
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

// table writes the table and counts its rows and deals.
func (o *output) table(w io.Writer, l *layout) error {
	t, err := csvio.NewTableWriter(w, l.columns(), csvio.TableOptions{
		Format: o.set.Format, BareIDs: o.set.IDs.bare(o.set.Format), NoGuard: o.set.NoGuard, Roles: o.roles.Names(),
		TempDir: o.Folder.Path,
	})
	if err != nil {
		return err
	}
	o.sum.Rows, o.sum.Counts = 0, report.ExportRows{}
	put := func(cells []csvio.Value) error {
		o.sum.Rows++
		o.Progress.Finished(false)
		return t.Write(cells)
	}
	if err := cmp.Or(o.fill(l, put), t.Close()); err != nil {
		return err
	}
	if o.sum.Rows != o.rows() {
		return fmt.Errorf("%d rows were written instead of %d: this is a mistake of rolecall's", o.sum.Rows, o.rows())
	}
	return nil
}

// fill calls put with the rows of every deal. It refuses a deal that was not read, because the deal would look as if it
// had no stakeholders.
func (o *output) fill(l *layout, put func([]csvio.Value) error) error {
	for d, err := range merged(o.Rows) {
		if err != nil {
			return err
		}
		if !d.read {
			return fmt.Errorf("deal %s was listed and not read: this is a mistake of rolecall's", unkey(d.key))
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
