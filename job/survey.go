package job

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"rolecall/csvio"
	"rolecall/job/report"
	"rolecall/job/rundir"
)

// The most rows and bytes of one transaction of the survey. Smaller ones cost time, and larger ones cost memory.
const (
	surveyRows  = 500
	surveyBytes = 1 << 20
)

// survey reads the whole input once and adds its rows to run.db, before any call.
func (r *run) survey(ctx context.Context, in *csvio.Reader) error {
	r.Progress.Enter(Surveying, 0, 0)
	survey := r.kind.Survey(r.Settings, r.Input.Name)
	var rows []Row
	size, n := 0, int64(0)
	flush := func() error {
		err := r.db.Add(rows)
		rows, size = rows[:0], 0
		r.Progress.Reached(n)
		return err
	}
	for r.Settings.Limit == 0 || n < r.Settings.Limit {
		rec, err := in.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return interrupted(ctx, &UsageError{Err: err})
		}
		if ctx.Err() != nil {
			return EndOf(ctx)
		}
		row, err := survey.Row(in, rec)
		if err != nil {
			return &UsageError{Err: err}
		}
		n++
		row.N, row.Line, row.Unsendable = n, int64(rec.Line), row.Done != nil
		if r.Made {
			row.Line = n // an input that rolecall made has no header
		}
		if rows, size = append(rows, keyed(row)), size+rec.Size; len(rows) == surveyRows || size >= surveyBytes {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	if err := flush(); err != nil {
		return err
	}
	r.surveyed = n
	if err := survey.End(in, r.say, r.warnFirst); err != nil {
		return &UsageError{Err: err}
	}
	return nil
}

// keyed returns the row with a key of its own, if it can be sent and has no key. The zeros keep such rows in file
// order.
func keyed(r Row) Row {
	if r.Key == "" && !r.Unsendable {
		r.Key = fmt.Sprintf("row %09d", r.N)
	}
	return r
}

// readerOptions returns how to read the input, for the survey and for the results.
func (r *run) readerOptions() csvio.Options {
	set := &r.Settings
	o := csvio.Options{
		Name: r.Input.Name, Encoding: set.Encoding, Delimiter: set.Delimiter, Map: set.Map, Vocabulary: r.kind.Table,
		TempDir: r.folder.Path, SkipHidden: set.Hidden == SkipHidden,
		HeaderRow: set.HeaderRow, Sheet: set.Sheet,
		Command: "rolecall " + r.kind.Name + " " + rundir.InputArgument(r.Input.Name),
	}
	if r.kind.Needs != nil {
		o.Needs = r.kind.Needs(*set)
	}
	if r.kind.Reading != nil {
		r.kind.Reading(*set, &o)
	}
	return o
}

// openInput opens the reader of the input for the survey.
func (r *run) openInput(ctx context.Context, from io.Reader) (*csvio.Reader, error) {
	in, err := csvio.NewReader(from, r.readerOptions())
	if err == nil {
		return in, r.meant(in.Header())
	}
	if problem, ok := errors.AsType[*csvio.FileError](err); ok && len(problem.Missing) > 0 {
		if other := r.meant(problem.Header); other != nil {
			return nil, other
		}
		if r.kind.Hint != nil {
			if hint := r.kind.Hint(problem.Missing); hint != "" {
				err = fmt.Errorf("%w (%s)", err, hint)
			}
		}
	}
	if problem, ok := errors.AsType[*csvio.FileError](err); ok && problem.Undo {
		folder := filepath.Dir(r.Input.Path)
		if _, e := os.Stat(filepath.Join(folder, rundir.Database)); r.Input.Path != "" && e == nil {
			problem.Hint = "to take the run back, give: rolecall undo " +
				rundir.ShellQuote(rundir.Argument(filepath.Dir(r.Input.Name)))
		}
	}
	return nil, interrupted(ctx, &UsageError{Err: err})
}

// meant returns an error if a table is for another command. The error names that command.
func (r *run) meant(header []string) error {
	if r.kind.Meant == nil || r.Made {
		return nil
	}
	command := r.kind.Meant(header)
	if command == "" {
		return nil
	}
	return &UsageError{Err: fmt.Errorf("%s: this table is for %s, not for rolecall %s: give %s %s", r.Input.Name, command,
		r.kind.Name, command, rundir.InputArgument(r.Input.Name))}
}

// Hidden is what a run does with the hidden rows of a workbook's sheet. With "", most jobs read them like other rows,
// and a job that takes something away refuses the file.
type Hidden string

// The values of Hidden besides "".
const (
	IncludeHidden Hidden = "include"
	SkipHidden    Hidden = "skip"
)

// Removal is what a job takes away from an org.
type Removal int

// The values of Removal.
const (
	RemovesNothing Removal = iota
	RemovesNamed           // what the rows of its table name
	RemovesOthers          // what the rows of its table do not name
)

// removal returns what the run takes away.
func (r *run) removal() Removal {
	if r.kind.Removes == nil {
		return RemovesNothing
	}
	return r.kind.Removes(r.Settings)
}

// checkHidden refuses a run that would remove what the hidden rows name, because it leaves these rows out.
func (r *run) checkHidden() error {
	if r.Settings.Hidden != SkipHidden || r.removal() != RemovesOthers {
		return nil
	}
	return &UsageError{Err: fmt.Errorf(
		"--hidden skip with --prune would delete what the hidden rows name: give one of them")}
}

// countHidden counts the rows of the input, and those that its sheet does not show.
func (r *run) countHidden(in *csvio.Reader) {
	r.Input.Rows, r.Input.Hidden = r.surveyed, int64(in.Hidden())
	if r.Settings.Hidden == SkipHidden {
		r.Input.Rows += r.Input.Hidden
	}
}

// inputFacts returns what the summary says about the input.
func (r *run) inputFacts() report.Input {
	in := report.Input{Name: r.Input.Name, Dialect: r.Input.Dialect, SHA256: r.Input.SHA256}
	if r.Input.Hidden > 0 {
		in.Hidden = report.Hidden{Rows: r.Input.Hidden, Of: r.Input.Rows, Skipped: r.Settings.Hidden == SkipHidden}
	}
	return in
}

// tellHidden tells people about hidden rows before the first call. It refuses a run that takes something away, unless
// the user says what to do with hidden rows. A dry run goes on.
func (r *run) tellHidden(dry bool) error {
	hidden := r.inputFacts().Hidden
	if hidden.Rows == 0 {
		return nil
	}
	text := fmt.Sprintf("%s: %s", r.Input.Name, hidden)
	r.log.Warn("hidden rows", "hidden", hidden.Rows, "of", hidden.Of, "skipped", hidden.Skipped)
	switch removal := r.removal(); {
	case r.Settings.Hidden != "":
	case removal == RemovesNothing && r.Quiet:
		r.Warn(text)
	case removal == RemovesNothing:
		text += "; --hidden skip leaves them out"
	case !dry:
		return &UsageError{Err: r.unseen(removal, hidden)}
	default:
		text = r.foretold(r.unseen(removal, hidden))
		r.say(text)
	}
	r.tell(text)
	return nil
}

// unseen returns the error of a run that would take something away because of hidden rows.
func (r *run) unseen(removal Removal, hidden report.Hidden) error {
	err := fmt.Errorf("%s: %s, and %s would take something away because of rows that nobody sees: nothing was sent; "+
		"give --hidden skip to leave them out, or --hidden include if they are meant",
		r.Input.Name, hidden.Count(), r.does())
	if removal == RemovesOthers {
		err = fmt.Errorf("%s: %s, and with --prune %s deletes what its rows do not name: nothing was sent; "+
			"give --hidden include if the hidden rows belong to the table, or delete them from the sheet",
			r.Input.Name, hidden.Count(), r.does())
	}
	return err
}

// does returns the name of the job that does what a dry run of this job shows.
func (r *run) does() string { return cmp.Or(r.kind.Shows, r.Kind) }

// foretold returns the note of a dry run about an error that would end the real run.
func (r *run) foretold(err error) string {
	if r.kind.Shows != "" {
		return r.kind.Shows + " would stop here: " + err.Error()
	}
	return "without --dry-run: " + err.Error()
}
