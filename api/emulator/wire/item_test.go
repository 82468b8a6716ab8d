package wire

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

// Keys and texts are read as encoding/json reads them, except that keys are case-sensitive.
func FuzzItem(f *testing.F) {
	for _, s := range []string{
		`{"data":[{"Contact_Role":{"id":"4150868000000006872"}}]}`,
		` { "a" : [ 1 , "x\"]" , null , { } , [ ] ] , "a" : "\ud800" , "\u0061b" : -1.5e3 , "" : true } `,
		`[]`, `{}`, `"x"`, `12`, `null`, `{"a":"` + "\xff" + `"}`, `{"A":"b"}`, `{"a":null}`, `{"a":"x\\"}`,
	} {
		f.Add([]byte(s), "a")
	}
	f.Fuzz(func(t *testing.T, b []byte, key string) {
		it, wrong := Object(b, "$")
		var want map[string]any
		isObject := json.Unmarshal(b, &want) == nil && want != nil
		if (wrong == nil) != isObject {
			t.Fatalf("%s: %v, is an object: %t", b, wrong, isObject)
		}
		if !isObject {
			return
		}
		text, given, wrong := it.Text(key, "$")
		wantText, isText := want[key].(string)
		if text != wantText || given != isText || (wrong != nil) != (want[key] != nil && !isText) {
			t.Fatalf("%s: text %q, %t, %v; want %q, %t", b, text, given, wrong, wantText, isText)
		}
		list, err := it.List(key)
		wantList, _ := want[key].([]any)
		if len(list) != len(wantList) || (err == nil) != (len(wantList) > 0) {
			t.Fatalf("%s: list %s, %v; want %v", b, list, err, wantList)
		}
	})
}

// The status of a write says how its items went. Zoho CRM API v8, Status Codes.
func TestStatusOfResults(t *testing.T) {
	t.Parallel()
	good, bad := Success("1", "done"), Failure("INVALID_DATA", "invalid data", Details{ID: "2"})
	for status, items := range map[int][]Result{
		http.StatusOK: {good, good}, http.StatusMultiStatus: {bad, good}, http.StatusBadRequest: {bad, bad},
	} {
		a, err := Results("data", items)
		if err != nil || a.Status != status || !strings.HasPrefix(string(a.Body), `{"data":[{"code":"`) {
			t.Errorf("%v: %d %s, %v", items, a.Status, a.Body, err)
		}
	}
	if a, err := Results("data", nil); err != nil || a.Status != http.StatusOK {
		t.Errorf("no items: %d %s, %v", a.Status, a.Body, err)
	}
}
