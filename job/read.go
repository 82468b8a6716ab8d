package job

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"rolecall/csvio"

	"golang.org/x/sync/errgroup"
)

// surveyBatch is how many rows travel together from the reading of the input to its storing, which go on side by side.
const surveyBatch = 500

// surveyFacts counts what the survey found.
type surveyFacts struct {
	Rows          int64 `json:"rows"`
	NoStakeholder int64 `json:"no_stakeholder"` // deals without stakeholders: a success that costs no call
	InDealOrder   bool  `json:"in_deal_order"`  // the rows come by deal, as they are to be sent
}

// survey streams the whole input once into run.db, before any call, and returns what it holds.
func survey(ctx context.Context, in *csvio.Reader, name string, s *store, command Command, set Settings, p *Progress) (found surveyFacts, err error) {
	w, err := s.writeRows()
	if err != nil {
		return found, err
	}
	res := &resolver{command: command, rounding: &csvio.Rounding{File: name}}
	batches := make(chan []surveyedRow, 2)
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		defer close(batches)
		return readRows(ctx, in, set.Limit, res, batches)
	})
	g.Go(func() error {
		for batch := range batches {
			for i := range batch {
				if err := w.add(&batch[i]); err != nil {
					return err
				}
			}
			p.done.Store(w.found.Rows)
		}
		return nil
	})
	if err := g.Wait(); err != nil {
		return found, err
	}
	if err := w.close(); err != nil {
		return found, err
	}
	if err := res.rounding.Err(); err != nil && !set.AcceptRoundedIDs {
		return found, &UsageError{err}
	}
	return w.found, nil
}

// readRows reads and checks the input, at most limit rows of it (0: all), and hands the rows on in batches.
func readRows(ctx context.Context, in *csvio.Reader, limit int64, res *resolver, to chan<- []surveyedRow) error {
	batch := make([]surveyedRow, 0, surveyBatch)
	for n := int64(0); limit == 0 || n < limit; n++ {
		rec, err := in.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return readError(ctx, err)
		}
		batch = append(batch, res.resolve(rec))
		if len(batch) < surveyBatch {
			continue
		}
		if err := handOn(ctx, batch, to); err != nil {
			return err
		}
		batch = make([]surveyedRow, 0, surveyBatch)
	}
	return handOn(ctx, batch, to)
}

func handOn(ctx context.Context, batch []surveyedRow, to chan<- []surveyedRow) error {
	select {
	case to <- batch:
		return nil
	case <-ctx.Done():
		return &Stop{Interrupted, ErrInterrupted}
	}
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
