package stakeholder

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"rolecall/api/emulator"
	"rolecall/csvio"
	"rolecall/job/jobtest"
	"rolecall/job/rundir"
)

// bookOf returns a workbook of some rows on the sheet Q4.
func bookOf(t *testing.T, rows ...[]any) string {
	t.Helper()
	f := excelize.NewFile()
	err := f.SetSheetName("Sheet1", "Q4")
	for i, row := range rows {
		at, e := excelize.CoordinatesToCellName(1, i+1)
		err = errors.Join(err, e, f.SetSheetRow("Q4", at, &row))
	}
	b, e := f.WriteToBuffer()
	if err = errors.Join(err, e, f.Close()); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// The failed rows of a workbook are also written as a workbook. A run over it equals a run over failed.csv, its ids
// stay text whatever people type, and --sheet of the first run does no harm.
func TestFailedRowsOfAWorkbook(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{})
	q := r.request(Assign, bookOf(t,
		[]any{"Opportunity", "contact_email", "role", "note"},
		[]any{jobtest.DealID(1), "", "Purchasing", 7},
		[]any{jobtest.DealID(2), "nobody@example.com", "Purchasing", "=1+1"},
	))
	q.Settings.Map = map[csvio.Field]string{"deal_id": "Opportunity"}
	q.Settings.Sheet = "Q4"
	res := r.run(q)
	path := filepath.Join(q.RunDir, rundir.FailedBook)
	if res.Summary.Files.FailedBook != path {
		t.Errorf("the summary names %+v", res.Summary.Files)
	}
	f, err := excelize.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	header, err := f.GetRows("Q4")
	if err != nil {
		t.Fatal(err)
	}
	for i, name := range header[0] {
		at, _ := excelize.CoordinatesToCellName(i+1, 100)
		id, err := f.GetCellStyle("Q4", at)
		if err != nil {
			t.Fatal(err)
		}
		style, err := f.GetStyle(id)
		const text = 49 // "@"
		if isID := name == "deal_id" || name == "contact_id"; err != nil || isID != (style.NumFmt == text) {
			t.Errorf("the style of %s is %+v, %v", name, style, err)
		}
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	for _, from := range []string{rundir.Failed, rundir.FailedBook} {
		again := r.request(Assign, "")
		again.Input, again.RunDir = filepath.Join(q.RunDir, from), filepath.Join(r.Dir, "again-"+from)
		again.Settings.Sheet = "Q4"
		r.run(again)
	}
	want := r.Table(filepath.Join(r.Dir, "again-"+rundir.Failed, rundir.Failed))
	got := r.Table(filepath.Join(r.Dir, "again-"+rundir.FailedBook, rundir.Failed))
	if d := cmp.Diff(want, got); d != "" || len(got.Rows) != 2 {
		t.Errorf("fed back (-failed.csv +failed.xlsx):\n%s", d)
	}
}

// Failed rows that do not fit into a workbook, here the raw text of a malformed row, are in failed.csv, and a note says
// so.
func TestFailedRowsThatFitNoWorkbook(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{})
	long := strings.Repeat("x", 20_000) // a cell of Excel holds 32,767 characters
	q := r.request(Assign, bookOf(t,
		[]any{"deal_id", "contact_id", "role"},
		[]any{jobtest.DealID(1), jobtest.ContactID(1), "Purchasing", long, long},
	))
	res := r.run(q)
	if _, err := os.Stat(filepath.Join(q.RunDir, rundir.FailedBook)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("failed.xlsx is there: %v", err)
	}
	notes := strings.Join(res.Summary.Notes, "\n")
	if !strings.Contains(notes, "failed.xlsx was not written, use failed.csv: ") || res.Summary.Files.FailedBook != "" {
		t.Errorf("notes %q, files %+v", notes, res.Summary.Files)
	}
	failed := r.Table(filepath.Join(q.RunDir, rundir.Failed)).Column("rc_code")
	if d := cmp.Diff([]string{csvio.CodeRowMalformed}, failed); d != "" {
		t.Errorf("failed.csv (-want +got):\n%s", d)
	}
}
