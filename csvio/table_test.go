package csvio

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func exportColumns() []Column {
	columns := make([]Column, 0, len(Stakeholders().Ours))
	for _, name := range Stakeholders().Ours {
		c := Column{Name: name, Role: name == "role"}
		switch name {
		case "deal_id", "contact_id", "role_id":
			c.Kind = IDColumn
		case "closing_date":
			c.Kind = PlainColumn
		}
		columns = append(columns, c)
	}
	return columns
}

func texts(texts ...string) []Value {
	values := make([]Value, len(texts))
	for i := range texts {
		values[i].Text = texts[i]
	}
	return values
}

// written returns the bytes of a table of those rows.
func written(t testing.TB, columns []Column, o TableOptions, rows ...[]Value) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := NewTableWriter(&out, columns, o)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		if err := w.Write(row); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func formats() []Format { return []Format{FormatCSV, FormatJSONL, FormatXLSX} }

// anyText is what people write into a CRM, and what breaks tables.
func anyText() *rapid.Generator[string] {
	pieces := rapid.SampledFrom([]string{
		"", "=1+1", "+49 30", "-1", "@SUM(A1)", "\t", "'", "''=x", "\"", "\"\"", ",", ";", "\n", "\n\n", "a",
		"Müller & Söhne", "<b>", "&amp;", "]]>", "😀", "日本語", "\u2028", " ",
		"_x0041_", "_x000D_", "_x005F_", "x0042_", "_", "_xD800_", "_x+041_", "00123", "5.5E+18", "4150868000010000001",
		"#N/A", "TRUE", "null", "{}", "\\", "\u00a0", "İ",
	})
	return rapid.Custom(func(t *rapid.T) string {
		return strings.Join(rapid.SliceOfN(pieces, 0, 6).Draw(t, "pieces"), "")
	})
}

// What a TableWriter writes, a Reader reads back: ids digit for digit, texts
// without their guard, in every format.
func TestTablesAreReadBack(t *testing.T) {
	t.Parallel()
	for _, format := range formats() {
		t.Run(string(format), func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(rt *rapid.T) {
				id := rapid.StringMatching(`[1-9][0-9]{0,19}`)
				var rows [][]Value
				var want []values
				for range rapid.IntRange(0, 5).Draw(rt, "rows") {
					v := values{
						DealID: id.Draw(
							rt,
							"deal",
						), DealName: anyText().Draw(rt, "deal name"), ContactID: id.Draw(rt, "contact"),
						ContactName:  anyText().Draw(rt, "name"),
						ContactEmail: anyText().Draw(rt, "email"),
						Role:         anyText().Draw(rt, "role"), RoleID: id.Draw(rt, "role id"),
					}
					rows = append(
						rows,
						texts(
							v.DealID,
							v.DealName,
							anyText().Draw(rt, "stage"),
							"",
							"",
							"2026-01-31",
							v.ContactID,
							v.ContactName,
							v.ContactEmail,
							v.Role,
							v.RoleID,
						),
					)
					want = append(want, v)
				}
				o := TableOptions{Format: format, BareIDs: rapid.Bool().Draw(rt, "bare"), Roles: []string{"Buyer"}}
				table := written(t, exportColumns(), o, rows...)
				r, err := NewReader(
					bytes.NewReader(table),
					Options{Name: "t", Vocabulary: Stakeholders(), Needs: triple()},
				)
				if err != nil {
					rt.Fatal(err)
				}
				defer func() { _ = r.Close() }()
				records, err := readAll(r)
				if err != nil {
					rt.Fatal(err)
				}
				var got []values
				for i, rec := range records {
					if rec.Malformed != nil || rec.Row != i+1 {
						rt.Fatalf("row %d: %+v", rec.Row, rec.Malformed)
					}
					for _, cell := range []*string{&rec.DealID, &rec.ContactID, &rec.RoleID} {
						digits, err := ParseID(*cell)
						if err != nil {
							rt.Fatal(err)
						}
						if bare := *cell == digits; bare != o.BareIDs {
							rt.Errorf("%s: an id is %q", format, *cell)
						}
						*cell = digits
					}
					got = append(got, rec.values)
					if text := rec.Cells[2]; format != FormatJSONL && text != Guard(rows[i][2].Text) ||
						format == FormatJSONL && text != rows[i][2].Text {
						rt.Errorf("%s: %q is %q", format, rows[i][2].Text, text)
					}
				}
				if diff := cmp.Diff(want, got); diff != "" {
					rt.Errorf("%s (-want +got):\n%s", format, diff)
				}
			})
		})
	}
}

func TestTableText(t *testing.T) {
	t.Parallel()
	columns := []Column{{Name: "deal_id", Kind: IDColumn}, {Name: "name, \"x\""}, {Name: "amount", Kind: PlainColumn}}
	rows := [][]Value{
		{{Text: "12345678901234567890"}, {Text: "=1\r\n\"a\", b"}, {Text: "-12.50", JSON: json.RawMessage("-12.50")}},
		{
			{Text: ""},
			{Text: "broken \xff\x00", JSON: json.RawMessage("{ \"id\" : \"1\",\n\"n\":[1, 2] }")},
			{Text: "=x"},
		},
		{{Text: "zcrm_7", JSON: json.RawMessage("7")}, {Text: "<&>\u2028"}, {}},
		{{Text: "=no id"}, {}, {Text: "2026-01-31"}},
	}
	for _, tt := range []struct {
		o    TableOptions
		want string
	}{
		{TableOptions{Format: FormatCSV}, "deal_id,\"name, \"\"x\"\"\",amount\n" +
			"zcrm_12345678901234567890,\"'=1\n\"\"a\"\", b\",-12.50\n,broken ��,'=x\n" +
			"zcrm_7,<&>\u2028,\n'=no id,,2026-01-31\n"},
		{TableOptions{Format: FormatCSV, BareIDs: true, NoGuard: true}, "deal_id,\"name, \"\"x\"\"\",amount\n" +
			"12345678901234567890,\"=1\n\"\"a\"\", b\",-12.50\n,broken ��,=x\n7,<&>\u2028,\n=no id,,2026-01-31\n"},
		{TableOptions{Format: FormatJSONL, BareIDs: true},
			`{"deal_id":"12345678901234567890","name, \"x\"":"=1\n\"a\", b","amount":-12.50}` + "\n" +
				`{"deal_id":null,"name, \"x\"":{"id":"1","n":[1,2]},"amount":"=x"}` + "\n" +
				`{"deal_id":"7","name, \"x\"":"<&>\u2028","amount":null}` + "\n" +
				`{"deal_id":"=no id","name, \"x\"":null,"amount":"2026-01-31"}` + "\n"},
	} {
		if diff := cmp.Diff(tt.want, string(written(t, columns, tt.o, rows...))); diff != "" {
			t.Errorf("%+v (-want +got):\n%s", tt.o, diff)
		}
	}
}

// A table of who plays which role on which deal, such as undo.csv, is read back without its last column.
func TestTableOfTriples(t *testing.T) {
	t.Parallel()
	columns := []Column{
		{Name: "deal_id", Kind: IDColumn}, {Name: "contact_id", Kind: IDColumn}, {Name: "role"},
		{Name: "role_id", Kind: IDColumn}, {Name: "rc_action"},
	}
	table := string(written(
		t,
		columns,
		TableOptions{Format: FormatCSV, BareIDs: true},
		texts("4150868000010000001", "4150868000020000001", "Buyer, or \"buyer\"", "4150868000000006871", "updated"),
		texts(
			"2",
			"3",
			"",
			"",
			"added",
		),
		texts("2", "4", "=1+1", "", "removed"),
		texts("2", "5", " a\nb ", "7", "removed"),
	))
	want := `deal_id,contact_id,role,role_id,rc_action
4150868000010000001,4150868000020000001,"Buyer, or ""buyer""",4150868000000006871,updated
2,3,,,added
2,4,'=1+1,,removed
2,5," a
b ",7,removed
`
	if diff := cmp.Diff(want, table); diff != "" {
		t.Errorf("table (-want +got):\n%s", diff)
	}
	rows := rowsOf(t, table, Options{Needs: triple()})
	if len(rows) != 4 || len(rows[0].Cells) != 4 || rows[2].Role != "=1+1" || rows[3].Role != " a\nb " {
		t.Errorf("read back as %v", brief(rows))
	}
}

// A number with a leading "-" stays without a guard. A text that a spreadsheet would run as a formula gets one.
func TestNothingWrittenIsAFormula(t *testing.T) {
	t.Parallel()
	for _, format := range []Format{FormatCSV, FormatXLSX} {
		rapid.Check(t, func(rt *rapid.T) {
			text := anyText().Draw(rt, "text")
			table := written(
				t,
				[]Column{{Name: "a"}, {Name: "b", Kind: IDColumn}, {Name: "c", Kind: PlainColumn}, {Name: "d"}},
				TableOptions{Format: format},
				texts(text, text, text, "x"),
			)
			r := reader(t, string(table), Options{})
			rec, err := r.Read()
			if err != nil {
				rt.Fatal(err)
			}
			for i, cell := range rec.Cells {
				if runs(cell) && (i != 2 || !isNumber(cell)) {
					rt.Errorf("%s: %q is written as %q", format, text, cell)
				}
			}
		})
	}
}

func TestTableMistakes(t *testing.T) {
	t.Parallel()
	if _, err := NewTableWriter(io.Discard, nil, TableOptions{Format: FormatCSV}); err == nil {
		t.Error("no columns are taken")
	}
	if _, err := NewTableWriter(io.Discard, exportColumns(), TableOptions{Format: "ods"}); err == nil ||
		!strings.Contains(err.Error(), `"ods"`) {
		t.Errorf("an unknown format: %v", err)
	}
	o := TableOptions{Format: FormatXLSX, TempDir: t.TempDir() + "/none"}
	if _, err := NewTableWriter(io.Discard, exportColumns(), o); err == nil {
		t.Error("a temporary folder that is not there is taken")
	}
	if _, err := NewTableWriter(io.Discard, make([]Column, 16_384+1), TableOptions{Format: FormatXLSX}); err == nil {
		t.Error("more columns than a sheet has are taken")
	}
	full := errors.New("the disk is full")
	for _, format := range formats() {
		w, err := NewTableWriter(io.Discard, []Column{{Name: "a"}}, TableOptions{Format: format})
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Write(texts("1", "2")); err == nil || !strings.Contains(err.Error(), "row 1") {
			t.Errorf("%s: two values for one column: %v", format, err)
		}
		if first, second := w.Close(), w.Close(); first == nil || !errors.Is(second, first) {
			t.Errorf("%s: Close gives %v, then %v", format, first, second)
		}
		if w, err = NewTableWriter(failing{full}, []Column{{Name: "a"}}, TableOptions{Format: format}); err != nil {
			t.Fatal(err)
		}
		_ = w.Write(texts("1"))
		if err := w.Close(); !errors.Is(err, full) {
			t.Errorf("%s: a full disk gives %v", format, err)
		}
		if err := w.Write(texts("1")); err == nil {
			t.Errorf("%s: a row after Close is taken", format)
		}
	}
	w, err := NewTableWriter(io.Discard, []Column{{Name: "a"}}, TableOptions{Format: FormatJSONL})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Write([]Value{{JSON: json.RawMessage(`{"a"`)}}); err == nil || !strings.Contains(err.Error(), `"a"`) {
		t.Errorf("broken JSON: %v", err)
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

func TestFormats(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]Format{
		"a.csv": FormatCSV, "b.XLSX": FormatXLSX, "c/d.jsonl": FormatJSONL, "e.ndjson": FormatJSONL, "x.txt": "",
		"csv": "", "": "",
	} {
		if got, ok := FormatOf(name); got != want || ok != (want != "") {
			t.Errorf("FormatOf(%q) = %q, %v", name, got, ok)
		}
	}
	for name, want := range map[string]Format{"csv": FormatCSV, " Xlsx": FormatXLSX, "JSONL": FormatJSONL} {
		if got, err := ParseFormat(name); got != want || err != nil {
			t.Errorf("ParseFormat(%q) = %q, %v", name, got, err)
		}
	}
	if _, err := ParseFormat("xls"); err == nil || !strings.Contains(err.Error(), "xlsx") {
		t.Errorf("xls: %v", err)
	}
}

// dirIsEmpty fails the test if a folder has files.
func dirIsEmpty(t *testing.T, dir string) {
	t.Helper()
	left, err := os.ReadDir(dir)
	if err != nil || len(left) > 0 {
		t.Errorf("left in the temporary folder: %v, %v", left, err)
	}
}
