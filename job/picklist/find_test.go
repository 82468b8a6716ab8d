package picklist

import (
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"
)

func TestFind(t *testing.T) {
	t.Parallel()
	index := NewIndex(
		List{
			{ID: "1", Name: "Purchasing"},
			{ID: "2", Name: "Developer/Evaluator"},
			{ID: "3", Name: "sales lead"},
			{ID: "4", Name: "Sales Lead"},
			{ID: "5", Name: "Ärztin"},
		},
	)
	for _, test := range []struct {
		cell Cell
		want string // the id; "" when there is none
	}{
		{Cell{Text: "Purchasing"}, "1"},
		{Cell{Text: "PURCHASING"}, "1"},
		{Cell{Text: "developer/evaluator"}, "2"},
		{Cell{Text: "Sales Lead"}, "4"}, // the exact name wins over one in another case
		{Cell{Text: "sales lead"}, "3"},
		{Cell{Text: "SALES LEAD"}, ""}, // two roles fit
		{Cell{Text: "ÄRZTIN"}, "5"},
		{Cell{Text: "Purchasin"}, ""},
		{Cell{Text: "1"}, ""}, // a name that looks like an id is a name
		{Cell{Text: "1", ByID: true}, "1"},
		{Cell{Text: "9", ByID: true}, ""},
	} {
		role, err := index.Find(test.cell)
		if role.ID != test.want || (err == nil) != (test.want != "") {
			t.Errorf("%+v: role %q, %v; want %q", test.cell, role.ID, err, test.want)
		}
	}
}

// A name finds the role that looks the same, whatever the case, the white space, the normal form and the invisible
// characters are. If two roles look the same, it finds the one with exactly the name, else none.
func TestLookAlikeNamesFindTheirRole(t *testing.T) {
	t.Parallel()
	list := List{{ID: "1", Name: "Décideur Principal"}, {ID: "2", Name: "Straße"}, {ID: "3", Name: "Buyer\u200b"}}
	index := NewIndex(list)
	rapid.Check(t, func(rt *rapid.T) {
		role := rapid.SampledFrom(list).Draw(rt, "role")
		name := rapid.SampledFrom([]norm.Form{norm.NFC, norm.NFD}).Draw(rt, "form").String(role.Name)
		cases := []func(string) string{strings.ToUpper, strings.ToLower, strings.Clone}
		name = rapid.SampledFrom(cases).Draw(rt, "case")(name)
		var look strings.Builder
		for _, r := range name {
			if r == ' ' {
				look.WriteString(rapid.SampledFrom([]string{" ", "  ", "\u00a0", "\n"}).Draw(rt, "space"))
			} else {
				look.WriteRune(r)
			}
			unseen := []string{"", "", "\u200b", "\ufeff", "\u00ad", "\u2060"}
			look.WriteString(rapid.SampledFrom(unseen).Draw(rt, "unseen"))
		}
		if found, err := index.Find(Cell{Text: look.String()}); err != nil || found != role {
			rt.Fatalf("%q finds %+v, %v, not %+v", look.String(), found, err, role)
		}
	})
	both := NewIndex(List{{ID: "1", Name: "Buyer"}, {ID: "2", Name: "buyer"}, {ID: "3", Name: "buyer\u00a0"}})
	for name, want := range map[string]string{
		"Buyer": "1", "\u200bBuyer": "1", "buyer": "2", "BUYER": "", "bu\u00adyer": "",
	} {
		found, err := both.Find(Cell{Text: name})
		if found.ID != want || (err == nil) != (want != "") {
			t.Errorf("%q finds %q, %v; want %q", name, found.ID, err, want)
		}
	}
}

func TestANewNameLooksDifferentOrCorrects(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, old string
		want      bool
	}{
		{"Buyer", "Buyer", false},
		{"", "Buyer", false},
		{"\u200b", "Buyer", false},
		{"BUYER", "Buyer", true},
		{"Big Buyer", "Big\u00a0Buyer", true},
		{"Big\u00a0Buyer", "Big Buyer", false},
		{"Big\u00a0Buyer", "Big  Buyer", false},
		{"Big\u00a0Buyers", "Big Buyer", true},
		{"De\u0301cideur", "Décideur", false},
	} {
		if got := isNewName(tt.name, tt.old); got != tt.want {
			t.Errorf("%q for %q: %v", tt.name, tt.old, got)
		}
	}
}
