package job

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"rolecall/csvio"
	"rolecall/job/rundir"
)

// The most rows and bytes of one transaction of the survey. With them neither the commits nor the memory cost much.
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

// keyed returns the row with a key of its own, if it can be sent and has no key.
func keyed(r Row) Row {
	if r.Key == "" && !r.Unsendable {
		r.Key = fmt.Sprintf("row %d", r.N)
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
	}
	if r.kind.Needs != nil {
		o.Needs = r.kind.Needs(*set)
	}
	return o
}

// openInput opens the reader of the input for the survey.
func (r *run) openInput(ctx context.Context, from io.Reader) (*csvio.Reader, error) {
	in, err := csvio.NewReader(from, r.readerOptions())
	if err == nil {
		return in, nil
	}
	if problem, ok := errors.AsType[*csvio.FileError](err); ok && len(problem.Missing) > 0 && r.kind.Hint != nil {
		if hint := r.kind.Hint(problem.Missing); hint != "" {
			err = fmt.Errorf("%w (%s)", err, hint)
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
