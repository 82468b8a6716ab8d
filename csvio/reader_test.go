package csvio

import (
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

const head = "deal_id,contact_id,role\n"

// want is the row that a test expects: "line: cells", with "!" before the cells of a malformed row.
func brief(rows []readRow) []string {
	var out []string
	for _, r := range rows {
		mark := ""
		if r.Malformed != nil {
			mark = "!"
		}
		out = append(out, itoa(r.Row)+"@"+itoa(r.Line)+" "+mark+strings.Join(r.Cells, "|"))
	}
	return out
}

func TestReadRows(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		text string
		want []string
	}{
		"LF":                 {head + "1,2,a\n3,4,b\n", []string{"1@2 1|2|a", "2@3 3|4|b"}},
		"no last line break": {head + "1,2,a", []string{"1@2 1|2|a"}},
		"CRLF":               {"deal_id,contact_id,role\r\n1,2,a\r\n3,4,b\r\n", []string{"1@2 1|2|a", "2@3 3|4|b"}},
		"CR":                 {"deal_id,contact_id,role\r1,2,a\r3,4,b\r", []string{"1@2 1|2|a", "2@3 3|4|b"}},
		"CR at the very end": {"deal_id,contact_id,role\r1,2,a\r3,4,b", []string{"1@2 1|2|a", "2@3 3|4|b"}},
		"mixed": {
			"deal_id,contact_id,role\r1,2,a\r\n3,4,b\n5,6,c\r7,8,d",
			[]string{"1@2 1|2|a", "2@3 3|4|b", "3@4 5|6|c", "4@5 7|8|d"},
		},
		"empty lines":          {"\n\n" + head + "\n1,2,a\n\n\r\n3,4,b\n\n", []string{"1@5 1|2|a", "2@8 3|4|b"}},
		"empty lines of CR":    {"\r\rdeal_id,contact_id,role\r\r1,2,a\r\r", []string{"1@5 1|2|a"}},
		"line break in a cell": {head + "1,2,\"a\nb\"\n3,4,c\n", []string{"1@2 1|2|a\nb", "2@4 3|4|c"}},
		"CRLF in a cell":       {head + "1,2,\"a\r\nb\"\r\n3,4,c\r\n", []string{"1@2 1|2|a\nb", "2@4 3|4|c"}},
		"CR in a cell":         {head + "1,2,\"a\rb\r\rc\"\r3,4,d", []string{"1@2 1|2|a\nb\n\nc", "2@6 3|4|d"}},
		"quotes in a cell":     {head + "1,2,\"a \"\"b\"\", c\"\n", []string{`1@2 1|2|a "b", c`}},
		"empty quotes":         {head + "1,2,\"\"\n3,\"\",\"\"\n", []string{"1@2 1|2|", "2@3 3||"}},
		"all quoted":           {"\"deal_id\",\"contact_id\",\"role\"\n\"1\",\"2\",\"a\"", []string{"1@2 1|2|a"}},
		"spaces are kept":      {head + " 1 ,2, a b \n", []string{"1@2  1 |2| a b "}},
		"blank cells between": {
			head + ",,\n1,2,a\n,,\n,,\n3,4,b\n",
			[]string{"1@3 1|2|a", "2@6 3|4|b"},
		},
		"blank cells at the end": {head + "1,2,a\n,,\n\n,,\n\"\",,\"\"\n", []string{"1@2 1|2|a"}},
		"blank, then malformed":  {head + ",,\n,,\n1,2\n,,", []string{"1@4 !1|2|"}},
		"blank and too short":    {head + ",\n1,2,a\n,\n", []string{"1@3 1|2|a"}},
		"blank at distances": {
			head + ",,\n\n,,\n\n,,\n,,\n1,2,a",
			[]string{"1@8 1|2|a"},
		},
		"header only":          {head, nil},
		"header without break": {"deal_id,contact_id,role", nil},
		"other columns":        {"x,Role,contact_id,x,,deal_id\n1,2,3,4,5,6", []string{"1@2 1|2|3|4|5|6"}},
		"own columns dropped": {
			"rc_row,deal_id,RC_Status,contact_id,role,rc_\n7,1,success,2,a,z",
			[]string{"1@2 1|2|a"},
		},
		"blank but for our own": {
			"deal_id,contact_id,role,rc_code\n1,2,a,x\n,,,ID_MISSING\n",
			[]string{"1@2 1|2|a", "2@3 ||"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, brief(rowsOf(t, tt.text, Options{Needs: triple()}))); diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
		})
		t.Run(name+", byte by byte", func(t *testing.T) {
			t.Parallel()
			r, err := NewReader(
				iotest.OneByteReader(strings.NewReader(tt.text)),
				Options{Vocabulary: Stakeholders(), Needs: triple()},
			)
			if err != nil {
				t.Fatal(err)
			}
			rows, err := readAll(r)
			if diff := cmp.Diff(tt.want, brief(rows)); diff != "" || err != nil {
				t.Errorf("error %v, rows (-want +got):\n%s", err, diff)
			}
		})
	}
}

type malformedCase struct {
	text   string
	want   []string
	reason string // of the first row, which is malformed
	raw    string
}

func malformedCases() map[string]malformedCase {
	return map[string]malformedCase{
		"too few": {
			head + "1,2\n3,4,b\n", []string{"1@2 !1|2|", "2@3 3|4|b"},
			"the header has 3 cells, this row has 2 cells", "1,2",
		},
		"too many": {
			head + "1,2,a,x\n3,4,b\n", []string{"1@2 !1|2|a", "2@3 3|4|b"},
			"the header has 3 cells, this row has 4 cells", "1,2,a,x",
		},
		"one cell": {
			head + "1\n3,4,b\n", []string{"1@2 !1||", "2@3 3|4|b"},
			"the header has 3 cells, this row has 1 cell", "1",
		},
		"too few, over two lines": {
			head + "1,\"2\n2\"\n3,4,b\n", []string{"1@2 !1|2\n2|", "2@4 3|4|b"},
			"the header has 3 cells, this row has 2 cells", "1,\"2\n2\"",
		},
		"quote inside": {
			head + "1,ab\"c,2\n3,4,b\n", []string{"1@2 !1|ab\"c|2", "2@3 3|4|b"}, strayInside, "1,ab\"c,2",
		},
		"quote inside, then an open one": {
			head + "1,ab\"c,\"2\n3,4,b\n", []string{"1@2 !1|ab\"c|2", "2@3 3|4|b"}, strayInside, "1,ab\"c,\"2",
		},
		"text and a space before a quote": {
			head + "1,x \"2\",a\n3,4,b\n", []string{"1@2 !1|x \"2\"|a", "2@3 3|4|b"}, strayInside, "1,x \"2\",a",
		},
		"text after the space after a quote": {
			head + "1,\"2\" x,a\n3,4,b\n", []string{"1@2 !1|2\" x,a|", "2@3 3|4|b"}, strayAfter, "1,\"2\" x,a",
		},
		"a formula that is no text": {
			head + "=\"1\"&2,2,a\n3,4,b\n", []string{"1@2 !=\"1\"&2|2|a", "2@3 3|4|b"}, strayInside, "=\"1\"&2,2,a",
		},
		"text after a quote": {
			head + "\"abc\"def,1,2\n3,4,b\n", []string{"1@2 !abc\"def,1,2||", "2@3 3|4|b"}, strayAfter,
			"\"abc\"def,1,2",
		},
		"text after a quote, CR": {
			"deal_id,contact_id,role\r\"abc\"def,1,2\r3,4,b\r", []string{"1@2 !abc\"def,1,2||", "2@3 3|4|b"},
			strayAfter, "\"abc\"def,1,2",
		},
		"lost quote, and a quote in the next row": {
			head + "1,\"Smith,a\n2,\"Jones\",b\n3,4,c\n",
			[]string{"1@2 !1|Smith,a|", "2@3 2|Jones|b", "3@4 3|4|c"}, strayAfter, "1,\"Smith,a",
		},
		"lost quote after a cell of two lines": {
			head + "\"1\n1\",\"2\"x,a\n3,4,c\n", []string{"1@2 !1\n1|2\"x,a|", "2@4 3|4|c"}, strayAfter,
			"\"1\n1\",\"2\"x,a",
		},
		"lost quote, and two quotes in the next row": {
			head + "1,\"Smith,a\n2,\"\",b\n3,x\"y,c\n", []string{"1@2 !1|Smith,a|", "2@3 2||b", "3@4 !3|x\"y|c"},
			strayAfter, "1,\"Smith,a",
		},
		"only a quote too many": {
			head + "1,2,\"a\"\"\"b\"\n3,4,c\n", []string{"1@2 !1|2|a\"\"b", "2@3 3|4|c"}, strayAfter,
			"1,2,\"a\"\"\"b\"",
		},
	}
}

func TestMalformedRows(t *testing.T) {
	t.Parallel()
	for name, tt := range malformedCases() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rows := rowsOf(t, tt.text, Options{Needs: triple()})
			if len(rows) == 0 || rows[0].Malformed == nil {
				t.Fatalf("the first row is not malformed: %v", brief(rows))
			}
			if got := rows[0].Malformed; got.Reason != tt.reason || got.Raw != tt.raw || got.Line != rows[0].Line {
				t.Errorf("malformed: %+v, want reason %q, raw %q", got, tt.reason, tt.raw)
			}
			for i := range rows { // what is left of its cells is not promised
				if rows[i].Malformed != nil && len(rows[i].Cells) != 3 {
					t.Errorf("row %d has %d cells, want 3", rows[i].Row, len(rows[i].Cells))
				}
			}
			if diff := cmp.Diff(tt.want, brief(rows)); diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
		})
	}
}

func TestValues(t *testing.T) {
	t.Parallel()
	text := "Role ID;Full Name;Deal-Name;deal.id;E-Mail;CONTACT ID;contact role\n" +
		"r;Ann;Big;zcrm_1;a@x;2;\"Buyer; EU\"\nr;Ann;Big;1;a@x;2\n"
	rows := rowsOf(t, text, Options{Needs: triple()})
	want := values{
		DealID: "zcrm_1", DealName: "Big", ContactID: "2", ContactEmail: "a@x", ContactName: "Ann", Role: "Buyer; EU",
		RoleID: "r",
	}
	if diff := cmp.Diff(want, rows[0].values); diff != "" {
		t.Errorf("values (-want +got):\n%s", diff)
	}
	short := values{DealID: "1", DealName: "Big", ContactID: "2", ContactEmail: "a@x", ContactName: "Ann", RoleID: "r"}
	if diff := cmp.Diff(short, rows[1].values); diff != "" || rows[1].Malformed == nil {
		t.Errorf("values of a short row (-want +got):\n%s", diff)
	}
}

func TestEmpty(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "\ufeff", "\n", "\r\n\r\n", "\ufeff\n\n", "sep=;\n"} {
		r := reader(t, text, Options{Needs: triple()})
		if !r.Empty() || len(r.Header()) != 0 || r.Has(DealID) {
			t.Errorf("%q: empty %v, header %q", text, r.Empty(), r.Header())
		}
		for range 2 {
			if rec, err := r.Read(); rec != nil || !errors.Is(err, io.EOF) {
				t.Errorf("%q: Read gives %v, %v, want io.EOF", text, rec, err)
			}
		}
	}
	if r := reader(t, head, Options{Needs: triple()}); r.Empty() {
		t.Error("a header alone is not empty")
	}
}

func TestStringsMayBeKept(t *testing.T) {
	t.Parallel()
	r := reader(t, head+"1,\"2\",first\n3,4,second\n", Options{Needs: triple()})
	rec, err := r.Read()
	if err != nil {
		t.Fatal(err)
	}
	kept, cell := r.Value(Role), rec.Cells[2]
	if _, err := r.Read(); err != nil {
		t.Fatal(err)
	}
	if kept != "first" || cell != "first" {
		t.Errorf("after the next Read the strings are %q and %q", kept, cell)
	}
}

// chunks returns its text in pieces of that many bytes.
type chunks struct {
	text string
	size int
}

func (c *chunks) Read(p []byte) (int, error) {
	if c.text == "" {
		return 0, io.EOF
	}
	n := copy(p[:min(c.size, len(p))], c.text)
	c.text = c.text[n:]
	return n, nil
}

// A file comes in blocks that end anywhere: in a cell, between CR and LF, between two quotes. The rows are the same.
// Quotes are rare in one part of the file and frequent in the next, because the splitter remembers quotes from block to
// block.
func TestBlockBoundaries(t *testing.T) {
	t.Parallel()
	step := 2
	for _, ending := range []string{"\r\n", "\r", "\n"} {
		var b strings.Builder
		b.WriteString("deal_id,contact_id,role" + ending)
		var want []string
		line := 2
		for i := range 22_000 {
			row := itoa(i+1) + "@" + itoa(line) + " " + itoa(100_000+i) + "|2|"
			role, cell := `abcdef`, "abcdef"
			if i%(1+i/30) == 0 {
				role, cell = `"a""`+ending+`b"`, "a\"\nb"
				line++
			}
			b.WriteString(itoa(100_000+i) + ",2," + role + ending)
			want = append(want, row+cell)
			line++
		}
		for size := blockSize / 4; size < blockSize/4+15; size += step {
			r, err := NewReader(&chunks{b.String(), size}, Options{Vocabulary: Stakeholders(), Needs: triple()})
			if err != nil {
				t.Fatal(err)
			}
			rows, err := readAll(r)
			if err != nil {
				t.Fatal(err)
			}
			if got := brief(rows); !slices.Equal(want, got) {
				t.Fatalf("ending %q, blocks of %d (-want +got):\n%.2000s", ending, size, cmp.Diff(want, got))
			}
		}
	}
}

// A header of as many columns as a table may have is read.
func TestWideHeader(t *testing.T) {
	t.Parallel()
	const columns = maxCells - 3
	wide := "deal_id,contact_id,role" + strings.Repeat(",", columns)
	rows := rowsOf(t, wide+"\n1,2,a\n", Options{Needs: triple()})
	if len(rows) != 1 || rows[0].Malformed != nil || len(rows[0].Cells) != 3+columns {
		t.Errorf("%d rows", len(rows))
	}
}
