package csvio

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// ColumnKind is how the cells of a column are written.
type ColumnKind int

// The kinds of columns.
const (
	// TextColumn holds text from Zoho. It is guarded in csv and xlsx.
	TextColumn ColumnKind = iota
	// IDColumn holds ids as bare digits: text that no spreadsheet rounds.
	IDColumn
	// PlainColumn holds numbers, dates and the like. Numbers are never guarded, and in xlsx they are numbers if a
	// spreadsheet keeps them whole.
	PlainColumn
)

// Column is a column of a table to be written.
type Column struct {
	Name  string
	Kind  ColumnKind
	Text  bool    // xlsx: what people type into the column stays text, also digits; ids always do
	Width float64 // xlsx: in characters; 0: found from the header and the first rows
	Role  bool    // xlsx: the cells get a drop-down of TableOptions.Roles
}

// Value is one cell.
type Value struct {
	Text string
	JSON json.RawMessage // what jsonl writes, except for ids; nil: Text as a string, or null if it is empty
}

// TableOptions say how to write a table.
type TableOptions struct {
	Format  Format
	BareIDs bool        // ids without zcrm_ before them
	NoGuard bool        // texts as they are, also texts that a spreadsheet would run as a formula
	Roles   []string    // xlsx: what the drop-down of role columns offers
	Guide   [][2]string // xlsx: the rows of a second sheet, for people; the first is its header; none: no such sheet
	Sheet   string      // xlsx: the name of the sheet, at most 31 characters; "": stakeholders
	TempDir string      // xlsx: the folder where its parts grow, mode 0600, until Close; "": the system's
}

// TableWriter writes a table row by row. It holds at most some hundred rows in memory, whatever the size of the table.
//
// In every format, a line break in a cell is LF, and what would make a table unreadable (broken characters, NUL)
// becomes U+FFFD.
type TableWriter struct {
	columns []Column
	options TableOptions
	out     tableFormat
	cells   []Value
	rows    int
	closed  bool
	err     error
}

// tableFormat writes rows of cells as they are.
type tableFormat interface {
	write(cells []Value) error
	finish() error
	discard() // frees what is held, after finish or instead of it
}

var errNoColumns = errors.New("write a table: it has no columns")

// NewTableWriter begins a table on w with its header. The caller closes the TableWriter, also after an error. If w
// fails, Close returns the error at the latest.
func NewTableWriter(w io.Writer, columns []Column, o TableOptions) (*TableWriter, error) {
	if len(columns) == 0 {
		return nil, errNoColumns
	}
	t := &TableWriter{columns: append([]Column{}, columns...), options: o, cells: make([]Value, len(columns))}
	var err error
	switch o.Format {
	case FormatCSV:
		t.out, err = newCSVTable(w, columns)
	case FormatJSONL:
		t.out, err = newJSONTable(w, columns)
	case FormatXLSX:
		t.out, err = newXLSXTable(w, columns, o)
	default:
		_, err = ParseFormat(string(o.Format))
	}
	if err != nil {
		return nil, fmt.Errorf("begin the table: %w", err)
	}
	return t, nil
}

// Write adds a row, a value for each column. It copies the slice. After an error the table is not whole, and each later
// Write returns the same error.
func (t *TableWriter) Write(values []Value) error {
	switch {
	case t.err != nil:
		return t.err
	case t.closed:
		return errors.New("write a row: the table is closed")
	}
	t.rows++
	if len(values) != len(t.columns) {
		t.err = fmt.Errorf("write row %d: %d values for %d columns", t.rows, len(values), len(t.columns))
		return t.err
	}
	for i := range values {
		t.cells[i] = t.cell(t.columns[i].Kind, values[i])
	}
	if err := t.out.write(t.cells); err != nil {
		t.err = fmt.Errorf("write row %d: %w", t.rows, err)
	}
	return t.err
}

// cell returns a value as the table shows it.
func (t *TableWriter) cell(kind ColumnKind, v Value) Value {
	v.Text = withLF(clean(v.Text))
	if kind == IDColumn {
		v.JSON = nil
		if id := strings.TrimPrefix(v.Text, idPrefix); isDigits(id) {
			v.Text = id
			if !t.options.BareIDs {
				v.Text = idPrefix + id
			}
			return v
		}
	}
	// A number may begin with "-". Anything else in a column of numbers, or of ids, is text like any other.
	if !t.options.NoGuard && t.options.Format != FormatJSONL && (kind != PlainColumn || !isNumber(v.Text)) {
		v.Text = Guard(v.Text)
	}
	return v
}

// Close writes the rest and returns the first error. It does not close the writer below. A second Close returns the
// same.
func (t *TableWriter) Close() error {
	if t.closed {
		return t.err
	}
	t.closed = true
	if t.err == nil {
		if err := t.out.finish(); err != nil {
			t.err = fmt.Errorf("finish the table: %w", err)
		}
	}
	t.out.discard()
	return t.err
}

// isNumber reports whether text is a number as JSON writes it.
func isNumber(text string) bool {
	var n json.Number
	return text != "" && text[0] != '"' && json.Unmarshal([]byte(text), &n) == nil && n.String() == text
}

// csvTable writes a table as UTF-8, comma, LF.
type csvTable struct {
	out *csv.Writer
	row []string
}

func newCSVTable(w io.Writer, columns []Column) (*csvTable, error) {
	t := &csvTable{out: csv.NewWriter(bufio.NewWriterSize(w, blockSize))} // a csv.Writer uses it as its own
	for _, c := range columns {
		t.row = append(t.row, clean(c.Name))
	}
	return t, t.out.Write(t.row)
}

func (t *csvTable) write(cells []Value) error {
	for i := range cells {
		t.row[i] = cells[i].Text
	}
	return t.out.Write(t.row)
}

func (t *csvTable) finish() error {
	t.out.Flush()
	return t.out.Error()
}

func (t *csvTable) discard() {}
