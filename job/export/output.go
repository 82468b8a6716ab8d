package export

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"

	"rolecall/csvio"
	"rolecall/job"
	"rolecall/job/disk"
	"rolecall/job/report"
)

// write writes the file. rows is how many it has.
func (r *run) write() (rows int64, err error) {
	if err := r.checkRows(); err != nil {
		return 0, err
	}
	if r.set.Output == Stdout {
		return r.table(r.Stdout)
	}
	w, err := disk.CreateWhole(r.set.Output)
	if err != nil {
		return 0, err
	}
	defer w.Discard()
	if rows, err = r.table(w); err != nil {
		return 0, err
	}
	return rows, w.Commit()
}

// rows is how many rows the file will have.
func (r *run) rows() int64 {
	n := r.counts.deals
	if r.set.Shape == Long {
		n = r.counts.stakeholders + r.counts.empty
	}
	if r.set.SkipEmpty {
		n -= r.counts.empty
	}
	return n
}

// checkRows refuses to replace a file by one that is suspiciously short.
func (r *run) checkRows() error {
	rows := r.rows()
	if rows < r.set.MinRows {
		return &job.Stop{Reason: job.Refused, Err: fmt.Errorf("the export has %s, and --min-rows wants %s: %s; look at why, and export without --min-rows to have it all the same", rowsOf(rows), report.Count(r.set.MinRows), r.stays())}
	}
	if !r.set.MaxShrink.Set || r.set.Output == Stdout {
		return nil
	}
	before, err := countRows(r.set.Output)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return &job.Stop{Reason: job.Refused, Err: fmt.Errorf("--max-shrink: the file that is there cannot be compared with: %w; move it away or leave --max-shrink out: %s", err, r.stays())}
	}
	// Not rounded: of a short file, a row may be more than the user allows.
	if gone := before - rows; float64(gone)*100 > r.set.MaxShrink.Percent*float64(before) {
		return &job.Stop{Reason: job.Refused, Err: fmt.Errorf("the export has %s where the file has %s, a loss that --max-shrink %s does not allow: %s; look at why, and export without --max-shrink to have it all the same",
			rowsOf(rows), report.Count(before), r.set.MaxShrink, r.stays())}
	}
	return nil
}

func rowsOf(n int64) string {
	if n == 1 {
		return "1 row"
	}
	return report.Count(n) + " rows"
}

// stays says what becomes of the file that is there.
func (r *run) stays() string {
	if r.set.Output == Stdout {
		return "nothing was written"
	}
	return r.set.Output + " was left as it is"
}

// countRows counts the rows of a table.
func countRows(path string) (int64, error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer func() { _ = f.Close() }()
	in, err := csvio.NewReader(f, csvio.Options{Name: path, Vocabulary: csvio.Stakeholders()})
	if err != nil {
		return 0, err
	}
	defer func() { _ = in.Close() }()
	for n := int64(0); ; n++ {
		if _, err := in.Read(); errors.Is(err, io.EOF) {
			return n, nil
		} else if err != nil {
			return 0, err
		}
	}
}

// table writes the table.
func (r *run) table(w io.Writer) (rows int64, err error) {
	l := newLayout(&r.set)
	if r.set.Shape == Wide {
		if l.roles, err = r.columnsOfRoles(); err != nil {
			return 0, err
		}
	}
	t, err := csvio.NewTableWriter(w, l.columns(), csvio.TableOptions{
		Format: r.set.Format, BareIDs: r.set.IDs.bare(r.set.Format), NoGuard: r.set.NoGuard, Roles: r.roles.Names(), TempDir: r.dir,
	})
	if err != nil {
		return 0, err
	}
	put := func(cells []csvio.Value) error {
		rows++
		r.Progress.Finished(false)
		return t.Write(cells)
	}
	err = r.fill(l, put)
	if e := t.Close(); err == nil {
		err = e
	}
	if err == nil && rows != r.rows() {
		err = fmt.Errorf("%d rows were written where %d were to be: this is a mistake of rolecall's", rows, r.rows())
	}
	return rows, err
}

// fill puts every row into the table.
func (r *run) fill(l *layout, put func([]csvio.Value) error) error {
	wide := wideRow{layout: l}
	var cells []csvio.Value
	err := r.s.eachRow(func(stored *row) (err error) {
		switch {
		case stored.on.contact == "" && r.set.SkipEmpty:
			return nil
		case r.set.Shape == Wide:
			return wide.add(stored, put)
		}
		if cells, err = l.long(stored, cells); err != nil {
			return err
		}
		return put(cells)
	})
	if err != nil {
		return err
	}
	return wide.finish(put)
}

// columnsOfRoles are the columns of the wide shape: the org's roles in its order, then what else is on deals.
func (r *run) columnsOfRoles() ([]string, error) {
	names := r.roles.Names()
	others, err := r.s.roles()
	if err != nil {
		return nil, err
	}
	for _, s := range others {
		if name := columnOf(s); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names, nil
}
