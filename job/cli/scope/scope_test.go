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

// All scopes together are enough for each command, and each scope is needed by a command.
func TestScopesLacking(t *testing.T) {
	t.Parallel()
	for _, command := range Commands(SetRecords) {
		if got := Lacking(command, Names(SetRecords)); len(got) > 0 {
			t.Errorf("%s lacks %s of all", command, got)
		}
		ofRoles := len(Lacking(command, Names(SetRoles))) == 0
		if is := slices.Contains(Commands(SetRoles), command); is != ofRoles && command != UsersExport ||
			is != (LoginFlags(command) == "") {
			t.Errorf("%s: of the set for roles %v, its scopes there %v, %q", command, is, ofRoles, LoginFlags(command))
		}
		if got := len(Lacking(command, nil)) == 0; got != (command == AuthStatus) {
			t.Errorf("%s needs nothing: %v", command, got)
		}
	}
	if got := Missing([]string{"ZohoCRM.modules.ALL"}, SetRoles); len(got) != 5 ||
		slices.ContainsFunc(got, func(s Scope) bool { return s.Without == "" }) {
		t.Errorf("beside the modules it lacks %v", got)
	}
	for _, s := range Set(SetRecords) {
		if len(s.Commands) == 0 || strings.ContainsFunc(s.Name, func(r rune) bool { return r == ',' || r == ' ' }) {
			t.Errorf("scope %+v", s)
		}
		for _, c := range s.Commands {
			if !slices.Contains(Commands(SetRecords), c) {
				t.Errorf("%s: unknown command %s", s.Name, c)
			}
		}
	}
	want := []string{"ZohoCRM.modules.deals.DELETE", "ZohoCRM.modules.contacts.DELETE"}
	if d := cmp.Diff(want, Lacking(Remove, []string{"ZohoCRM.modules.READ", "ZohoCRM.org.ALL"})); d != "" {
		t.Error(d)
	}
}

// A sign-in for roles asks for no scope of other modules. A sign-in for records asks for no scope twice, and SetOf
// recognises it.
func TestSets(t *testing.T) {
	t.Parallel()
	roles, records := Names(SetRoles), Names(SetRecords)
	if len(roles) != len(All()) || slices.ContainsFunc(roles, func(n string) bool {
		return strings.HasPrefix(n, "ZohoCRM.modules.") && strings.Count(n, ".") == 2
	}) {
		t.Errorf("for roles: %s", roles)
	}
	for i, name := range records {
		if rest := slices.Delete(slices.Clone(records), i, i+1); Grants(rest, name) {
			t.Errorf("for records: %s is in %s", name, rest)
		}
	}
	if SetOf(roles) != SetRoles || SetOf(nil) != SetRoles || SetOf(records) != SetRecords ||
		len(Missing(records, SetRecords)) > 0 {
		t.Errorf("%s, %s", SetOf(roles), SetOf(records))
	}
}
