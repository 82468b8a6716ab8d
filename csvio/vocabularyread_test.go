package csvio

import (
	"bytes"
	"encoding/binary"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// csvOf writes rows as CSV.
func csvOf(t testing.TB, delimiter rune, rows ...[]string) string {
	t.Helper()
	var b strings.Builder
	w := csv.NewWriter(&b)
	w.Comma = delimiter
	if err := w.WriteAll(rows); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// jsonOf writes rows as JSON Lines; the first are the keys.
func jsonOf(t testing.TB, rows ...[]string) string {
	t.Helper()
	var b strings.Builder
	for _, row := range rows[1:] {
		for i, cell := range row {
			key, err := json.Marshal(rows[0][i])
			if err != nil {
				t.Fatal(err)
			}
			text, err := json.Marshal(cell)
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(&b, "%c%s:%s", "{,"[min(i, 1)], key, text)
		}
		b.WriteString("}\n")
	}
	return b.String()
}

// bookOf writes rows as text cells of a workbook.
func bookOf(t testing.TB, rows ...[]string) string {
	t.Helper()
	var b strings.Builder
	for i, row := range rows {
		cells := make([]string, len(row))
		for j := range row {
			var cell bytes.Buffer
			if err := xml.EscapeText(&cell, []byte(row[j])); err != nil {
				t.Fatal(err)
			}
			cells[j] = cell.String()
		}
		b.WriteString(inline(i+1, cells...))
	}
	return zipped(t, workbookParts(b.String()))
}

// everyWay writes rows in every way that a table comes in.
func everyWay(t testing.TB, rows ...[]string) map[string]string {
	t.Helper()
	semicolons := csvOf(t, ';', rows...)
	return map[string]string{
		"csv":            csvOf(t, ',', rows...),
		"csv with ;":     semicolons,
		"csv with tabs":  csvOf(t, '\t', rows...),
		"sep=":           "sep=^\r\n" + csvOf(t, '^', rows...),
		"CRLF":           strings.ReplaceAll(semicolons, "\n", "\r\n"),
		"UTF-8 with BOM": "\ufeff" + semicolons,
		"UTF-16 LE":      utf16Bytes(binary.LittleEndian, "\ufeff"+semicolons),
		"UTF-16 BE":      utf16Bytes(binary.BigEndian, "\ufeff"+csvOf(t, '\t', rows...)),
		"gzip":           gzipped(t, semicolons),
		"UTF-16, gzip":   gzipped(t, utf16Bytes(binary.LittleEndian, "\ufeff"+semicolons)),
		"jsonl":          jsonOf(t, rows...),
		"jsonl, gzip":    gzipped(t, jsonOf(t, rows...)),
		"xlsx":           bookOf(t, rows...),
	}
}

// A table of roles, by any names of its columns, is the same in every format.
func TestRoleTables(t *testing.T) {
	t.Parallel()
	rows := [][]string{
		{"4150868000000006871", "Decision Maker", "1", "n"},
		{"", "Buyer; EU, \"the boss\"\n2nd line", "2", ""},
		{"zcrm_4150868000000006872", " =Käufer – 決裁者 😀 ", "x", "'=1"},
		{"", "", "", "only a note"},
	}
	var want []string
	for _, row := range rows {
		want = append(want, strings.Join(row[:3], "|"))
	}
	for _, header := range [][]string{
		{"id", "name", "sequence_number", "note"}, {"Role ID", "Role Name", "Position", "Contact Name"},
		{"Contact_Role.id", "Contact Role", "SEQUENCE", "deal_id"},
	} {
		for way, text := range everyWay(t, append([][]string{header}, rows...)...) {
			r := reader(t, text, Options{Vocabulary: roles(), Needs: [][]Field{{"name"}, {"id"}, {"sequence_number"}}})
			var got []string
			for i := 0; ; i++ {
				rec, err := r.Read()
				if err != nil {
					break
				}
				if rec.Malformed != nil || rec.Row != i+1 || !cmp.Equal(rec.Cells, rows[i]) {
					t.Errorf("%s, %q: row %+v", way, header, rec)
				}
				got = append(got, valuesIn(r))
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s, %q (-want +got):\n%s", way, header, diff)
			}
		}
	}
}

// The delimiter is the one under which the header has the columns of roles,
// even if the rows are as regular, and wider, under another.
func TestRoleDelimiter(t *testing.T) {
	t.Parallel()
	o := Options{
		Vocabulary: roles(),
		Needs:      [][]Field{{"name"}, {"sequence_number"}},
		Map:        map[Field]string{"sequence_number": "Nr"},
	}
	r := reader(t, "Role;Nr;a,b,c,d,e\nx;1;a,b,c,d,e\n", o)
	if _, err := r.Read(); err != nil || r.Dialect().Delimiter != ';' || valuesIn(r) != "|x|1" {
		t.Errorf("read with %s: %s, %v", r.Dialect(), valuesIn(r), err)
	}
}

// Malformed and blank rows are treated as in tables of stakeholders.
func TestRoleRows(t *testing.T) {
	t.Parallel()
	const head = "id,name,position\n"
	for name, tt := range map[string]struct {
		text string
		want []string // "!" before a malformed one
	}{
		"too few cells":      {head + "1,a\n2,b,3\n", []string{"!1|a|", "2|b|3"}},
		"too many":           {head + "1,a,2,x\n2,b,3\n", []string{"!1|a|2", "2|b|3"}},
		"a stray quote":      {head + "1,\"a\"b,2\n2,b,3\n", []string{"!1|a\"b,2|", "2|b|3"}},
		"blank rows":         {head + ",,\n1,a,2\n,,\n\n,,\n", []string{"1|a|2"}},
		"columns of ours":    {"rc_row,id,RC_Code,name,position,rc_\n7,1,x,a,2,z\n", []string{"1|a|2"}},
		"it stays malformed": {"id,name,rc_code\n1,'=a,ROW_MALFORMED\n2,'=b,\n", []string{"!1|'=a|", "2|=b|"}},
		"malformed, guarded": {"id,name,sequence_number\n1,'=a\n2,'=b,3\n", []string{"!1|'=a|", "2|=b|3"}},
		"JSON, unknown key":  {`{"id":1,"name":"a"}` + "\n" + `{"id":2,"x":1}`, []string{"1|a|", "!2||"}},
		"JSON, no object":    {`{"id":1,"name":"a"}` + "\n[]\n" + `{"name":"b"}`, []string{"1|a|", "!||", "|b|"}},
		"JSON, numbers, nulls": {
			`{"id":4150868000000006871,"name":null,"sequence":3}`, []string{"4150868000000006871||3"},
		},
	} {
		r := reader(t, tt.text, Options{Vocabulary: roles()})
		var got []string
		for {
			rec, err := r.Read()
			if err != nil {
				break
			}
			mark := map[bool]string{true: "!"}[rec.Malformed != nil]
			got = append(got, mark+valuesIn(r))
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// In a workbook, rounded numbers are refused only in the columns of ids of the
// vocabulary, and only in those is a number never a date.
func TestRoleWorkbookIDs(t *testing.T) {
	t.Parallel()
	for column, name := range []string{"Role Id", "Name", "Position"} {
		for raw, tt := range map[string]struct{ id, text string }{
			"4150868000010000001": {"4.150868000010000001E+18", "4150868000010000001"},
			"46053":               {"46053", "2026-01-31"},
		} {
			cell := fmt.Sprintf(
				`<row r="2"><c r="%s2" s="%d"><v>%s</v></c></row>`,
				letter(column),
				map[bool]int{true: 1}[raw == "46053"],
				raw,
			)
			r := reader(
				t,
				zipped(t, workbookParts(inline(1, "Role Id", "Name", "Position")+cell)),
				Options{Vocabulary: roles()},
			)
			rec, err := r.Read()
			if err != nil {
				t.Fatal(err)
			}
			want := tt.text
			if column == 0 {
				want = tt.id
			}
			if got := r.Value(roles().Fields()[column]); got != want || rec.Cells[column] != want {
				t.Errorf("%s %s reads %q, cell %q, want %q", name, raw, got, rec.Cells[column], want)
			}
		}
	}
	if _, err := ParseID("4.150868000010000001E+18"); err == nil || err.Code != CodeIDRounded {
		t.Errorf("the rounded id is taken: %v", err)
	}
}

// The sheet that the vocabulary names is read before the first sheet. A sheet
// that another vocabulary names has no such right.
func TestRoleSheet(t *testing.T) {
	t.Parallel()
	sheet := func(name string) string { return sheetBegin + inline(1, "name", name) + sheetEnd }
	for name, tt := range map[string]struct{ sheets, preferred, want string }{
		"the one called so": {
			`<sheet name="a" r:id="rId1"/><sheet name="Roles" r:id="rId2"/>`, "roles", "second",
		},
		"called so, but hidden": {
			`<sheet name="a" r:id="rId1"/><sheet name="roles" state="hidden" r:id="rId2"/>`, "roles", "first",
		},
		"not the stakeholders": {
			`<sheet name="a" r:id="rId1"/><sheet name="stakeholders" r:id="rId2"/>`, "roles", "first",
		},
		"none": {`<sheet name="a" r:id="rId1"/><sheet name="" r:id="rId2"/>`, "", "first"},
		"stakeholders that come 1": {
			`<sheet name="stakeholders" r:id="rId1"/><sheet name="roles" r:id="rId2"/>`, "roles", "second",
		},
	} {
		parts := workbookParts("")
		parts["xl/workbook.xml"] = workbookXML("", tt.sheets)
		parts["xl/worksheets/sheet1.xml"], parts["xl/worksheets/sheet2.xml"] = sheet("first"), sheet("second")
		v := roles()
		v.Sheet = tt.preferred
		if r := reader(t, zipped(t, parts),
			Options{Vocabulary: v, Needs: [][]Field{{"name"}}}); r.Header()[1] != tt.want {
			t.Errorf("%s: read the %s sheet, want the %s", name, r.Header()[1], tt.want)
		}
	}
	parts := workbookParts("")
	parts["xl/workbook.xml"] = workbookXML("", `<sheet name="a" r:id="rId2"/><sheet name="b" r:id="rId1"/>`)
	v := roles()
	for preferred, says := range map[string]string{"roles": "to the front, or call it roles", "": "to the front"} {
		v.Sheet = preferred
		problem, _ := fileError(t, zipped(t, parts), Options{Vocabulary: v})
		if !strings.HasSuffix(problem.Hint, says) {
			t.Errorf("an empty sheet: %v, want it to end with %s", problem, says)
		}
	}
}

// FuzzVocabulary reads any bytes as a table of roles: no panic, an error is a
// *FileError, and Value is the cell of its column, without the guard of a table
// that rolecall wrote.
func FuzzVocabulary(f *testing.F) {
	rows := [][]string{{"id", "name", "position"}, {"1", "'=a", "2"}, {"", "b\nc", "x"}}
	for _, header := range []string{"id,name,position", "id,name,sequence_number", "rc_code,Role Id,Role"} {
		rows[0] = strings.Split(header, ",")
		for _, text := range everyWay(f, rows...) {
			f.Add([]byte(text), "")
		}
	}
	for _, seed := range []string{
		"name\n1\n\n,\n2", "id,name\n1\n1,2,3\n,\n", "name,role\n", "rc_code,name\nROW_MALFORMED,'=a\n,'=b\n",
		"id,name,sequence_number\n1,\"'=a\"b,2\n", "name;id\r'+;1\r;\r;\r2;3",
		`{"id":1,"name":"'=a","sequence_number":null}` + "\n" + `{"id":2,"x":1}` + "\n[]", "\x1f\x8b\x08", "PK\x03\x04",
	} {
		f.Add([]byte(seed), "")
		f.Add([]byte(seed), "windows-1252")
	}
	f.Fuzz(func(t *testing.T, file []byte, encoding string) {
		checkRoleRows(
			t,
			file,
			Options{Name: "f", Encoding: encoding, Vocabulary: roles(), Needs: [][]Field{{"name", "id"}}},
		)
	})
}

// checkRoleRows reads a table of roles to its end, and compares what Value
// returns with the cells.
func checkRoleRows(t *testing.T, file []byte, o Options) {
	t.Helper()
	r, err := NewReader(bytes.NewReader(file), o)
	if err != nil {
		wantFileError(t, err)
		return
	}
	defer func() { _ = r.Close() }()
	places, ours := roleColumnsOf(r)
	for {
		rec, err := r.Read()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			wantFileError(t, err)
			return
		}
		for f, place := range places {
			want := ""
			if place >= 0 {
				want = rec.Cells[place]
			}
			if ours && f != "id" && rec.Malformed == nil {
				want = Unguard(want)
			}
			if got := r.Value(f); got != want || r.Has(f) != (place >= 0) {
				t.Fatalf("row %d: %s of %q under %q is %q, want %q", rec.Row, f, rec.Cells, r.Header(), got, want)
			}
		}
	}
}

// roleColumnsOf finds the columns of roles in a header by a model of its own,
// and whether the table's texts may be guarded.
func roleColumnsOf(r *Reader) (places map[Field]int, ours bool) {
	places = map[Field]int{"id": -1, "name": -1, "sequence_number": -1}
	exact := 0
	for i, name := range r.Header() {
		switch fold(name) {
		case "id", "roleid", "contactroleid":
			places["id"] = i
		case "name", "role", "rolename", "contactrole", "contactrolename":
			places["name"] = i
		case "sequencenumber", "sequence", "position":
			places["sequence_number"] = i
		}
		switch strings.TrimSpace(name) {
		case "id", "name", "sequence_number":
			exact++ // none is there twice, or the table is refused
		}
	}
	results := r.cols != nil && len(r.cols.all) > len(r.Header())
	return places, (exact == 3 || results) && r.Dialect().Format != FormatJSONL
}
