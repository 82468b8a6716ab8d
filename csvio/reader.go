package csvio

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"rolecall/csvio/alike"
	"rolecall/csvio/xlsx"
)

// Options say how to read a table.
type Options struct {
	Name       string           // the file's name in messages
	Vocabulary *Vocabulary      // the columns to understand; nil: none, and only Record.Cells is useful
	Map        map[Field]string // columns that the user named: field to column name
	Needs      [][]Field        // the table must have, for each need, a column of one of its fields
	Encoding   string           // charset; "": by the byte order mark, else UTF-8; not for workbooks
	Delimiter  rune             // 0: found among comma, semicolon, tab and bar; only for CSV
	HeaderRow  int              // the line of the header; 0: the first line, or else the one of the first 50 that fits
	Sheet      string           // of a workbook; "": Vocabulary.Sheet, the first one, or else the one that fits
	External   External         // columns of ids that hold keys of another system
	SkipHidden bool             // leave out the rows that the sheet of a workbook does not show

	// Command is the command that the user typed, for a message that says what to type next.
	Command string

	// Translate has, for a field, the function that translates the text of a cell for Value and FailedCells. It has no
	// effect on a saved plan.
	Translate map[Field]func(text string) string

	// TempDir is the folder for parts of a workbook that do not fit in memory. They have mode 0600, and Close removes
	// them. "" is the system's folder.
	TempDir string
}

// Record is one row of a table.
type Record struct {
	Row   int      // 1 is the first row after the header
	Line  int      // physical line where the row starts, 1-based; the header and line breaks inside cells count
	Size  int      // bytes of the row in the table
	Cells []string // parallel to Reader.Header, as read; line breaks inside are LF

	// Malformed is why the record is not a proper row, or nil. The cells of a malformed row are padded or cut to the
	// header's width and must not be sent.
	Malformed *RowError
}

// Reader reads a table row by row.
type Reader struct {
	name    string
	dialect Dialect
	cols    *columns // nil if there is no header
	header  []string
	next    func() (record, error)
	closers []func() error // called from the last to the first
	hidden  int            // rows so far that the sheet does not show

	split       *splitter   // nil for a workbook
	cells       *cellReader // nil unless the table is CSV
	externalIDs External    // of Options

	unguards bool // the texts are guarded: Value removes the guards
	replaces map[Field]func(string) string

	rec      Record
	all      []string // the cells of the last row, rolecall's own columns included; nil before the first row
	ownCells []string // Record.Cells, if the table has columns of rolecall's
	err      error
}

// NewReader reads everything before the rows: the format (CSV, JSON or a workbook, told by the content), the
// charset, the compression, the delimiter and the header. For text it reads about 256 KiB ahead. A workbook must be
// read at any offset: an *os.File, or any other io.ReaderAt that is an io.Seeker, is read in place and must stay
// open until Close; NewReader copies everything else to Options.TempDir.
//
// The error is a *FileError if the table cannot be used: it is no text, its charset is unknown, or its columns are
// missing or ambiguous. A file without any line gives a Reader that is Empty.
func NewReader(r io.Reader, o Options) (*Reader, error) {
	if o.Vocabulary == nil {
		o.Vocabulary = &Vocabulary{}
	}
	reader := &Reader{name: o.Name, replaces: o.Translate, externalIDs: o.External}
	if err := reader.open(r, o); err != nil {
		_ = reader.Close() // the first error tells more
		return nil, reader.inFile(err)
	}
	return reader, nil
}

// Close frees what the reading of a workbook holds and ends the reading. It does not close the source.
func (r *Reader) Close() error {
	var err error
	for _, closing := range slices.Backward(r.closers) {
		err = errors.Join(err, closing())
	}
	r.closers = nil
	if r.err == nil {
		r.err = errClosed
	}
	return err
}

var errClosed = errors.New("the table is closed")

// use sets the columns of the header.
func (r *Reader) use(cols *columns) {
	r.cols, r.header = cols, cols.names()
	r.unguards = cols.guarded() && r.dialect.Format != FormatJSONL
	if cols.isPlan() { // its texts are those of the org
		r.replaces = nil
	}
	if r.split != nil && cols.results() {
		r.split.maxBytes = maxTextBytes
	}
}

// inFile adds the file's name to an error that ends the reading.
func (r *Reader) inFile(err error) error {
	if problem, ok := errors.AsType[*FileError](err); ok {
		problem.File = r.name
	}
	return err
}

// Empty reports whether the file has no header, because it has no line.
func (r *Reader) Empty() bool { return r.cols == nil }

// Header returns the input's own column names, as read, without rolecall's rc_ columns. The caller must not change
// the slice.
func (r *Reader) Header() []string { return r.header }

// Has reports whether the table has a column for the field.
func (r *Reader) Has(f Field) bool { return r.cols != nil && r.cols.has(f) }

// Value returns the cell of a field in the row that Read returned last. In a table that rolecall wrote, Value removes
// the guard from texts. The value is "" if the table has no such column, before the first row and after the last. In a
// malformed row the value is the cell as the file has it, and must not be sent. The caller may keep the string.
func (r *Reader) Value(f Field) string {
	if r.cols == nil || r.err != nil || r.all == nil {
		return ""
	}
	i := r.cols.known.index(f)
	if i < 0 || r.cols.at[i] < 0 {
		return ""
	}
	text := r.all[r.cols.at[i]]
	if r.rec.Malformed != nil || r.cols.known.Columns[i].IDs {
		return text
	}
	if text = r.plain(text); r.replaces[f] != nil {
		text = r.replaces[f](text)
	}
	return text
}

// Values returns the cells of the row that Read returned last, parallel to Header and without guards, as Value returns
// them. It is for tables whose columns only the org knows. The caller may keep the slice.
func (r *Reader) Values() []string {
	values := make([]string, len(r.rec.Cells))
	for i, cell := range r.rec.Cells {
		values[i] = r.plain(cell)
	}
	return values
}

// plain returns the text of a cell, without the guard of a table that rolecall wrote.
func (r *Reader) plain(text string) string {
	if r.unguards {
		if own := Unguard(text); own != text {
			return own
		}
	}
	return withoutFormula(text)
}

// Unread returns the names of the input's own columns that stand for no field.
func (r *Reader) Unread() []string {
	if r.cols == nil {
		return nil
	}
	var names []string
	for _, i := range r.cols.own {
		if !slices.Contains(r.cols.at, i) {
			names = append(names, r.cols.all[i])
		}
	}
	return names
}

// Hidden returns how many of the rows so far are hidden in the sheet of a workbook, by a filter or by a user. With
// Options.SkipHidden, Read does not return them.
func (r *Reader) Hidden() int { return r.hidden }

// Dialect returns how the table is written.
func (r *Reader) Dialect() Dialect { return r.dialect }

// Read returns the next row. The next call uses the Record and its Cells again; the caller may keep the strings.
//
// Empty lines are no rows, and neither are rows of CSV or of a sheet with nothing but white space in their cells. The
// end is io.EOF. A *FileError says that the rest cannot be read: a quote that is never closed, a record over 16 MiB,
// text that is not valid in its charset, a truncated archive. A row over 1 MiB is malformed.
func (r *Reader) Read() (*Record, error) {
	if r.err != nil {
		return nil, r.err
	}
	rec, err := r.next()
	if err != nil {
		r.err = r.inFile(err)
		return nil, r.err
	}
	return r.row(rec), nil
}

// row makes the Record of a physical record.
func (r *Reader) row(rec record) *Record {
	r.rec = Record{Row: r.rec.Row + 1, Line: rec.line, Size: max(len(rec.raw), rec.size)}
	cells, problem := rec.cells, rec.stray
	if cells == nil {
		cells, problem = r.cells.read(rec)
	}
	if problem == "" {
		cells = r.cols.even(cells)
		if problem = r.cols.problem(cells); problem != "" {
			problem += r.beside(cells, rec.line)
		}
	}
	if problem != "" {
		r.rec.Malformed = &RowError{Line: rec.line, Reason: problem, Raw: r.cols.raw(cells, rec)}
		cells = fit(cells, len(r.cols.all))
	}
	r.all, r.rec.Cells = cells, r.withoutOurs(cells)
	return &r.rec
}

// beside returns a clause that names the first text of a row beside the table of a sheet. People do not expect a part
// of the row there.
func (r *Reader) beside(cells []string, line int) string {
	width := len(r.cols.all)
	if r.dialect.Format != FormatXLSX || len(cells) <= width {
		return ""
	}
	i := width + slices.IndexFunc(cells[width:], func(cell string) bool { return alike.Trim(cell) != "" })
	return fmt.Sprintf(": %s stands in cell %s%d, beside the table", shown(cells[i]), xlsx.ColumnName(i), line)
}

// even makes a row as wide as the header if they differ only in empty cells at the row's end that stand for no field.
// Some programs leave such cells out, others add them.
func (c *columns) even(cells []string) []string {
	width, needed := len(c.all), 0
	for _, i := range c.at {
		needed = max(needed, i+1)
	}
	switch {
	case len(cells) < width && (needed == 0 || needed > len(cells)):
		return cells
	case len(cells) > width && !areBlank(cells[width:]):
		return cells
	}
	return fit(cells, width)
}

// problem returns the reason why the cells are not a row of the table, or "".
func (c *columns) problem(cells []string) string {
	if want := len(c.all); len(cells) != want {
		return fmt.Sprintf("the header has %s, this row has %s", cellCount(want), cellCount(len(cells)))
	}
	if c.wasMalformed(cells) {
		return "an earlier run found the row malformed: correct it, and empty its " + codeColumn
	}
	return ""
}

// rawText returns a record as it stands in the file. The row of a sheet has no text of its own and is given as a
// spreadsheet would save it as CSV.
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

// fit pads or cuts cells to a width.
func fit(cells []string, width int) []string {
	for len(cells) < width {
		cells = append(cells, "")
	}
	return cells[:width]
}

// withoutOurs leaves out the cells of rolecall's own columns.
func (r *Reader) withoutOurs(cells []string) []string {
	if len(r.cols.own) == len(cells) {
		return cells
	}
	r.ownCells = r.ownCells[:0]
	for _, i := range r.cols.own {
		r.ownCells = append(r.ownCells, cells[i])
	}
	return r.ownCells
}
