package csvio

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"

	"rolecall/csvio/xlsx"
)

// openWorkbook reads the header of a table in a workbook. If src is nil, openWorkbook first copies the workbook from
// in.
func (r *Reader) openWorkbook(src *xlsx.Source, in *bufio.Reader, o Options) error {
	r.dialect.Format = FormatXLSX
	if o.Encoding != "" || o.Delimiter != 0 {
		r.dialect.Ignored = " (it has neither charset nor delimiter: --encoding and --delimiter have no effect)"
	}
	if src == nil {
		var err error
		if src, err = xlsx.Copy(in, o.TempDir); err != nil {
			return &FileError{Problem: "the workbook cannot be read to its end", Err: err}
		}
		r.closers = append(r.closers, src.Close)
	}
	book, err := xlsx.Open(src, o.TempDir)
	if err != nil {
		return ofWorkbook(err)
	}
	r.closers = append(r.closers, book.Close)
	sheet, line, err := findSheet(book, o)
	if err != nil {
		return ofWorkbook(err)
	}
	rows, err := book.Read(sheet)
	if err != nil {
		return ofWorkbook(err)
	}
	r.closers = append(r.closers, func() error { rows.Close(); return nil })
	r.dialect.Sheet, r.dialect.Sheets, r.dialect.HeaderLine = sheet, book.Sheets(), line
	r.next = func() (record, error) { return r.nextOfSheet(rows, o.SkipHidden) }
	if err := r.sheetHeader(rows, o); err != nil {
		return err
	}
	if others := otherSheets(book, sheet); r.Empty() && len(others) > 0 {
		return emptySheet(sheet, others, o.Vocabulary.Sheet)
	}
	return nil
}

// sheetHeader reads the header: the first row with any text in it, or that of Dialect.HeaderLine.
func (r *Reader) sheetHeader(rows *xlsx.Reader, o Options) error {
	first, err := r.nextOfSheet(rows, false)
	for err == nil && first.line < r.dialect.HeaderLine {
		first, err = r.nextOfSheet(rows, false)
	}
	switch want := r.dialect.HeaderLine; {
	case want > 0 && (errors.Is(err, io.EOF) || err == nil && first.line > want):
		return &FileError{
			Line: want, Problem: fmt.Sprintf("--header-row names this line, and the sheet %s has no text in it",
				shown(r.dialect.Sheet)), Hint: hintHeaderRow,
		}
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
		rec, hidden, err := sheetRow(rows)
		if err != nil {
			return record{}, ofWorkbook(err)
		}
		if hidden {
			r.hidden++
		}
		if !hidden || !skipHidden {
			return rec, nil
		}
	}
}

// sheetRow returns the next row of a sheet that is not blank, and whether the sheet hides the row.
func sheetRow(rows *xlsx.Reader) (rec record, hidden bool, err error) {
	for {
		row, err := rows.Read()
		if err != nil {
			return record{}, false, err
		}
		rec := record{cells: row.Cells, line: row.Line, size: row.Size, stray: row.Problem}
		for i, cell := range rec.cells {
			rec.cells[i] = withLF(cell)
		}
		if !rec.isBlank(nil) {
			return rec, row.Hidden, nil
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

// emptySheet returns the error for an empty sheet of a workbook that has other sheets. preferred is the vocabulary's
// name for a sheet, or "".
func emptySheet(name string, others []string, preferred string) *FileError {
	e := &FileError{
		Problem: fmt.Sprintf("the first visible sheet %s is empty; others are %s", shown(name), shownList(others)),
		Hint:    "name the one that is meant with --sheet, move it to the front",
	}
	if preferred != "" {
		e.Hint += ", or call it " + preferred
	}
	return e
}

// findSheet returns the sheet of a workbook that has the table, and the line of its header; 0 is the first line with
// any text.
func findSheet(book *xlsx.Book, o Options) (sheet string, line int, err error) {
	if o.Sheet != "" {
		name, ok := book.Named(o.Sheet)
		if !ok {
			return "", 0, &FileError{
				Problem: "the workbook has no sheet " + shown(o.Sheet) + "; it has " + shownList(book.Shown()),
				Hint:    "give --sheet one of these names",
			}
		}
		line, _, err = o.headerOf(book, name)
		return name, line, err
	}
	first, err := book.First(o.Vocabulary.Sheet)
	if err != nil {
		return "", 0, err
	}
	line, fits, err := o.headerOf(book, first)
	if err != nil || fits {
		return first, line, err
	}
	var others []string
	for _, name := range otherSheets(book, first) {
		// A sheet that cannot be read has no table.
		if _, fits, err := o.headerOf(book, name); fits || err != nil && isAmbiguous(err) {
			others = append(others, name)
		}
	}
	switch len(others) {
	case 0:
		return first, line, nil
	case 1:
		line, _, err = o.headerOf(book, others[0])
		return others[0], line, err
	}
	return "", 0, &FileError{
		Problem: "the sheet " + shown(first) + " lacks the needed columns, and several others have them: " +
			shownList(others),
		Hint: fmt.Sprintf("name the sheet, for example --sheet %q", others[0]),
	}
}

// isAmbiguous reports whether an error of headerOf means that several lines may be the header.
func isAmbiguous(err error) bool {
	_, ok := errors.AsType[*FileError](err)
	return ok
}

// otherSheets returns the names of the visible sheets but one.
func otherSheets(book *xlsx.Book, one string) []string {
	return slices.DeleteFunc(book.Shown(), func(name string) bool { return name == one })
}

// headerOf returns the line of the header of a sheet; 0 is the first line with any text. fits reports whether the
// header meets all needs.
func (o *Options) headerOf(book *xlsx.Book, sheet string) (line int, fits bool, err error) {
	rows, err := book.Read(sheet)
	if err != nil {
		return 0, false, err
	}
	defer rows.Close()
	var c candidates
	last := cmp.Or(o.HeaderRow, headerLines)
	row, _, err := sheetRow(rows)
	for ; err == nil && row.line <= last; row, _, err = sheetRow(rows) {
		switch o.HeaderRow {
		case row.line:
			return row.line, o.fits(row.cells), nil
		case 0:
			c.add(row.line, row.cells, o)
		}
	}
	switch {
	case err != nil && !errors.Is(err, io.EOF) && c.first == 0:
		return 0, false, err
	case o.HeaderRow > 0:
		return o.HeaderRow, false, nil
	}
	line, problem := c.choose(" of the sheet " + shown(sheet))
	if problem != nil {
		return 0, false, problem
	}
	return line, len(c.fit) > 0, nil
}
