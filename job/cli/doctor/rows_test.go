package doctor

import (
	"strings"
	"testing"

	"rolecall/csvio"
)

// TestOnlyTheFirstRowsAreChecked has a malformed row directly after the rows that doctor checks.
func TestOnlyTheFirstRowsAreChecked(t *testing.T) {
	t.Parallel()
	const row = "4150868000010000001,4150868000020000001,Purchasing\n"
	for rows, status := range map[int]string{firstRows - 1: statusWarning, firstRows: statusOK} {
		text := "deal_id,contact_id,role\n" + strings.Repeat(row, rows) + "1\n"
		table, err := csvio.NewReader(strings.NewReader(text), csvio.Options{Vocabulary: csvio.Stakeholders()})
		if err != nil {
			t.Fatal(err)
		}
		d := &Doctor{Quiet: true}
		d.rows(t.Context(), table, File{Path: "in.csv"})
		if err := table.Close(); err != nil {
			t.Error(err)
		}
		for _, c := range d.Findings.Checks {
			if c.Name == "rows" && c.Status != status {
				t.Errorf("%d good rows and a malformed one: %s: %s", rows, c.Status, c.Message)
			}
		}
		if len(d.Findings.Checks) != 2 {
			t.Errorf("got %v, want the checks ids and rows", d.Findings.Checks)
		}
	}
}
