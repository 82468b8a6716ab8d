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

// The messages in results.csv for a row without an outcome.
const (
	unfinished = "the run ended before this row was done; resume goes on with it"
	notSent    = "a dry run: not sent"
)

// Output is what Kind.Write uses to write the job's own files.
type Output struct {
	Settings Settings
	Rows     Results
	Notebook Notebook
	Folder   *rundir.Dir
	Stdout   io.Writer
	Progress *Progress
	Summary  *report.Summary // Write completes it
	Stop     *Stop           // why rows are open; nil: no row is open
	DryRun   bool
	Reports  bool              // nothing was sent: rolecall report only makes the files again
	Say      func(text string) // adds a note for people to this summary and to later ones of the run
	Warn     func(text string) // adds a note as Say does, and shows the note even with --quiet
	Note     func(text string) // adds a note to this summary only
}

// WriteUndo writes undo.csv, the prior state of each row that changed something: the rows for which cells returns any,
// the latest first. Without such rows there is no file. It is a record for people: undo goes by run.db, and the column
// csvio.UndoRow keeps every command from taking the file as its input.
func (out *Output) WriteUndo(columns []csvio.Column, cells func(*Row) []csvio.Value) error {
	var file *rundir.Whole
	var table *csvio.TableWriter
	for r, err := range out.Rows.Backward() {
		if err != nil {
			return err
		}
		if r.Done == nil || !r.Done.OK() || r.Done.SameAs != 0 {
			continue
		}
		values := cells(&r)
		if values == nil {
			continue
		}
		if file == nil {
			if file, err = rundir.CreateWhole(out.Folder.File(rundir.Undo)); err != nil {
				return err
			}
			defer file.Discard()
			table, err = csvio.NewTableWriter(file, columns, csvio.TableOptions{Format: csvio.FormatCSV, BareIDs: true})
			if err != nil {
				return err
			}
		}
		if err := table.Write(values); err != nil {
			return err
		}
	}
	if file == nil {
		return nil
	}
	if err := table.Close(); err != nil {
		return err
	}
	out.Summary.Files.Undo = out.Folder.File(rundir.Undo)
	return file.Commit()
}

// write writes the files of the run, and counts the rows in the summary. stop is why rows are open.
func (r *run) write(ctx context.Context, sum *report.Summary, stop *Stop, dry bool) error {
	if err := r.db.Index(); err != nil {
		return err
	}
	if !r.kind.Whole {
		open := unfinished
		if dry {
			open = notSent
		}
		if err := r.writeTables(ctx, sum, open); err != nil {
			return err
		}
	}
	if r.kind.Write == nil {
		return nil
	}
	var notes []string
	err := r.kind.Write(&Output{
		Settings: r.Settings, Rows: Results{r.db}, Notebook: notebook{r}, Folder: r.folder, Stdout: r.Stdout,
		Progress: r.Progress, Summary: sum, Stop: stop, DryRun: dry,
		Reports: r.reports, Say: r.say, Warn: r.warn, Note: func(text string) { notes = append(notes, text) },
	})
	sum.Notes = append(r.said(), notes...)
	return err
}

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
	failed, err := r.createFailed(in)
	if err != nil {
		return err
	}
	defer failed.discard()
	if err := r.writeRows(in, results, failed, sum, open); err != nil {
		return err
	}
	if err := errors.Join(results.commit(), failed.commit()); err != nil {
		return err
	}
	sum.Files.Results, sum.Files.Failed = r.folder.File(rundir.Results), r.folder.File(rundir.Failed)
	return r.copyResults(ctx)
}

// writeRows reads the input and the outcomes side by side and writes a result for each row. It checks that each row
// has one outcome or none.
func (r *run) writeRows(in *csvio.Reader, results, failed *resultTable, sum *report.Summary, open string) error {
	groups := report.NewGroups(func(code string) bool { _, own := OwnAdvice(code); return own },
		IsGrave, r.kind.Advice)
	if err := r.db.Check(); err != nil {
		return err
	}
	for row, err := range r.db.InOrder() {
		if err != nil {
			return err
		}
		if row.Extra {
			continue
		}
		cells, err := r.cells(in, &row)
		if err != nil {
			return err
		}
		o := row.Done
		if o == nil {
			o = &Outcome{Row: row.N, Status: NotAttempted, Message: open}
		}
		row.Done = nil
		sum.Rows.Add(string(o.Status), o.Action, 1)
		values := r.values(in, &row, o)
		if err := results.write(in.ResultCells(cells), values); err != nil {
			return err
		}
		if o.Status != Failed {
			continue
		}
		groups.Add(o.Code, o.Message, o.Details, row.Line)
		if o.Code == CodeSuperseded { // sent again, the row would undo what the last row of its contact did
			sum.Rows.Superseded++
			continue
		}
		if in.Exported() {
			values = append(values, in.Base())
		}
		if in.Externals() {
			values = append(values, in.External().String())
		}
		failedCells := append(in.FailedCells(cells), make([]string, len(r.toFill(in)))...)
		if err := failed.write(failedCells, values); err != nil {
			return err
		}
	}
	sum.Errors = groups.List()
	if n := sum.Rows; n.Success+n.Error+n.NotAttempted != n.Total || n.Total != r.counts.Input {
		return fmt.Errorf("%d rows have %d outcomes", r.counts.Input, n.Success+n.Error+n.NotAttempted)
	}
	return nil
}

// cells reads the next row from the copy of the input, and checks that it is row. It returns the cells.
func (r *run) cells(in *csvio.Reader, row *Row) ([]string, error) {
	rec, err := in.Read()
	if err != nil {
		return nil, fmt.Errorf("the kept input ends before row %d: %w", row.N, err)
	}
	if int64(rec.Row) != row.N || !r.Made && int64(rec.Line) != row.Line {
		return nil, fmt.Errorf("the kept input has row %d at line %d, but run.db has row %d at line %d: "+
			"one of them was changed", rec.Row, rec.Line, row.N, row.Line)
	}
	return rec.Cells, nil
}

// values returns the cells of the result columns for a row.
func (r *run) values(in *csvio.Reader, row *Row, o *Outcome) []string {
	v := []string{
		number(row.N), o.Action, string(o.Status), csvio.Guard(o.Code), csvio.Guard(o.Message), o.Details,
		number(int64(o.HTTP)), number(int64(o.Attempts)),
	}
	for _, c := range r.kind.Columns {
		if c.Compare != nil {
			v = append(v, c.Compare(in, row))
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

// markOn returns the beginning of results.csv on an operating system. Excel on Windows takes a file without the mark
// for the system's own encoding, and shows wrong umlauts.
func markOn(system string) string {
	if system == "windows" {
		return csvio.MarkUTF8
	}
	return ""
}

// createFailed begins failed.csv. The file begins with a mark that tells spreadsheets and rolecall, whatever --encoding
// is, that the file is UTF-8. A column of its own shows that the input was an export.
func (r *run) createFailed(in *csvio.Reader) (*resultTable, error) {
	w, err := rundir.CreateWhole(r.folder.File(rundir.Failed))
	if err != nil {
		return nil, err
	}
	if _, err := io.WriteString(w, csvio.MarkUTF8); err != nil {
		w.Discard()
		return nil, err
	}
	columns := r.columns()
	if in.Exported() {
		columns = append(columns, csvio.BaseColumn)
	}
	if in.Externals() {
		columns = append(columns, csvio.ExternalColumn)
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
