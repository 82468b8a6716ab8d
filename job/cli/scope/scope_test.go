package scope

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Zoho CRM API v8, Scopes.
func TestGrants(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		granted, wanted string
		want            bool
	}{
		{"ZohoCRM.modules.deals.READ", "ZohoCRM.modules.deals.READ", true},
		{"ZohoCRM.modules.deals.read", "ZohoCRM.modules.deals.READ", true},
		{"ZohoCRM.modules.deals.ALL", "ZohoCRM.modules.deals.DELETE", true},
		{"ZohoCRM.modules.ALL", "ZohoCRM.modules.deals.UPDATE", true},
		{"ZohoCRM.modules.READ", "ZohoCRM.modules.contacts.READ", true},
		{"ZohoCRM.modules.READ", "ZohoCRM.modules.contacts.UPDATE", false},
		{"ZohoCRM.modules.deals.WRITE", "ZohoCRM.modules.deals.UPDATE", true},
		{"ZohoCRM.modules.deals.WRITE", "ZohoCRM.modules.deals.DELETE", false},
		{"ZohoCRM.modules.deals.WRITE", "ZohoCRM.modules.deals.READ", false},
		{"ZohoCRM.modules.deals.ALL", "ZohoCRM.modules.contacts.READ", false},
		{"ZohoCRM.modules.deal.ALL", "ZohoCRM.modules.deals.READ", false},
		{"ZohoCRM.ALL", "ZohoCRM.org.READ", false}, // there is no such scope
		{"ZohoCRM.settings.ALL", "ZohoCRM.settings.related_lists.READ", true},
		{"", "ZohoCRM.org.READ", false},
	} {
		if got := Grants([]string{"Other.x.ALL", test.granted}, test.wanted); got != test.want {
			t.Errorf("%s Grants %s: %v", test.granted, test.wanted, got)
		}
	}
}

// Each command finds what it needs among all, and each scope is needed by a command.
func TestScopesLacking(t *testing.T) {
	t.Parallel()
	for _, command := range Commands() {
		if got := Lacking(command, Names()); len(got) > 0 {
			t.Errorf("%s lacks %s of all", command, got)
		}
		if got := len(Lacking(command, nil)) == 0; got != (command == AuthStatus) {
			t.Errorf("%s needs nothing: %v", command, got)
		}
	}
	if got := Missing([]string{"ZohoCRM.modules.ALL"}); len(got) != 5 ||
		slices.ContainsFunc(got, func(s Scope) bool { return s.Without == "" }) {
		t.Errorf("beside the modules it lacks %v", got)
	}
	for _, s := range All() {
		if len(s.Commands) == 0 || strings.ContainsFunc(s.Name, func(r rune) bool { return r == ',' || r == ' ' }) {
			t.Errorf("scope %+v", s)
		}
		for _, c := range s.Commands {
			if !slices.Contains(Commands(), c) {
				t.Errorf("%s: unknown command %s", s.Name, c)
			}
		}
	}
	want := []string{"ZohoCRM.modules.deals.DELETE", "ZohoCRM.modules.contacts.DELETE"}
	if d := cmp.Diff(want, Lacking(Remove, []string{"ZohoCRM.modules.READ", "ZohoCRM.org.ALL"})); d != "" {
		t.Error(d)
	}
}
