package doctor

import (
	"bytes"
	"errors"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"rolecall/api"
	"rolecall/job/cli/scope"
	"rolecall/job/cli/signin"
	"rolecall/job/jobtest"
)

func TestMain(m *testing.M) { os.Exit(jobtest.Main{M: m}.Run()) }

// Doctor tries each scope for reading, and compares the other scopes with the granted ones. It finds each lacking
// scope, whatever command needs it.
func TestFindScopes(t *testing.T) {
	t.Parallel()
	tried := map[string]error{
		scope.DealsRead:    nil,
		scope.ContactsRead: nil,
		scope.Query:        nil,
		scope.Org:          nil,
		scope.Users:        nil,
		scope.Lists:        nil,
	}
	for _, s := range scope.All() {
		_, isTried := tried[s.Name]
		if reads := strings.HasSuffix(s.Name, ".READ"); reads != isTried {
			t.Errorf("%s: tried %v", s.Name, isTried)
		}
		answers := maps.Clone(tried)
		granted := slices.DeleteFunc(scope.Names(scope.SetRoles), func(name string) bool { return name == s.Name })
		if isTried {
			answers[s.Name] = &api.Error{HTTP: 401, Code: "OAUTH_SCOPE_MISMATCH"}
			granted = scope.Names(scope.SetRoles) // the answer of a call wins over this
		}
		found := findScopes(granted, answers)
		if len(found.lacks) != 1 || found.lacks[0].Name != s.Name || len(found.untried)+len(found.unknown) > 0 {
			t.Errorf("without %s: %+v", s.Name, found)
		}
	}
	tried[scope.Users] = errors.New("no answer")
	found := findScopes(nil, tried)
	if len(found.lacks) > 0 || !slices.Equal(found.untried, []string{scope.Users}) ||
		len(found.unknown) != len(scope.All())-len(tried) {
		t.Errorf("with nothing known: %+v", found)
	}
}

// TestWorst checks the order in which errors count. A warning is no error.
func TestWorst(t *testing.T) {
	t.Parallel()
	for want, troubles := range map[Trouble][]Trouble{
		None: nil, Configuration: {Temporary, SignIn, Configuration}, SignIn: {Temporary, SignIn},
		Temporary: {Other, Temporary}, Other: {Other},
	} {
		d := &Doctor{Command: &signin.Command{Stdout: &bytes.Buffer{}}}
		d.warn("a", "b", "c")
		for _, trouble := range troubles {
			d.fail(trouble, "a", "b", "c")
		}
		if got := d.Findings.Worst(); got != want {
			t.Errorf("%v: %d, want %d", troubles, got, want)
		}
	}
}
