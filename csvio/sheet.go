package csvio

import (
	"bufio"
	"errors"
	"fmt"
	"io"

	"rolecall/csvio/xlsx"
)

// openWorkbook reads the header of a table in a workbook. src is nil if the workbook must be copied first; in is its
// beginning and the rest.
func (r *Reader) openWorkbook(src *xlsx.Source, in *bufio.Reader, o Options) error {
	r.dialect.Format = FormatXLSX
	if o.Encoding != "" || o.Delimiter != 0 {
		r.dialect.Ignored = " (it has neither charset nor delimiter: --encoding and --delimiter do not concern it)"
	}
	if src == nil {
		var err error
		if src, err = xlsx.Copy(in, o.TempDir); err != nil {
			return &FileError{Problem: "the workbook cannot be read to its end", Err: err}
		}
		r.closers = append(r.closers, src.Close)
	}
	rows, err := xlsx.NewReader(src, o.Vocabulary.Sheet, o.TempDir)
	if err != nil {
		return ofWorkbook(err)
	}
	r.closers = append([]func() error{rows.Close}, r.closers...)
	r.dialect.Sheet, r.dialect.Sheets = rows.Sheet(), rows.Sheets()
	r.next = func() (record, error) { return r.nextOfSheet(rows, o.SkipHidden) }
	if err := r.sheetHeader(rows, o); err != nil {
		return err
	}
	if others := rows.Others(); r.Empty() && len(others) > 0 {
		return emptySheet(rows.Sheet(), others, o.Vocabulary.Sheet)
	}
	return nil
}

// sheetHeader reads the header: the first row with any text in it.
func (r *Reader) sheetHeader(rows *xlsx.Reader, o Options) error {
	first, err := r.nextOfSheet(rows, false)
	switch {
	case errors.Is(err, io.EOF):
		r.err = io.EOF
		return nil
	case err != nil:
		return err
	case first.stray != "":
		return &FileError{Line: first.line, Problem: headerUnreadable + first.stray}
	}
	cols, err := readHeader(first.cells, first.line, o, r.dialect)
	if err != nil {
		return err
	}
	r.use(cols)
	r.hidden = 0 // the header is no row
	rows.SetColumns(cols.ids())
	return nil
}

// nextOfSheet returns the next row of a sheet that is not blank. It counts the rows that the sheet does not show, and
// leaves them out if the user wants that.
func (r *Reader) nextOfSheet(rows *xlsx.Reader, skipHidden bool) (record, error) {
	for {
		row, err := rows.Read()
		if err != nil {
			return record{}, ofWorkbook(err)
		}
		rec := record{cells: row.Cells, line: row.Line, size: row.Size, stray: row.Problem}
		for i, cell := range rec.cells {
			rec.cells[i] = withLF(cell)
		}
		if rec.isBlank(nil) {
			continue
		}
		if row.Hidden {
			r.hidden++
		}
		if !row.Hidden || !skipHidden {
			return rec, nil
		}
	}
}

// ofWorkbook turns an *xlsx.Error into a *FileError.
func ofWorkbook(err error) error {
	if e, ok := errors.AsType[*xlsx.Error](err); ok {
		return &FileError{Line: e.Line, Problem: e.Problem, Hint: e.Hint, Err: e.Err}
	}
	return err
}

// emptySheet returns an error: the sheet is empty, and the table must be on one of the others. preferred is the name of
// the sheet that would have been read before all others.
func emptySheet(name string, others []string, preferred string) *FileError {
	e := &FileError{
		Problem: fmt.Sprintf("the first visible sheet %s is empty; others are %s", shown(name), shownList(others)),
		Hint:    "move the one that is meant to the front",
	}
	if preferred != "" {
		e.Hint += ", or call it " + preferred
	}
	return e
}
