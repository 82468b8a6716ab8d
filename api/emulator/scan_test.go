package emulator

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Whatever is valid is taken apart as encoding/json takes it apart.
func FuzzScan(f *testing.F) {
	for _, s := range []string{
		`{"data":[{"Contact_Role":{"id":"4150868000000006872"}}]}`,
		` { "a" : [ 1 , "x\"]" , null , { } , [ ] ] , "a" : -1.5e3 , "\u0061b" : "\ud800" , "" : true } `,
		`[]`, `[ ]`, `[[],{"a":"}"}, "\\" ]`, `{}`, `"x"`, `12`, "[\"\xff\"]", `{"a":{"a":{"a":"a"}},"b":"}"}`,
	} {
		f.Add([]byte(s), "a")
	}
	f.Fuzz(func(t *testing.T, b []byte, key string) {
		if !json.Valid(b) {
			return
		}
		var array []json.RawMessage
		isArray := json.Unmarshal(b, &array) == nil && array != nil
		got, ok := elements(b)
		if ok != isArray || len(got) != len(array) {
			t.Fatalf("%s: elements %s, %t; want %s, %t", b, got, ok, array, isArray)
		}
		for i := range array {
			if diff := cmp.Diff(string(array[i]), string(got[i])); diff != "" {
				t.Fatalf("%s: element %d (-want +got)\n%s", b, i, diff)
			}
		}
		var object map[string]json.RawMessage
		if json.Unmarshal(b, &object) != nil || object == nil {
			if isObject(b) {
				t.Fatalf("%s is no object", b)
			}
			return
		}
		want, there := object[key]
		value, found := member(b, key)
		if !isObject(b) || found != there || string(value) != string(want) {
			t.Fatalf("%s: member %q is %q, %t; want %q, %t", b, key, value, found, want, there)
		}
		var text string
		isText := there && json.Unmarshal(want, &text) == nil && want[0] == '"'
		if got, ok := unquote(value); ok != isText || got != text {
			t.Fatalf("%s: text %q, %t; want %q, %t", value, got, ok, text, isText)
		}
	})
}
