package csvio

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// ColumnKind says how the cells of a column are written.
type ColumnKind int

// The kinds of columns.
const (
	// TextColumn holds text from Zoho: it is guarded in csv and xlsx.
	TextColumn ColumnKind = iota
	// IDColumn holds ids as bare digits: text that no spreadsheet rounds.
	IDColumn
	// PlainColumn holds numbers, dates and the like: they are never guarded,
	// and numbers that a spreadsheet keeps whole are numbers in xlsx.
	PlainColumn
)

// Column is a column of a table to be written.
type Column struct {
	Name  string
	Kind  ColumnKind
	Width float64 // xlsx, in characters; 0: found from the header and the first rows
	Role  bool    // xlsx: the cells get a drop-down of TableOptions.Roles
}

// Value is one cell.
type Value struct {
	Text string
	JSON json.RawMessage // what jsonl writes, except for ids; nil: Text as a string, null when it is empty
}

// TableOptions say how a table is to be written.
type TableOptions struct {
	Format  Format
	BareIDs bool     // ids without zcrm_ before them
	NoGuard bool     // texts as they are, also those that a spreadsheet would run as a formula
	Roles   []string // xlsx: what the drop-down of role columns offers
	Sheet   string   // xlsx: the name of the sheet, at most 31 characters; "": that of stakeholders
	TempDir string   // xlsx: where its parts grow, 0600, until they are put together; "": the system's place for such files
}

// TableWriter writes a table row by row. It holds some hundred rows of text in
// memory at most, whatever the size of the table.
//
// A line break in a cell is LF, and what would make a table unreadable (broken
// characters, NUL) becomes U+FFFD, in every format.
type TableWriter struct {
	columns []Column
	options TableOptions
	out     tableFormat
	cells   []Value
	rows    int
	closed  bool
	err     error
}

// tableFormat writes rows of cells that are made up as they are to stand.
type tableFormat interface {
	write(cells []Value) error
	finish() error
	discard() // frees what is held, after finish or in its place
}

var errNoColumns = errors.New("write a table: it has no columns")

// NewTableWriter begins a table on w with its header. An error of w comes at
// the latest from Close. After an error as well the TableWriter is to be closed.
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

// Write adds a row, a value for each column. The slice may be used again. The
// first error stays: what the table holds then is not whole.
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

// cell makes up a value as it is to stand in the table.
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
	// A number may begin with "-". What is no number in a column of numbers,
	// and no id in one of ids, is text like any other.
	if !t.options.NoGuard && t.options.Format != FormatJSONL && (kind != PlainColumn || !isNumber(v.Text)) {
		v.Text = Guard(v.Text)
	}
	return v
}

// Close writes what is left and gives the first error. It does not close the
// writer below. A second Close gives the same.
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

// isNumber tells a number as JSON writes it.
func isNumber(text string) bool {
	var n json.Number
	return text != "" && text[0] != '"' && json.Unmarshal([]byte(text), &n) == nil && n.String() == text
}
