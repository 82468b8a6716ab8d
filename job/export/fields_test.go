package export

import (
	"encoding/json"
	"math/big"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"rolecall/job"
)

func TestText(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		``: "", `null`: "", `""`: "", `"a"`: "a", `"null"`: "null", `"\u0000\ud800"`: "\x00\uFFFD", `true`: "true",
		`-12.50`: "-12.50", `1e5`: "1e5",
		`9007199254740993`: "9007199254740993", `"  x "`: "  x ",
		`{"name":"Zylker","id":"7"}`: "Zylker", `{"id":"7"}`: "7", `{"name":null,"id":7}`: "7",
		`{"full_name":"Ida Berg","name":""}`: "Ida Berg",
		`{}`:                                 "{}", `{"x":1}`: `{"x":1}`,
		`[]`: "", `["a","b"]`: "a; b", `[{"name":"a"},null,3]`: "a; ; 3", `[[["x"]]]`: "x",
	} {
		if got := text(json.RawMessage(raw)); got != want {
			t.Errorf("%s: got %q, want %q", raw, got, want)
		}
	}
}

// anyJSON draws a value as Zoho could send it.
func anyJSON(depth int) *rapid.Generator[json.RawMessage] {
	return rapid.Custom(func(t *rapid.T) json.RawMessage {
		var v any
		switch kind := rapid.IntRange(0, 5+min(depth, 1)*2).Draw(t, "kind"); kind {
		case 0:
			return json.RawMessage("null")
		case 1:
			v = rapid.Bool().Draw(t, "bool")
		case 2:
			n := new(big.Int).SetUint64(rapid.Uint64().Draw(t, "number"))
			return json.RawMessage(n.String())
		case 6:
			v = rapid.SliceOfN(anyJSON(depth-1), 0, 3).Draw(t, "list")
		case 7:
			v = rapid.MapOfN(rapid.SampledFrom([]string{"name", "id", "full_name", "x"}), anyJSON(depth-1), 0, 3).
				Draw(t, "object")
		default:
			v = rapid.String().Draw(t, "text")
		}
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return b
	})
}

// run.db keeps a record byte for byte as Zoho sent it, without the fields that Zoho left out.
func TestRecordsComeOutAsTheyWere(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		names := rapid.SliceOfNDistinct(rapid.StringMatching(`[A-Za-z_]{1,5}`), 0, 6, rapid.ID).Draw(t, "names")
		sent := rapid.MapOf(rapid.SampledFrom(append(slices.Clone(names), "other")), anyJSON(2)).Draw(t, "record")
		var got record
		if err := decode(job.Encode(pick(names, sent)), &got); err != nil {
			t.Fatal(err)
		}
		for _, name := range append(slices.Clone(names), "other") {
			want, is := sent[name]
			raw, kept := got[name]
			if name == "other" && !slices.Contains(names, name) {
				is, want = false, nil
			}
			if string(raw) != string(want) || kept != is {
				t.Fatalf("%s: got %s, want %s", name, raw, want)
			}
			_ = text(raw) // no panic
		}
	})
}

func FuzzValue(f *testing.F) {
	for _, seed := range []string{
		``, `null`, `"a"`, `{"name":"x"}`, `[`, `{}`, `-1`, `[[[[`, `"`, `{"name":{"name":{"id":"12345"}}}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		if v := value(json.RawMessage(raw)); v.JSON != nil && v.JSON[0] == '{' {
			t.Errorf("%s is left as an object", v.JSON)
		}
	})
}

func TestCheckFields(t *testing.T) {
	t.Parallel()
	many := func(n int) (all []string) {
		for i := range n {
			all = append(all, "Deals.F"+strings.Repeat("x", i))
		}
		return all
	}
	for name, c := range map[string]struct {
		fields []string
		says   string
	}{
		"none": {nil, ""},
		"good": {
			[]string{"Deals.Amount", "Contacts.Phone", "Deals.Account_Name.Phone", "Deals.Stage"}, "",
		},
		"no module":               {[]string{"Amount"}, "Deals.NAME or Contacts.NAME"},
		"another module":          {[]string{"Leads.Amount"}, "Deals.NAME or Contacts.NAME"},
		"lower case":              {[]string{"deals.Amount"}, "Deals.NAME or Contacts.NAME"},
		"empty":                   {[]string{""}, "Deals.NAME or Contacts.NAME"},
		"what is more of a query": {[]string{"Deals.Amount from Leads"}, "Deals.NAME or Contacts.NAME"},
		"a quote":                 {[]string{"Deals.A'"}, "Deals.NAME or Contacts.NAME"},
		"two lookups":             {[]string{"Deals.A.B.C"}, "Deals.NAME or Contacts.NAME"},
		"twice":                   {[]string{"Deals.A", "Deals.A"}, "twice"},
		"the id":                  {[]string{"Deals.id"}, "deal_id"},
		"a contact's lookup":      {[]string{"Contacts.Account_Name.Phone"}, "own fields"},
		"as many as Zoho gives":   {many(44), ""},
		"more than that":          {many(45), "at most 50"},
		"each module has its own": {append(many(44), "Contacts.A"), ""},
		"a line break":            {[]string{"Deals.A\n"}, "Deals.NAME or Contacts.NAME"},
	} {
		err := CheckFields(c.fields)
		if c.says == "" && err != nil || c.says != "" && (err == nil || !strings.Contains(err.Error(), c.says)) {
			t.Errorf("%s: %v, want %q", name, err, c.says)
		}
	}
	want := []string{"Deal_Name", "Stage", "Account_Name", "Owner", "Closing_Date", "Amount"}
	got := fieldsOf(modDeals, []string{"Deals.Amount", "Contacts.Phone", "Deals.Stage"})
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("fields (-want +got)\n%s", diff)
	}
}

// Ids come back as they were, and stand in the order of numbers.
func TestKeyProperty(t *testing.T) {
	t.Parallel()
	ids := rapid.StringMatching(`[1-9][0-9]{0,19}`)
	rapid.Check(t, func(t *rapid.T) {
		a, b := ids.Draw(t, "a"), ids.Draw(t, "b")
		if unkey(key(a)) != a || len(key(a)) != idWidth || checkID(a) != nil {
			t.Fatal(a)
		}
		x, _ := new(big.Int).SetString(a, 10)
		y, _ := new(big.Int).SetString(b, 10)
		if x.Cmp(y) != strings.Compare(key(a), key(b)) {
			t.Fatalf("%s, %s", a, b)
		}
	})
	for _, id := range []string{"", "0", "01", "-1", "1a", "123456789012345678901", "１２", "1'"} {
		if checkID(id) == nil {
			t.Errorf("%q passes", id)
		}
	}
}
