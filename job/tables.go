package job

import (
	"bytes"
	"context"
	"io"

	"rolecall/csvio"
	"rolecall/job/disk"
	"rolecall/job/rundir"

	"golang.org/x/sync/errgroup"
)

// A batch of so many rows or bytes travels together from the making of the results to their writing. Several are made into text at once, side by side.
const (
	writeBatch      = 500
	writeBatchBytes = 1 << 20
	writersAtOnce   = 4
)

// resultRow is a row on its way to the tables.
type resultRow struct {
	cells  []string
	result []string
	failed bool
}

// rowBatcher collects rows and hands them on.
type rowBatcher struct {
	full  func([]resultRow) error
	rows  []resultRow
	cells []string // of all rows of the batch, one after the other
	bytes int
}

// add takes a row along; its cells are copied.
func (b *rowBatcher) add(cells []string, r []string, failed bool) error {
	at := len(b.cells)
	b.cells = append(b.cells, cells...)
	b.rows = append(b.rows, resultRow{b.cells[at:len(b.cells):len(b.cells)], r, failed})
	for _, text := range r {
		b.bytes += len(text)
	}
	for _, cell := range cells {
		b.bytes += len(cell)
	}
	if len(b.rows) < writeBatch && b.bytes < writeBatchBytes {
		return nil
	}
	return b.flush()
}

// flush hands on what was collected.
func (b *rowBatcher) flush() error {
	err := b.full(b.rows)
	b.rows, b.cells, b.bytes = make([]resultRow, 0, writeBatch), make([]string, 0, len(b.cells)), 0
	return err
}

// tableText is a batch of rows as the tables show it.
type tableText struct {
	results, failed bytes.Buffer
	err             error
}

// tableWriter makes batches of rows into text, several at once, and writes that in the order of the batches.
type tableWriter struct {
	width           int // columns of the input's own
	results, failed io.Writer
	ordered         chan chan *tableText
	ctx             context.Context
	g               *errgroup.Group
}

func newTableWriter(width int, results, failed io.Writer) *tableWriter {
	w := &tableWriter{width: width, results: results, failed: failed, ordered: make(chan chan *tableText, writersAtOnce-1)}
	w.g, w.ctx = errgroup.WithContext(context.Background()) // results are written to the end also when the run was interrupted
	w.g.Go(w.copy)
	return w
}

// add takes a batch; one waits for its turn when enough are on their way.
func (w *tableWriter) add(rows []resultRow) error {
	made := make(chan *tableText, 1)
	select {
	case w.ordered <- made:
	case <-w.ctx.Done():
		return context.Cause(w.ctx)
	}
	go func() { made <- w.text(rows) }()
	return nil
}

// text is what the tables say of a batch.
func (w *tableWriter) text(rows []resultRow) *tableText {
	t := &tableText{}
	resultWidth := len(ResultColumns())
	results, failed := csvio.NewResultAppender(&t.results, w.width, resultWidth), csvio.NewResultAppender(&t.failed, w.width, resultWidth)
	for i := range rows {
		r := &rows[i]
		if r.failed {
			t.err = failed.Write(r.cells, r.result)
		}
		if t.err == nil {
			t.err = results.Write(r.cells, r.result)
		}
		if t.err != nil {
			return t
		}
	}
	if t.err = results.Close(); t.err == nil {
		t.err = failed.Close()
	}
	return t
}

// copy writes the text of the batches until there are no more.
func (w *tableWriter) copy() error {
	for made := range w.ordered {
		t := <-made
		if t.err != nil {
			return t.err
		}
		if _, err := w.results.Write(t.results.Bytes()); err != nil {
			return err
		}
		if _, err := w.failed.Write(t.failed.Bytes()); err != nil {
			return err
		}
	}
	return nil
}

// close waits until all is written. No batch may follow.
func (w *tableWriter) close() error {
	close(w.ordered)
	return w.g.Wait()
}

// writeTables makes results.csv, failed.csv and the copy that the user asked for. stdout is where a copy called "-" goes.
func (w *writer) writeTables(in *csvio.Reader, f *rundir.Dir, resultsCopy string, stdout io.Writer) (*tally, error) {
	f.Sweep()
	results, err := createTable(f.File(rundir.Results), in.Header())
	if err != nil {
		return nil, err
	}
	defer results.Discard()
	failed, err := createTable(f.File(rundir.Failed), in.Header())
	if err != nil {
		return nil, err
	}
	defer failed.Discard()
	undo, err := w.s.newUndoList()
	if err != nil {
		return nil, err
	}
	to := newTableWriter(len(in.Header()), results, failed)
	t, err := w.write(in, &rowBatcher{full: to.add}, undo)
	if e := to.close(); e != nil {
		err = e // what was in the way of the writing stopped the making
	}
	if err == nil {
		err = results.Commit()
	}
	if err == nil {
		err = failed.Commit()
	}
	if err == nil {
		err = undo.write(f)
	}
	if err != nil {
		return nil, err
	}
	return t, rundir.CopyResults(f.File(rundir.Results), resultsCopy, stdout)
}

// createTable begins a result table with its header.
func createTable(path string, header []string) (*disk.Whole, error) {
	w, err := disk.CreateWhole(path)
	if err != nil {
		return nil, err
	}
	if err := csvio.NewResultWriter(w, header, ResultColumns()).Close(); err != nil {
		w.Discard()
		return nil, err
	}
	return w, nil
}
