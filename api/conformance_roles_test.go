package api_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"rolecall/api"
)

// The conformance suite's part on the role picklist. All its roles have names of their own and are moved among
// themselves only: the rest of the list stays as it is, however Zoho moves roles.

const suite = "rolecall conformance "

// own returns the suite's roles, in the order of the list.
func (to target) own(t *testing.T) (own []api.Role) {
	t.Helper()
	list, err := to.client.Roles(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range list {
		if strings.HasPrefix(r.Name, suite) {
			own = append(own, r)
		}
	}
	return own
}

func (to target) ownNames(t *testing.T) (names []string) {
	t.Helper()
	for _, r := range to.own(t) {
		names = append(names, strings.TrimPrefix(r.Name, suite))
	}
	return names
}

// unmakeRoles deletes the suite's roles from the list, whether they are on it or not.
func (to target) unmakeRoles(t *testing.T) {
	t.Helper()
	for _, r := range to.own(t) {
		if _, err := to.client.DeleteRole(t.Context(), r.ID); err != nil {
			t.Error(err)
		}
	}
}

// makeRoles makes the list end in roles of these names, and deletes the suite's other roles.
func (to target) makeRoles(t *testing.T, names ...string) []api.Role {
	t.Helper()
	to.unmakeRoles(t)
	writes := make([]api.RoleWrite, len(names))
	for i, name := range names {
		writes[i].Name = suite + name
	}
	out, err := to.client.CreateRoles(t.Context(), writes)
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range out {
		if o.Err != nil && o.Err.Code == "LIMIT_EXCEEDED" {
			t.Skip("this org has no room for more roles")
		}
		if !o.Known || o.Err != nil || o.ID == "" || o.Answer.Code != "SUCCESS" || o.Answer.HTTP != 200 {
			t.Fatalf("%+v", o)
		}
	}
	own := to.own(t)
	if len(own) != len(names) {
		t.Fatalf("%d created, %+v in the list", len(names), own)
	}
	// The client pairs the successes with the names, in order.
	for i, o := range out {
		if at := slices.IndexFunc(own, func(r api.Role) bool { return r.ID == o.ID }); at < 0 ||
			own[at].Name != writes[i].Name {
			t.Errorf("%s: %+v, and the list has %+v", writes[i].Name, o, own)
		}
	}
	return own
}

func conformsCreateRoles(t *testing.T, to target, before []api.Role) {
	own := to.makeRoles(t, "A", "B")
	if own[0].Sequence >= own[1].Sequence || own[0].Sequence <= before[len(before)-1].Sequence {
		t.Errorf("not at the end: %+v, before %+v", own, before[len(before)-1])
	}
	for _, r := range own {
		if got, found, err := to.client.Role(t.Context(), r.ID); err != nil || !found || got != r {
			t.Errorf("%+v, %v, %v; the list has %+v", got, found, err, r)
		}
	}
	if got, found, err := to.client.Role(t.Context(), "4150868000000999999"); err != nil || found {
		t.Errorf("a role that is not there: %+v, %v", got, err)
	}
	// One of three is new; one exists, and one comes twice.
	out, err := to.client.CreateRoles(t.Context(), []api.RoleWrite{
		{Name: own[0].Name}, {Name: suite + "C"}, {Name: suite + "C"},
	})
	if err != nil {
		t.Fatal(err)
	}
	for i, o := range out {
		if !o.Known || (o.Err == nil) != (i == 1) || o.Err != nil &&
			(o.Err.Code != "DUPLICATE_DATA" || o.ID != "" || o.Err.Temporary()) {
			t.Errorf("%d: %+v", i, o)
		}
	}
	// At an occupied position: what is there goes down by one (Kaizen #66).
	fourth := []api.RoleWrite{{Name: suite + "D", Sequence: own[1].Sequence}}
	if _, err := to.client.CreateRoles(t.Context(), fourth); err != nil {
		t.Fatal(err)
	}
	if diff := gocmp.Diff([]string{"A", "D", "B", "C"}, to.ownNames(t)); diff != "" {
		t.Errorf("the order (-want +got)\n%s", diff)
	}
}

func conformsChangeRoles(t *testing.T, to target, _ []api.Role) {
	own := to.makeRoles(t, "A", "B", "C")
	out, err := to.client.UpdateRoles(t.Context(), []api.RoleWrite{
		{ID: own[2].ID, Name: suite + "c"}, {ID: own[0].ID, Name: suite + "a"},
	})
	if err != nil {
		t.Fatal(err)
	}
	for i, o := range out {
		if !o.Known || o.Err != nil || o.ID != own[2-2*i].ID {
			t.Errorf("%+v", o)
		}
	}
	if a, err := to.client.UpdateRole(t.Context(), api.RoleWrite{ID: own[1].ID, Name: suite + "b"}); err != nil ||
		a.Code != "SUCCESS" {
		t.Error(a, err)
	}
	if diff := gocmp.Diff([]string{"a", "b", "c"}, to.ownNames(t)); diff != "" {
		t.Errorf("the names (-want +got)\n%s", diff)
	}
	moved := api.RoleWrite{ID: own[2].ID, Sequence: own[0].Sequence}
	if a, err := to.client.UpdateRole(t.Context(), moved); err != nil || a.Code != "SUCCESS" {
		t.Error(a, err)
	}
	got := strings.Join(to.ownNames(t), "")
	t.Logf("c was moved to the place of a: %s", got)
	if !slices.Contains([]string{"cab", "cba", "abc"}, got) {
		t.Errorf("c was moved to the place of a: %s", got)
	}
}

func conformsRoleRefusals(t *testing.T, to target, _ []api.Role) {
	own := to.makeRoles(t, "A", "B")
	const unknown = "4150868000000999999"
	refused := func(name, code string, o api.Outcome, err error) {
		t.Helper()
		if err != nil || !o.Known || o.Err == nil || o.Err.Code != code || o.Err.HTTP != 400 && o.Err.HTTP != 207 ||
			o.Err.Ends != api.EndNone || o.Err.Uncertain {
			t.Errorf("%s: %+v, %v", name, o, err)
		}
	}
	one := func(out []api.Outcome, err error) (api.Outcome, error) {
		if err != nil || len(out) == 0 {
			return api.Outcome{}, err
		}
		return out[len(out)-1], nil
	}
	long := suite + strings.Repeat("ö", 51-len(suite))
	o, err := one(to.client.CreateRoles(t.Context(), []api.RoleWrite{{}}))
	refused("no name", "MANDATORY_NOT_FOUND", o, err)
	o, err = one(to.client.CreateRoles(t.Context(), []api.RoleWrite{{Name: long}}))
	refused("51 characters", "INVALID_DATA", o, err)
	o, err = one(to.client.UpdateRoles(t.Context(), []api.RoleWrite{
		{ID: own[0].ID, Name: own[0].Name}, {ID: own[1].ID, Name: own[0].Name},
	}))
	refused("a name that is taken", "DUPLICATE_DATA", o, err)
	o, err = one(to.client.UpdateRoles(t.Context(), []api.RoleWrite{
		{ID: own[0].ID, Name: own[0].Name}, {ID: unknown, Name: suite + "X"},
	}))
	refused("unknown, changed", "INVALID_DATA", o, err)
	o, err = one(to.client.DeleteRoles(t.Context(), []string{own[0].ID, unknown}))
	refused("unknown, deleted", "INVALID_DATA", o, err)
	for name, err := range map[string]error{
		"one, unknown, changed": second(to.client.UpdateRole(t.Context(), api.RoleWrite{
			ID: unknown, Name: suite + "X",
		})),
		"one, unknown, deleted": second(to.client.DeleteRole(t.Context(), unknown)),
	} {
		if e, ok := errors.AsType[*api.Error](err); !ok || e.Code != "INVALID_DATA" || e.HTTP != 400 ||
			e.Ends != api.EndNone || e.Temporary() {
			t.Errorf("%s: %#v", name, err)
		}
	}
	if diff := gocmp.Diff([]string{"B"}, to.ownNames(t)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func second(_ api.Answer, err error) error { return err }

func conformsDeleteRoles(t *testing.T, to target, before []api.Role) {
	own := to.makeRoles(t, "A", "B", "C")
	if a, err := to.client.DeleteRole(t.Context(), own[1].ID); err != nil || a.Code != "SUCCESS" {
		t.Error(a, err)
	}
	out, err := to.client.DeleteRoles(t.Context(), []string{own[2].ID, own[1].ID, own[0].ID})
	if err != nil || len(out) != 3 {
		t.Fatal(out, err)
	}
	for i, o := range out {
		if o.ID != own[2-i].ID || !o.Known || (o.Err == nil) != (i != 1) {
			t.Errorf("%+v", o)
		}
	}
	after, err := to.client.Roles(t.Context())
	if diff := gocmp.Diff(before, after); err != nil || diff != "" {
		t.Errorf("%v (-before +after)\n%s", err, diff)
	}
}
