package xlsx

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strconv"
)

// Row is a row of a sheet with any text in it.
type Row struct {
	Line    int      // number of the row, as the sheet shows it
	Cells   []string // as wide as Reader.SetColumns says, or wider if there is text beyond
	Size    int      // bytes of the texts
	Problem string   // why the row cannot be used as it is, or ""
	Hidden  bool     // the sheet does not show the row: a filter or somebody has hidden it
}

// Reader reads the rows of one sheet of a workbook.
type Reader struct {
	book     *Book
	sheet    sheet
	part     *part
	width    int    // of the header; 0: the header is still to come
	ids      []bool // the columns that hold ids
	row      Row
	cell     cell
	seen     int   // cells of the row so far
	unvalued []int // columns of the row with a formula that has no value
	merges   merges
}

// Read opens a sheet of the workbook. The caller closes the Reader, then the Book.
func (b *Book) Read(name string) (*Reader, error) {
	r := &Reader{book: b}
	for _, s := range b.sheets {
		if s.name == name && s.part != "" {
			r.sheet = s
		}
	}
	if err := r.open(); err != nil {
		r.Close()
		return nil, damaged(err)
	}
	return r, nil
}

// open reads up to the first row of the sheet.
func (r *Reader) open() error {
	var err error
	if r.merges, err = r.book.readMerges(r.sheet); err != nil {
		return err
	}
	if r.part, err = r.book.open(r.sheet.part); err != nil {
		return err
	}
	for {
		token, err := r.part.token()
		if errors.Is(err, io.EOF) {
			return fmt.Errorf("the sheet %.60q has no cells: %w", r.sheet.name, io.ErrUnexpectedEOF)
		}
		if err != nil {
			return err
		}
		if start, ok := token.(xml.StartElement); ok && start.Name.Local == "sheetData" {
			return nil
		}
	}
}

// Close ends the reading.
func (r *Reader) Close() {
	if r.part != nil {
		r.part.close()
	}
}

// SetColumns sets for each column of the header whether it holds ids. Call it after the header's row: the rows that
// follow are at least that wide, and numbers in columns of ids are ids.
func (r *Reader) SetColumns(ids []bool) { r.width, r.ids = len(ids), ids }

// Read returns the next row with any text in it. The next call uses the Row again; the caller may keep the strings.
// The end is io.EOF; an *Error says that the rest of the sheet cannot be read.
func (r *Reader) Read() (*Row, error) {
	for {
		token, err := r.part.token()
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF // before the end of the sheet's rows
		}
		if err == nil {
			switch t := token.(type) {
			case xml.StartElement:
				err = r.start(t)
			case xml.CharData:
				err = r.characters(t)
			case xml.EndElement:
				if t.Name.Local == "sheetData" {
					return nil, io.EOF
				}
				err = r.end(t.Name.Local)
				if err != nil || t.Name.Local != "row" {
					break
				}
				if err = r.merges.fill(&r.row, r.width, r.unvalued); err == nil && r.pad() {
					return &r.row, nil
				}
			}
		}
		if err != nil {
			problem := damaged(err)
			problem.Line = r.row.Line
			return nil, problem
		}
	}
}

// start begins a row, a cell or a part of a cell.
func (r *Reader) start(element xml.StartElement) error {
	switch name := element.Name.Local; name {
	case "row":
		return r.startRow(element)
	case "c":
		return r.startCell(element)
	default:
		r.cell.start(name)
	}
	return nil
}

func (r *Reader) startRow(element xml.StartElement) error {
	line := r.row.Line + 1
	if number := attribute(element, "r"); number != "" {
		n, err := strconv.Atoi(number)
		if err != nil || n < line || n > maxRows {
			return fmt.Errorf("row %.60q comes after row %d", number, r.row.Line)
		}
		line = n
	} else if line > maxRows {
		return fmt.Errorf("it has more than %d rows", maxRows)
	}
	r.row = Row{Line: line, Cells: r.row.Cells[:0], Hidden: isHidden(element)}
	r.seen, r.unvalued = 0, r.unvalued[:0]
	return nil
}

// isHidden reports whether a sheet does not show a row. A row without height is hidden too.
func isHidden(row xml.StartElement) bool {
	height, err := strconv.ParseFloat(attribute(row, "ht"), 64)
	return isTrue(attribute(row, "hidden")) || err == nil && height == 0
}

func (r *Reader) startCell(element xml.StartElement) error {
	c := &r.cell
	c.reset(r.seen)
	for i := range element.Attr {
		var err error
		switch a := &element.Attr[i]; a.Name.Local {
		case "r":
			c.column, err = columnOf(a.Value)
		case "t":
			c.kind = a.Value
		case "s":
			c.style, err = strconv.Atoi(a.Value)
		}
		if err != nil {
			return err
		}
	}
	if c.column < r.seen || c.column >= maxColumns {
		return fmt.Errorf("the cells of row %d are not in order, or beyond the last column of a sheet", r.row.Line)
	}
	r.seen = c.column + 1
	return nil
}

func (r *Reader) characters(text []byte) error {
	if !r.cell.inValue {
		return r.cell.text.add(text)
	}
	if r.cell.value = append(r.cell.value, text...); len(r.cell.value) > maxTextBytes {
		return tooLong()
	}
	return nil
}

func tooLong() *Error {
	return &Error{
		Problem: fmt.Sprintf("the row holds more than %d KiB of text", maxTextBytes>>10),
		Hint:    "look there for cells that do not belong to the table",
	}
}

// end ends a cell or a part of a cell.
func (r *Reader) end(name string) error {
	if name != "c" {
		r.cell.end(name)
		return nil
	}
	r.cell.open = false
	return r.endCell()
}

// endCell adds the text of a cell to the row.
func (r *Reader) endCell() error {
	text, err := r.text()
	if err != nil || text == "" {
		return err
	}
	if r.row.Size += len(text); r.row.Size > maxTextBytes {
		return tooLong()
	}
	for len(r.row.Cells) < r.cell.column {
		r.row.Cells = append(r.row.Cells, "")
	}
	r.row.Cells = append(r.row.Cells, text)
	return nil
}

// pad makes the row as wide as the header, and reports whether it is a row at all.
func (r *Reader) pad() bool {
	if len(r.row.Cells) == 0 && r.row.Problem == "" {
		return false
	}
	for len(r.row.Cells) < r.width {
		r.row.Cells = append(r.row.Cells, "")
	}
	return true
}
