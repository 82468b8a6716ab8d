package csvio

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestHeaderThatIsNotTheFirstLine(t *testing.T) {
	t.Parallel()
	const title, head, row = "Stakeholders Q3,,\n\n", "deal_id,contact_id,role\n", "1,2,a\n"
	mapped, withCRLF := Options{Map: map[Field]string{DealID: "x"}}, strings.NewReplacer("\n", "\r\n")
	for name, tt := range map[string]struct {
		text string
		o    Options
		want string // the rows
		says string // the dialect
	}{
		"the first line":    {head + row, Options{}, "1@2 1|2|a", ""},
		"the first of two":  {head + row + head, Options{}, "1@2 1|2|a 2@3 deal_id|contact_id|role", ""},
		"below a title":     {title + head + row, Options{}, "1@4 1|2|a", "header in line 3"},
		"named":             {title + head + row, Options{HeaderRow: 3}, "1@4 1|2|a", "header in line 3"},
		"the second of two": {head + row + head + row, Options{HeaderRow: 3}, "1@4 1|2|a", "header in line 3"},
		"named, the first":  {head + row, Options{HeaderRow: 1}, "1@2 1|2|a", "header in line 1"},
		"another delimiter": {
			title + "deal_id;contact_id;role\n1;2;a\n", Options{}, "1@4 1|2|a", `delimiter ";"`,
		},
		"a title over two lines": {"\"a\nb\"\n" + head + row, Options{}, "1@4 1|2|a", "header in line 3"},
		"a broken title":         {"a \"b\" c\n" + head + row, Options{}, "1@3 1|2|a", "header in line 2"},
		"sep= and a title":       {"sep=,\n" + title + head + row, Options{}, "1@5 1|2|a", "header in line 4"},
		"with --map":             {title + "x,contact_id,role\n" + row, mapped, "1@4 1|2|a", "line 3"},
		"CRLF":                   {withCRLF.Replace(title + head + row), Options{}, "1@4 1|2|a", "in line 3"},
		"the last of 50 lines":   {strings.Repeat("x\n", 49) + head + row, Options{}, "1@51 1|2|a", "header in line 50"},
	} {
		tt.o.Needs = triple()
		r := reader(t, tt.text, tt.o)
		rows, err := readAll(r)
		if got := strings.Join(brief(rows), " "); got != tt.want || err != nil {
			t.Errorf("%s: rows %s, %v; want %s", name, got, err, tt.want)
		}
		got := r.Dialect().String()
		if !strings.Contains(got, tt.says) || tt.says == "" && strings.Contains(got, "header") {
			t.Errorf("%s: %s", name, got)
		}
	}
	second := Options{HeaderRow: 2}
	for name, tt := range map[string]struct {
		text string
		o    Options
		line int
		want string
	}{
		"two lines fit": {title + head + row + head, Options{}, 0, "several lines have the needed columns: 3, 5; " +
			"name the line of the header, for example --header-row 3"},
		"none fits":           {title + row, Options{}, 1, "if the header is another line, name it with --header-row"},
		"too far down":        {strings.Repeat("x\n", 50) + head + row, Options{}, 1, "lacks a column deal_id"},
		"the named one":       {title + head + row, Options{HeaderRow: 4}, 4, "lacks a column deal_id"},
		"an empty line":       {title + head + row, second, 2, "this line, which is empty or beyond the end"},
		"a line of space":     {"x\n \t\n" + head + row, second, 2, "this line, which is empty or beyond the end"},
		"empty cells":         {"x\n,\"\"\n" + head + row, second, 2, "this line, which is empty or beyond the end"},
		"beyond the end":      {title + head + row, Options{HeaderRow: 99}, 99, "this line, which is empty or beyond the end"},
		"--map names another": {title + head + row, mapped, 1, "--map deal_id"},
	} {
		tt.o.Needs = triple()
		problem, _ := fileError(t, tt.text, tt.o)
		if problem.Line != tt.line || !strings.Contains(problem.Error(), tt.want) {
			t.Errorf("%s: line %d: %v", name, problem.Line, problem)
		}
	}
}

// Without needs nothing shows which line is the header, so the first line is, or the table has none.
func TestHeaderOfATableWithoutNeeds(t *testing.T) {
	t.Parallel()
	for _, rows := range []string{"1,2\n", "1,2\n3,4\n"} {
		problem, _ := fileError(t, "\"a\" b,c\n"+rows, Options{})
		if problem.Line != 1 || !strings.Contains(problem.Error(), headerUnreadable) {
			t.Errorf("%q: %v", rows, problem)
		}
	}
	r := reader(t, twoSheets(t, inline(1, "x")+inline(2, "deal_id"), inline(1, "deal_id")), Options{})
	if got := r.Dialect().String(); got != `workbook (XLSX), sheet "a", one of 3` {
		t.Error(got)
	}
}

// twoSheets returns a workbook with two sheets, "a" and "b".
func twoSheets(t testing.TB, a, b string) string {
	t.Helper()
	const plainEnd = "</sheetData></worksheet>"
	parts := workbookParts("")
	parts["xl/workbook.xml"] = workbookXML("", `<sheet name="a" r:id="rId1"/><sheet name="b" r:id="rId2"/>`+
		`<sheet name="hidden" state="hidden" r:id="rId2"/>`)
	parts["xl/worksheets/sheet1.xml"], parts["xl/worksheets/sheet2.xml"] = sheetBegin+a+plainEnd, sheetBegin+b+plainEnd
	return zipped(t, parts)
}

func TestHeaderThatIsNotOnTheFirstSheet(t *testing.T) {
	t.Parallel()
	cover, table := inline(1, "Read me")+inline(2, "It is on b"), workbookHead+inline(2, "1", "2", "r")
	titled := inline(1, "Q3") + inline(3, "deal_id", "contact_id", "role") + inline(4, "1", "2", "r")
	twice := titled + inline(5, "deal_id", "contact_id", "role")
	for name, tt := range map[string]struct {
		a, b string
		o    Options
		want string
	}{
		"the first sheet":       {table, titled, Options{}, `sheet "a", one of 3`},
		"below a title":         {titled, table, Options{}, `sheet "a", one of 3, header in line 3`},
		"the second sheet":      {cover, table, Options{}, `sheet "b", one of 3`},
		"there below a title":   {cover, titled, Options{}, `sheet "b", one of 3, header in line 3`},
		"behind an empty sheet": {"", titled, Options{}, `sheet "b", one of 3, header in line 3`},
		"named":                 {table, titled, Options{Sheet: " B "}, `sheet "b", one of 3, header in line 3`},
		"a hidden one, named":   {table, titled, Options{Sheet: "hidden"}, `sheet "hidden", one of 3, header in line 3`},
		"both named":            {table, twice, Options{Sheet: "b", HeaderRow: 5}, `sheet "b", one of 3, header in line 5`},
		"below white space":     {inline(1, " ") + twice[len(inline(1, "Q3")):], cover, Options{}, `sheet "a", one of 3`},
		"the line named":        {cover, twice, Options{HeaderRow: 3}, `sheet "b", one of 3, header in line 3`},
	} {
		tt.o.Needs = triple()
		r := reader(t, twoSheets(t, tt.a, tt.b), tt.o)
		if got := r.Dialect().String(); got != "workbook (XLSX), "+tt.want || !r.Has(DealID) {
			t.Errorf("%s: %s", name, got)
		}
	}
	for name, tt := range map[string]struct {
		a, b string
		o    Options
		want string
	}{
		"no such sheet": {
			table, table, Options{Sheet: "c"}, `the workbook has no sheet "c"; it has "a", "b"; give --sheet`,
		},
		"none fits": {cover, cover, Options{}, `found in the sheet "a": "Read me"`},
		"beyond the end": {
			twice[len(inline(1, "Q3")):], cover, Options{Sheet: "a", HeaderRow: 9}, `the sheet "a" has no text in it`,
		},
		"two lines of b":     {cover, twice, Options{}, `several lines of the sheet "b" have the needed columns: 3, 5`},
		"two lines of a":     {twice, table, Options{}, `several lines of the sheet "a" have the needed columns: 3, 5`},
		"the sheet has none": {table, cover, Options{Sheet: "b"}, `found in the sheet "b": "Read me"`},
	} {
		tt.o.Needs = triple()
		if problem, _ := fileError(t, twoSheets(t, tt.a, tt.b), tt.o); !strings.Contains(problem.Error(), tt.want) {
			t.Errorf("%s: %v", name, problem)
		}
	}
	parts := workbookParts("")
	parts["xl/workbook.xml"] = workbookXML("", `<sheet name="b" r:id="rId2"/><sheet name="c" r:id="rId1"/>`+
		`<sheet name="d" r:id="rId1"/>`)
	parts["xl/worksheets/sheet2.xml"] = sheetBegin + cover + sheetEnd
	parts["xl/worksheets/sheet1.xml"] = sheetBegin + table + sheetEnd
	problem, _ := fileError(t, zipped(t, parts), Options{Needs: triple()})
	if want := `the sheet "b" lacks the needed columns, and several others have them: "c", "d"; name the sheet, ` +
		`for example --sheet "c"`; problem.Error() != want {
		t.Errorf("two sheets: %v", problem)
	}
}

func TestHeadersOfRealFiles(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"07-title.csv": "header in line 4", "07-title-one-cell.csv": "header in line 4",
		"07-title.xlsx": `sheet "Sheet1", header in line 3`, "07-cover-sheet.xlsx": `sheet "Data", one of 2`,
	} {
		r, err := NewReader(testFile(t, name), withVocabulary(Options{Needs: triple()}))
		if err != nil {
			t.Error(err)
			continue
		}
		rows, err := readAll(r)
		if err != nil || len(rows) == 0 || rows[0].Role == "" || !strings.Contains(r.Dialect().String(), want) {
			t.Errorf("%s: %d rows, %v, %s", name, len(rows), err, r.Dialect())
		}
		_ = r.Close()
	}
}

// A table below any title reads as the table alone.
func TestATitleChangesNoRow(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		delimiter := rapid.SampledFrom([]string{",", ";", "\t", "|"}).Draw(rt, "delimiter")
		cell := rapid.SampledFrom([]string{"", "x", "Report: Q3", "role", `"a, b; c"`, "deal_id"})
		var title strings.Builder
		lines := rapid.IntRange(0, 8).Draw(rt, "lines")
		for range lines {
			title.WriteString(strings.Join(rapid.SliceOfN(cell, 1, 4).Draw(rt, "title"), delimiter) + "\n")
		}
		table := strings.ReplaceAll("deal_id,contact_id,role\n1,2,a\n3,4,b\n", ",", delimiter)
		want := rowsOf(t, table, Options{Needs: triple()})
		got := rowsOf(t, title.String()+table, Options{Needs: triple()})
		for i := range got {
			got[i].Line -= lines
		}
		if diff := cmp.Diff(brief(want), brief(got)); diff != "" {
			rt.Fatalf("%q (-want +got):\n%s", title.String(), diff)
		}
	})
}
