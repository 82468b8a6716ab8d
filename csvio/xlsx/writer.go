package xlsx

import (
	"archive/zip"
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"unicode/utf16"

	"github.com/xuri/excelize/v2"
)

// Column is a column of a sheet to be written.
type Column struct {
	Name  string
	Text  bool    // what people type into the column stays text, also digits
	Width float64 // in characters; 0: found from the header and the first rows
	Role  bool    // the cells get a drop-down of WriterOptions.Roles
}

// WriterOptions say how to write a workbook.
type WriterOptions struct {
	Sheet   string      // name of the sheet, at most 31 characters
	Roles   []string    // what the drop-down of role columns offers
	Guide   [][2]string // the rows of a second sheet, for people; the first is its header; none: no such sheet
	TempDir string      // where the parts of the workbook grow, mode 0600, until Discard; "": the system's folder
}

// The sample for the widths of columns ends after this many rows or bytes. The sample stays in memory, because a sheet
// has its widths before its rows.
const (
	sampledRows  = 500
	sampledBytes = 1 << 20
)

// Writer writes a workbook of one table row by row. excelize grows the sheet in a file, in a folder of our own, so
// that nothing stays behind whatever happens.
type Writer struct {
	to      *bufio.Writer
	dir     string
	columns []Column
	roles   []string
	guide   [][2]string
	name    string // of the sheet
	file    *excelize.File
	sheet   *excelize.StreamWriter
	bold    int // the header's style

	sample [][]any // the first rows, until begin
	bytes  int     // of the texts so far
	begun  bool
	spills bool // the sheet grows in a file of dir
	rows   int  // in the sheet, with the header
}

// NewWriter begins a workbook on w. The caller calls Finish, and Discard in any case.
func NewWriter(w io.Writer, columns []Column, o WriterOptions) (*Writer, error) {
	if len(columns) > maxColumns {
		return nil, limitf("a sheet has at most %d columns, the table %d: write it as csv", maxColumns, len(columns))
	}
	// Without a folder excelize would silently hold everything in memory.
	dir, err := os.MkdirTemp(o.TempDir, ".xlsx-*.tmp")
	if err != nil {
		return nil, fmt.Errorf("create a folder for the parts of the workbook: %w", err)
	}
	x := &Writer{
		to: bufio.NewWriterSize(w, blockSize), dir: dir, columns: columns, name: o.Sheet, roles: o.Roles, guide: o.Guide,
	}
	x.file = excelize.NewFile(excelize.Options{TmpDir: dir})
	if err := x.open(); err != nil {
		x.Discard()
		return nil, err
	}
	return x, nil
}

// open makes the empty workbook. Its dates stay those of excelize's template, so that the same table is the same file.
func (x *Writer) open() error {
	if err := x.file.SetSheetName("Sheet1", x.name); err != nil {
		return limitf("Excel has no sheet called %q: %v", x.name, err)
	}
	err := errors.Join(
		x.file.SetAppProps(&excelize.AppProperties{Application: "rolecall"}),
		x.file.SetDocProps(&excelize.DocProperties{Creator: "rolecall"}),
	)
	if err == nil {
		x.bold, err = x.file.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true, Family: "Calibri", Size: 11}})
	}
	if err == nil {
		x.sheet, err = x.file.NewStreamWriter(x.name)
	}
	return err
}

// Write adds a row. Each cell is a string, a float64, or nil for none. Write copies the slice.
func (x *Writer) Write(cells []any) error {
	if max(x.rows, 1)+len(x.sample) >= maxRows {
		return limitf("a sheet of Excel has at most %d rows, the header among them: write the table as csv", maxRows)
	}
	row := slices.Clone(cells)
	for i := range row {
		text, ok := row[i].(string)
		if !ok {
			continue
		}
		if err := checkLength(text); err != nil {
			return fmt.Errorf("column %s: %w", x.columns[i].Name, err)
		}
		row[i] = asRuns(text)
		x.bytes += len(text)
	}
	if x.begun {
		return errors.Join(x.add(row), x.checkSpill())
	}
	x.sample = append(x.sample, row)
	if len(x.sample) < sampledRows && x.bytes < sampledBytes {
		return nil
	}
	return x.begin()
}

// checkLength refuses a text that Excel cannot hold in a cell.
func checkLength(text string) error {
	if len(text) <= maxCellUnits {
		return nil
	}
	if n := utf16Length(text); n > maxCellUnits {
		return limitf("the text has %d characters, a cell of Excel at most %d: "+
			"write the table as csv or jsonl, or without that column", n, maxCellUnits)
	}
	return nil
}

// utf16Length returns the length of a text as Excel counts.
func utf16Length(text string) int {
	n := 0
	for _, r := range text {
		n += utf16.RuneLen(r)
	}
	return n
}

// begin writes what comes before the rows, then the rows of the sample.
func (x *Writer) begin() error {
	x.begun = true
	if err := x.setColumns(); err != nil {
		return err
	}
	panes := &excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}
	if err := x.sheet.SetPanes(panes); err != nil {
		return err
	}
	header := make([]any, len(x.columns))
	for i, c := range x.columns {
		header[i] = excelize.Cell{StyleID: x.bold, Value: asRuns(c.Name)}
	}
	if err := x.add(header); err != nil {
		return err
	}
	for _, row := range x.sample {
		if err := x.add(row); err != nil {
			return err
		}
	}
	x.sample = nil
	return nil
}

// setColumns sets the widths and styles of the columns, from the last to the first: excelize puts each column before
// those that it has, and a sheet lists them in order.
func (x *Writer) setColumns() error {
	asText, err := x.file.NewStyle(&excelize.Style{NumFmt: 49}) // "@"
	if err != nil {
		return err
	}
	for i, c := range slices.Backward(x.columns) {
		if err = x.sheet.SetColWidth(i+1, i+1, x.width(i)); err == nil && c.Text {
			err = x.sheet.SetColStyle(i+1, i+1, asText)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (x *Writer) add(row []any) error {
	x.rows++
	return x.sheet.SetRow("A"+strconv.Itoa(x.rows), row)
}

// checkSpill returns an error if the sheet is too large for memory and no file holds it. excelize goes on in memory,
// and does not say so, if it cannot make the file once it holds StreamChunkSize bytes.
func (x *Writer) checkSpill() error {
	if x.spills || x.bytes <= excelize.StreamChunkSize {
		return nil
	}
	parts, err := os.ReadDir(x.dir)
	if err == nil && len(parts) == 0 {
		err = errors.New("no file can be made there")
	}
	if err != nil {
		return fmt.Errorf("keep the sheet in %s until it is whole: %w", x.dir, err)
	}
	x.spills = true
	return nil
}

// Finish writes the workbook to the writer below.
func (x *Writer) Finish() error {
	if !x.begun {
		if err := x.begin(); err != nil {
			return err
		}
	}
	last, err := excelize.CoordinatesToCellName(len(x.columns), x.rows)
	if err != nil {
		return err
	}
	if err := x.file.AutoFilter(x.name, "A1:"+last, nil); err != nil {
		return err
	}
	if err := errors.Join(x.addGuide(), x.addRoles()); err != nil {
		return err
	}
	if err := x.sheet.Flush(); err != nil {
		return err
	}
	// By default excelize makes the whole archive in memory, and returns only the last error of writing it. A
	// bufio.Writer returns its first error each time.
	x.file.SetZipWriter(func(io.Writer) excelize.ZipWriter { return zip.NewWriter(x.to) })
	if err := x.file.Write(io.Discard); err != nil {
		return err
	}
	return x.to.Flush()
}

// Discard removes the parts of the workbook.
func (x *Writer) Discard() {
	_ = x.file.Close()
	_ = os.RemoveAll(x.dir)
}
