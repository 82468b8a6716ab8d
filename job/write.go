package job

import (
	"context"
	"fmt"
	"io"

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

// WriteUndo writes undo.csv, the prior state of each row that changed something, the last row first. cells returns the
// cells of a row, or nil for a row that changed nothing. Without changed rows there is no file. The file is for people:
// undo reads run.db. The column csvio.UndoRow makes every command refuse the file as its input.
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

// WritePriors writes undo.csv of a job whose rows change one record each. prior returns the record before the change,
// or "" if the row created the record or did not change it.
func (out *Output) WritePriors(id, before csvio.Field, idOf, prior func(*Row, *Outcome) string) error {
	return out.WriteUndo([]csvio.Column{
		{Name: string(id), Kind: csvio.IDColumn}, {Name: string(before)}, {Name: "rc_action"},
		{Name: string(csvio.UndoRow), Kind: csvio.PlainColumn},
	}, func(r *Row) []csvio.Value {
		was, o := prior(r, r.Done), r.Done
		if was == "" && o.Action != ActionInserted && o.Action != ActionCreated {
			return nil
		}
		return []csvio.Value{{Text: idOf(r, o)}, {Text: was}, {Text: o.Action}, {Text: number(r.N)}}
	})
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
		write := func() error { return r.writeTables(ctx, sum, open) }
		if dry && r.Settings.ResultsCopy == "" { // nobody would see the tables
			write = func() error { return r.count(sum, open, nil) }
		}
		if err := write(); err != nil {
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

// count counts the rows and their outcomes in the summary, and writes them to the tables. It checks that each row has
// one outcome or none. open is the message for open rows. Without tables it only counts.
func (r *run) count(sum *report.Summary, open string, to *tables) error {
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
		o := row.Done
		if o == nil {
			o = &Outcome{Row: row.N, Status: NotAttempted, Message: open}
		}
		row.Done = nil
		sum.Rows.Add(string(o.Status), o.Action, 1)
		superseded := o.Status == Failed && o.Code == CodeSuperseded
		if o.Status == Failed {
			groups.Add(o.Code, o.Message, o.Details, row.Line)
		}
		if superseded {
			sum.Rows.Superseded++
		}
		if to == nil {
			continue
		}
		// A superseded row that is sent again would undo what the last row of its contact did.
		if err := to.write(&row, o, o.Status == Failed && !superseded); err != nil {
			return err
		}
	}
	sum.Errors = groups.List()
	if n := sum.Rows; n.Success+n.Error+n.NotAttempted != n.Total || n.Total != r.counts.Input {
		return fmt.Errorf("%d rows have %d outcomes", r.counts.Input, n.Success+n.Error+n.NotAttempted)
	}
	return nil
}
