package csvio

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Options say how a table is to be read.
type Options struct {
	Name      string           // how messages name the file
	Encoding  string           // charset; "" takes a byte order mark or valid UTF-8, and never guesses; a workbook needs none
	Delimiter rune             // 0 finds it among comma, semicolon, tab and bar; only CSV has one
	TempDir   string           // where a workbook's parts go that do not fit in memory, 0600 and only while it is read; "": the system's place
	Map       map[Field]string // columns named by the user, field to column name
	Needs     [][]Field        // each need is met by any one of its fields

	// Vocabulary is what the columns may stand for; Map and Needs are of its
	// fields. nil is deals' stakeholders: their cells alone come in
	// Record.Values, all others from Reader.Value.
	Vocabulary *Vocabulary

	// At most one of these, each of which is faster.
	CellsOnly  bool // only Record.Cells are wanted: Values stay empty
	ValuesOnly bool // only Record.Values or Reader.Value are wanted: Cells stay empty
}

// Record is one row of a table.
type Record struct {
	Row   int      // 1 is the first row after the header
	Line  int      // physical line where it starts, 1-based; the header and line breaks inside cells count
	Size  int      // bytes of the row in the table: its Values hold no more in memory, and with what Malformed tells twice that
	Cells []string // parallel to Reader.Header, as read; line breaks inside are LF

	Values // the cells of deals' stakeholders that rolecall understands, as read; empty with Options.Vocabulary

	// Malformed says why the record is no proper row, or is nil. Cells are
	// then padded or cut to the header, and must not be sent.
	Malformed *RowError
}

// Reader reads a table row by row.
type Reader struct {
	name    string
	dialect Dialect
	cols    *columns // nil when there is no header
	header  []string
	next    func() (record, error)
	closers []func() error

	split      *splitter // nil in a workbook
	cells      *cellReader
	decoder    *decoder     // nil: only cells are wanted, or the records come as cells
	quick      *quickReader // nil: cells are wanted, or the records come as cells
	cellsOnly  bool
	valuesOnly bool
	fills      bool // Values, not only what Value gives
	unguards   bool // its texts may be guarded

	blanks blanks
	giving bool   // rows held back are rows after all, and are given out first
	held   record // the row after them, when holds
	holds  bool
	own    []string
	rec    Record
	full   []string // the cells of that row, rolecall's among them; with quick they are not always known
	err    error
}

// NewReader reads what comes before the rows: what the table is written as
// (CSV, JSON Lines or a workbook, by its content), charset, compression,
// delimiter and header. Of text it reads some 256 KiB ahead for that, and holds
// little more later. What r is must be known to read a workbook: an *os.File
// and whatever else is an io.ReaderAt and io.Seeker is read in place, and must
// stay until Close; anything else is copied to Options.TempDir first.
//
// A table that cannot be used is a *FileError: no text, no charset, missing or
// ambiguous columns. A file without any line is a Reader that is Empty.
func NewReader(r io.Reader, o Options) (*Reader, error) {
	reader := &Reader{name: o.Name, cellsOnly: o.CellsOnly, valuesOnly: o.ValuesOnly, fills: o.Vocabulary == nil}
	if o.Vocabulary == nil {
		o.Vocabulary = stakeholders()
	}
	if err := reader.open(r, o); err != nil {
		_ = reader.Close() // what is wrong with the table tells more
		return nil, reader.inFile(err)
	}
	return reader, nil
}

// Close frees what the reading of a workbook holds, and ends the reading. It
// does not close what the table was read from.
func (r *Reader) Close() error {
	var err error
	for _, closing := range r.closers {
		err = errors.Join(err, closing())
	}
	r.closers = nil
	if r.err == nil {
		r.err = errClosed
	}
	return err
}

var errClosed = errors.New("the table is closed")

// use takes the columns of the header.
func (r *Reader) use(cols *columns) {
	r.cols, r.header = cols, cols.names()
	r.unguards = cols.ours && r.dialect.Format != FormatJSONL
}

// inFile names the file in an error that ends the reading.
func (r *Reader) inFile(err error) error {
	if problem, ok := errors.AsType[*FileError](err); ok {
		problem.File = r.name
	}
	return err
}

// Empty tells a file without a header: there is not one line in it.
func (r *Reader) Empty() bool { return r.cols == nil }

// Header gives the input's own column names, as read. Columns that begin with
// rc_ are rolecall's and are left out. It must not be changed.
func (r *Reader) Header() []string { return r.header }

// Has tells whether the table has a column for the field.
func (r *Reader) Has(f Field) bool { return r.cols != nil && r.cols.has(f) }

// Value gives the cell of a field of the vocabulary in the row that Read gave
// last, and takes off the guard of a table that rolecall wrote. It is "" where
// the table has no such column, before the first row and after the last. That
// of a malformed row is as it stands there, and must not be sent. The string
// may be kept.
func (r *Reader) Value(f Field) string {
	if r.cols == nil || r.err != nil {
		return ""
	}
	i := r.cols.known.place(f)
	switch {
	case i < 0 || r.cols.at[i] < 0:
		return ""
	case r.quick != nil:
		return *r.rec.all()[i]
	case r.full == nil:
		return ""
	}
	text := r.full[r.cols.at[i]]
	if r.unguards && r.rec.Malformed == nil && !r.cols.known.Columns[i].IDs {
		return Unguard(text)
	}
	return text
}

// Unread gives the names of the input's own columns that stand for no field.
func (r *Reader) Unread() []string {
	if r.cols == nil {
		return nil
	}
	var names []string
	for _, place := range r.cols.own {
		if !slices.Contains(r.cols.at, place) {
			names = append(names, r.cols.all[place])
		}
	}
	return names
}

// Dialect tells what was found out about how the table is written.
func (r *Reader) Dialect() Dialect { return r.dialect }

// Read gives the next row. The Record and its Cells are used again by the next
// call; the strings in them may be kept.
//
// Empty lines are no rows, and neither are rows of empty cells that no other
// row follows. The end is io.EOF. A *FileError says that the rest cannot be
// read: a record over 1 MiB or 100 lines, a quote that is never closed, text
// that is not valid in its charset, an archive that is cut off.
func (r *Reader) Read() (*Record, error) {
	for r.err == nil {
		switch {
		case r.giving && !r.blanks.empty():
			return r.row(r.blanks.take()), nil
		case r.holds:
			r.giving, r.holds = false, false
			return r.row(r.held), nil
		}
		r.giving = false
		rec, err := r.next()
		if err != nil {
			r.err = r.inFile(err)
			break
		}
		switch {
		case rec.cells == nil && isBlank(rec, r.split.delimiter):
			r.blanks.add(rec)
			r.giving = r.blanks.full()
		case r.blanks.empty():
			return r.row(rec), nil
		default:
			r.held, r.holds, r.giving = rec, true, true
		}
	}
	return nil, r.err
}

// row makes the Record of a physical record.
func (r *Reader) row(rec record) *Record {
	out := &r.rec
	if r.quick != nil {
		if values := r.quick.read(rec); values != nil {
			out.Row, out.Line, out.Size, out.Malformed = out.Row+1, rec.line, len(rec.raw), nil
			out.Values = *values
			return out
		}
	}
	*out = Record{Row: out.Row + 1, Line: rec.line, Size: max(len(rec.raw), rec.size)}
	r.readFully(rec, out)
	if r.valuesOnly {
		out.Cells = nil
	}
	return out
}

// readFully cuts a physical record into its cells and judges it.
func (r *Reader) readFully(rec record, out *Record) {
	cells := rec.cells
	if cells == nil {
		cells = r.cells.read(rec)
	}
	reason := rec.stray
	if want := len(r.cols.all); reason == "" && len(cells) != want {
		reason = fmt.Sprintf("the header has %s, this row has %s", cellCount(want), cellCount(len(cells)))
	}
	if reason == "" && r.cols.code >= 0 && cells[r.cols.code] == CodeRowMalformed {
		// Its cells were padded or cut, and look like a proper row now: sending
		// them could write what nobody asked for.
		reason = "the row was malformed when it was first read: mend it and empty its " + codeColumn
	}
	if reason == "" && r.fills && !r.cellsOnly {
		reason = r.values(rec, cells, &out.Values)
	}
	if reason != "" {
		raw := rawText(rec)
		cells = fit(cells, len(r.cols.all))
		if r.fills {
			out.Values = valuesOf(cells, r.cols)
		}
		out.Malformed = &RowError{Line: rec.line, Reason: reason, Raw: raw}
	}
	r.full, out.Cells = cells, r.ownCells(cells)
}

// values takes the values out of a proper row, or says why that cannot be done.
func (r *Reader) values(rec record, cells []string, to *Values) (reason string) {
	if r.decoder == nil {
		*to = valuesOf(cells, r.cols)
		if r.unguards {
			to.unguard()
		}
		return ""
	}
	values, err := r.decoder.decode(rec.raw, rec.quoted)
	if err != nil {
		return err.Error()
	}
	*to = *values
	return ""
}

// rawText is a record as it stands in the file. The row of a sheet has no text
// of its own, and is given as a spreadsheet would save it as CSV.
func rawText(rec record) string {
	if rec.raw != nil || rec.cells == nil {
		return string(rec.raw)
	}
	var b strings.Builder
	w := csv.NewWriter(&b)
	_ = w.Write(rec.cells) // a strings.Builder takes everything
	w.Flush()
	return strings.TrimSuffix(b.String(), "\n")
}

func cellCount(n int) string {
	if n == 1 {
		return "1 cell"
	}
	return fmt.Sprintf("%d cells", n)
}

// fit pads or cuts cells to the width of the header.
func fit(cells []string, width int) []string {
	for len(cells) < width {
		cells = append(cells, "")
	}
	return cells[:width]
}

// ownCells leaves out the cells of rolecall's own columns.
func (r *Reader) ownCells(cells []string) []string {
	if len(r.cols.own) == len(cells) {
		return cells
	}
	r.own = r.own[:0]
	for _, place := range r.cols.own {
		r.own = append(r.own, cells[place])
	}
	return r.own
}
