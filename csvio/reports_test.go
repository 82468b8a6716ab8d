package csvio

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// The ids of the deals and contacts in the reported files, in the order of their rows.
var (
	reportedDeals = []string{
		"4150868000000561023", "4150868000000561042", "4150868000000561061", "4150868000000561080",
		"4150868000000561099",
	}
	reportedContacts = []string{
		"4150868000000562011", "4150868000000562028", "4150868000000562045", "4150868000000562062",
		"4150868000000562079",
	}
)

// Files in testdata that people reported are read as people see them.
func TestReportedFilesAreRead(t *testing.T) {
	t.Parallel()
	for name, rows := range map[string]int{
		"06-equals.csv": 3, "06-equals-one-column.csv": 3,
		"08-outlook.csv": 3, "08-header-ends-in-comma.csv": 2, "08-rows-end-in-comma.csv": 2,
		"09-space-before-quote.csv": 2, "10-two-marks-quoted.csv": 1, "10-mark-read-as-latin.csv": 1,
		"13-spaces.csv": 2, "14-note-of-150-lines.csv": 2,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := rowsOf(t, reportedFile(t, name), Options{Needs: triple()})
			if len(got) != rows {
				t.Errorf("%d rows, want %d", len(got), rows)
			}
			for i, row := range got {
				deal, noDeal := ParseID(row.DealID)
				contact, noContact := ParseID(row.ContactID)
				if row.Malformed != nil || noDeal != nil || noContact != nil || deal != reportedDeals[i] ||
					contact != reportedContacts[i] || row.Role != "Purchasing" {
					t.Errorf("row %d: %v, %v, %v, %+v", i+1, row.Malformed, noDeal, noContact, row.values)
				}
			}
		})
	}
}

// For reported files that cannot be read, the error says what they are.
func TestReportedFilesAreNamed(t *testing.T) {
	t.Parallel()
	for name, want := range map[string][]string{
		"11-nul-at-end.csv":          {"f:3: the file ends in 512 NUL bytes", "not written whole"},
		"11-utf16be.csv":             {"utf-16be without a byte order mark; add --encoding utf-16be"},
		"11-utf32.csv":               {"utf-32le", "iconv -f UTF-32LE -t UTF-8"},
		"12-html.xls":                {"web page (HTML)", "sign-in page", "XLSX", "CSV UTF-8"},
		"12-flat-open-document.fods": {"flat OpenDocument spreadsheet (FODS)", "XLSX", "CSV UTF-8"},
	} {
		problem, rows := fileError(t, reportedFile(t, name), Options{Name: "f", Needs: triple()})
		for _, part := range want {
			if !strings.Contains(problem.Error(), part) || strings.Contains(problem.Error(), "utf-16le") {
				t.Errorf("%s: %d rows, %v; want %q", name, len(rows), problem, part)
			}
		}
	}
}

func reportedFile(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// Files like the reported ones that are read.
func TestTextsThatAreRead(t *testing.T) {
	t.Parallel()
	const row = "1,2,a\n"
	for name, tt := range map[string]struct {
		text string
		want []string
	}{
		"formula, properly quoted": {head + `"=""1""",2,"=""a"""` + "\n", []string{`1@2 ="1"|2|="a"`}},
		"formula after a space":    {head + ` ="1" ,2,="a"` + "\n", []string{`1@2  ="1" |2|="a"`}},
		"formula in the header":    {`="deal_id",="contact_id","=""role"""` + "\n" + row, []string{"1@2 1|2|a"}},
		"empty formula":            {head + `1,2,=""` + "\n", []string{`1@2 1|2|=""`}},
		"spaces around quotes": {
			head + "  \"1\"\t,\u00a0\"2\" , \"a\nb\" \n3,4,b\n", []string{"1@2 1|2|a\nb", "2@4 3|4|b"},
		},
		"a mark before a quote":    {head + "\ufeff\"1\",\u200b\"2\",a\n", []string{"1@2 1|2|a"}},
		"tabs and spaces":          {"deal_id\tcontact_id\trole\n1\t \"2\"\t\"a\"\n", []string{"1@2 1|2|a"}},
		"space that is no quote's": {head + " 1, 2 ,a\n", []string{"1@2  1| 2 |a"}},
		"short by two": {
			"deal_id,contact_id,role,x,y\n1,2,a\n1,2,a,b\n", []string{"1@2 1|2|a||", "2@3 1|2|a|b|"},
		},
		"short of a field":        {"deal_id,contact_id,x,role\n1,2,3\n", []string{"1@2 !1|2|3|"}},
		"short of a result's":     {"deal_id,contact_id,role,rc_row,rc_code\n1,2,a,7\n", []string{"1@2 1|2|a"}},
		"surplus of spaces":       {head + "1,2,a, ,\"\",\n", []string{"1@2 1|2|a"}},
		"surplus text":            {head + "1,2,a,,x\n", []string{"1@2 !1|2|a"}},
		"blank lines before":      {" \n,,\n\u00a0,\n" + head + row, []string{"1@5 1|2|a"}},
		"three marks":             {"\ufeff\ufeff\ufeff" + head + row, []string{"1@2 1|2|a"}},
		"a mark read as 1252":     {"ï»¿\"deal_id\",contact_id,role\n" + row, []string{"1@2 1|2|a"}},
		"a mark read as DOS":      {"∩╗┐" + head + row, []string{"1@2 1|2|a"}},
		"a mark read on a Mac":    {"Ôªø" + head + row, []string{"1@2 1|2|a"}},
		"a mark read as Cyrillic": {"п»ї" + head + row, []string{"1@2 1|2|a"}},
		"marks of both kinds":     {"\ufeffï»¿sep=;\ndeal_id;contact_id;role\n1;2;a\n", []string{"1@3 1|2|a"}},
		"marks before JSON": {
			"\ufeff\ufeff{\"deal_id\":1,\"contact_id\":2,\"role\":\"a\"}\n", []string{"1@1 1|2|a"},
		},
		"two marks in UTF-16": {
			utf16Bytes(binary.BigEndian, "\ufeff\ufeff\"deal_id\",contact_id,role\n"+row), []string{"1@2 1|2|a"},
		},
		"sep line, cells added":    {"sep=;;;\ndeal_id;contact_id;role\n1;2;a\n", []string{"1@3 1|2|a"}},
		"sep line, resaved":        {"sep=;,,\n" + head + row, []string{"1@3 1|2|a"}},
		"sep line, resaved quoted": {"\"sep=,\";;\ndeal_id;contact_id;role\n1;2;a\n", []string{"1@3 1|2|a"}},
		"sep line, spaces":         {"sep=; \ndeal_id;contact_id;role\n1;2;a\n", []string{"1@3 1|2|a"}},
		"Ctrl-Z":                   {head + row + "\x1a", []string{"1@2 1|2|a"}},
		"Ctrl-Z in the last line":  {head + "1,2,a\x1a\r\n", []string{"1@2 1|2|a"}},
		"Ctrl-Z fills a block":     {head + row + strings.Repeat("\x1a", 127), []string{"1@2 1|2|a"}},
		"Ctrl-Z in UTF-16":         {utf16Bytes(binary.LittleEndian, "\ufeff"+head+row+"\x1a"), []string{"1@2 1|2|a"}},
		"Ctrl-Z, not at the end":   {head + "1,2,a\x1ab\n\x1a3,4,c\n", []string{"1@2 1|2|a\x1ab", "2@3 \x1a3|4|c"}},
		"a header in brackets":     {"<x>,deal_id,contact_id,role\n9,1,2,a\n", []string{"1@2 9|1|2|a"}},
		"a mark of two characters": {head + "1,2,Ôª\n", []string{"1@2 1|2|Ôª"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rows := rowsOf(t, tt.text, Options{Needs: triple()})
			if diff := cmp.Diff(tt.want, brief(rows)); diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
			for _, row := range rows {
				if strings.HasPrefix(row.Role, "=") {
					t.Errorf("the role is %q", row.Role)
				}
			}
		})
	}
}

// Files like the reported ones that cannot be read: the error says what they are.
func TestFilesThatAreNamed(t *testing.T) {
	t.Parallel()
	le, be := binary.LittleEndian, binary.BigEndian
	const row = "1,2,a\n"
	for name, tt := range map[string]struct {
		text, encoding, says string
	}{
		"UTF-16LE": {utf16Bytes(le, head+"1,2,Łódź\n"), "", "; add --encoding utf-16le"},
		"UTF-16BE, misnamed": {
			utf16Bytes(be, head), "utf-16le", "text in utf-16be, not in utf-16le; give --encoding utf-16be",
		},
		"UTF-16LE, misnamed": {utf16Bytes(le, head), "windows-1252", "not in windows-1252; give --encoding utf-16le"},
		"UTF-16, packed":     {packed(t, utf16Bytes(be, head)), "", "; add --encoding utf-16be"},
		"UTF-32BE":           {utf32Bytes(be, head), "", "utf-32be"},
		"UTF-32LE, mark":     {utf32Bytes(le, "\ufeff"+head), "", "utf-32le"},
		"UTF-32BE, mark":     {utf32Bytes(be, "\ufeff"+head), "utf-16be", "utf-32be"},
		"NULs after a cell":  {head + "1,2,a\x00\x00", "", "f:2: the file ends in 2 NUL bytes"},
		"NULs in UTF-16": {
			utf16Bytes(le, "\ufeff"+head+row+"\x00\x00\x00"), "", "f:3: the file ends in 6 NUL bytes",
		},
		"NULs in JSON": {
			"{\"deal_id\":1,\"contact_id\":2,\"role\":3}\n" + strings.Repeat("\x00", 9000), "",
			"f:2: the file ends in 9000 NUL",
		},
		"many NULs": {
			head + row + strings.Repeat("\x00", 300_000), "", "f:3: the file ends in 300000 NUL bytes",
		},
		"NULs alone": {strings.Repeat("\x00", 100), "", "f:1: the file ends in 100 NUL bytes"},
		"NULs, then text": {
			head + row + strings.Repeat("\x00", 5000) + "\n1,2,a\n", "",
			"f:3: there is a NUL byte here, so this is not a text file in utf-8",
		},
		"HTML, doctype":       {"\n <!DOCTYPE html>\n<p>Sign in</p>", "", "web page (HTML)"},
		"HTML, a table":       {"<TABLE border=1><tr><td>deal_id", "", "web page (HTML)"},
		"HTML in a charset":   {"<meta charset=windows-1252><p>M\xfcller", "", "web page (HTML)"},
		"HTML in UTF-16":      {utf16Bytes(le, "\ufeff<html>"), "", "web page (HTML)"},
		"XHTML":               {"<?xml version=\"1.0\"?>\n<!DOCTYPE x><html xmlns='y'>", "", "web page (HTML)"},
		"XML":                 {"\ufeff<?xml version=\"1.0\"?><deals/>", "", "this is XML"},
		"XML, no declaration": {"<d:deals xmlns:d=\"urn:x\"/>", "", "this is XML"},
		"XML of Excel 2003": {
			"<?xml version=\"1.0\"?><Workbook xmlns=\"urn:schemas-microsoft-com:office:spreadsheet\">", "",
			"XML spreadsheet of Excel 2003",
		},
		"a web archive": {"MIME-Version: 1.0\r\nContent-Type: multipart/related", "", "MHTML"},
		"PDF":           {"%PDF-1.7\n\xff", "", "PDF"},
		"RTF":           {`{\rtf1 deal_id}`, "", "RTF"},
		"zstd":          {"\x28\xb5\x2f\xfd\x00", "", "zstd"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			problem, _ := fileError(t, tt.text, Options{Name: "f", Encoding: tt.encoding, Needs: triple()})
			if !strings.Contains(problem.Error(), tt.says) || problem.Hint == "" {
				t.Errorf("%v; want %q", problem, tt.says)
			}
		})
	}
}

func utf32Bytes(order binary.AppendByteOrder, text string) string {
	var b []byte
	for _, r := range text {
		b = order.AppendUint32(b, uint32(r))
	}
	return string(b)
}

// A row over 1 MiB fails alone: the other rows are read, and its error shows its ids.
func TestARowThatIsTooLongFailsAlone(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("é", maxRecordBytes/2)
	for name, text := range map[string]string{
		"a line":          head + "1,2,a\n3,4," + long + "\n5,6,c\n",
		"a cell":          head + "1,2,a\n3,4,\"" + long + "\"\n5,6,c\n",
		"a cell of lines": head + "1,2,a\n3,4,\"" + strings.Repeat("5,6,x\n", 300_000) + "\"\n5,6,c\n",
		"CRLF":            head + "1,2,a\r\n3,4,\"" + strings.Repeat("5,6,\"\"x\r\n", 300_000) + "\"\r\n5,6,c\r\n",
		"JSON": `{"deal_id":1,"contact_id":2,"role":"a"}` + "\n" +
			`{"deal_id":3,"contact_id":4,"role":"` + long + `"}` + "\n" + `{"deal_id":5,"contact_id":6,"role":"c"}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rows := rowsOf(t, text, Options{Needs: triple()})
			if len(rows) != 3 || rows[0].Malformed != nil || rows[2].Malformed != nil || rows[2].Role != "c" {
				t.Fatalf("%d rows: %.300q", len(rows), brief(rows))
			}
			bad := rows[1].Malformed
			if bad == nil || !strings.Contains(bad.Reason, "a row has at most 1024 KiB") ||
				len(bad.Raw) > 2*maxRawBytes || !strings.Contains(bad.Raw, "3") ||
				name != "JSON" && rows[1].DealID != "3" {
				t.Errorf("%.300v", bad)
			}
		})
	}
}

// A row of a result table holds an input row and its results, so it may be longer, in each format of --results.
func TestARowOfAResultTableMayBeLonger(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", maxRecordBytes)
	for name, text := range map[string]string{
		"CSV": "deal_id,contact_id,role,rc_row,rc_details\n1,2,a,1,\n3,4,b,2," + long + "\n",
		"JSON Lines": `{"deal_id":"1","contact_id":"2","role":"a","rc_row":"1","rc_details":null}` + "\n" +
			`{"deal_id":"3","contact_id":"4","role":"b","rc_row":"2","rc_details":"` + long + `"}` + "\n",
	} {
		rows := rowsOf(t, text, Options{Needs: triple()})
		if len(rows) != 2 || rows[1].Malformed != nil || rows[1].Role != "b" {
			t.Errorf("%s: %.300q", name, brief(rows))
		}
	}
}

// Programs leave out empty cells at the end of a row, or add some. The fields are the same in all cases. A row without
// the cell of a field is malformed.
func TestEmptyCellsAtTheEnd(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		columns := rapid.Permutation([]string{"deal_id", "contact_id", "role", "", "note", "x"}).Draw(t, "columns")
		last := 0
		for i, name := range columns {
			if name == "deal_id" || name == "contact_id" || name == "role" {
				last = i
			}
		}
		cells := rapid.SliceOfN(rapid.SampledFrom([]string{"", "1", `""`}), 6, 6).Draw(t, "cells")
		cells[0] = "1" // else the row may be blank
		width := rapid.IntRange(1, 9).Draw(t, "width")
		row := append(append([]string{}, cells...), "", " ", `" "`)[:width]
		if width < len(cells) && strings.Trim(strings.Join(cells[width:], ""), `"`) != "" {
			return // what is left out is not empty
		}
		text := strings.Join(columns, ",") + "\n" + strings.Join(row, ",") + "\n"
		o := Options{Vocabulary: Stakeholders(), Needs: triple(), Delimiter: ','}
		r, err := NewReader(strings.NewReader(text), o)
		if err != nil {
			t.Fatal(err)
		}
		rec, err := r.Read()
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		if (rec.Malformed == nil) != (width > last) || len(rec.Cells) != len(columns) {
			t.Fatalf("%q: %q, malformed %v", text, rec.Cells, rec.Malformed)
		}
		for i, cell := range rec.Cells {
			if want := strings.Trim(cells[i], `"`); rec.Malformed == nil && cell != want {
				t.Fatalf("%q: cell %d is %q, want %q", text, i, cell, want)
			}
		}
	})
}
