package csvio

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The parts of a workbook as Excel saves them, without those that are never read.
const (
	partTop = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId3" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/extended-properties" Target="docProps/app.xml"/><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>`
	partRelations = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="/xl/worksheets/sheet2.xml"/><Relationship Id="rId3" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/chartsheet" Target="chartsheets/sheet1.xml"/><Relationship Id="rId4" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/><Relationship Id="rId5" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings" Target="sharedStrings.xml"/></Relationships>`
	partSheets = `<sheet name="Lookup" sheetId="1" state="hidden" r:id="rId1"/><sheet name="Chart" sheetId="3" r:id="rId3"/><sheet name="Data" sheetId="2" r:id="rId2"/>`
	partStyles = `<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><numFmts count="5"><numFmt numFmtId="167" formatCode="0.0##%;[Red]\-0%"/><numFmt numFmtId="168" formatCode="0\%"/><numFmt numFmtId="164" formatCode="dd/mm/yyyy\ hh:mm"/><numFmt numFmtId="165" formatCode="&quot;day &quot;0"/><numFmt numFmtId="166" formatCode="[h]:mm:ss"/></numFmts><cellStyleXfs count="1"><xf numFmtId="14"/></cellStyleXfs><cellXfs count="10"><xf numFmtId="0"/><xf numFmtId="14" applyNumberFormat="1"/><xf numFmtId="164"/><xf numFmtId="165"/><xf numFmtId="166"/><xf numFmtId="20"/><xf numFmtId="49"/><xf numFmtId="9"/><xf numFmtId="167"/><xf numFmtId="168"/></cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0"/></cellStyles></styleSheet>`
	sheetBegin = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><dimension ref="A1:F9"/><sheetData>`
	sheetEnd = `</sheetData><mergeCells count="1"><mergeCell ref="A5:B5"/></mergeCells></worksheet>`
)

// workbookParts returns the parts of a workbook with these rows and shared strings.
func workbookParts(rows string, shared ...string) map[string]string {
	return map[string]string{
		"_rels/.rels":                partTop,
		"xl/workbook.xml":            workbookXML("", partSheets),
		"xl/_rels/workbook.xml.rels": partRelations,
		"xl/styles.xml":              partStyles,
		"xl/sharedStrings.xml": `<sst xmlns="x" count="9" uniqueCount="9"><si>` + strings.Join(
			shared,
			"</si><si>",
		) + `</si></sst>`,
		"xl/worksheets/sheet1.xml": sheetBegin + `<row r="1"><c r="A1" t="inlineStr"><is><t>not this one</t></is></c></row>` + sheetEnd,
		"xl/worksheets/sheet2.xml": sheetBegin + rows + sheetEnd,
	}
}

func workbookXML(properties, sheets string) string {
	return `<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">` + properties + `<sheets>` + sheets + `</sheets></workbook>`
}

func zipped(t testing.TB, parts map[string]string) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, text := range parts {
		method := zip.Deflate
		if len(text) < 4096 { // as they are: the fuzzer has no use for packing them
			method = zip.Store
		}
		w, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: method})
		if err == nil {
			_, err = io.WriteString(w, text)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// letter names one of the first 26 columns of a sheet, from 0.
func letter(column int) string { return string(rune('A' + column)) }

// inline is a row of text cells.
func inline(line int, cells ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, `<row r="%d" spans="1:9" x14ac:dyDescent="0.25">`, line)
	for i, cell := range cells {
		fmt.Fprintf(&b, `<c r="%s%d" t="inlineStr"><is><t xml:space="preserve">%s</t></is></c>`, letter(i), line, cell)
	}
	return b.String() + "</row>"
}

var workbookHead = inline(1, "deal_id", "contact_id", "role", "note")

func TestWorkbookCells(t *testing.T) {
	t.Parallel()
	shared := []string{
		"<t>1</t>",
		`<r><rPr><b/></rPr><t>Buy</t></r><r><t xml:space="preserve">er </t></r><rPh sb="0" eb="1"><t>kana</t></rPh>`,
		"<t/>",
		"<t>a_x000D_\nb_x0009_c_x005F_x0041_</t>",
		"<t>&lt;&amp;&#xFC;</t>",
	}
	tests := map[string]struct{ cell, want string }{
		"shared":                  {`<c r="D2" t="s"><v>0</v></c>`, "1"},
		"shared in runs":          {`<c r="D2" t="s"><v>1</v></c>`, "Buyer "},
		"shared and empty":        {`<c r="D2" t="s"><v>2</v></c>`, ""},
		"shared with escapes":     {`<c r="D2" t="s"><v>3</v></c>`, "a\nb\tc_x0041_"},
		"entities":                {`<c r="D2" t="s"><v>4</v></c>`, "<&ü"},
		"inline":                  {`<c r="D2" t="inlineStr"><is><t> a </t></is></c>`, " a "},
		"CDATA":                   {`<c r="D2" t="inlineStr"><is><t><![CDATA[<b>]]></t></is></c>`, "<b>"},
		"a comment inside":        {`<c r="D2" t="inlineStr"><is><t>a<!-- no -->b</t></is></c>`, "ab"},
		"number":                  {`<c r="D2"><v>0.10000000000000001</v></c>`, "0.10000000000000001"},
		"number, typed":           {`<c r="D2" t="n"><v>1E-3</v></c>`, "1E-3"},
		"long number":             {`<c r="D2"><v>4150868000010000001</v></c>`, "4150868000010000001"},
		"no value":                {`<c r="D2" s="1"/>`, ""},
		"date":                    {`<c r="D2" s="1"><v>46053</v></c>`, "2026-01-31"},
		"date before March 1900":  {`<c r="D2" s="1"><v>1</v></c>`, "1900-01-01"},
		"date just before it":     {`<c r="D2" s="1"><v>59</v></c>`, "1900-02-28"},
		"date after it":           {`<c r="D2" s="1"><v>61</v></c>`, "1900-03-01"},
		"date and time":           {`<c r="D2" s="2"><v>46053.520833333336</v></c>`, "2026-01-31T12:30:00"},
		"date with a time in it":  {`<c r="D2" s="1"><v>46053.5</v></c>`, "2026-01-31T12:00:00"},
		"time":                    {`<c r="D2" s="5"><v>0.75</v></c>`, "18:00:00"},
		"a d in quotes":           {`<c r="D2" s="3"><v>7</v></c>`, "7"},
		"a percentage":            {`<c r="D2" s="7"><v>0.25</v></c>`, "25%"},
		"a small percentage":      {`<c r="D2" s="7"><v>7.0000000000000007E-2</v></c>`, "7%"},
		"a finer percentage":      {`<c r="D2" s="8"><v>-1.2345</v></c>`, "-123.45%"},
		"a % that is only text":   {`<c r="D2" s="9"><v>25</v></c>`, "25"},
		"a duration":              {`<c r="D2" s="4"><v>1.5</v></c>`, "1.5"},
		"a date that is too late": {`<c r="D2" s="1"><v>2958466</v></c>`, "2958466"},
		"a negative date":         {`<c r="D2" s="1"><v>-1</v></c>`, "-1"},
		"an ISO date":             {`<c r="D2" t="d"><v>2026-01-31T00:00:00Z</v></c>`, "2026-01-31T00:00:00Z"},
		"text format":             {`<c r="D2" s="6" t="inlineStr"><is><t>007</t></is></c>`, "007"},
		"true":                    {`<c r="D2" t="b"><v>1</v></c>`, "TRUE"},
		"false":                   {`<c r="D2" t="b"><v>0</v></c>`, "FALSE"},
		"error":                   {`<c r="D2" t="e"><v>#N/A</v></c>`, "#N/A"},
		"formula of text":         {`<c r="D2" t="str"><f>A1&amp;"x"</f><v>ax</v></c>`, "ax"},
		"formula of nothing":      {`<c r="D2" t="str"><f>""</f><v></v></c>`, ""},
		"formula of a number":     {`<c r="D2"><f t="shared" si="0"/><v>12</v></c>`, "12"},
		"no reference":            {`<c t="inlineStr"><is><t>x</t></is></c>`, "x"},
		"a prefix":                {`<x:c r="D2" t="inlineStr"><x:is><x:t>y</x:t></x:is></x:c>`, "y"},
		"unknown elements": {
			`<c r="D2" t="inlineStr"><is><t>z</t></is><extLst><ext><y>no</y></ext></extLst></c>`,
			"z",
		},
	}
	for name, tt := range tests {
		row := `<row r="2"><c r="A2" t="inlineStr"><is><t>5</t></is></c><c r="B2" s="1"><v>46053</v></c><c r="C2" t="s"><v>1</v></c>` + tt.cell + `</row>`
		rows := rowsOf(
			t,
			zipped(t, workbookParts(workbookHead+row, shared...)),
			Options{Vocabulary: Stakeholders(), Needs: triple()},
		)
		if len(rows) != 1 || rows[0].Malformed != nil {
			t.Errorf("%s: %+v", name, rows)
			continue
		}
		if diff := cmp.Diff([]string{"5", "46053", "Buyer ", tt.want}, rows[0].Cells); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if rows[0].DealID != "5" || rows[0].ContactID != "46053" || rows[0].Role != "Buyer " {
			t.Errorf("%s: values %+v", name, rows[0].values)
		}
	}
}

// An id that is a number of more than 15 digits is refused, in any number format, also when it comes back in a result
// table.
func TestWorkbookIDs(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		"4150868000010000001":   CodeIDRounded, // as openpyxl writes an int
		"4.1508680000099999E18": CodeIDRounded,
		"4.15086800001E+18":     CodeIDRounded, // as Excel does
		"4150868000010000001.0": CodeIDRounded,
		"1000000000000000":      CodeIDRounded, // 16 digits
		"999999999999999":       "",
		"42":                    "",
		"42.5":                  CodeIDInvalid,
		"-42":                   CodeIDInvalid,
		"-4150868000010000001":  CodeIDRounded,
		"":                      CodeIDMissing,
	} {
		for column, field := range []Field{DealID, ContactID, RoleID} {
			header := inline(1, "deal_id", "contact_id", "role_id")
			row := fmt.Sprintf(`<row r="2"><c r="%s2"><v>%s</v></c><c r="D2"><v>1</v></c></row>`, letter(column), raw)
			header = strings.Replace(header, "</row>", `<c r="D1" t="inlineStr"><is><t>note</t></is></c></row>`, 1)
			rec := rowsOf(t, zipped(t, workbookParts(header+row)), Options{})[0]
			cell := []string{rec.DealID, rec.ContactID, rec.RoleID}[column]
			code := ""
			if _, err := ParseID(cell); err != nil {
				code = err.Code
			}
			if code != want {
				t.Errorf("%s %q reads %q: %q, want %q", field, raw, cell, code, want)
			}
			if want == "" && cell != raw || rec.Cells[column] != cell {
				t.Errorf("%s %q reads %q, cell %q", field, raw, cell, rec.Cells[column])
			}
		}
	}
}

func TestWorkbookRows(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		rows string
		want []string
	}{
		"plain": {
			workbookHead + inline(2, "1", "2", "a", "b") + inline(3, "3", "4", "c", "d"),
			[]string{"1@2 1|2|a|b", "2@3 3|4|c|d"},
		},
		"short rows are padded": {workbookHead + inline(2, "1", "2"), []string{"1@2 1|2||"}},
		"no text beyond":        {workbookHead + inline(2, "1", "2", "a", "b", "", ""), []string{"1@2 1|2|a|b"}},
		"text beyond the header": {
			workbookHead + inline(2, "1", "2", "a", "b", "", "x") + inline(3, "3"),
			[]string{"1@2 !1|2|a|b", "2@3 3|||"},
		},
		"rows are left out": {
			inline(3) + strings.ReplaceAll(workbookHead, `1"`, `4"`) + inline(9, "1") + inline(12, "2"),
			[]string{"1@9 1|||", "2@12 2|||"},
		},
		"empty rows": {
			workbookHead + inline(
				2,
			) + inline(
				3,
				"",
				"",
				"",
			) + `<row r="4"><c r="A4" s="1"/></row><row r="5"/>` + inline(
				6,
				"1",
			) + inline(
				7,
				"",
			) + `<row r="8"/>`,
			[]string{"1@6 1|||"},
		},
		"rows without numbers": {
			"<row>" + strings.TrimPrefix(
				workbookHead,
				`<row r="1" spans="1:9" x14ac:dyDescent="0.25">`,
			) + `<row><c><v>1</v></c></row><row/><row><c><v>2</v></c></row>`,
			[]string{"1@2 1|||", "2@4 2|||"},
		},
		"hidden rows": {
			workbookHead + strings.Replace(inline(2, "1"), "<row", `<row hidden="1"`, 1),
			[]string{"1@2 1|||"},
		},
		"no rows": {workbookHead, nil},
		"a formula not computed": {
			workbookHead + `<row r="2"><c r="A2"><v>1</v></c><c r="B2"><f>A1</f></c></row>`,
			[]string{"1@2 !1|||"},
		},
		"own columns dropped": {
			inline(1, "rc_row", "deal_id", "rc_code") + inline(2, "7", "1", "x"),
			[]string{"1@2 1"},
		},
		"it stays malformed": {
			inline(1, "deal_id", "rc_code") + inline(2, "7", "ROW_MALFORMED"),
			[]string{"1@2 !7"},
		},
		"one column": {
			inline(1, "deal_id") + inline(2, "7") + inline(3, "") + inline(4, "8"),
			[]string{"1@2 7", "2@4 8"},
		},
	}
	for name, tt := range tests {
		if diff := cmp.Diff(tt.want, brief(rowsOf(t, zipped(t, workbookParts(tt.rows)), Options{}))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	for name, rows := range map[string]string{"no row": "", "empty rows": inline(1, "") + `<row r="7"/>`} {
		if r := reader(t, zipped(t, workbookParts(rows)), Options{Needs: triple()}); !r.Empty() {
			t.Errorf("%s: not empty, but %q", name, r.Header())
		}
	}
	bad := rowsOf(t, zipped(t, workbookParts(workbookHead+inline(2, "1", "a,b", "", "", "x"))), Options{})[0]
	if want := `1,"a,b",,,x`; bad.Malformed.Raw != want {
		t.Errorf("the raw text is %q, want %q", bad.Malformed.Raw, want)
	}
	one := rowsOf(t, zipped(t, workbookParts(workbookHead+inline(2, "1", "2", "a", "b"))), Options{})[0]
	if one.Role != "a" || one.Size != 4 {
		t.Errorf("role %q, size %d", one.Role, one.Size)
	}
}

func TestWhichSheet(t *testing.T) {
	t.Parallel()
	head := func(name string) string { return sheetBegin + inline(1, name) + sheetEnd }
	tests := map[string]struct {
		sheets string
		want   string
	}{
		"the first visible one": {partSheets, "second"},
		"the first":             {`<sheet name="a" r:id="rId1"/><sheet name="b" r:id="rId2"/>`, "first"},
		"the one called so":     {`<sheet name="a" r:id="rId1"/><sheet name="Stakeholders" r:id="rId2"/>`, "second"},
		"called so, but hidden": {
			`<sheet name="a" r:id="rId1"/><sheet name="stakeholders" state="veryHidden" r:id="rId2"/>`,
			"first",
		},
		"another prefix":         {`<sheet name="a" state="visible" rel:id="rId1"/>`, "first"},
		"one that is not listed": {`<sheet name="a" r:id="rId9"/><sheet name="b" r:id="rId2"/>`, "second"},
	}
	for name, tt := range tests {
		parts := workbookParts("")
		parts["xl/workbook.xml"] = workbookXML("", tt.sheets)
		parts["xl/worksheets/sheet1.xml"], parts["xl/worksheets/sheet2.xml"] = head("first"), head("second")
		if r := reader(t, zipped(t, parts), Options{}); r.Header()[0] != tt.want {
			t.Errorf("%s: read the %s sheet, want the %s", name, r.Header()[0], tt.want)
		}
	}
	old := workbookParts(workbookHead + `<row r="2"><c r="D2" s="1"><v>44591</v></c></row>`)
	old["xl/workbook.xml"] = workbookXML(`<workbookPr date1904="1"/>`, partSheets)
	if rows := rowsOf(t, zipped(t, old), Options{}); rows[0].Cells[3] != "2026-01-31" {
		t.Errorf("a date of 1904's calendar is %q", rows[0].Cells[3])
	}
	r := reader(t, zipped(t, workbookParts(workbookHead)), Options{Delimiter: ';', Encoding: "no such thing"})
	if got, want := r.Dialect().String(), `workbook (XLSX), sheet "Data", one of 3 (it has neither charset nor delimiter: --encoding and --delimiter have no effect)`; got != want {
		t.Errorf("the dialect is %s", got)
	}
}

// A workbook is read in place, from the current offset of r, or else copied.
func TestWorkbookPlaces(t *testing.T) {
	t.Parallel()
	text := zipped(t, workbookParts(workbookHead+inline(2, "1", "2", "a", "b")))
	dir := t.TempDir()
	path := filepath.Join(t.TempDir(), "x.xlsx")
	if err := os.WriteFile(path, []byte("before"+text), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	if _, err := f.Seek(int64(len("before")), io.SeekStart); err != nil {
		t.Fatal(err)
	}
	for name, in := range map[string]io.Reader{
		"memory": strings.NewReader(text), "a file": f, "a pipe": &chunks{text, 1000},
	} {
		r, err := NewReader(in, Options{TempDir: dir, Vocabulary: Stakeholders(), Needs: triple()})
		if err != nil {
			t.Fatal(name, err)
		}
		if rows, err := readAll(r); err != nil || len(rows) != 1 {
			t.Errorf("%s: %d rows, %v", name, len(rows), err)
		}
		if err := r.Close(); err != nil {
			t.Error(name, err)
		}
		if _, err := r.Read(); !errors.Is(err, io.EOF) {
			t.Errorf("%s: after Close: %v", name, err)
		}
	}
	dirIsEmpty(t, dir)
	if _, err := NewReader(&chunks{text, 1000}, Options{TempDir: dir + "/none"}); err == nil ||
		!strings.Contains(err.Error(), "create a file") {
		t.Errorf("no place for a copy: %v", err)
	}
}

// More shared strings than fit in memory are read back from files.
func TestManySharedStrings(t *testing.T) {
	t.Parallel()
	const count = 9_000
	word := func(i int) string {
		return fmt.Sprint(
			"text ",
			i,
			" ",
			strings.Repeat("ä", i%600),
			map[bool]string{true: strings.Repeat("x", 20_000)}[i == count-7],
		)
	}
	var shared []string
	var rows strings.Builder
	rows.WriteString(workbookHead)
	for i := range count {
		shared = append(shared, "<t>"+word(i)+"</t>")
	}
	order := func(i int) int { return i * 7919 % count }
	for i := range count {
		fmt.Fprintf(
			&rows,
			`<row r="%d"><c r="A%d"><v>%d</v></c><c r="D%d" t="s"><v>%d</v></c></row>`,
			i+2,
			i+2,
			i+1,
			i+2,
			order(i),
		)
	}
	dir := t.TempDir()
	r, err := NewReader(strings.NewReader(zipped(t, workbookParts(rows.String(), shared...))), Options{TempDir: dir})
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for ; ; n++ {
		rec, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if want := word(order(n)); rec.Cells[3] != want {
			t.Fatalf("row %d: %.50q, want %.50q", n+1, rec.Cells[3], want)
		}
	}
	if n != count {
		t.Errorf("%d rows, want %d", n, count)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	dirIsEmpty(t, dir)
}

// A note beside the table is named with its cell: nobody looks for a part of the row there.
func TestNoteBesideTheTable(t *testing.T) {
	t.Parallel()
	f, err := os.Open(filepath.Join("testdata", "08-note-beside-table.xlsx"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r, err := NewReader(f, Options{Vocabulary: Stakeholders(), Needs: triple()})
	if err != nil {
		t.Fatal(err)
	}
	rec, err := r.Read()
	if err != nil || rec.Malformed == nil ||
		!strings.Contains(rec.Malformed.Reason, `"ask Kim" stands in cell D2, beside the table`) {
		t.Errorf("%+v, %v", rec, err)
	}
}
