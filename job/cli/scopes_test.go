package cli

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rolecall/api"
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
		if got := grants([]string{"Other.x.ALL", test.granted}, test.wanted); got != test.want {
			t.Errorf("%s grants %s: %v", test.granted, test.wanted, got)
		}
	}
}

// Each command finds what it needs among all, and each scope is needed by a command.
func TestScopesLacking(t *testing.T) {
	t.Parallel()
	for _, command := range commandsWithScopes() {
		if got := scopesLacking(command, scopeNames()); len(got) > 0 {
			t.Errorf("%s lacks %s of all", command, got)
		}
		if got := len(scopesLacking(command, nil)) == 0; got != (command == needsStatus) {
			t.Errorf("%s needs nothing: %v", command, got)
		}
	}
	if got := scopesMissing([]string{"ZohoCRM.modules.ALL"}); len(got) != 5 || slices.ContainsFunc(got, func(s scope) bool { return s.without == "" }) {
		t.Errorf("beside the modules it lacks %v", got)
	}
	for _, s := range scopes() {
		if len(s.commands) == 0 || strings.ContainsFunc(s.name, func(r rune) bool { return r == ',' || r == ' ' }) {
			t.Errorf("scope %+v", s)
		}
		for _, c := range s.commands {
			if !slices.Contains(commandsWithScopes(), c) {
				t.Errorf("%s: unknown command %s", s.name, c)
			}
		}
	}
	want := []string{"ZohoCRM.modules.deals.DELETE", "ZohoCRM.modules.contacts.DELETE"}
	if d := cmp.Diff(want, scopesLacking(needsRemove, []string{"ZohoCRM.modules.READ", "ZohoCRM.org.ALL"})); d != "" {
		t.Error(d)
	}
}

// Doctor tries each scope to read with, and of the others goes by what was granted: each that is lacking is found, whatever command it is for.
func TestFindScopes(t *testing.T) {
	t.Parallel()
	tried := map[string]error{scopeDealsRead: nil, scopeContactsRead: nil, scopeQuery: nil, scopeOrg: nil, scopeUsers: nil, scopeLists: nil}
	for _, s := range scopes() {
		_, isTried := tried[s.name]
		if reads := strings.HasSuffix(s.name, ".READ"); reads != isTried {
			t.Errorf("%s: tried %v", s.name, isTried)
		}
		answers := maps.Clone(tried)
		granted := slices.DeleteFunc(scopeNames(), func(name string) bool { return name == s.name })
		if isTried {
			answers[s.name] = &api.Error{HTTP: 401, Code: "OAUTH_SCOPE_MISMATCH"}
			granted = scopeNames() // the answer counts for more
		}
		found := findScopes(granted, answers)
		if len(found.lacks) != 1 || found.lacks[0].name != s.name || len(found.untried)+len(found.unknown) > 0 {
			t.Errorf("without %s: %+v", s.name, found)
		}
	}
	tried[scopeUsers] = errors.New("no answer")
	found := findScopes(nil, tried)
	if len(found.lacks) > 0 || !slices.Equal(found.untried, []string{scopeUsers}) || len(found.unknown) != len(scopes())-len(tried) {
		t.Errorf("with nothing known: %+v", found)
	}
}
