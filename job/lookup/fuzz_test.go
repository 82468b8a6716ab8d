package lookup

import (
	"strings"
	"testing"

	"rolecall/api/criteria"
	"rolecall/csvio/alike"
)

// A query and a search ask for exactly the value that is compared afterwards, whatever the value is.
func FuzzValues(f *testing.F) {
	for _, v := range []string{"O'Hara", "a''b", `Bo (X), Jr\`, "a:b", "  x\u00a0 y ", "e\u0301", "\x1f", `\`, "'"} {
		f.Add(v)
	}
	f.Fuzz(func(t *testing.T, v string) {
		for _, field := range []Field{{Names: []string{"A"}}, {Names: []string{"A"}, Exact: true}} {
			key := field.Key(v)
			asked := Asked{Names: field.Names, Caseless: !field.Exact}
			where := asked.where([]string{v})
			for _, list := range strings.Split(where, " in (")[1:] {
				text, ok := unquoted(list)
				if !ok || !field.Exact && alike.Key(text) != key {
					t.Errorf("%q asks for %q in %s", v, text, where)
				}
			}
			if key == "" {
				continue
			}
			c := (&Finder{}).criteria(field.Names, []string{v})
			if c.Check() != nil {
				continue // Zoho would refuse it, and the answer says so
			}
			back, err := criteria.Parse(c.String())
			if err != nil || len(back.Values) != 1 || alike.Key(back.Values[0]) != alike.Key(v) {
				t.Errorf("%q is searched for by %s: %v %q", v, c, err, back.Values)
			}
		}
	})
}

// unquoted reads the text in quotes that a list begins with, as COQL does: a doubled quote stands for one.
func unquoted(list string) (text string, ok bool) {
	rest, ok := strings.CutPrefix(list, "'")
	for ok {
		part, after, closed := strings.Cut(rest, "'")
		if text += part; !closed {
			return text, false
		}
		if rest, ok = strings.CutPrefix(after, "'"); !ok {
			return text, true
		}
		text += "'"
	}
	return text, false
}
