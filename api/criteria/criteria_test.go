package criteria

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// The first is the sample of Zoho CRM API v7, Search Records; the second of Kaizen #82, Search Records API(V4); the
// third of zoho/crm-oas for v8.
func TestString(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		criteria Criteria
		want     string
	}{
		{Criteria{Join: "and", Parts: []Criteria{
			Is("Last_Name", "equals", "Burns,B"), Is("First_Name", "starts_with", "M"),
		}}, `((Last_Name:equals:Burns\,B)and(First_Name:starts_with:M))`},
		{Is("Last_Name", "equals", "Patricia(Boyle)"), `(Last_Name:equals:Patricia\(Boyle\))`},
		{Is("Last_Name", "in", "Boyle", "Kate"), `(Last_Name:in:Boyle,Kate)`},
		{Is("A", "equals", `\`), `(A:equals:\\)`},
	} {
		if got := c.criteria.String(); got != c.want {
			t.Errorf("got %s, want %s", got, c.want)
		}
		if got, err := Parse(c.want); err != nil || !cmp.Equal(got, c.criteria) {
			t.Errorf("%s: %+v, %v", c.want, got, err)
		}
	}
}

func TestParse(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		" Account_Name:equals:Acme (Berlin), Ltd ": `(Account_Name:equals:Acme \(Berlin\)\, Ltd)`,
		`A:equals:C:\x`:        `(A:equals:C:\\x)`,
		" Last Name :equals:x": `(Last Name:equals:x)`,
		`A : in :x\,y,z`:       `(A:in:x\,y,z)`,
		"T:between:2026-01-01T00:00:00+01:00,2026-02-01":     "(T:between:2026-01-01T00:00:00+01:00,2026-02-01)",
		"( (A:equals:x) AND (B:equals:y) and (C:equals:z) )": "((A:equals:x)and(B:equals:y)and(C:equals:z))",
		"(A:equals:x)or(B:equals:y)":                         "((A:equals:x)or(B:equals:y))",
		"((A:equals:x)and((B:equals:y)or(C:not_equal:z)))":   "((A:equals:x)and((B:equals:y)or(C:not_equal:z)))",
		"((A:equals:x))":                                      "(A:equals:x)",
		`(A:equals:and\(or\))`:                                `(A:equals:and\(or\))`,
		"Account_Name.id:equals:4150868000000225013":          "(Account_Name.id:equals:4150868000000225013)",
		"(A:in:" + strings.Repeat("ab,", 99) + "ab)":          "(A:in:" + strings.Repeat("ab,", 99) + "ab)",
		strings.Repeat("(A:equals:x)and", 9) + "(A:equals:x)": "(" + strings.Repeat("(A:equals:x)and", 9) + "(A:equals:x))",
	} {
		if got, err := Parse(text); err != nil || got.String() != want {
			t.Errorf("%s: got %v, %v, want %s", text, got, err, want)
		}
	}
	for text, want := range map[string]string{
		"": "write FIELD:OPERATOR:VALUE", "Boyle": "write FIELD:OPERATOR:VALUE", "A:equals": "FIELD:OPERATOR:VALUE",
		":equals:x": "is not a field", `A\b:equals:x`: "is not a field", "A:includes:x": "equals, not_equal",
		"A:equals: ": "empty", "A:in:x,,y": "empty", "A:between:1": "takes 2 values", "A:between:1,2,3": "takes 2 values",
		"(A:equals:x,y)": "takes 1 values", "(A:equals:x": "a ) is missing", `(A:equals:x\)`: "a ) is missing",
		"(A:equals:f(x))": "inside the condition", "((A:equals:x)": "a ) is missing", "(A:equals:x))": "is left",
		"((A:equals:x)and(B:equals:y)or(C:equals:z))": "mixes", "(A:equals:x)(B:equals:y)": "not and or or",
		"((A:equals:x)and)":                                    "not and or or",
		"((A:equals:x)and B:equals:y)":                         "not and or or",
		"(A:in:" + strings.Repeat("ab,", 100):                  "a ) is missing",
		"(A:in:" + strings.Repeat("ab,", 100) + "ab)":          "takes 100 values",
		strings.Repeat("(A:equals:x)and", 10) + "(A:equals:x)": "11 conditions",
		"A:equals:" + strings.Repeat("ä", 2990):                "3001 characters",
	} {
		if got, err := Parse(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, %v, want %s", text, got, err, want)
		}
	}
}

// values are texts with many characters that have a meaning in criteria.
func values() *rapid.Generator[string] {
	return rapid.StringOfN(rapid.RuneFrom([]rune(`aAbäß1 :;\\(),-_@"'%&+/*`)), 1, 8, -1).
		Filter(func(s string) bool { return strings.TrimSpace(s) != "" })
}

// condition is a condition as Zoho's pages describe it: a backslash stands before a meant parenthesis, comma or
// backslash.
var condition = regexp.MustCompile(`^\((\w+):(\w+):((?:\\.|[^\\(),])*)\)$`)

// zoho searches as Zoho does by its documents: "equals" also finds texts that contain the value, and texts that differ
// from it only in signs and blanks.
func zoho(t *rapid.T, criteria string, records []string) (hits []string) {
	m := condition.FindStringSubmatch(criteria)
	if m == nil || m[1] != "Name" || m[2] != "equals" {
		t.Fatalf("not a condition: %s", criteria)
	}
	alike := regexp.MustCompile(`[^\pL\pN]`)
	asked := alike.ReplaceAllString(strings.ToLower(regexp.MustCompile(`\\(.)`).ReplaceAllString(m[3], "$1")), "_")
	for _, r := range records {
		if strings.Contains(alike.ReplaceAllString(strings.ToLower(r), "_"), asked) {
			hits = append(hits, r)
		}
	}
	return hits
}

// Of the records that Zoho's loose search finds, Excludes leaves those that have the value.
func TestSearchedIsFound(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		records := rapid.SliceOfN(values(), 1, 12).Draw(t, "records")
		asked := rapid.OneOf(rapid.SampledFrom(records), values()).Draw(t, "asked")
		c := Is("Name", "equals", asked)
		if rapid.Bool().Draw(t, "typed") {
			typed, err := Parse("Name:equals:" + asked)
			if err != nil {
				t.Fatal(err)
			}
			c = typed
		}
		var got, want []string
		for _, r := range zoho(t, c.String(), records) {
			raw, err := json.Marshal(r)
			if err != nil {
				t.Fatal(err)
			}
			if !c.Excludes(map[string]json.RawMessage{"Name": raw}) {
				got = append(got, r)
			}
		}
		for _, r := range records {
			if strings.EqualFold(strings.TrimSpace(r), strings.TrimSpace(asked)) {
				want = append(want, r)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("%s (-want +got)\n%s", c, diff)
		}
	})
}

// Any criteria is read back as it was written.
func TestParseIsTheInverseOfString(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var draw func(depth int) Criteria
		draw = func(depth int) Criteria {
			if depth == 0 || rapid.Bool().Draw(t, "leaf") {
				op := rapid.SampledFrom(Operators()).Draw(t, "op")
				n := map[string]int{opIn: 3, opBetween: 2}[op]
				return Is("F", op, rapid.SliceOfN(values(), max(n, 1), max(n, 1)).Draw(t, "values")...)
			}
			return Criteria{
				Join:  rapid.SampledFrom([]string{"and", "or"}).Draw(t, "join"),
				Parts: []Criteria{draw(depth - 1), draw(depth - 1)},
			}
		}
		want := draw(2)
		got, err := Parse(want.String())
		if err != nil || !cmp.Equal(got, want) {
			t.Fatalf("%s: %+v, %v", want, got, err)
		}
	})
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{"A:equals:x", `((A:equals:x\,)and(B:in:y,z))`, "((", "(A:in:\\", "a:b:c:d"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c, err := Parse(text)
		if err != nil {
			return
		}
		again, err := Parse(c.String())
		if err != nil || again.String() != c.String() || c.Check() != nil {
			t.Errorf("%q is %s, then %s, %v", text, c, again, err)
		}
		c.Excludes(map[string]json.RawMessage{"A": json.RawMessage(`1e999999999`), "B": json.RawMessage(`{`)})
	})
}

// Each value as Zoho sends it, with what it certainly is not.
func TestExcludes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		criteria, value string
		want            bool
	}{
		{"A:equals:Boyle", `"boyle "`, false},
		{"A:equals:Boyle", `"Boyle Ltd"`, true},
		{"A:equals:a-b@x.com", `"a_b@x.com"`, true},
		{"A:equals:Boyle", `null`, true},
		{"A:equals:Boyle", `""`, true},
		{"A:not_equal:Boyle", `null`, false},
		{"A:not_equal:Boyle", `"BOYLE"`, true},
		{"A:not_equal:Boyle", `"Boyle Ltd"`, false},
		{"A:in:x,y", `"Y"`, false},
		{"A:in:x,y", `"z"`, true},
		{"A:starts_with:Bo", `"boyle"`, false},
		{"A:contains:oy", `"BOYLE"`, false},
		{"A:contains:oy", `"Boole"`, true},
		{"A:contains:oy", `null`, true},
		{"A:starts_with:Bo", `"Old Bo"`, true},
		{"A:starts_with:Bo", `"B"`, true},
		{"A:equals:5", `5`, false},
		{"A:equals:5.0", `5`, false},
		{"A:equals:5", `5.5`, true},
		{"A:equals:five", `5`, false}, // not a number: Zoho's to say
		{"A:equals:9999999999999999.1", `9999999999999999.2`, true},
		{"A:equals:1e2", `100.0`, false},
		{"A:greater_than:5", `5`, true},
		{"A:greater_equal:5", `5`, false},
		{"A:less_than:5", `4.9`, false},
		{"A:less_equal:5", `5.1`, true},
		{"A:less_equal:5", `null`, true},
		{"A:between:1,5", `5`, false},
		{"A:between:1,5", `6`, true},
		{"A:greater_than:M", `"A"`, false}, // text has no order here
		{"A:equals:true", `true`, false},
		{"A:equals:true", `false`, true},
		{"A:equals:2026-01-01", `"2026-01-01"`, false},
		{"A:between:2026-01-01,2026-02-01", `"2026-01-15"`, false},
		{"A:less_than:2026-01-15", `"2026-01-15"`, true},
		{"A:equals:2026-01-01T12:00:00+01:00", `"2026-01-01T11:00:00Z"`, false},
		{"A:greater_than:2026-01-01T12:00:00+01:00", `"2026-01-01T11:00:00Z"`, true},
		{"A:equals:2026-01-01", `"2026-01-01T11:00:00Z"`, false}, // a day and a time
		{"A:equals:Acme", `{"name":"acme","id":"77"}`, false},
		{"A:equals:77", `{"name":"Acme","id":"77"}`, false},
		{"A:equals:7", `{"name":"Acme","id":"77"}`, true},
		{"A:not_equal:77", `{"name":"Acme","id":"77"}`, true},
		{"A:equals:Go", `["SQL","Go"]`, false},
		{"A:equals:SQL;Go", `["SQL","Go"]`, false},
		{"A:equals:G", `["SQL","Go"]`, true},
		{"A:equals:x", `[{"id":"1"}]`, false},
		{"A:equals:x", `{}`, false},
		{"A:equals:x", `{`, false},
		{"B:equals:x", `"y"`, false},   // not read
		{"A.B:equals:x", `"y"`, false}, // of a related record
		{"(A:equals:x)and(B:equals:y)", `"z"`, true},
		{"(A:equals:x)or(B:equals:y)", `"z"`, false},
		{"((A:equals:x)or(A:equals:y))and(A:starts_with:y)", `"y"`, false},
		{"(A:equals:x)or(A:equals:y)", `"z"`, true},
	} {
		parsed, err := Parse(c.criteria)
		if err != nil {
			t.Fatal(err)
		}
		if got := parsed.Excludes(map[string]json.RawMessage{"A": json.RawMessage(c.value)}); got != c.want {
			t.Errorf("%s excludes %s: %v", c.criteria, c.value, got)
		}
	}
}
