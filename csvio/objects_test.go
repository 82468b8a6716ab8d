package csvio

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// JSON as programs write it is read, with any line breaks.
func TestJSONObjects(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		text string
		want []string
	}{
		"an array":          {`[{"a":1,"b":"x"},{"b":"y"}]`, []string{"1@1 1|x", "2@1 |y"}},
		"an element a line": {"[\n{\"a\":1},\n{\"a\":2}\n]\n", []string{"1@2 1", "2@3 2"}},
		"the comma before":  {"\n[ {\"a\":1}\n, {\"a\":2}\n, {\"a\":3}]", []string{"1@2 1", "2@3 2", "3@4 3"}},
		"several lines": {
			"[\r\n {\r\n  \"a\": 1\r\n },\r\n {\r\n  \"a\": 2\r\n }\r\n]", []string{"1@2 1", "2@5 2"},
		},
		"no array":          {"{\n \"a\": 1\n}\n{\n \"a\": 2\n}\n", []string{"1@1 1", "2@4 2"}},
		"two on a line":     {"{\"a\":1}{\"a\":2}", []string{"1@1 1", "2@1 2"}},
		"several arrays":    {"[{\"a\":1}]\n[]\n[{\"a\":2}]{\"a\":3}", []string{"1@1 1", "2@3 2", "3@3 3"}},
		"brackets in texts": {`[{"a":"]}\\\""},{"a":{"b":[1,"]"]}}]`, []string{`1@1 ]}\"`, `2@1 {"b":[1,"]"]}`}},
		"ids digit for digit": {
			`[{"deal_id":12345678901234567890,"contact_id":4150868000010000001}]`,
			[]string{"1@1 12345678901234567890|4150868000010000001"},
		},
		"no objects":     {`[{"a":1},5,null,[1],{"a":2}]`, []string{"1@1 1", "2@1 !", "3@1 !", "4@1 !", "5@1 2"}},
		"an unknown key": {"[{\"a\":1},\n{\"b\":1}]", []string{"1@1 1", "2@2 !"}},
	}
	for name, tt := range tests {
		for _, text := range []string{tt.text, "\ufeff" + tt.text, gzipped(t, tt.text)} {
			if diff := cmp.Diff(tt.want, brief(rowsOf(t, text, Options{}))); diff != "" {
				t.Errorf("%s (-want +got):\n%s", name, diff)
			}
		}
	}
	r := reader(t, "[{\"deal_id\":1}]", Options{Delimiter: ';'})
	if got := r.Dialect().String(); got != "utf-8, JSON (it has no delimiter: --delimiter has no effect)" {
		t.Errorf("the dialect is %s", got)
	}
	if r := reader(t, " [ ]\n", Options{Needs: triple()}); !r.Empty() {
		t.Error("an array of nothing is a table with a header")
	}
}

// For JSON that cannot be read, the error has its line and what is wrong.
func TestBrokenJSONObjects(t *testing.T) {
	t.Parallel()
	long := func(text string) string { return strings.Repeat(text, maxTextBytes+1<<20) }
	for name, tt := range map[string]struct {
		text, says string
		rows       int
	}{
		"cut off": {"[\n{\"a\":1},\n{\"a\":", "x.json:3: the file ends inside JSON", 1},
		"no end":  {"[\n{\"a\":1}\n", "x.json:3: the file ends inside JSON", 1},
		"no comma": {
			"[\n{\"a\":1}\n{\"a\":2}]", "x.json:3: the JSON of the record that starts here is broken", 1,
		},
		"a broken value": {
			"[{\"a\":1},\n{\"a\":2},\n{\"a\":x}]", "x.json:3: the JSON of the record that starts here is broken", 2,
		},
		"a bracket":      {"[{\"a\":1}]\n]", "x.json:2: the JSON of the record that starts here is broken", 1},
		"lacks a column": {"[\n{\"deal_id\":1}]", `x.json:2: the header lacks`, 0},
		"no keys":        {"[{},{\"a\":1}]", "no keys", 0},
		"a NUL":          {"[{\"a\":1},\n{\"a\":\"\x00\"}]", "x.json:2: there is a NUL byte here", 1},
		"a long record": {
			"[{\"a\":1},\n{\"a\":\"" + long("x") + "\"}]", "x.json:2: the row that starts here is longer", 1,
		},
		"a long space": {"[{\"a\":1}," + long(" ") + "{\"a\":1}]", "longer than 16 MiB", 1},
	} {
		o := Options{Name: "x.json"}
		if name == "lacks a column" {
			o.Needs = triple()
		}
		problem, rows := fileError(t, tt.text, o)
		if !strings.Contains(problem.Error(), tt.says) || len(rows) != tt.rows {
			t.Errorf("%s: %d rows, %v", name, len(rows), problem)
		}
	}
}

// An array is read in little memory, whatever its size and however its lines are broken.
func TestJSONObjectsStream(t *testing.T) {
	t.Parallel()
	r, err := NewReader(&endless{}, withVocabulary(Options{Needs: triple()}))
	if err != nil {
		t.Fatal(err)
	}
	for i := range 100_000 {
		rec, err := r.Read()
		if err != nil || rec.Malformed != nil || rec.Line != 2+3*i {
			t.Fatalf("row %d: %+v, %v", i+1, rec, err)
		}
	}
	if n := len(r.split.buf); n > 4*sampleBytes {
		t.Errorf("%d bytes are in memory", n)
	}
}

// endless is an array without an end.
type endless struct{ begun bool }

func (e *endless) Read(p []byte) (int, error) {
	if !e.begun {
		e.begun = true
		return copy(p, "[\n"), nil
	}
	return copy(p, "{\"deal_id\":4150868000010003905,\n\"contact_id\":4150868000020004785,\n\"role\":\"a\"},\n"), nil
}

// The file of cases/reports, section 1, keeps every digit.
func TestJSONExport(t *testing.T) {
	t.Parallel()
	file, err := os.ReadFile("testdata/01-export.json")
	if err != nil {
		t.Fatal(err)
	}
	rows := rowsOf(t, string(file), Options{Needs: triple()})
	if len(rows) != 60 || rows[0].DealID != "4150868000010003905" || rows[0].ContactID != "4150868000020004785" {
		t.Errorf("%d rows, the first is %+v", len(rows), rows[0])
	}
	for i, row := range rows {
		if row.Line != i+2 || !bytes.Contains(file, []byte(row.DealID+`, "contact_id": `+row.ContactID)) {
			t.Errorf("row %d is %+v", i+1, row)
		}
	}
}

// An array and JSON Lines of the same objects are the same table, however the array is indented.
func TestJSONObjectsAreJSONLines(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		cell := rapid.OneOf(
			rapid.StringMatching(`[\]}{,"\\a\n]{0,6}`), rapid.Just(strings.Repeat("x", 70_000)),
			rapid.StringMatching(`[a-z]{0,3}`))
		var list []map[string]any
		var lines bytes.Buffer
		for range rapid.IntRange(1, 5).Draw(t, "rows") {
			object := map[string]any{
				"a": cell.Draw(t, "a"), "b": json.Number(rapid.StringMatching(`[1-9][0-9]{18}`).Draw(t, "b")),
				"c": []string{cell.Draw(t, "c")},
			}
			list = append(list, object)
			line, _ := json.Marshal(object)
			lines.Write(append(line, '\n'))
		}
		indent := rapid.SampledFrom([]string{"", " ", "\t"}).Draw(t, "indent")
		array, _ := json.MarshalIndent(list, "", indent)
		if indent == "" && rapid.Bool().Draw(t, "one line") {
			array, _ = json.Marshal(list)
		}
		read := func(text string) (cells [][]string) {
			r, err := NewReader(strings.NewReader(text), Options{})
			if err != nil {
				t.Fatalf("%s: %v", text, err)
			}
			rows, err := readAll(r)
			if err != nil {
				t.Fatalf("%s: %v", text, err)
			}
			for _, row := range rows {
				if row.Malformed != nil {
					t.Fatalf("%s: %v", text, row.Malformed)
				}
				cells = append(cells, row.Cells)
			}
			return cells
		}
		if diff := cmp.Diff(read(lines.String()), read(string(array))); diff != "" {
			t.Errorf("%s (-lines +array):\n%s", array, diff)
		}
	})
}
