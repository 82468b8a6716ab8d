package csvio

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// maxRowBreaks bounds the line breaks in the cells of a row of a workbook or of
// JSON Lines, so that the result table that repeats them can be read back.
const maxRowBreaks = maxOwnRecordLines / 2

// sheetReader reads the rows of a sheet. A row without any text is none.
type sheetReader struct {
	book    *workbook
	part    *part
	strings *sharedStrings
	styles  []numberFormat
	width   int    // of the header; 0: the header is still to come
	ids     []bool // the columns that hold ids
	line    int    // number of the row, as the sheet shows it
	row     []string
	size    int // of the row's text
	breaks  int
	bad     string // why the row cannot be taken as it is
	cell    sheetCellXML
}

// sheetCellXML is a cell while it is being read.
type sheetCellXML struct {
	column            int // from 0
	kind              string
	style             int
	value             []byte
	text              richText
	inValue           bool
	hasValue, formula bool
	within            bool // a cell is being read
	columnsSeen       int
}

// openSheet gets the chosen sheet of a workbook ready to be read. dir is where
// what does not fit in memory goes.
func (w *workbook) openSheet(sheet sheetPlace, dir string) (*sheetReader, *FileError) {
	s := &sheetReader{book: w}
	var err error
	if s.styles, err = w.readStyles(); err == nil {
		s.strings, err = w.readStrings(dir)
	}
	if err == nil {
		s.part, err = w.open(sheet.part)
	}
	for err == nil {
		var token xml.Token
		if token, err = s.part.token(); errors.Is(err, io.EOF) {
			err = fmt.Errorf("the sheet %s has no cells: %w", shown(sheet.name), io.ErrUnexpectedEOF)
		}
		if start, ok := token.(xml.StartElement); ok && start.Name.Local == "sheetData" {
			return s, nil
		}
	}
	_ = s.close()
	return nil, damaged(err)
}

func (s *sheetReader) close() error {
	if s.part != nil {
		s.part.close()
	}
	return s.strings.close()
}

// next gives the next row with any text in it. It ends with io.EOF, or with a
// *FileError when the sheet cannot be read any further.
func (s *sheetReader) next() (record, error) {
	for {
		token, err := s.part.token()
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF // the sheet's cells end before their end
		}
		if err == nil {
			switch t := token.(type) {
			case xml.StartElement:
				err = s.start(t)
			case xml.CharData:
				err = s.characters(t)
			case xml.EndElement:
				if t.Name.Local == "sheetData" {
					return record{}, io.EOF
				}
				err = s.end(t.Name.Local)
				if err == nil && t.Name.Local == "row" && s.fitted() {
					return record{cells: s.row, line: s.line, size: s.size, stray: s.bad}, nil
				}
			}
		}
		if err != nil {
			problem := damaged(err)
			problem.Line = s.line
			return record{}, problem
		}
	}
}

// start begins a row, a cell or a part of one.
func (s *sheetReader) start(element xml.StartElement) error {
	switch name := element.Name.Local; name {
	case "row":
		return s.startRow(element)
	case "c":
		return s.startCell(element)
	case "v":
		s.cell.inValue, s.cell.hasValue = s.cell.within, true
	case "f":
		s.cell.formula = true
	default:
		s.cell.text.start(name)
	}
	return nil
}

func (s *sheetReader) startRow(element xml.StartElement) error {
	line := s.line + 1
	if r := attribute(element, "r"); r != "" {
		n, err := strconv.Atoi(r)
		if err != nil || n < line || n > maxSheetRows {
			return fmt.Errorf("row %s comes after row %d", shown(r), s.line)
		}
		line = n
	} else if line > maxSheetRows {
		return fmt.Errorf("it has more than %d rows", maxSheetRows)
	}
	s.line, s.size, s.breaks, s.bad = line, 0, 0, ""
	s.row = s.row[:0]
	s.cell.columnsSeen = 0
	return nil
}

func (s *sheetReader) startCell(element xml.StartElement) error {
	c := &s.cell
	c.column, c.kind, c.style = c.columnsSeen, "", 0
	c.value, c.inValue, c.hasValue, c.formula, c.within = c.value[:0], false, false, false, true
	c.text.reset()
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
	if c.column < c.columnsSeen || c.column >= maxSheetColumns {
		return fmt.Errorf("the cells of row %d are not in order, or beyond the last column of a sheet", s.line)
	}
	c.columnsSeen = c.column + 1
	return nil
}

// columnOf gives the place of the column of a reference such as "AB12", from 0.
func columnOf(reference string) (int, error) {
	n := 0
	for i := range len(reference) {
		letter := reference[i] &^ 0x20
		if letter < 'A' || letter > 'Z' {
			break
		}
		if n = n*26 + int(letter-'A') + 1; n > maxSheetColumns {
			break
		}
	}
	if n == 0 {
		return 0, fmt.Errorf("%s names no cell", shown(reference))
	}
	return n - 1, nil
}

func (s *sheetReader) characters(text []byte) error {
	if !s.cell.inValue {
		return s.cell.text.add(text)
	}
	if s.cell.value = append(s.cell.value, text...); len(s.cell.value) > maxRecordBytes {
		return s.tooLong()
	}
	return nil
}

func (s *sheetReader) tooLong() error {
	return &FileError{Problem: fmt.Sprintf("the row holds more than %d KiB of text", maxRecordBytes>>10), Hint: "look there for cells that are no table's"}
}

// end ends a cell or a part of one.
func (s *sheetReader) end(name string) error {
	switch name {
	case "v":
		s.cell.inValue = false
	case "c":
		s.cell.within = false
		return s.endCell()
	default:
		s.cell.text.end(name)
	}
	return nil
}

// endCell puts the text of a cell into the row.
func (s *sheetReader) endCell() error {
	text, err := s.text()
	if err != nil || text == "" {
		return err
	}
	text = withLF(text)
	s.size += len(text)
	s.breaks += strings.Count(text, "\n")
	switch {
	case s.size > maxRecordBytes:
		return s.tooLong()
	case s.breaks > maxRowBreaks:
		return tooManyBreaks()
	}
	for len(s.row) < s.cell.column {
		s.row = append(s.row, "")
	}
	s.row = append(s.row, text)
	return nil
}

func tooManyBreaks() *FileError {
	return &FileError{
		Problem: fmt.Sprintf("the row has more than %d line breaks in its cells", maxRowBreaks),
		Hint:    "leave the column with the long texts out",
	}
}

// text is what a cell holds.
func (s *sheetReader) text() (string, error) {
	c := &s.cell
	if c.formula && !c.hasValue {
		name := columnName(c.column)
		s.bad = fmt.Sprintf("the formula in %s%d has no value stored with it: open the workbook in a spreadsheet program and save it", name, s.line)
		return "", nil
	}
	value := strings.TrimSpace(string(c.value))
	switch c.kind {
	case "s":
		if value == "" {
			return "", nil
		}
		n, err := strconv.Atoi(value)
		if err != nil {
			return "", fmt.Errorf("a cell refers to text %s", shown(value))
		}
		return s.strings.at(n)
	case "inlineStr":
		return string(c.text.text), nil
	case "str": // the text that a formula gave
		return unescape(string(c.value)), nil
	case "b":
		return map[bool]string{true: "TRUE", false: "FALSE"}[isTrue(value)], nil
	case "n", "":
		return s.number(value), nil
	}
	return value, nil // an error such as #N/A, or a date in ISO 8601
}

// number is a number as the sheet has it, unless it means a day or a time.
func (s *sheetReader) number(raw string) string {
	c := &s.cell
	if c.column < len(s.ids) && s.ids[c.column] {
		return asRounded(raw)
	}
	if c.style >= 0 && c.style < len(s.styles) && s.styles[c.style] != formatNumber && raw != "" {
		return isoDate(raw, s.styles[c.style], s.book.date1904)
	}
	return raw
}

// asRounded gives an id that stands in a sheet as a number. Of more than 15
// digits it has lost the others, or will with the next program that opens the
// sheet, however it is written there. It is given in scientific notation, which
// changes none of its digits and is refused wherever it is read, also in
// failed.csv.
func asRounded(raw string) string {
	whole, fraction, _ := strings.Cut(raw, ".")
	digits := strings.TrimLeft(whole, "+-0")
	if len(digits) <= numberDigits || !isDigits(digits) || strings.Trim(fraction, "0") != "" {
		return raw
	}
	return fmt.Sprintf("%s.%sE+%d", digits[:1], digits[1:], len(digits)-1)
}

// columnName is what a sheet calls a column, from 0.
func columnName(column int) string {
	name := ""
	for n := column + 1; n > 0; n = (n - 1) / 26 {
		name = string(rune('A'+(n-1)%26)) + name
	}
	return name
}

// fitted makes the row as wide as the header, but for text beyond that, and
// tells whether it is a row at all.
func (s *sheetReader) fitted() bool {
	if len(s.row) == 0 && s.bad == "" {
		return false
	}
	for len(s.row) < s.width {
		s.row = append(s.row, "")
	}
	return true
}
