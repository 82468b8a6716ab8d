package csvio

import (
	"encoding/csv"
	"fmt"
	"io"

	"github.com/gocarina/gocsv"
)

// Triple is a row of a table that says which contact plays which role on which
// deal, and what was done to it. Such a table can be read as any other; the
// last column is then dropped. Text from Zoho is to be passed through Guard by
// the caller.
type Triple struct {
	DealID    string `csv:"deal_id"`
	ContactID string `csv:"contact_id"`
	Role      string `csv:"role"`    // empty: the contact is not on the deal
	RoleID    string `csv:"role_id"` // bare digits
	Action    string `csv:"rc_action"`
}

// TripleWriter writes a table of Triples: UTF-8, comma, LF.
type TripleWriter struct {
	out   *csv.Writer
	batch []Triple
	err   error
}

// NewTripleWriter writes the header. An error of w is kept, and comes from the
// next Write or from Close.
func NewTripleWriter(w io.Writer) *TripleWriter {
	t := &TripleWriter{out: csv.NewWriter(w)}
	t.err = t.out.Write([]string{"deal_id", "contact_id", "role", "role_id", "rc_action"})
	return t
}

// Write adds a row.
func (w *TripleWriter) Write(t Triple) error {
	t.Role = clean(t.Role)
	w.batch = append(w.batch, t)
	if len(w.batch) == batchRows {
		w.flush()
	}
	return w.err
}

// Close writes what is left and gives the first error. It does not close the
// writer below.
func (w *TripleWriter) Close() error {
	w.flush()
	return w.err
}

func (w *TripleWriter) flush() {
	if w.err == nil {
		if w.err = gocsv.MarshalCSVWithoutHeaders(w.batch, gocsv.NewSafeCSVWriter(w.out)); w.err != nil {
			w.err = fmt.Errorf("write rows: %w", w.err)
		}
	}
	w.batch = w.batch[:0]
}
