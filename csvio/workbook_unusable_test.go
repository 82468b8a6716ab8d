package csvio

import (
	"bytes"
	"errors"
	"io"
	"maps"
	"strings"
	"testing"
)

func TestUnusableWorkbooks(t *testing.T) {
	t.Parallel()
	good := workbookParts(workbookHead+inline(2, "1", "2", "a", "b"), "<t>x</t>")
	rows := func(rows string) map[string]string { return workbookParts(workbookHead+rows, "<t>x</t>") }
	with := func(name, text string) map[string]string {
		parts := maps.Clone(good)
		parts[name] = text
		return parts
	}
	without := func(names ...string) map[string]string {
		parts := maps.Clone(good)
		for _, name := range names {
			delete(parts, name)
		}
		return parts
	}
	emptyFirst := with("xl/workbook.xml", workbookXML("", `<sheet name="a" r:id="rId1"/><sheet name="b" r:id="rId2"/>`))
	emptyFirst["xl/worksheets/sheet1.xml"] = sheetBegin + sheetEnd
	emptyFirst["xl/worksheets/sheet2.xml"] = sheetBegin + inline(1, "deal_id") + sheetEnd
	tests := map[string]struct {
		parts map[string]string
		line  int
		says  string
	}{
		"a ZIP archive": {map[string]string{"a.txt": "a"}, 0, "ZIP archive that holds no workbook"},
		"OpenDocument": {
			map[string]string{"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": ""},
			0,
			"OpenDocument",
		},
		"XLSB":         {map[string]string{"xl/workbook.bin": ""}, 0, "XLSB"},
		"no sheet":     {without("xl/worksheets/sheet2.xml"), 0, "lacks its part xl/worksheets/sheet2.xml"},
		"no relations": {without("xl/_rels/workbook.xml.rels"), 0, "no visible sheet"},
		"all sheets hidden": {
			with("xl/workbook.xml", workbookXML("", `<sheet name="a" state="hidden" r:id="rId1"/>`)),
			0,
			"no visible sheet",
		},
		"the first is empty": {emptyFirst, 0, `others are "b"`},
		"no cells":           {with("xl/worksheets/sheet2.xml", "<worksheet/>"), 0, "has no cells"},
		"broken XML": {
			with("xl/worksheets/sheet2.xml", sheetBegin+workbookHead+`<row r="2"><c r=`),
			2,
			"cannot be read",
		},
		"cut off": {
			with("xl/worksheets/sheet2.xml", sheetBegin+workbookHead+inline(2, "1")),
			2,
			"unexpected EOF",
		},
		"broken list": {with("xl/workbook.xml", "<workbook><"), 0, "cannot be read"},
		"an unknown entity": {
			rows(`<row r="2"><c r="A2" t="inlineStr"><is><t>&lol;</t></is></c></row>`),
			2,
			"entity",
		},
		"not UTF-8": {
			rows("<row r=\"2\"><c r=\"A2\" t=\"inlineStr\"><is><t>\xff</t></is></c></row>"),
			2,
			"UTF-8",
		},
		"rows go back":           {rows(`<row r="5"/><row r="4"/>`), 5, `row "4" comes after row 5`},
		"too many rows":          {rows(`<row r="1048577"/>`), 1, "1048577"},
		"cells go back":          {rows(`<row r="2"><c r="B2"/><c r="A2"/></row>`), 2, "not in order"},
		"beyond the last column": {rows(`<row r="2"><c r="XFE2"/></row>`), 2, "last column"},
		"far beyond": {
			rows(`<row r="2"><c r="` + strings.Repeat("Z", 100) + `2"/></row>`),
			2,
			"last column",
		},
		"no such text":        {rows(`<row r="2"><c r="A2" t="s"><v>1</v></c></row>`), 2, "text 1 of 1"},
		"no number of a text": {rows(`<row r="2"><c r="A2" t="s"><v>x</v></c></row>`), 2, `text "x"`},
		"a negative one":      {rows(`<row r="2"><c r="A2" t="s"><v>-1</v></c></row>`), 2, "text -1"},
		"no cell":             {rows(`<row r="2"><c r="2"/></row>`), 2, "names no cell"},
		"a long row": {
			rows(inline(2, strings.Repeat("x", 600<<10), strings.Repeat("x", 600<<10))),
			2,
			"more than 1024 KiB",
		},
		"a long number": {
			rows(`<row r="2"><c r="A2"><v>` + strings.Repeat("1", 2<<20) + `</v></c></row>`),
			2,
			"more than 1024 KiB",
		},
		"a long text": {
			with("xl/sharedStrings.xml", "<sst><si><t>"+strings.Repeat("x", 2<<20)+"</t></si></sst>"),
			0,
			"longer than 1024 KiB",
		},
		"a long piece": {rows("<!--" + strings.Repeat("x", 6<<20+1) + "-->"), 1, "longer than 6144 KiB"},
		"lacks a column": {
			workbookParts(inline(3, "deal_id", "who")),
			3,
			`in the sheet "Data": "deal_id", "who"`,
		},
		"too many sheets": {
			with("xl/workbook.xml", workbookXML("", strings.Repeat(`<sheet/>`, 1<<12+1))),
			0,
			"sheets",
		},
		"too many styles": {
			with("xl/styles.xml", "<styleSheet><cellXfs>"+strings.Repeat(`<xf/>`, 2*65_490+1)),
			0,
			"styles",
		},
		"a bomb of space": {
			with("xl/sharedStrings.xml", "<sst>"+strings.Repeat(" ", 6<<20+1)),
			0,
			"longer than 6144 KiB",
		},
		"a bomb of texts": {
			with(
				"xl/sharedStrings.xml",
				"<sst>"+strings.Repeat("<si><t>"+strings.Repeat("x", 1000)+"</t></si>", 17<<10),
			),
			0,
			"unpacks to far more",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			problem, _ := fileError(
				t,
				zipped(t, tt.parts),
				Options{Name: "w.xlsx", Vocabulary: Stakeholders(), Needs: triple(), TempDir: t.TempDir()},
			)
			if problem.Line != tt.line || !strings.Contains(problem.Error(), tt.says) ||
				!strings.HasPrefix(problem.Error(), "w.xlsx") ||
				problem.Hint == "" {
				t.Errorf("line %d, %q, want line %d and %q", problem.Line, problem, tt.line, tt.says)
			}
		})
	}
}

func TestUnusableContainers(t *testing.T) {
	t.Parallel()
	good := zipped(t, workbookParts(workbookHead))
	encrypted := []byte(good)
	for at := 0; ; { // the flag of each file, in the archive's list
		i := bytes.Index(encrypted[at:], []byte("PK\x01\x02"))
		if i < 0 {
			break
		}
		at += i + 8
		encrypted[at] |= 1
	}
	ole := "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + strings.Repeat("\x00", 2000)
	for name, tt := range map[string]struct{ text, says string }{
		"cut off":   {good[:len(good)/2], "cut off"},
		"encrypted": {string(encrypted), "encrypted"},
		"with a password": {
			ole + "E\x00n\x00c\x00r\x00y\x00p\x00t\x00e\x00d\x00P\x00a\x00c\x00k\x00a\x00g\x00e\x00", "with a password",
		},
		"XLS":              {ole, "old Excel workbook (XLS)"},
		"a workbook in gz": {gzipped(t, good), "gunzip"},
	} {
		if problem, _ := fileError(t, tt.text, Options{Name: "w.xlsx"}); !strings.Contains(problem.Error(), tt.says) {
			t.Errorf("%s: %v", name, problem)
		}
	}
	cause := errors.New("disk on fire")
	if _, err := NewReader(io.MultiReader(strings.NewReader(good[:2000]), failingReader{cause}),
		Options{TempDir: t.TempDir()}); !errors.Is(
		err,
		cause,
	) {
		t.Errorf("a pipe that breaks: %v", err)
	}
}

type failingReader struct{ err error }

func (f failingReader) Read([]byte) (int, error) { return 0, f.err }

// FuzzWorkbook puts any rows and texts into a workbook: no panic, rows as wide
// as the header with rising lines, errors that name the file.
func FuzzWorkbook(f *testing.F) {
	f.Add(workbookHead+inline(2, "1", "2", "a", "b"), "<t>x</t>", partStyles)
	f.Add(
		`<row r="1"><c r="A1" t="s"><v>0</v></c></row><row r="9"><c r="A9" s="1"><v>46053.5</v></c><c r="B9"><f>A1</f></c></row>`,
		"<r><t>a_x000D_</t></r><rPh><t>n</t></rPh>",
		partStyles,
	)
	f.Add(
		`<row><c t="b"><v>1</v></c><c t="e"><v>#N/A</v></c></row><row><c><v>4.1E+18</v></c></row>`,
		"",
		`<styleSheet><numFmts><numFmt numFmtId="1" formatCode="[h"/></numFmts><cellXfs><xf numFmtId="1"/>`,
	)
	f.Fuzz(func(t *testing.T, rows, shared, styles string) {
		parts := workbookParts(rows, shared)
		parts["xl/styles.xml"] = styles
		readAnything(t, []byte(zipped(t, parts)))
	})
}

// FuzzJSONLines reads any text that begins like JSON Lines.
func FuzzJSONLines(f *testing.F) {
	for _, seed := range []string{
		`{"deal_id":"1","role":null}` + "\n" + `{"role":{"a":[1,"}"]},"deal_id":12345678901234567890}`,
		`{"a":"\"\\"}` + "\r\n\n" + `{"b":1}`, `{}`, `{"a":1,"a":2}`, `{"a":"\ud800"}` + "\n{", "\ufeff{\"a\":true}",
		`[{"a":1}]`, "{\"a\":\n1}", `{"":0}`, "[]",
		"[\n{\"a\":1},\r\n5,{}]\n[{\"a\":\"]\"}] {\"a\":2}", `[{"a":1},`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) { readAnything(t, []byte(text)) })
}

func readAnything(t *testing.T, file []byte) {
	t.Helper()
	r, err := NewReader(bytes.NewReader(file), Options{Name: "f"})
	if err != nil {
		wantFileError(t, err)
		return
	}
	defer func() { _ = r.Close() }()
	rows, err := readAll(r)
	if err != nil {
		wantFileError(t, err)
	}
	line := 0
	for i, row := range rows {
		if len(row.Cells) != len(r.Header()) || row.Row != i+1 || row.Line < line ||
			row.Line == line && !r.Dialect().Objects {
			t.Fatalf("row %d: %+v after line %d under %q", i+1, row, line, r.Header())
		}
		if strings.ContainsAny(strings.Join(row.Cells, ""), "\r\x00") && row.Malformed == nil {
			t.Fatalf("row %d has a CR or a NUL: %q", i+1, row.Cells)
		}
		line = row.Line
	}
}
