package csvio

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/gocarina/gocsv"

	"rolecall/csvio/alike"
)

// csvRow is the struct that gocsv fills from one record. gocsv sees a header in which every column has the name
// "cell", so it passes each cell of a record to this one field, in order. matchHeader decides what a column means:
// gocsv would take the last of two columns for one field and would drop unknown ones, both silently.
type csvRow struct {
	Cells csvCells `csv:"cell"`
}

type csvCells []string

// UnmarshalCSV appends a cell. gocsv calls it for each cell of a record.
func (c *csvCells) UnmarshalCSV(cell string) error {
	*c = append(*c, cell)
	return nil
}

// cellReader splits the records of a CSV file into cells.
type cellReader struct {
	delimiter rune
	width     int            // columns of the header
	record    strings.Reader // holds one record at a time: a csv.Reader over it cannot reach into the next record
	gocsv     *gocsv.Unmarshaller
}

func newCellReader(delimiter rune, width int) (*cellReader, error) {
	c := &cellReader{delimiter: delimiter, width: width}
	return c, c.start()
}

// start creates the Unmarshaller. The column names stand in quotes because any character may be the delimiter.
func (c *cellReader) start() error {
	names := strings.Repeat(`"cell"`+string(c.delimiter), c.width)
	c.record.Reset(strings.TrimSuffix(names, string(c.delimiter)) + "\n")
	r := csv.NewReader(&c.record)
	r.Comma = c.delimiter
	var err error
	if c.gocsv, err = gocsv.NewUnmarshaller(r, csvRow{}); err != nil {
		return fmt.Errorf("prepare %d columns: %w", c.width, err)
	}
	return nil
}

// read returns the cells of a record, and why the record is malformed, or "". A record of too many cells is not split.
// The caller compares the number of cells with the header.
func (c *cellReader) read(rec record) (cells []string, problem string) {
	if rec.width > maxCells {
		return nil, cmp.Or(rec.stray, rowTooWide)
	}
	if rec.stray != "" {
		return looseCells(rec.raw, c.delimiter), rec.stray
	}
	text := rec.text()
	c.record.Reset(withLF(string(text)) + "\n")
	row, err := c.gocsv.Read()
	if r, ok := row.(csvRow); ok && err == nil {
		return r.Cells, ""
	}
	cells = looseCells(text, c.delimiter)
	if errors.Is(err, csv.ErrFieldCount) {
		return cells, ""
	}
	// The splitter has checked the quotes, so no other error should come. After one, the csv.Reader may still hold the
	// rest of this record, so a new one must read the next record.
	return cells, fmt.Sprint("the row cannot be read: ", errors.Join(err, c.start()))
}

// looseCells splits a record with quotes or a width that nobody has checked, as most programs split it.
func looseCells(raw []byte, delimiter rune) []string {
	text := withLF(string(raw))
	r := csv.NewReader(strings.NewReader(text))
	r.Comma = delimiter
	r.LazyQuotes = true
	cells, err := r.Read()
	if err != nil {
		return strings.Split(text, string(delimiter))
	}
	return cells
}

// areBlank reports whether nothing but white space and invisible characters is in the cells.
func areBlank(cells []string) bool {
	return !slices.ContainsFunc(cells, func(cell string) bool { return alike.Trim(cell) != "" })
}

// formulaText matches a text in the form of a formula, ="415...". Programs write ids like this, because a spreadsheet
// keeps the text of a formula as it is.
var formulaText = regexp.MustCompile(`^="([^"]*)"$`)

// isFormulaText reports whether a cell without quotes around it is such a formula.
func isFormulaText(cell []byte) bool { return formulaText.Match(bytes.TrimFunc(cell, alike.Padding)) }

// withoutFormula returns the text of a cell that holds it as a formula, and any other cell as it is.
func withoutFormula(cell string) string {
	if !strings.Contains(cell, `="`) {
		return cell
	}
	if match := formulaText.FindStringSubmatch(alike.Trim(cell)); match != nil {
		return match[1]
	}
	return cell
}

// withLF turns every line break into LF.
func withLF(text string) string {
	if strings.IndexByte(text, '\r') < 0 {
		return text
	}
	return strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n")
}

// maxCells is the most cells of a row, so that memory stays flat in columns too: as many as a sheet has columns
// (Microsoft Support, "Excel specifications and limits").
const maxCells = 16_384

const rowTooWide = "the row has more than 16384 cells, the most that a table may have"

// headerTooWide returns an error for a header of too many columns, or nil.
func headerTooWide(columns int) *FileError {
	if columns <= maxCells {
		return nil
	}
	return &FileError{
		Problem: fmt.Sprintf("the header has %d columns, and a table may have %d at most", columns, maxCells),
		Hint:    "leave out the columns that rolecall does not read, or look for delimiters that belong to a text",
	}
}
