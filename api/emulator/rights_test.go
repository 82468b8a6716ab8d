package emulator_test

import (
	"slices"
	"strings"
	"testing"

	"rolecall/api/emulator"
	"rolecall/api/emulator/rig"
)

// A denied right refuses the calls that need it, and no others. A refused call changes nothing.
func TestDenied(t *testing.T) {
	t.Parallel()
	calls := []struct{ right, method, path, body string }{
		{"roles.read", "GET", rig.Roles, ""},
		{"roles.read", "GET", rig.Roles + "/13", ""},
		{"roles.create", "POST", rig.Roles, rig.RoleItems(`{"name":"New"}`)},
		{"roles.update", "PUT", rig.Roles, rig.RoleItems(`{"id":"13","name":"Boss"}`)},
		{"roles.update", "PUT", rig.Roles + "/13", rig.RoleItems(`{"name":"Boss"}`)},
		{"roles.delete", "DELETE", rig.Roles + "?ids=13", ""},
		{"roles.delete", "DELETE", rig.Roles + "/12", ""},
		{"", "GET", "v8/Deals/901/Contact_Roles?fields=Email", ""},
		{"", "DELETE", "v8/Deals/901/Contact_Roles/501", ""},
	}
	for _, denied := range [][]string{{"roles.read"}, {"roles.create"}, {"roles.update"}, {"roles.delete"},
		{" Roles.Create ", "roles.delete"}, nil} {
		r := rig.New(t, emulator.Options{Org: rig.ReadOrg(t, rig.Seed), Denied: denied})
		before := r.Inspect("org")
		for _, c := range calls {
			isDenied := slices.ContainsFunc(denied,
				func(d string) bool { return strings.EqualFold(strings.TrimSpace(d), c.right) })
			if isDenied {
				_, operation, _ := strings.Cut(c.right, ".")
				r.Want(c.method, c.path, c.body, 403,
					rig.Failed("NO_PERMISSION", `{}`, "Permission denied to "+operation+" records"))
				if r.Inspect("org") != before {
					t.Errorf("%s %s changed the org", c.method, c.path)
				}
			} else if status, got := r.Call(c.method, c.path, c.body); status != 200 {
				t.Errorf("%v denied: %s %s: %d %s", denied, c.method, c.path, status, got)
			}
			before = r.Inspect("org")
		}
	}
}

// A missing scope is refused before a missing right. A sub-request needs the right too.
func TestDeniedElsewhere(t *testing.T) {
	t.Parallel()
	r := rig.New(t, emulator.Options{Org: rig.ReadOrg(t, rig.Seed), Denied: []string{"roles.read"}})
	_, got := r.Call("POST", "v8/__composite_requests",
		`{"__composite_requests":[{"sub_request_id":"1","method":"GET","uri":"/crm/v8/Contacts/roles"}]}`)
	if !strings.Contains(got, "NO_PERMISSION") {
		t.Error(got)
	}
	r.Want("POST", "v9/Contacts/roles", "", 404, rig.BadURL)
	r.Token = "wrong"
	if _, got := r.Call("GET", rig.Roles, ""); !strings.Contains(got, "INVALID_TOKEN") {
		t.Error(got)
	}
}
