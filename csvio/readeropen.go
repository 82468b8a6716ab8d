package csvio

import (
	"errors"
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
	cols, err := readHeader(looseCells(first.text(), r.dialect.Delimiter), first.line, o, r.dialect)
	if err != nil {
		return err
	}
	r.use(cols)
	if cols.results() {
		r.split.maxBytes = maxTextBytes
	}
	if r.cells, err = newCellReader(r.dialect.Delimiter, len(cols.all)); err != nil {
		return &FileError{Problem: "the header cannot be used", Err: err}
	}
	return nil
}

const headerUnreadable = "the header cannot be read: "

// openJSON reads the columns of a table of JSON objects. lines says that one stands on each line.
func (r *Reader) openJSON(o Options, lines bool) error {
	r.dialect.Format, r.dialect.Objects = FormatJSONL, !lines
	if o.Delimiter != 0 {
		r.dialect.Ignored = " (it has no delimiter: --delimiter does not concern it)"
	}
	objects, err := openJSON(r.split, lines)
	if errors.Is(err, io.EOF) { // an array of nothing
		r.err = io.EOF
		return nil
	}
	if err != nil {
		return err
	}
	cols, err := readHeader(objects.keys, objects.line, o, r.dialect)
	if err != nil {
		return err
	}
	r.use(cols)
	r.next = objects.next
	return nil
}
