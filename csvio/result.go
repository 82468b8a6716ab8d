package csvio

import (
	"encoding/csv"
	"fmt"
	"io"
	"strings"

	"github.com/gocarina/gocsv"
)

// Result is what became of one row: the columns that follow the input's own in
// a result table, in this order. Text from Zoho is to be passed through Guard
// by the caller; ids and numbers are not.
type Result struct {
	Row       string `csv:"rc_row"`        // row number in the input, 1-based
	Action    string `csv:"rc_action"`     // assigned, removed, unchanged, ...; empty on error
	Status    string `csv:"rc_status"`     // success, error or not_attempted
	Code      string `csv:"rc_code"`       // Zoho's code as sent, or one of ours
	Message   string `csv:"rc_message"`    // Zoho's message as sent, or ours
	Details   string `csv:"rc_details"`    // compact JSON
	HTTP      string `csv:"rc_http"`       // HTTP status of the last answer
	Attempts  string `csv:"rc_attempts"`   // calls made for the row
	DealID    string `csv:"rc_deal_id"`    // bare digits
	ContactID string `csv:"rc_contact_id"` // bare digits
	RoleID    string `csv:"rc_role_id"`    // bare digits
	PriorRole string `csv:"rc_prior_role"` // the role before, where it was known
}

// codeColumn is where a result table says of a row that it was malformed.
const codeColumn = "rc_code"

// resultHeader gives the names of Result's columns.
func resultHeader() []string {
	return []string{
		"rc_row", "rc_action", "rc_status", codeColumn, "rc_message", "rc_details",
		"rc_http", "rc_attempts", "rc_deal_id", "rc_contact_id", "rc_role_id", "rc_prior_role",
	}
}

// A batch ends at either bound: rows enough to make gocsv's set-up cheap, text
// little enough to keep memory flat.
const (
	batchRows  = 250
	batchBytes = 1 << 20
)

// ResultWriter writes a result table: UTF-8, comma, LF. The input's cells come
// first, never altered.
type ResultWriter struct {
	width   int
	out     *joined
	results []Result
	bytes   int
	closed  bool
	err     error
}

// NewResultWriter writes the header: the input's own columns, then Result's.
// An error of w is kept, and comes from the next Write or from Close.
func NewResultWriter(w io.Writer, header []string) *ResultWriter {
	r := NewResultAppender(w, len(header))
	r.err = r.out.csv.Write(append(append([]string{}, header...), resultHeader()...))
	return r
}

// NewResultAppender writes rows only, for a table whose header is there, of so
// many columns of the input's own.
func NewResultAppender(w io.Writer, width int) *ResultWriter {
	return &ResultWriter{width: width, out: &joined{csv: csv.NewWriter(w), width: width}}
}

// Write adds a row: the input's cells, parallel to the header, and what became
// of them. The cells are copied; the slice may be used again.
func (w *ResultWriter) Write(cells []string, res Result) error {
	switch {
	case w.err != nil:
		return w.err
	case w.closed:
		return fmt.Errorf("write a result: the table is closed")
	case len(cells) != w.width:
		return fmt.Errorf("write the result of row %s: %d cells under a header of %d columns", res.Row, len(cells), w.width)
	}
	res.clean()
	w.out.cells = append(w.out.cells, cells...)
	w.results = append(w.results, res)
	for _, cell := range cells {
		w.bytes += len(cell)
	}
	w.bytes += len(res.Message) + len(res.Details)
	if len(w.results) >= batchRows || w.bytes >= batchBytes {
		w.flush()
	}
	return w.err
}

// Close writes what is left and gives the first error. It does not close the
// writer below. A second Close gives the same.
func (w *ResultWriter) Close() error {
	if !w.closed {
		w.closed = true
		w.flush()
	}
	return w.err
}

// flush hands the batch to gocsv, which writes each Result through out.
func (w *ResultWriter) flush() {
	if w.err == nil {
		if w.err = w.marshal(); w.err != nil {
			w.err = fmt.Errorf("write results: %w", w.err)
		}
	}
	clear(w.out.cells) // their strings are not to be kept alive
	w.out.cells, w.out.next = w.out.cells[:0], 0
	w.results, w.bytes = w.results[:0], 0
}

// marshal writes the batch. A full one goes as an array, not as a slice:
// reflection copies each string of what it could change to the heap first.
func (w *ResultWriter) marshal() error {
	if len(w.results) == batchRows {
		return gocsv.MarshalCSVWithoutHeaders([batchRows]Result(w.results), w.out)
	}
	return gocsv.MarshalCSVWithoutHeaders(w.results, w.out)
}

// clean makes the texts ones that a table can hold.
func (res *Result) clean() {
	for _, text := range []*string{&res.Action, &res.Status, &res.Code, &res.Message, &res.Details, &res.PriorRole} {
		*text = clean(*text)
	}
}

// clean takes out of a text what would make a table unreadable as UTF-8 text:
// broken characters and NUL.
func clean(text string) string {
	text = strings.ToValidUTF8(text, "\uFFFD")
	if strings.IndexByte(text, 0) >= 0 {
		text = strings.ReplaceAll(text, "\x00", "\uFFFD")
	}
	return text
}

// joined is a gocsv.CSVWriter that puts the input's cells before each row.
type joined struct {
	csv   *csv.Writer
	width int
	cells []string // of the rows to come, end to end
	next  int
	row   []string
}

// Write implements gocsv.CSVWriter.
func (j *joined) Write(result []string) error {
	j.row = append(j.row[:0], j.cells[j.next:j.next+j.width]...)
	j.next += j.width
	j.row = append(j.row, result...)
	return j.csv.Write(j.row)
}

// Flush implements gocsv.CSVWriter.
func (j *joined) Flush() { j.csv.Flush() }

// Error implements gocsv.CSVWriter.
func (j *joined) Error() error { return j.csv.Error() }
