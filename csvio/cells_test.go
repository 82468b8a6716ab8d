package csvio

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// wideHeader returns a header of n columns.
func wideHeader(n int) []string {
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprintf("c%d", i)
	}
	copy(names, []string{"deal_id", "contact_id", "role"})
	return names
}

// A table of too many columns is refused in every format. The error says how many it has.
func TestTooManyColumns(t *testing.T) {
	t.Parallel()
	wide, object := wideHeader(maxCells+1), map[string]any{}
	for _, name := range wide {
		object[name] = nil
	}
	line, err := json.Marshal(object)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"CSV":      strings.Join(wide, ",") + "\n" + strings.Repeat(",", maxCells) + "\n",
		"CSV, ;":   strings.Join(wide, ";") + "\n",
		"lines":    string(line),
		"an array": "[" + string(line) + "]",
	} {
		problem, _ := fileError(t, text, Options{Needs: triple()})
		if !strings.Contains(problem.Error(), "the header has 16385 columns, and a table may have 16384") {
			t.Errorf("%s: %.300s", name, problem)
		}
	}
}

// A sheet with a stray cell in its last column is a table.
func TestLastColumnOfASheet(t *testing.T) {
	t.Parallel()
	cell := func(at, text string) string {
		return `<c r="` + at + `" t="inlineStr"><is><t>` + text + `</t></is></c>`
	}
	rows := `<row r="1">` + cell("A1", "deal_id") + cell("B1", "contact_id") + cell("C1", "role") + cell("XFD1", "x") +
		`</row><row r="2">` + cell("A2", "1") + cell("B2", "2") + cell("C2", "a") + `</row>`
	r := reader(t, zipped(t, workbookParts(rows)), Options{Needs: triple()})
	if n := len(r.Header()); n != maxCells {
		t.Errorf("%d columns", n)
	}
	got, err := readAll(r)
	if err != nil || len(got) != 1 || got[0].Malformed != nil || len(got[0].Cells) != maxCells || got[0].Role != "a" {
		t.Errorf("%d rows, %v", len(got), err)
	}
}

// A row of too many cells is malformed, and is not split. Delimiters inside quotes are text.
func TestTooWideRows(t *testing.T) {
	t.Parallel()
	text := strings.Repeat(",", 2*maxCells)
	rows := rowsOf(t, head+"1,2,a"+text+"\n"+`3,4, "a""`+text+"\"\n\"5\"x"+text+"\n6,7,b\n", Options{Delimiter: ','})
	if len(rows) != 4 {
		t.Fatalf("%d rows", len(rows))
	}
	for i, says := range []string{rowTooWide, "", strayAfter, ""} {
		got := ""
		if rows[i].Malformed != nil {
			got = rows[i].Malformed.Reason
		}
		if got != says || len(rows[i].Cells) != 3 {
			t.Errorf("row %d has %d cells and says %q, want %q", i+1, len(rows[i].Cells), got, says)
		}
	}
	if rows[1].Role != `a"`+text {
		t.Error("a long text with delimiters in it is changed")
	}
}

// A row may have as many cells as a sheet, and not one more.
func TestMostCellsOfARow(t *testing.T) {
	t.Parallel()
	for cells, want := range map[int]string{
		maxCells: "the header has 3 cells, this row has 16384 cells", maxCells + 1: rowTooWide,
	} {
		rows := rowsOf(t, head+"1,2,a,"+strings.Repeat("x,", cells-4)+"x\n", Options{Needs: triple()})
		if got := rows[0].Malformed; got == nil || got.Reason != want {
			t.Errorf("%d cells: %v, want %q", cells, got, want)
		}
	}
}

// The splitter counts the cells that encoding/csv reads.
func TestWidthOfRecords(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		delimiter := rapid.SampledFrom([]rune{',', ';', '\t', 'é'}).Draw(t, "delimiter")
		cell := rapid.StringMatching(`[a,;\té]{0,9}| ?"([a,;\té\n]|""){0,9}" ?`)
		raw := strings.Join(rapid.SliceOfN(cell, 1, 9).Draw(t, "cells"), string(delimiter))
		s := newSplitter(strings.NewReader(raw), nil)
		s.delimiter = []byte(string(delimiter))
		end, err := s.breakAfter(0)
		if err != nil {
			t.Fatal(err)
		}
		rec, err := s.recordTo(end)
		if err != nil || rec.stray != "" || len(rec.raw) == 0 {
			return
		}
		if want := len(looseCells(rec.text(), delimiter)); rec.width != want {
			t.Errorf("%q has %d cells, not %d", raw, want, rec.width)
		}
	})
}

// The memory of a ResultWriter does not grow with the columns.
func TestMemoryIsFlatInColumns(t *testing.T) {
	t.Parallel()
	header := wideHeader(maxCells)
	w := NewResultWriter(io.Discard, header, ResultColumns())
	for range 100 {
		if err := w.Write(header, make([]string, len(ResultColumns()))); err != nil {
			t.Fatal(err)
		}
		if n := len(w.out.cells); n > 2*maxCells {
			t.Fatalf("%d cells wait to be written", n)
		}
	}
	if err := w.Close(); err != nil {
		t.Error(err)
	}
}
