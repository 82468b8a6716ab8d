package csvio

import (
	"bufio"
	"errors"
	"fmt"
	"io"
)

// openCSV reads the delimiter and the header of a table in CSV.
func (r *Reader) openCSV(o Options) error {
	r.dialect.Format = FormatCSV
	if problem := setDelimiter(r.split, o, &r.dialect); problem != nil {
		return problem
	}
	r.next = r.split.next
	first, err := r.split.next()
	switch {
	case errors.Is(err, io.EOF):
		r.err = io.EOF
		return nil
	case err != nil:
		return err
	case first.stray != "":
		return &FileError{Line: first.line, Problem: headerUnreadable + first.stray, Hint: "quote it properly"}
	}
	cols, err := readHeader(looseCells(first.raw, r.dialect.Delimiter), first.line, o, r.dialect)
	if err != nil {
		return err
	}
	r.use(cols)
	if cols.results() {
		r.split.maxBytes, r.split.maxLines = maxOwnRecordBytes, maxOwnRecordLines
	}
	if r.cells, err = newCellReader(r.dialect.Delimiter, len(cols.all)); err != nil {
		return &FileError{Problem: "the header cannot be used", Err: err}
	}
	return nil
}

const headerUnreadable = "the header cannot be read: "

// openJSONLines reads the columns of a table in JSON Lines.
func (r *Reader) openJSONLines(o Options) error {
	r.dialect.Format = FormatJSONL
	if o.Delimiter != 0 {
		r.dialect.Ignored = " (it has no delimiter: --delimiter does not concern it)"
	}
	lines, problem := openJSON(r.split)
	if problem != nil {
		return problem
	}
	cols, err := readHeader(lines.keys, r.split.line, o, r.dialect)
	if err != nil {
		return err
	}
	r.use(cols)
	r.next = lines.next
	return nil
}

// openWorkbook reads the header of a table in a workbook. place is where it can
// be read anywhere, or nil; in is its beginning and the rest.
func (r *Reader) openWorkbook(place *anywhere, in *bufio.Reader, o Options) error {
	r.dialect.Format = FormatXLSX
	if o.Encoding != "" || o.Delimiter != 0 {
		r.dialect.Ignored = " (it has neither charset nor delimiter: --encoding and --delimiter do not concern it)"
	}
	if place == nil {
		var err error
		if place, err = copyOf(in, o.TempDir); err != nil {
			return &FileError{Problem: "the workbook cannot be read to its end", Err: err}
		}
		r.closers = append(r.closers, place.close)
	}
	book, problem := openWorkbook(place, place.size)
	if problem != nil {
		return problem
	}
	sheet, problem := book.choose(o.Vocabulary.Sheet)
	if problem != nil {
		return problem
	}
	r.dialect.Sheet, r.dialect.Sheets = sheet.name, len(book.sheets)
	rows, problem := book.openSheet(sheet, o.TempDir)
	if problem != nil {
		return problem
	}
	r.closers = append([]func() error{rows.close}, r.closers...)
	r.next = rows.next
	if err := r.sheetHeader(rows, o); err != nil {
		return err
	}
	if others := book.others(sheet); r.Empty() && len(others) > 0 {
		return emptySheet(sheet.name, others, o.Vocabulary.Sheet)
	}
	return nil
}

// emptySheet says of a workbook that its table must be on another sheet than
// the one that is read. preferred is what would have been read before it.
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

// sheetHeader takes the first row with any text in it as the header.
func (r *Reader) sheetHeader(rows *sheetReader, o Options) error {
	first, err := rows.next()
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
	rows.width, rows.ids = len(cols.all), cols.ids()
	return nil
}
