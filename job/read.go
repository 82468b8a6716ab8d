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

// A batch is what travels at once from the reading of the input to its checking and storing, which go on side by side: so many rows, or rows that hold so many bytes.
const (
	surveyBatch      = 500
	surveyBatchBytes = 1 << 20
	surveyBatches    = 3 // one is filled, one is stored, one waits
)

// surveyFacts counts what the survey found.
type surveyFacts struct {
	Rows          int64 `json:"rows"`
	NoStakeholder int64 `json:"no_stakeholder"` // deals without stakeholders: a success that costs no call
	InDealOrder   bool  `json:"in_deal_order"`  // the rows come by deal, as they are to be sent
}

// inputRow is a record of the input with the cells that the command reads.
type inputRow struct {
	Row, Line, Size                                                      int
	Malformed                                                            *csvio.RowError
	DealID, DealName, ContactID, ContactEmail, ContactName, Role, RoleID string
}

func newInputRow(in *csvio.Reader, rec *csvio.Record) inputRow {
	return inputRow{
		Row: rec.Row, Line: rec.Line, Size: rec.Size, Malformed: rec.Malformed,
		DealID: in.Value(csvio.DealID), DealName: in.Value(csvio.DealName),
		ContactID: in.Value(csvio.ContactID), ContactEmail: in.Value(csvio.ContactEmail), ContactName: in.Value(csvio.ContactName),
		Role: in.Value(csvio.Role), RoleID: in.Value(csvio.RoleID),
	}
}

// survey streams the whole input once into run.db, before any call, and returns what it holds.
func survey(ctx context.Context, in *csvio.Reader, name string, s *store, command Command, set Settings, p *Progress) (found surveyFacts, err error) {
	w, err := s.writeRows()
	if err != nil {
		return found, err
	}
	res := &resolver{command: command, rounding: &csvio.Rounding{File: name}}
	g, ctx := errgroup.WithContext(ctx)
	rows := newHandover(ctx)
	g.Go(func() error {
		defer close(rows.full)
		return readRows(in, set.Limit, rows)
	})
	g.Go(func() error {
		for batch := range rows.full {
			for i := range batch {
				row := res.resolve(&batch[i])
				if err := w.add(&row); err != nil {
					return err
				}
			}
			p.done.Store(w.found.Rows)
			rows.empty <- batch
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
		return found, &UsageError{Err: err}
	}
	return w.found, nil
}

// handover passes batches of rows from one goroutine to another, and the emptied ones back. There are surveyBatches of them at most, so that sending one never waits.
type handover struct {
	ctx         context.Context
	full, empty chan []inputRow
}

func newHandover(ctx context.Context) *handover {
	h := &handover{ctx: ctx, full: make(chan []inputRow, surveyBatches), empty: make(chan []inputRow, surveyBatches)}
	for range surveyBatches - 1 { // the reading begins with one of its own
		h.empty <- nil
	}
	return h
}

// pass hands a batch on and returns an empty one.
func (h *handover) pass(batch []inputRow) ([]inputRow, error) {
	if h.ctx.Err() != nil {
		return nil, &Stop{Interrupted, ErrInterrupted}
	}
	h.full <- batch
	select {
	case batch = <-h.empty:
		return batch[:0], nil
	case <-h.ctx.Done():
		return nil, &Stop{Interrupted, ErrInterrupted}
	}
}

// readRows reads the input, at most limit rows of it (0: all), and hands the rows on in batches.
func readRows(in *csvio.Reader, limit int64, to *handover) error {
	var batch []inputRow
	size := 0
	for n := int64(0); limit == 0 || n < limit; n++ {
		rec, err := in.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return readError(to.ctx, err)
		}
		batch, size = append(batch, newInputRow(in, rec)), size+rec.Size
		if len(batch) < surveyBatch && size < surveyBatchBytes {
			continue
		}
		if batch, err = to.pass(batch); err != nil {
			return err
		}
		size = 0
	}
	_, err := to.pass(batch)
	return err
}

// readError is what ended the reading: an interruption, or an input that cannot be used.
func readError(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return &Stop{Interrupted, ErrInterrupted}
	}
	return &UsageError{Err: err}
}

// readerOptions is how the input of a run is read, the first time and again.
func (r *run) readerOptions(name string) csvio.Options {
	set := r.settings
	return csvio.Options{Name: name, Encoding: set.Encoding, Delimiter: set.Delimiter, Map: set.Map, Vocabulary: csvio.Stakeholders(), Needs: r.command.needs(), TempDir: r.folder.Path}
}

// openInput begins to read an input for its survey. A file that names deals or contacts otherwise than by their ids is refused as a whole: a column of them must not fail row by row.
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
