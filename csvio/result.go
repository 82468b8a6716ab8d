package csvio

import (
	"encoding/csv"
	"fmt"
	"io"
	"reflect"
	"strconv"
	"strings"

	"github.com/gocarina/gocsv"
)

// A result table says in codeColumn that a row was malformed, and has the row's raw text in detailsColumn.
const (
	codeColumn    = "rc_code"
	messageColumn = "rc_message"
	detailsColumn = "rc_details"
)

// ResultColumns returns the columns that the result tables of all jobs have, in order: the row's number in the input,
// what was done, the status, the code, the message, details as compact JSON, the HTTP status of the last answer, and
// the number of calls. A job may add columns.
func ResultColumns() []string {
	return []string{
		"rc_row", "rc_action", "rc_status", codeColumn, messageColumn, detailsColumn, "rc_http", "rc_attempts",
	}
}

// A batch ends at any bound: enough rows to make gocsv's set-up cheap, little enough text and few enough cells to keep
// memory flat.
const (
	batchRows  = 250
	batchBytes = 1 << 20
	batchCells = maxCells
)

// ResultWriter writes a result table: UTF-8, comma, LF. The input's cells come first, unaltered, then the results.
type ResultWriter struct {
	out    *joinedRows
	batch  reflect.Value // a slice of structs: the results of the rows in out.cells
	bytes  int           // of text in the batch
	rows   int
	closed bool
	err    error
}

// NewResultWriter writes the header: the input's own columns, then the columns of the results. If w fails, the next
// Write or Close returns the error.
func NewResultWriter(w io.Writer, header, columns []string) *ResultWriter {
	r := NewResultAppender(w, len(header), len(columns))
	r.err = r.out.csv.Write(append(append([]string{}, header...), columns...))
	return r
}

// NewResultAppender writes rows without a header, for the input's columns and the results' columns.
func NewResultAppender(w io.Writer, header, columns int) *ResultWriter {
	out := &joinedRows{csv: csv.NewWriter(w), width: header}
	return &ResultWriter{out: out, batch: reflect.MakeSlice(reflect.SliceOf(resultType(columns)), 0, 0)}
}

// resultType returns a struct type with one text field for each column. gocsv writes the fields in order, and no
// header, so they need no tags.
func resultType(columns int) reflect.Type {
	fields := make([]reflect.StructField, columns)
	for i := range fields {
		fields[i] = reflect.StructField{Name: "Column" + strconv.Itoa(i), Type: reflect.TypeFor[string]()}
	}
	return reflect.StructOf(fields)
}

// Write adds a row: the input's cells, parallel to the header, and the results, parallel to their columns. The caller
// passes text from Zoho through Guard, but not ids and numbers. Write copies both slices.
func (w *ResultWriter) Write(cells, results []string) error {
	w.rows++
	row := reflect.New(w.batch.Type().Elem()).Elem()
	switch {
	case w.err != nil:
		return w.err
	case w.closed:
		return fmt.Errorf("write result %d: the table is closed", w.rows)
	case len(cells) != w.out.width || len(results) != row.NumField():
		return fmt.Errorf("write result %d: %d cells and %d results for %d columns and %d",
			w.rows, len(cells), len(results), w.out.width, row.NumField())
	}
	for i, text := range results {
		row.Field(i).SetString(clean(text))
		w.bytes += len(text)
	}
	for _, cell := range cells {
		w.bytes += len(cell)
	}
	w.out.cells = append(w.out.cells, cells...)
	w.batch = reflect.Append(w.batch, row)
	if w.batch.Len() >= batchRows || w.bytes >= batchBytes || len(w.out.cells) >= batchCells {
		w.flush()
	}
	return w.err
}

// Close writes the rest and returns the first error. It does not close the writer below. A second Close returns the
// same.
func (w *ResultWriter) Close() error {
	if !w.closed {
		w.closed = true
		w.flush()
	}
	return w.err
}

// flush passes the batch to gocsv, which writes each row through out.
func (w *ResultWriter) flush() {
	if w.err == nil {
		if w.err = gocsv.MarshalCSVWithoutHeaders(w.batch.Interface(), w.out); w.err != nil {
			w.err = fmt.Errorf("write results: %w", w.err)
		}
	}
	clear(w.out.cells) // so that their strings can be freed
	w.batch.Clear()
	w.out.cells, w.out.next = w.out.cells[:0], 0
	w.batch, w.bytes = w.batch.Slice(0, 0), 0
}

// clean replaces what would make a table unreadable as UTF-8 text: broken characters and NUL.
func clean(text string) string {
	text = strings.ToValidUTF8(text, "\uFFFD")
	if strings.IndexByte(text, 0) >= 0 {
		text = strings.ReplaceAll(text, "\x00", "\uFFFD")
	}
	return text
}

// joinedRows is a gocsv.CSVWriter that writes the input's cells before the results of each row.
type joinedRows struct {
	csv   *csv.Writer
	width int
	cells []string // of the rows to come, one row after the other
	next  int      // index in cells of the next row
	row   []string
}

// Write implements gocsv.CSVWriter.
func (j *joinedRows) Write(results []string) error {
	j.row = append(j.row[:0], j.cells[j.next:j.next+j.width]...)
	j.next += j.width
	j.row = append(j.row, results...)
	return j.csv.Write(j.row)
}

// Flush implements gocsv.CSVWriter.
func (j *joinedRows) Flush() { j.csv.Flush() }

// Error implements gocsv.CSVWriter.
func (j *joinedRows) Error() error { return j.csv.Error() }
