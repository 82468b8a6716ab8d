package csvio

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// onlyRow reads the first row of a table of stakeholders.
func onlyRow(t rapid.TB, text string) (*Reader, *Record) {
	t.Helper()
	r, err := NewReader(strings.NewReader(text), Options{Vocabulary: Stakeholders()})
	if err != nil {
		t.Fatal(err)
	}
	rec, err := r.Read()
	if err != nil {
		t.Fatal(err)
	}
	return r, rec
}

// resultOf returns the result table of one row.
func resultOf(t rapid.TB, header, cells []string, code, details string) string {
	t.Helper()
	var b bytes.Buffer
	w := NewResultWriter(&b, header, ResultColumns())
	if err := w.Write(cells, []string{"1", "", "error", code, "", details, "", ""}); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// The results of a row are read and written several times. A role from the user's own file keeps its "'". A role from a
// table that rolecall exported, or from an undo table, loses its guard each time.
func TestGuardsOfResultTables(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		header, row, role string
	}{
		"the user's own":   {"deal_id,contact_id,role", "1,2,'=Boss", "'=Boss"},
		"an export":        {strings.Join(Stakeholders().Ours, ","), "1,,,,,,2,,,'=Boss,3", "=Boss"},
		"a filtered one":   {"deal_id,contact_id,role,rc_base", "1,2,'=Boss,", "=Boss"},
		"an undo table":    {"deal_id,contact_id,role,role_id,rc_action", "1,2,'=Boss,3,updated", "=Boss"},
		"guarded and more": {strings.Join(Stakeholders().Ours, ",") + ",note", "1,,,,,,2,,,''=Boss,3,n", "'=Boss"},
	} {
		r, rec := onlyRow(t, tt.header+"\n"+tt.row+"\n")
		if got := r.Value(Role); got != tt.role {
			t.Errorf("%s: the role is %q, want %q", name, got, tt.role)
		}
		if name == "a filtered one" || name == "an undo table" {
			continue // their results are no longer known for it, and keep the guard
		}
		text := resultOf(t, r.Header(), rec.Cells, "INVALID_DATA", "")
		for round := range 3 {
			r, rec = onlyRow(t, text)
			if got := r.Value(Role); got != tt.role {
				t.Errorf("%s, round %d: the role is %q, want %q", name, round, got, tt.role)
			}
			text = resultOf(t, r.Header(), rec.Cells, "INVALID_DATA", "")
		}
	}
}

// A malformed row is read and written several times. Its raw text stays that of the user's file.
func TestRawTextIsKeptOnce(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		raw := rapid.StringMatching(`[0-9a-z'=\\{} é]{1,20}(,[0-9a-z'=\\{} é]{0,9}){2,4},[0-9a-z]{1,3}`).Draw(t, "row")
		r, rec := onlyRow(t, "deal_id,contact_id,role\n"+raw+"\n")
		for round := range 4 {
			if rec.Malformed == nil || rec.Malformed.Raw != raw {
				t.Fatalf("round %d: the row %q is %+v", round, raw, rec.Malformed)
			}
			details, err := json.Marshal(map[string]string{"raw": rec.Malformed.Raw})
			if err != nil {
				t.Fatal(err)
			}
			r, rec = onlyRow(t, resultOf(t, r.Header(), rec.Cells, CodeRowMalformed, string(details)))
		}
	})
}
