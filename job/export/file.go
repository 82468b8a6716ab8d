package export

import (
	"cmp"
	"fmt"
	"io"

	"rolecall/api/auth/whole"
	"rolecall/csvio"
	"rolecall/job"
	"rolecall/job/report"
)

// output writes the files of an export of any kind.
type output struct {
	*job.Output

	set Options
	sum *report.Export
}

// table is the content of a file.
type table struct {
	columns []csvio.Column
	known   *csvio.Vocabulary // the columns of the file of an earlier export
	roles   []string          // the choices in the drop-down of role columns
	guide   [][2]string       // the second sheet of a workbook; nil: there is none
	sheet   string            // the name of a workbook's sheet; "": that of an export of stakeholders
	rows    func() int64      // returns the number of rows that the file must have
	// fill calls put with each row.
	fill func(put func([]csvio.Value) error) error
}

// newOutput begins the output and its part of the summary.
func newOutput(out *job.Output) (o *output, err error) {
	o = &output{Output: out}
	if o.set, err = job.OptionsOf[Options](out.Settings); err != nil {
		return nil, err
	}
	o.sum = &report.Export{
		Output: o.set.Output, Format: string(o.set.Format), Shape: string(o.set.Shape), Module: o.set.Module,
	}
	out.Summary.Export = o.sum
	return o, out.Notebook.Get(keyPrice, &o.sum.Plan)
}

// file writes the file. It writes a file under a temporary name, counts the rows, and then checks the number. For
// stdout it checks the number before it writes, because it cannot take rows back.
func (o *output) file(t *table) error {
	if o.set.Output == Stdout {
		if err := o.guard(t, t.rows()); err != nil {
			return err
		}
		return o.write(o.Stdout, t)
	}
	w, err := whole.Create(o.set.Output)
	if err != nil {
		return err
	}
	defer w.Discard()
	if err := o.write(w, t); err != nil {
		return err
	}
	if err := o.guard(t, o.sum.Rows); err != nil {
		return err
	}
	return w.Commit()
}

// write writes the table and counts its rows.
func (o *output) write(w io.Writer, t *table) error {
	tw, err := csvio.NewTableWriter(w, t.columns, csvio.TableOptions{
		Format: o.set.Format, BareIDs: o.set.IDs.bare(o.set.Format), NoGuard: o.set.NoGuard, Roles: t.roles,
		Guide: t.guide, Sheet: t.sheet, TempDir: o.Folder.Path,
	})
	if err != nil {
		return err
	}
	o.sum.Rows = 0
	put := func(cells []csvio.Value) error {
		o.sum.Rows++
		o.Progress.Finished(false)
		return tw.Write(cells)
	}
	if err := cmp.Or(t.fill(put), tw.Close()); err != nil {
		return err
	}
	if o.sum.Rows != t.rows() {
		return fmt.Errorf("%d rows were written instead of %d: this is a bug in rolecall", o.sum.Rows, t.rows())
	}
	return nil
}

// stopped adds the progress of a stopped export to the summary.
func (o *output) stopped(far string) {
	o.Summary.Stopped = fmt.Sprintf("the export to %s has not ended yet: %s", o.set.Output, far)
}
