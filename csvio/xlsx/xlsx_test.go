package xlsx

import (
	"io"
	"strings"
	"testing"
)

// The tests of workbooks as tables are in csvio: what is read of a sheet, and how a sheet is laid out.

func TestTheLastRowOfASheet(t *testing.T) {
	t.Parallel()
	x, err := NewWriter(io.Discard, []Column{{Name: "a"}}, WriterOptions{Sheet: "s", TempDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer x.Discard()
	if err := x.begin(); err != nil {
		t.Fatal(err)
	}
	x.rows = maxRows - 1
	if err := x.Write([]any{"the last one"}); err != nil {
		t.Errorf("the last row of a sheet: %v", err)
	}
	if err := x.Write([]any{"one more"}); err == nil || !strings.Contains(err.Error(), "csv") {
		t.Errorf("one row more than a sheet has: %v", err)
	}
}

func TestARoundedIDChangesNoDigit(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		"4150868000010000001": "4.150868000010000001E+18", "-1000000000000000.0": "1.000000000000000E+15",
		"999999999999999": "999999999999999", "42.5": "42.5", "4.1E+18": "4.1E+18", "": "",
	} {
		if got := asRounded(raw); got != want {
			t.Errorf("%s is given as %s, want %s", raw, got, want)
		}
	}
}

func TestNamesOfColumns(t *testing.T) {
	t.Parallel()
	for column, name := range map[int]string{0: "A", 25: "Z", 26: "AA", 701: "ZZ", 702: "AAA", maxColumns - 1: "XFD"} {
		if got := ColumnName(column); got != name {
			t.Errorf("column %d is called %s, want %s", column, got, name)
		}
		if got, err := columnOf(name + "12"); got != column || err != nil {
			t.Errorf("%s12 is in column %d, %v, want %d", name, got, err, column)
		}
	}
}

func TestMergedCellsAreBounded(t *testing.T) {
	t.Parallel()
	m := merges{coming: make([]merged, maxMerged)}
	if err := m.add("B7"); err != nil {
		t.Errorf("a single cell: %v", err)
	}
	if err := m.add("A1:A2"); err == nil || !strings.Contains(err.Error(), "more than 524288 ranges of merged cells") {
		t.Errorf("one more: %v", err)
	}
}
