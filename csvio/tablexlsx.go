package csvio

import (
	"cmp"
	"errors"
	"io"
	"strconv"
	"strings"

	"rolecall/csvio/xlsx"
)

// xlsxTable writes a table as a workbook.
type xlsxTable struct {
	columns []Column
	out     *xlsx.Writer
	row     []any
}

func newXLSXTable(w io.Writer, columns []Column, o TableOptions) (*xlsxTable, error) {
	t := &xlsxTable{columns: columns, row: make([]any, len(columns))}
	layout := make([]xlsx.Column, len(columns))
	for i, c := range columns {
		layout[i] = xlsx.Column{Name: clean(c.Name), Text: c.Text || c.Kind == IDColumn, Width: c.Width, Role: c.Role}
	}
	wo := xlsx.WriterOptions{Sheet: cmp.Or(o.Sheet, sheetStakeholders), Guide: o.Guide, TempDir: o.TempDir}
	for _, role := range o.Roles {
		if role = withLF(clean(role)); !o.NoGuard {
			role = Guard(role) // as in the cells
		}
		wo.Roles = append(wo.Roles, role)
	}
	var err error
	t.out, err = xlsx.NewWriter(w, layout, wo)
	return t, err
}

// FitsNoWorkbook reports whether an error of a TableWriter says that the table does not fit into a workbook.
func FitsNoWorkbook(err error) bool {
	_, too := errors.AsType[*xlsx.LimitError](err)
	return too
}

func (t *xlsxTable) write(cells []Value) error {
	for i := range cells {
		t.row[i] = sheetCell(t.columns[i].Kind, cells[i].Text)
	}
	return t.out.Write(t.row)
}

func (t *xlsxTable) finish() error { return t.out.Finish() }

func (t *xlsxTable) discard() { t.out.Discard() }

// sheetCell returns a text as a sheet holds it: nil for none, a number if a spreadsheet keeps it whole, else text.
func sheetCell(kind ColumnKind, text string) any {
	if text == "" {
		return nil
	}
	if kind == PlainColumn && isShortNumber(text) {
		if number, err := strconv.ParseFloat(text, 64); err == nil {
			return number
		}
	}
	return text
}

// isShortNumber reports whether text is a number of no more digits than a spreadsheet keeps.
func isShortNumber(text string) bool {
	digits := strings.Trim(strings.Replace(text, ".", "", 1), "-0")
	return len(digits) < longID && !strings.ContainsAny(text, "eE") && isNumber(text)
}
