package csvio

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func gzipped(t testing.TB, text string) string {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, err := z.Write([]byte(text))
	if err == nil {
		err = z.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

const jsonHead = `{"deal_id":"1","contact_id":2,"role":"a"}` + "\n"

func TestJSONLines(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		text string
		want []string
	}{
		"plain": {
			jsonHead + `{"deal_id":"3","contact_id":"4","role":"b"}`,
			[]string{"1@1 1|2|a", "2@2 3|4|b"},
		},
		"another order": {jsonHead + `{"role":"b","deal_id":"3"}`, []string{"1@1 1|2|a", "2@2 3||b"}},
		"spaces and empty lines": {
			"\n \n" + ` { "deal_id" : "1" , "contact_id" : 2 } ` + "\r\n\r\n\t{\"contact_id\":3}\r{\"contact_id\":4}",
			[]string{"1@3 1|2", "2@5 |3", "3@6 |4"},
		},
		"values": {
			`{"a":true,"b":false,"c":null,"d":-1.50e3,"e":{"x":[1, "}\""]},"f":[],"g":""}`,
			[]string{`1@1 true|false||-1.50e3|{"x":[1,"}\""]}|[]|`},
		},
		"ids digit for digit": {
			`{"deal_id":12345678901234567890,"contact_id":4150868000010000001}`,
			[]string{"1@1 12345678901234567890|4150868000010000001"},
		},
		"escapes": {
			`{"a":"\"\\\/\b\tü\u00fc\ud83d\ude00","b\n\"":"\r\n\r"}`,
			[]string{"1@1 \"\\/\b\tüü😀|\n\n"},
		},
		"nothing":        {jsonHead + `{}` + "\n" + `{"role":null}`, []string{"1@1 1|2|a", "2@2 ||", "3@3 ||"}},
		"an unknown key": {jsonHead + `{"deal_id":"3","who":"x"}`, []string{"1@1 1|2|a", "2@2 !3||"}},
		"a key twice":    {jsonHead + `{"deal_id":"3","deal_id":"4"}`, []string{"1@1 1|2|a", "2@2 !3||"}},
		"no object": {
			jsonHead + "x\n[1]\n\"a\"\n{\"deal_id\":\n{\"deal_id\":\"3\"}{}\n{\"deal_id\":\"5\"}",
			[]string{"1@1 1|2|a", "2@2 !||", "3@3 !||", "4@4 !||", "5@5 !||", "6@6 !||", "7@7 5||"},
		},
		"a NUL": {jsonHead + `{"role":"\u0000"}`, []string{"1@1 1|2|a", "2@2 !||�"}},
		"half a character": {
			jsonHead + `{"role":"\uD83D"}` + "\n" + `{"role":"\ufffd"}`,
			[]string{"1@1 1|2|a", "2@2 !||�", "3@3 ||�"},
		},
		"own columns dropped": {`{"rc_row":1,"deal_id":"7"}`, []string{"1@1 7"}},
		"it stays malformed":  {`{"deal_id":"7","rc_code":"ROW_MALFORMED"}`, []string{"1@1 !7"}},
	}
	for name, tt := range tests {
		for _, text := range []string{tt.text, "\ufeff" + tt.text, gzipped(t, tt.text)} {
			if diff := cmp.Diff(tt.want, brief(rowsOf(t, text, Options{}))); diff != "" {
				t.Errorf("%s (-want +got):\n%s", name, diff)
			}
		}
	}
	r := reader(t, jsonHead+"{\"who\":1}", Options{Delimiter: ';', Needs: triple()})
	asJSON := "utf-8, JSON Lines (it has no delimiter: --delimiter has no effect)"
	if got := r.Dialect().String(); got != asJSON {
		t.Errorf("the dialect is %s", got)
	}
	rec, err := r.Read()
	want := values{DealID: "1", ContactID: "2", Role: "a"}
	if got := valuesOf(r); err != nil || got != want || rec.Size != len(jsonHead)-1 {
		t.Errorf("values %+v, record %+v, %v", got, rec, err)
	}
	if rec, err = r.Read(); err != nil || rec.Malformed == nil || rec.Malformed.Raw != `{"who":1}` ||
		rec.Malformed.Line != 2 {
		t.Errorf("malformed: %+v, %v", rec, err)
	}
}

// A text that is not JSON Lines is read as CSV, or the error says what it is.
func TestNoJSONLines(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"{x},b\n1,2\n", "[a],b\n1,2", "{", "[", "{}x"} {
		if r := reader(t, text, Options{}); r.Dialect().Format != FormatCSV {
			t.Errorf("%q is read as %s", text, r.Dialect())
		}
	}
	for name, tt := range map[string]struct{ text, says string }{
		"a broken one":   {"{\"a\":1\n", "x.jsonl:2: the file ends inside JSON"},
		"no keys":        {"{}\n{\"a\":1}", "no keys"},
		"a key twice":    {"\n" + `{"a":1,"a":2}`, `key "a" is there twice`},
		"lacks a column": {`{"deal_id":1,"role":1}`, `as keys of the first object: "deal_id", "role"`},
		"not UTF-8":      {jsonHead + "{\"role\":\"M\xfcller\"}", "--encoding"},
		"a long line":    {jsonHead + `{"role":"` + strings.Repeat("x", maxTextBytes) + `"}`, "longer than 16 MiB"},
		"a long header":  {`{"a":"` + strings.Repeat("x", 2*sampleBytes) + `"}`, "256 KiB"},
	} {
		if problem, _ := fileError(t, tt.text, Options{Name: "x.jsonl", Needs: triple()}); !strings.Contains(
			problem.Error(),
			tt.says,
		) {
			t.Errorf("%s: %v", name, problem)
		}
	}
}

// members returns values as they are in a line. encoding/json decodes them to the same.
func TestMembersAgreeWithEncodingJSON(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		pieces := rapid.SliceOfN(rapid.SampledFrom([]string{
			`{`, `}`, `[`, `]`, `"`, `"a"`, `"b":`, `:`, `,`, `1`, `-2.5e3`, `null`, `true`, `\`, `\"`, ` `, `{"c":1}`,
			`"x{}\\"`,
		}), 0, 12).
			Draw(t, "pieces")
		line := []byte(`{"a":` + strings.Join(pieces, ""))
		var want map[string]json.RawMessage
		valid := json.Unmarshal(line, &want) == nil
		got := map[string]json.RawMessage{}
		reason := members(line, func(key string, value []byte) string {
			got[key] = value
			return ""
		})
		if valid != (reason == "") {
			t.Fatalf("%s: %q", line, reason)
		}
		if valid {
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", line, diff)
			}
		}
	})
}
