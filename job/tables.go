package job

import (
	"context"
	"errors"
	"io"

	"rolecall/csvio"

	"golang.org/x/sync/errgroup"
)

// tables are the files that get result rows.
type tables struct {
	results, failed *csvio.ResultWriter
}

// writeBatch is how many rows travel together from the making of the results to their writing, which go on side by side.
const writeBatch = 500

// resultRow is a row on its way to the tables.
type resultRow struct {
	cells  []string
	result csvio.Result
	failed bool
}

// write takes batches of rows until there are no more.
func (t tables) write(batches <-chan []resultRow) error {
	for batch := range batches {
		for i := range batch {
			r := &batch[i]
			if r.failed {
				if err := t.failed.Write(r.cells, r.result); err != nil {
					return err
				}
			}
			if err := t.results.Write(r.cells, r.result); err != nil {
				return err
			}
		}
	}
	return errors.Join(t.results.Close(), t.failed.Close())
}

// rowBatcher collects rows and hands them on.
type rowBatcher struct {
	ctx   context.Context
	to    chan<- []resultRow
	rows  []resultRow
	cells []string // of all rows of the batch, one after the other
}

// add takes a row along; its cells are copied.
func (b *rowBatcher) add(cells []string, r csvio.Result, failed bool) error {
	at := len(b.cells)
	b.cells = append(b.cells, cells...)
	b.rows = append(b.rows, resultRow{b.cells[at:len(b.cells):len(b.cells)], r, failed})
	if len(b.rows) < writeBatch {
		return nil
	}
	return b.flush()
}

// flush hands on what was collected.
func (b *rowBatcher) flush() error {
	select {
	case b.to <- b.rows:
	case <-b.ctx.Done():
		return b.ctx.Err()
	}
	b.rows, b.cells = make([]resultRow, 0, writeBatch), make([]string, 0, len(b.cells))
	return nil
}

// writeTables makes results.csv, failed.csv and the copy that the user asked for. stdout is where a copy called "-" goes.
func (w *writer) writeTables(in *csvio.Reader, f *folder, resultsCopy string, stdout io.Writer) (*tally, error) {
	f.sweep()
	results, err := createWhole(f.file(resultsFile))
	if err != nil {
		return nil, err
	}
	defer results.discard()
	failed, err := createWhole(f.file(failedFile))
	if err != nil {
		return nil, err
	}
	defer failed.discard()
	to := tables{csvio.NewResultWriter(results, in.Header()), csvio.NewResultWriter(failed, in.Header())}
	batches := make(chan []resultRow, 2)
	g, ctx := errgroup.WithContext(context.Background()) // results are written to the end also when the run was interrupted
	g.Go(func() error { return to.write(batches) })
	var t *tally
	g.Go(func() (err error) {
		defer close(batches)
		t, err = w.write(in, &rowBatcher{ctx: ctx, to: batches})
		return err
	})
	err = g.Wait()
	if err == nil {
		err = results.commit()
	}
	if err == nil {
		err = failed.commit()
	}
	if err != nil {
		return nil, err
	}
	return t, copyResults(f.file(resultsFile), resultsCopy, stdout)
}
