package job

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strconv"

	"rolecall/csvio"
	"rolecall/job/report"
	"rolecall/job/rundir"
)

// writeTables writes results.csv, failed.csv and the copy that the user asked for. open is the message for open rows.
func (r *run) writeTables(ctx context.Context, sum *report.Summary, open string) error {
	if err := r.checkInput(); err != nil {
		if r.over != nil { // calls were made, so this is no mistake in the command line
			err = errors.New(err.Error())
		}
		return err
	}
	r.Progress.Enter(Writing, r.counts.Input, 0)
	kept, err := os.Open(r.folder.File(r.Input.File))
	if err != nil {
		return err
	}
	defer func() { _ = kept.Close() }()
	in, err := csvio.NewReader(kept, r.readerOptions())
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	r.folder.Sweep()
	results, err := r.createTable(rundir.Results, in.Header(), r.columns())
	if err != nil {
		return err
	}
	defer results.discard()
	marks := r.marks(in)
	failed, err := r.createFailed(in, marks)
	if err != nil {
		return err
	}
	defer failed.discard()
	if err := r.count(sum, open, &tables{r, in, results, failed, marks}); err != nil {
		return err
	}
	if err := errors.Join(results.commit(), failed.commit()); err != nil {
		return err
	}
	sum.Files.Results, sum.Files.Failed = r.folder.File(rundir.Results), r.folder.File(rundir.Failed)
	if in.Dialect().Format == csvio.FormatXLSX {
		if err := r.writeFailedBook(in.Dialect().Sheet, sum); err != nil {
			return err
		}
	}
	return r.copyResults(ctx)
}

// tables are results.csv and failed.csv while they are written, beside the input.
type tables struct {
	run             *run
	in              *csvio.Reader
	results, failed *resultTable
	marks           []mark
}

// write reads the next row of the input and writes its result. again reports whether failed.csv has the row too.
func (t *tables) write(row *Row, o *Outcome, again bool) error {
	cells, err := t.run.cells(t.in, row)
	if err != nil {
		return err
	}
	values := t.values(row, o)
	if err := t.results.write(t.in.ResultCells(cells), values); err != nil || !again {
		return err
	}
	for _, m := range t.marks {
		values = append(values, m.cell())
	}
	return t.failed.write(append(t.in.FailedCells(cells), make([]string, len(t.run.toFill(t.in)))...), values)
}

// cells reads the next row from the copy of the input, and checks that it is row. It returns the cells.
func (r *run) cells(in *csvio.Reader, row *Row) ([]string, error) {
	rec, err := in.Read()
	if err != nil {
		return nil, fmt.Errorf("the copy of the input ends before row %d: %w", row.N, err)
	}
	if int64(rec.Row) != row.N || !r.Made && int64(rec.Line) != row.Line {
		return nil, fmt.Errorf("the copy of the input has row %d at line %d, but run.db has row %d at line %d: "+
			"one of them was changed", rec.Row, rec.Line, row.N, row.Line)
	}
	return rec.Cells, nil
}

// values returns the cells of the result columns for a row.
func (t *tables) values(row *Row, o *Outcome) []string {
	v := []string{
		number(row.N), o.Action, string(o.Status), csvio.Guard(o.Code), csvio.Guard(o.Message), o.Details,
		number(int64(o.HTTP)), number(int64(o.Attempts)),
	}
	for _, c := range t.run.kind.Columns {
		if c.Compare != nil {
			v = append(v, c.Compare(t.in, row))
			continue
		}
		v = append(v, c.Value(row, o))
	}
	return v
}

// number returns n as text, or "" for 0.
func number(n int64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}

// resultTable is a result table that appears whole or not at all.
type resultTable struct {
	whole *rundir.Whole
	table *csvio.ResultWriter
}

// columns returns the result columns of the job.
func (r *run) columns() []string {
	columns := csvio.ResultColumns()
	for _, c := range r.kind.Columns {
		columns = append(columns, c.Name)
	}
	return columns
}

// createTable begins a result table with its header.
func (r *run) createTable(name string, header, columns []string) (*resultTable, error) {
	w, err := rundir.CreateWhole(r.folder.File(name))
	if err != nil {
		return nil, err
	}
	if _, err := io.WriteString(w, markOn(runtime.GOOS)); err != nil {
		w.Discard()
		return nil, err
	}
	return &resultTable{w, csvio.NewResultWriter(w, header, columns)}, nil
}

// markOn returns the first bytes of results.csv on an operating system: on Windows a UTF-8 byte order mark. Without the
// mark, Excel on Windows reads the file in the system's own encoding, and shows wrong umlauts.
func markOn(system string) string {
	if system == "windows" {
		return csvio.MarkUTF8
	}
	return ""
}

// mark is a column of failed.csv that tells the next run how to read the row.
type mark struct {
	column string
	cell   func() string // of the row that the reader of the input read last
}

// marks returns the marks of failed.csv.
func (r *run) marks(in *csvio.Reader) (all []mark) {
	if in.Exported() {
		all = append(all, mark{csvio.BaseColumn, in.Base})
	}
	if in.Externals() {
		all = append(all, mark{csvio.ExternalColumn, func() string { return in.External().String() }})
	}
	if again := r.kind.Again; again != nil {
		all = append(all, mark{csvio.OptionsColumn, func() string { return again(r.Settings, in) }})
	}
	return all
}

// createFailed begins failed.csv. The file begins with a UTF-8 byte order mark, which spreadsheets and rolecall obey,
// whatever --encoding is.
func (r *run) createFailed(in *csvio.Reader, marks []mark) (*resultTable, error) {
	w, err := rundir.CreateWhole(r.folder.File(rundir.Failed))
	if err != nil {
		return nil, err
	}
	if _, err := io.WriteString(w, csvio.MarkUTF8); err != nil {
		w.Discard()
		return nil, err
	}
	columns := r.columns()
	for _, m := range marks {
		columns = append(columns, m.column)
	}
	return &resultTable{w, csvio.NewResultWriter(w, append(in.FailedHeader(), r.toFill(in)...), columns)}, nil
}

// toFill returns the columns that failed.csv has beside those of the input, for people to fill in.
func (r *run) toFill(in *csvio.Reader) (columns []string) {
	for _, f := range r.kind.Fill {
		if !in.Empty() && !in.Has(f) {
			columns = append(columns, string(f))
		}
	}
	return columns
}

func (t *resultTable) write(cells, values []string) error { return t.table.Write(cells, values) }

func (t *resultTable) discard() { t.whole.Discard() }

func (t *resultTable) commit() error {
	if err := t.table.Close(); err != nil {
		return err
	}
	return t.whole.Commit()
}
