package csvio

import (
	"archive/zip"
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"

	"github.com/xuri/excelize/v2"
)

// Limits of Excel (Microsoft Support, "Excel specifications and limits").
const (
	maxSheetRows    = 1_048_576
	maxSheetColumns = 16_384
	maxCellUnits    = 32_767 // "characters" are UTF-16 units
	numberDigits    = 15     // "number precision"
)

// The widths of columns are found from so many rows or bytes: they are held in
// memory until then, because a sheet tells its widths before its rows.
const (
	sampledRows  = 500
	sampledBytes = 1 << 20
)

// xlsxTable writes a table as a workbook. Excelize keeps the sheet in a file
// of a folder of our own until it is put into the archive, so that nothing of
// it is left behind whatever happens there.
type xlsxTable struct {
	to      *firstError
	dir     string
	columns []Column
	roles   []string
	name    string // of the sheet
	file    *excelize.File
	sheet   *excelize.StreamWriter
	bold    int // the header's style

	sample      [][]any // the first rows, until begin
	sampleBytes int
	begun       bool
	rows        int // in the sheet, the header among them
}

func newXLSXTable(w io.Writer, columns []Column, o TableOptions) (*xlsxTable, error) {
	if len(columns) > maxSheetColumns {
		return nil, fmt.Errorf("a sheet has at most %d columns, the table %d: write it as csv", maxSheetColumns, len(columns))
	}
	// Without a folder excelize would silently keep everything in memory.
	dir, err := os.MkdirTemp(o.TempDir, ".xlsx-*.tmp")
	if err != nil {
		return nil, fmt.Errorf("make a place for the parts of the workbook: %w", err)
	}
	t := &xlsxTable{to: &firstError{w: w}, dir: dir, columns: columns, name: cmp.Or(o.Sheet, sheetStakeholders)}
	t.file = excelize.NewFile(excelize.Options{TmpDir: dir})
	for _, role := range o.Roles {
		if role = withLF(clean(role)); !o.NoGuard {
			role = Guard(role) // as it stands in the cells
		}
		t.roles = append(t.roles, role)
	}
	if err := t.open(); err != nil {
		t.discard()
		return nil, err
	}
	return t, nil
}

// open makes the empty workbook.
func (t *xlsxTable) open() error {
	err := errors.Join(
		t.file.SetSheetName("Sheet1", t.name),
		t.file.SetAppProps(&excelize.AppProperties{Application: "rolecall"}),
		t.file.SetDocProps(&excelize.DocProperties{Creator: "rolecall"}), // its dates stay those of excelize's template: the same table is the same file
	)
	if err == nil {
		t.bold, err = t.file.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}})
	}
	if err == nil {
		t.sheet, err = t.file.NewStreamWriter(t.name)
	}
	return err
}

func (t *xlsxTable) write(cells []Value) error {
	if max(t.rows, 1)+len(t.sample) >= maxSheetRows {
		return fmt.Errorf("a sheet of Excel has at most %d rows, the header among them: write the table as csv", maxSheetRows)
	}
	row := make([]any, len(cells))
	for i := range cells {
		var err error
		if row[i], err = sheetCell(t.columns[i].Kind, cells[i].Text); err != nil {
			return fmt.Errorf("column %s: %w", t.columns[i].Name, err)
		}
		t.sampleBytes += len(cells[i].Text)
	}
	if t.begun {
		return t.add(row)
	}
	t.sample = append(t.sample, row)
	if len(t.sample) < sampledRows && t.sampleBytes < sampledBytes {
		return nil
	}
	return t.begin()
}

// sheetCell is what excelize is given for a text: nil for none, a number where
// a spreadsheet keeps it whole, else text.
func sheetCell(kind ColumnKind, text string) (any, error) {
	if text == "" {
		return nil, nil
	}
	if kind == PlainColumn && isShortNumber(text) {
		return strconv.ParseFloat(text, 64)
	}
	if len(text) > maxCellUnits {
		if n := utf16Length(text); n > maxCellUnits {
			return nil, fmt.Errorf("the text has %d characters, a cell of Excel at most %d: write the table as csv or jsonl, or without that column", n, maxCellUnits)
		}
	}
	return asRuns(text), nil
}

// isShortNumber tells a number of no more digits than a spreadsheet keeps.
func isShortNumber(text string) bool {
	digits := strings.Trim(strings.Replace(text, ".", "", 1), "-0")
	return len(digits) <= numberDigits && !strings.ContainsAny(text, "eE") && isNumber(text)
}

// utf16Length is how long a text is as Excel counts.
func utf16Length(text string) int {
	n := 0
	for _, r := range text {
		n += utf16.RuneLen(r)
	}
	return n
}

// begin writes what comes before the rows, and the rows that waited for it.
func (t *xlsxTable) begin() error {
	t.begun = true
	asText, err := t.file.NewStyle(&excelize.Style{NumFmt: 49}) // "@": what is typed there later stays text as well
	if err != nil {
		return err
	}
	for i, c := range slices.Backward(t.columns) { // excelize puts each before those that it has; a sheet has them in order
		if err = t.sheet.SetColWidth(i+1, i+1, t.width(i)); err == nil && c.Kind == IDColumn {
			err = t.sheet.SetColStyle(i+1, i+1, asText)
		}
		if err != nil {
			return err
		}
	}
	if err := t.sheet.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return err
	}
	header := make([]any, len(t.columns))
	for i, c := range t.columns {
		header[i] = excelize.Cell{StyleID: t.bold, Value: asRuns(clean(c.Name))}
	}
	if err := t.add(header); err != nil {
		return err
	}
	for _, row := range t.sample {
		if err := t.add(row); err != nil {
			return err
		}
	}
	t.sample = nil
	return nil
}

func (t *xlsxTable) add(row []any) error {
	t.rows++
	return t.sheet.SetRow("A"+strconv.Itoa(t.rows), row)
}

func (t *xlsxTable) finish() error {
	if !t.begun {
		if err := t.begin(); err != nil {
			return err
		}
	}
	last, err := excelize.CoordinatesToCellName(len(t.columns), t.rows)
	if err != nil {
		return err
	}
	if err := t.file.AutoFilter(t.name, "A1:"+last, nil); err != nil {
		return err
	}
	if err := t.addRoles(); err != nil {
		return err
	}
	if err := t.sheet.Flush(); err != nil {
		return err
	}
	// Left alone, excelize makes the whole archive in memory, and forgets all
	// but the last error of writing it: to's first one stays the last.
	t.file.SetZipWriter(func(io.Writer) excelize.ZipWriter { return zip.NewWriter(t.to) })
	return t.file.Write(io.Discard)
}

func (t *xlsxTable) discard() {
	_ = t.file.Close()
	_ = os.RemoveAll(t.dir)
}

// firstError writes nothing more after the first error of a writer, and repeats
// that.
type firstError struct {
	w   io.Writer
	err error
}

// Write implements io.Writer.
func (f *firstError) Write(p []byte) (int, error) {
	if f.err != nil {
		return 0, f.err
	}
	n, err := f.w.Write(p)
	f.err = err
	return n, err
}
