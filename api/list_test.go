package api

import (
	"encoding/json"
	"fmt"
	"testing"

	"pgregory.net/rapid"
)

func item(code, details string) refusalText {
	return refusalText{Code: text(code), Details: json.RawMessage(details)}
}

func TestMatch(t *testing.T) {
	t.Parallel()
	contacts := []string{"11", "22", "33"}
	for _, c := range []struct {
		name  string
		items []refusalText
		want  [3]string // code per contact; "": unknown
	}{
		{"by id, in order", []refusalText{item("A", `{"id":"11"}`), item("B", `{"id":"22"}`), item("C", `{"id":"33"}`)}, [3]string{"A", "B", "C"}},
		{"by id, in another order", []refusalText{item("C", `{"id":"33"}`), item("A", `{"id":"11"}`), item("B", `{"id":"22"}`)}, [3]string{"A", "B", "C"}},
		{"ids as numbers", []refusalText{item("B", `{"id":22}`)}, [3]string{"", "B", ""}},
		{"by path", []refusalText{item("C", `{"json_path":"$.data[2].Contact_Role.id"}`), item("A", `{"json_path":"$.data[0].id"}`)}, [3]string{"A", "", "C"}},
		{"id before path", []refusalText{item("B", `{"id":"22","json_path":"$.data[0].id"}`)}, [3]string{"", "B", ""}},
		{"an id that was not asked, and a path", []refusalText{item("A", `{"id":"99","json_path":"$.data[0].id"}`)}, [3]string{"A", "", ""}},
		{"never by position", []refusalText{item("A", `{}`), item("B", ``), item("C", `null`)}, [3]string{}},
		{"nor by what is left", []refusalText{item("A", `{"id":"11"}`), item("B", `{"id":"22"}`), item("C", `{}`)}, [3]string{"A", "B", ""}},
		{"named twice", []refusalText{item("A", `{"id":"11"}`), item("X", `{"id":"11"}`), item("B", `{"id":"22"}`)}, [3]string{"", "B", ""}},
		{"named three times", []refusalText{item("A", `{"id":"11"}`), item("X", `{"id":"11"}`), item("Y", `{"id":"11"}`)}, [3]string{}},
		{"path out of range", []refusalText{item("A", `{"json_path":"$.data[3].id"}`)}, [3]string{}},
		{"path that is none", []refusalText{item("A", `{"json_path":"$.data[x]"}`), item("B", `{"json_path":"$.data[1"}`), item("C", `{"json_path":7}`)}, [3]string{}},
		{"details of another type", []refusalText{item("A", `[]`), item("B", `"22"`)}, [3]string{}},
		{"more results than asked", []refusalText{item("A", `{"id":"11"}`), item("X", `{"id":"44"}`)}, [3]string{"A", "", ""}},
	} {
		matched, _ := dealContacts.match(contacts, c.items)
		for i, got := range matched {
			code := ""
			if got != nil {
				code = string(got.Code)
			}
			if code != c.want[i] {
				t.Errorf("%s: contact %s: got %q, want %q", c.name, contacts[i], code, c.want[i])
			}
		}
	}
	one := []string{"11"}
	if got, _ := dealContacts.match(one, []refusalText{item("A", `{}`)}); got[0] == nil {
		t.Error("one asked and one answered: no result")
	}
	if got, _ := dealContacts.match(one, []refusalText{item("A", `{}`), item("B", `{}`)}); got[0] != nil {
		t.Error("one asked and two answered: taken by position")
	}
}

// However the results are ordered, named and left out, nobody gets another's.
func TestMatchProperty(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 100).Draw(t, "contacts")
		contacts := make([]string, n)
		for i := range contacts {
			contacts[i] = fmt.Sprintf("41508680000200%05d", i)
		}
		var items []refusalText
		named := map[string]bool{}
		for _, i := range rapid.Permutation(indices(n)).Draw(t, "order") {
			details := rapid.SampledFrom([]string{`{"id":%q}`, `{"json_path":"$.data[%d].id"}`, `{}`, ""}).Draw(t, "names")
			switch details {
			case `{"id":%q}`:
				details, named[contacts[i]] = fmt.Sprintf(details, contacts[i]), true
			case `{}`:
			case "":
				continue
			default:
				details, named[contacts[i]] = fmt.Sprintf(details, i), true
			}
			items = append(items, refusalText{Code: "SUCCESS", Message: text(contacts[i]), Details: json.RawMessage(details)})
		}
		for _, o := range (&call{}).outcomes(dealContacts, contacts, &reply{status: 207, items: items}) {
			if o.Known != named[o.ID] || o.Known != (o.Err == nil) {
				t.Fatalf("%+v, named %v", o, named[o.ID])
			}
			if o.Known && o.Answer.Message != o.ID {
				t.Fatalf("%s got the result of %s", o.ID, o.Answer.Message)
			}
			if !o.Known && !o.Err.Uncertain {
				t.Fatalf("unknown, yet certain: %+v", o)
			}
		}
	})
}

func indices(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
}
