package api

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
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
		{
			"by id, in order",
			[]refusalText{item("A", `{"id":"11"}`), item("B", `{"id":"22"}`), item("C", `{"id":"33"}`)},
			[3]string{"A", "B", "C"},
		},
		{
			"by id, in another order",
			[]refusalText{item("C", `{"id":"33"}`), item("A", `{"id":"11"}`), item("B", `{"id":"22"}`)},
			[3]string{"A", "B", "C"},
		},
		{"ids as numbers", []refusalText{item("B", `{"id":22}`)}, [3]string{"", "B", ""}},
		{
			"by path",
			[]refusalText{
				item("C", `{"json_path":"$.data[2].Contact_Role.id"}`), item("A", `{"json_path":"$.data[0].id"}`),
			}, [3]string{"A", "", "C"},
		},
		{"id before path", []refusalText{item("B", `{"id":"22","json_path":"$.data[0].id"}`)}, [3]string{"", "B", ""}},
		{
			"an id that was not asked, and a path", []refusalText{item("A", `{"id":"99","json_path":"$.data[0].id"}`)},
			[3]string{"A", "", ""},
		},
		{"never by position", []refusalText{item("A", `{}`), item("B", ``), item("C", `null`)}, [3]string{}},
		{
			"nor by what is left", []refusalText{item("A", `{"id":"11"}`), item("B", `{"id":"22"}`), item("C", `{}`)},
			[3]string{"A", "B", ""},
		},
		{
			"named twice", []refusalText{item("A", `{"id":"11"}`), item("X", `{"id":"11"}`), item("B", `{"id":"22"}`)},
			[3]string{"", "B", ""},
		},
		{
			"named three times",
			[]refusalText{item("A", `{"id":"11"}`), item("X", `{"id":"11"}`), item("Y", `{"id":"11"}`)}, [3]string{},
		},
		{"path out of range", []refusalText{item("A", `{"json_path":"$.data[3].id"}`)}, [3]string{}},
		{
			"path that is none",
			[]refusalText{
				item("A", `{"json_path":"$.data[x]"}`), item("B", `{"json_path":"$.data[1"}`),
				item("C", `{"json_path":7}`),
			}, [3]string{},
		},
		{"details of another type", []refusalText{item("A", `[]`), item("B", `"22"`)}, [3]string{}},
		{
			"more results than asked", []refusalText{item("A", `{"id":"11"}`), item("X", `{"id":"44"}`)},
			[3]string{"A", "", ""},
		},
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

// No item gets the result of another item, whatever the order of the results is, whatever they name, and whichever are
// missing.
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
			details := rapid.SampledFrom([]string{`{"id":%q}`, `{"json_path":"$.data[%d].id"}`, `{}`, ""}).Draw(
				t, "names",
			)
			switch details {
			case `{"id":%q}`:
				details, named[contacts[i]] = fmt.Sprintf(details, contacts[i]), true
			case `{}`:
			case "":
				continue
			default:
				details, named[contacts[i]] = fmt.Sprintf(details, i), true
			}
			items = append(items, refusalText{
				Code: "SUCCESS", Message: text(contacts[i]), Details: json.RawMessage(details),
			})
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

// ok is a success with these details, no a refusal.
func ok(details string) string {
	return strings.Replace(flat(codeSuccess, details), `"error"`, `"success"`, 1)
}

func no(code, details string) string { return flat(code, details) }

func inRoles(items ...string) string { return `{"contact_roles":[` + strings.Join(items, ",") + `]}` }

func at(i int) string { return fmt.Sprintf(`{"json_path":"$.contact_roles[%d].name"}`, i) }

// told returns the outcomes in short: "id CODE", or "?" for one that is not known.
func told(outcomes []Outcome) []string {
	var all []string
	for _, o := range outcomes {
		switch {
		case !o.Known && o.Err != nil && o.Err.Uncertain && o.Answer.Uncertain && o.ID == "":
			all = append(all, "?")
		case !o.Known:
			all = append(all, "? "+o.ID)
		default:
			all = append(all, strings.TrimSpace(o.ID+" "+o.Answer.Code))
		}
	}
	return all
}

func decoded(t *testing.T, status int, body string) *reply {
	t.Helper()
	r, f := decode(status, []byte(body), dueRoleResults)
	if r == nil {
		t.Fatalf("%s: %+v", body, f)
	}
	return r
}

// The results of a creation are paired with their roles: refusals by their paths, successes with the roles that are
// left if that is certain.
func TestMatchCreated(t *testing.T) {
	t.Parallel()
	const one, two, three = `{"id":"71"}`, `{"id":"72"}`, `{"id":"73"}`
	dup := func(i int) string { return no("DUPLICATE_DATA", at(i)) }
	full := no("LIMIT_EXCEEDED", `{}`)
	for _, c := range []struct {
		name  string
		items []string
		want  []string // of three roles
	}{
		{"all", []string{ok(one), ok(two), ok(three)}, []string{"71 SUCCESS", "72 SUCCESS", "73 SUCCESS"}},
		{
			"ids as numbers", []string{ok(`{"id":71}`), ok(two), ok(three)},
			[]string{"71 SUCCESS", "72 SUCCESS", "73 SUCCESS"},
		},
		{"first refused", []string{dup(0), ok(one), ok(two)}, []string{"DUPLICATE_DATA", "71 SUCCESS", "72 SUCCESS"}},
		{"middle refused", []string{ok(one), dup(1), ok(two)}, []string{"71 SUCCESS", "DUPLICATE_DATA", "72 SUCCESS"}},
		{"last refused", []string{ok(one), ok(two), dup(2)}, []string{"71 SUCCESS", "72 SUCCESS", "DUPLICATE_DATA"}},
		{
			"refused ones first", []string{dup(2), dup(0), ok(one)},
			[]string{"DUPLICATE_DATA", "71 SUCCESS", "DUPLICATE_DATA"},
		},
		{
			"refused ones last", []string{ok(one), no("INVALID_DATA", at(1)), dup(0)},
			[]string{"DUPLICATE_DATA", "INVALID_DATA", "71 SUCCESS"},
		},
		{"the id in a refusal is another's",
			[]string{ok(one), no("DUPLICATE_DATA", `{"id":"71","json_path":"$.contact_roles[1].name"}`), ok(two)},
			[]string{"71 SUCCESS", "DUPLICATE_DATA", "72 SUCCESS"}},
		{
			"all refused, each for its own", []string{dup(1), no("INVALID_DATA", at(2)), dup(0)},
			[]string{"DUPLICATE_DATA", "DUPLICATE_DATA", "INVALID_DATA"},
		},
		{
			"all refused alike, without paths", []string{full, full, full},
			[]string{"LIMIT_EXCEEDED", "LIMIT_EXCEEDED", "LIMIT_EXCEEDED"},
		},
		{
			"the rest refused alike", []string{full, dup(1), full},
			[]string{"LIMIT_EXCEEDED", "DUPLICATE_DATA", "LIMIT_EXCEEDED"},
		},
		{
			"the rest refused, each otherwise", []string{full, dup(1), no("X", `{}`)},
			[]string{"?", "DUPLICATE_DATA", "?"},
		},
		{
			"otherwise by details", []string{no("X", `{"a":1}`), dup(1), no("X", `{}`)},
			[]string{"?", "DUPLICATE_DATA", "?"},
		},
		{
			"only one is left", []string{full, dup(1), dup(2)},
			[]string{"LIMIT_EXCEEDED", "DUPLICATE_DATA", "DUPLICATE_DATA"},
		},
		{"a refusal without a path among successes", []string{ok(one), full, ok(two)}, []string{"? 71", "?", "? 72"}},
		{"and a refusal with one", []string{full, ok(one), dup(0)}, []string{"DUPLICATE_DATA", "? 71", "?"}},
		{"too few", []string{ok(one), ok(two)}, []string{"?", "?", "?"}},
		{"too few, a refusal", []string{ok(one), dup(1)}, []string{"?", "DUPLICATE_DATA", "?"}},
		{"too many", []string{ok(one), ok(two), ok(three), ok(`{"id":"74"}`)}, []string{"?", "?", "?"}},
		{"too many, a refusal", []string{ok(one), ok(two), ok(three), dup(1)}, []string{"?", "DUPLICATE_DATA", "?"}},
		{"one id twice", []string{ok(one), ok(one), dup(2)}, []string{"?", "?", "DUPLICATE_DATA"}},
		{"a success without an id", []string{ok(one), ok(`{}`), dup(2)}, []string{"?", "?", "DUPLICATE_DATA"}},
		{"two refusals of one role", []string{dup(1), no("INVALID_DATA", at(1)), ok(one)}, []string{"?", "?", "?"}},
		{"three of one role", []string{dup(1), dup(1), dup(1)}, []string{"?", "?", "?"}},
		{"a path out of range", []string{ok(one), ok(two), dup(3)}, []string{"?", "?", "?"}},
		{
			"a path of another list is none", []string{no("X", `{"json_path":"$.data[1].name"}`), dup(1), dup(2)},
			[]string{"X", "DUPLICATE_DATA", "DUPLICATE_DATA"},
		},
		{
			"successes with paths", []string{ok(`{"id":"73","json_path":"$.contact_roles[2].name"}`), ok(one), ok(two)},
			[]string{"71 SUCCESS", "72 SUCCESS", "73 SUCCESS"},
		},
	} {
		// The test does not call decode, which makes an error of answers that are refused as a whole.
		var items []refusalText
		if err := json.Unmarshal([]byte("["+strings.Join(c.items, ",")+"]"), &items); err != nil {
			t.Fatal(err)
		}
		got := told((&call{}).outcomes(pickedRoles, make([]string, 3), &reply{status: 207, items: items}))
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got)\n%s", c.name, diff)
		}
	}
	for item, want := range map[string]string{
		ok(one): "71 SUCCESS", dup(0): "DUPLICATE_DATA", full: "LIMIT_EXCEEDED", ok(`{}`): "?",
		dup(7): "DUPLICATE_DATA",
	} {
		outcomes := (&call{}).outcomes(pickedRoles, make([]string, 1), decoded(t, 200, inRoles(item)))
		if got := told(outcomes); got[0] != want {
			t.Errorf("one role, %s: %s, want %s", item, got[0], want)
		}
	}
}

// Updates and deletions: by id and by path. In a refusal the path comes first: the id may be of the role that has the
// name.
func TestMatchRoles(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		items []string
		want  []string // of the roles 1, 2 and 3
	}{
		{
			"in order", []string{ok(`{"id":"1"}`), ok(`{"id":"2"}`), ok(`{"id":"3"}`)},
			[]string{"1 SUCCESS", "2 SUCCESS", "3 SUCCESS"},
		},
		{
			"in another", []string{ok(`{"id":"3"}`), ok(`{"id":"1"}`), no("INVALID_DATA", `{"id":"2"}`)},
			[]string{"1 SUCCESS", "2 INVALID_DATA", "3 SUCCESS"},
		},
		{"by path", []string{no("A", at(2)), no("B", at(0)), ok(`{"id":2}`)}, []string{"1 B", "2 SUCCESS", "3 A"}},
		{"the name is another's",
			[]string{
				no("DUPLICATE_DATA", `{"id":"2","json_path":"$.contact_roles[0].name"}`), ok(`{"id":"2"}`),
				ok(`{"id":"3"}`),
			},
			[]string{"1 DUPLICATE_DATA", "2 SUCCESS", "3 SUCCESS"}},
		{
			"an id that was not asked, and a path", []string{no("A", `{"id":"9","json_path":"$.contact_roles[0].id"}`)},
			[]string{"1 A", "? 2", "? 3"},
		},
		{
			"a path out of range, and an id", []string{no("A", `{"id":"2","json_path":"$.contact_roles[5].id"}`)},
			[]string{"? 1", "2 A", "? 3"},
		},
		{"a path of another list", []string{no("A", `{"json_path":"$.data[0].id"}`)}, []string{"? 1", "? 2", "? 3"}},
		{
			"a success goes by its id", []string{ok(`{"id":"2","json_path":"$.contact_roles[0].id"}`)},
			[]string{"? 1", "2 SUCCESS", "? 3"},
		},
		{
			"a success of another is nobody's", []string{ok(`{"id":"9","json_path":"$.contact_roles[0].id"}`)},
			[]string{"? 1", "? 2", "? 3"},
		},
		{
			"named twice", []string{ok(`{"id":"1"}`), no("A", `{"id":"1"}`), ok(`{"id":"2"}`)},
			[]string{"? 1", "2 SUCCESS", "? 3"},
		},
		{"never by position", []string{ok(`{}`), no("A", `{}`), no("B", `null`)}, []string{"? 1", "? 2", "? 3"}},
		{
			"extra", []string{ok(`{"id":"1"}`), ok(`{"id":"2"}`), ok(`{"id":"3"}`), ok(`{"id":"4"}`)},
			[]string{"1 SUCCESS", "2 SUCCESS", "3 SUCCESS"},
		},
	} {
		answer := decoded(t, 207, inRoles(c.items...))
		got := told((&call{}).outcomes(pickedRoles, []string{"1", "2", "3"}, answer))
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got)\n%s", c.name, diff)
		}
	}
	for item, want := range map[string]string{
		ok(`{"id":"1"}`): "1 SUCCESS", ok(`{}`): "1 SUCCESS", ok(`{"id":"2"}`): "? 1", no("A", `{"id":"2"}`): "1 A",
		no("A", at(9)): "1 A",
	} {
		if got := told((&call{}).outcomes(pickedRoles, []string{"1"}, decoded(t, 200, inRoles(item)))); got[0] != want {
			t.Errorf("one role, %s: %s, want %s", item, got[0], want)
		}
	}
}

// result is what Zoho did with one role of a batch, and how its answer says so.
type result struct {
	role int
	code string
	says string // "id", "path", "both", "other", "nothing"
	id   string
}

func (r result) text(asked []string) refusalText {
	var details string
	path := fmt.Sprintf(`"json_path":"$.contact_roles[%d].name"`, r.role)
	switch r.says {
	case "id":
		details = fmt.Sprintf(`{"id":%q}`, r.id)
	case "path":
		details = `{` + path + `}`
	case "both":
		details = fmt.Sprintf(`{"id":%q,%s}`, r.id, path)
	case "other": // as when a name is taken
		details = fmt.Sprintf(`{"id":%q,%s}`, asked[(r.role+1)%len(asked)], path)
	default:
		details = `{}`
	}
	// The message names the role of the result, for the test alone.
	return refusalText{Code: text(r.code), Message: text(fmt.Sprint(r.role)), Details: json.RawMessage(details)}
}

// No role gets the result of another role in an update, whatever the order of the results is, whatever they name, and
// whichever are missing or added. Each role that one result names gets that result.
func TestMatchRolesProperty(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 100).Draw(t, "roles")
		asked := make([]string, n)
		for i := range asked {
			asked[i] = fmt.Sprint(4150868000000006871 + i)
		}
		var items []refusalText
		named := map[string]int{}
		for _, i := range rapid.Permutation(indices(n)).Draw(t, "order") {
			for range rapid.SampledFrom([]int{1, 1, 1, 1, 1, 0, 2, 3}).Draw(t, "times") {
				r := result{
					role: i, id: asked[i],
					code: rapid.SampledFrom([]string{codeSuccess, "DUPLICATE_DATA"}).Draw(t, "code"),
				}
				r.says = rapid.SampledFrom([]string{"id", "path", "both", "nothing"}).Draw(t, "says")
				if r.code != codeSuccess && r.says == "both" && rapid.Bool().Draw(t, "of another") {
					r.says = "other"
				}
				if r.says != "nothing" {
					named[asked[i]]++
				}
				items = append(items, r.text(asked))
			}
		}
		items = append(
			items, item(codeSuccess, `{"id":"77"}`), item("X", `{"id":"78"}`),
			item("X", fmt.Sprintf(`{"json_path":"$.contact_roles[%d].id"}`, n)),
		)
		for i, o := range (&call{}).outcomes(pickedRoles, asked, &reply{status: 207, items: items}) {
			switch {
			case o.ID != asked[i]:
				t.Fatalf("not in the order asked: %d is %s", i, o.ID)
			case o.Known != (named[o.ID] == 1):
				t.Fatalf("%+v, named %d times", o, named[o.ID])
			case o.Known && o.Answer.Message != fmt.Sprint(i):
				t.Fatalf("%d got the result of %s", i, o.Answer.Message)
			case o.Known != (o.Err == nil || o.Err.Code != ""), !o.Known && !o.Err.Uncertain:
				t.Fatalf("%+v", o)
			}
		}
	})
}

// In the answer to a creation, refusals may be anywhere, successes keep their order, and parts may be broken. Each
// known outcome is true. For an answer as documented, each outcome is known.
func TestMatchCreatedProperty(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 100).Draw(t, "roles")
		asked := make([]string, n)
		var items, refusals []refusalText
		pathless := 0
		for i := range n {
			asked[i] = fmt.Sprint(71000 + i)
			r := result{
				role: i, id: asked[i],
				code: rapid.SampledFrom([]string{codeSuccess, codeSuccess, "DUPLICATE_DATA", "LIMIT_EXCEEDED"}).Draw(
					t, "code",
				), says: "id",
			}
			if r.code == codeSuccess {
				items = append(items, r.text(asked))
				continue
			}
			r.says = rapid.SampledFrom([]string{"path", "path", "path", "path", "other", "nothing"}).Draw(t, "says")
			if r.says == "nothing" {
				pathless++
			}
			refusals = append(refusals, r.text(asked))
		}
		for _, i := range rapid.Permutation(indices(len(refusals))).Draw(t, "order") {
			items = slices.Insert(items, rapid.IntRange(0, len(items)).Draw(t, "among"), refusals[i])
		}
		spoilt := rapid.SampledFrom([]string{"", "", "", "missing", "extra", "twice"}).Draw(t, "spoilt")
		which := rapid.IntRange(0, n-1).Draw(t, "which")
		switch spoilt {
		case "missing":
			items = slices.Delete(items, which, which+1)
		case "extra":
			items = append(items, item(codeSuccess, `{"id":"99"}`))
		case "twice":
			if pathless > 0 {
				t.Skip("two equal refusals without a path belong to the two roles that are left, whichever they are")
			}
			items[which] = items[(which+1)%n]
		}
		documented := spoilt == "" && pathless == 0
		for i, o := range (&call{}).outcomes(pickedRoles, make([]string, n), &reply{status: 207, items: items}) {
			switch {
			case o.Known && o.Err == nil && (o.ID != asked[i] || o.Answer.Message != fmt.Sprint(i)):
				t.Fatalf("role %d got the id %s of role %s", i, o.ID, o.Answer.Message)
			case o.Known && o.Err != nil && (o.ID != "" || o.Answer.Message != fmt.Sprint(i)):
				t.Fatalf("role %d got the refusal of role %s", i, o.Answer.Message)
			case documented && !o.Known:
				t.Fatalf("role %d is not known", i)
			case o.Known && o.Err == nil && (len(items) != n || pathless > 0):
				t.Fatalf(
					"role %d is created by hope: %d results for %d roles, %d refusals without a path", i, len(items), n,
					pathless,
				)
			case !o.Known && !o.Err.Uncertain:
				t.Fatalf("%+v", o)
			}
		}
	})
}
