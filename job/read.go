package job

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"rolecall/csvio"
)

// surveyCheck is how many rows are read between two looks at whether the run was interrupted.
const surveyCheck = 1_000

// surveyFacts counts what the survey found.
type surveyFacts struct {
	Rows          int64 `json:"rows"`
	NoStakeholder int64 `json:"no_stakeholder"` // deals without stakeholders: a success that costs no call
}

// survey streams the whole input once into run.db, before any call, and returns what it holds.
func survey(ctx context.Context, in *csvio.Reader, name string, s *store, command Command, set Settings, p *Progress) (found surveyFacts, err error) {
	w, err := s.writeRows()
	if err != nil {
		return found, err
	}
	res := &resolver{command: command, roles: newRoleCells(s), rounding: &csvio.Rounding{File: name}}
	var row surveyedRow
	for set.Limit == 0 || found.Rows < set.Limit {
		rec, err := in.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return found, readError(ctx, err)
		}
		if err := res.resolve(rec, &row); err != nil {
			return found, err
		}
		if err := w.add(&row); err != nil {
			return found, err
		}
		if row.code == CodeNoStakeholder {
			found.NoStakeholder++
		}
		if found.Rows++; found.Rows%surveyCheck == 0 {
			p.done.Store(found.Rows)
			if ctx.Err() != nil {
				return found, &Stop{Interrupted, ErrInterrupted}
			}
		}
	}
	if err := w.close(); err != nil {
		return found, err
	}
	if err := res.rounding.Err(); err != nil && !set.AcceptRoundedIDs {
		return found, &UsageError{err}
	}
	return found, nil
}

// readError is what ended the reading: an interruption, or an input that cannot be used.
func readError(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return &Stop{Interrupted, ErrInterrupted}
	}
	return &UsageError{err}
}

// readerOptions is how the input of a run is read, the first time and again.
func readerOptions(name string, command Command, set Settings) csvio.Options {
	return csvio.Options{Name: name, Encoding: set.Encoding, Delimiter: set.Delimiter, Map: set.Map, Needs: command.needs()}
}

// openInput begins to read an input. A file that names deals or contacts otherwise than by their ids is refused as a whole: a column of them must not fail row by row.
func openInput(ctx context.Context, r io.Reader, o csvio.Options) (*csvio.Reader, error) {
	in, err := csvio.NewReader(r, o)
	if err == nil {
		return in, nil
	}
	if problem, ok := errors.AsType[*csvio.FileError](err); ok && (slices.Contains(problem.Missing, csvio.DealID) || slices.Contains(problem.Missing, csvio.ContactID)) {
		err = fmt.Errorf("%w (ids are needed: names and e-mails in their place are not looked up yet)", err)
	}
	return nil, readError(ctx, err)
}
