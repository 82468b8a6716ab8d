package emulator_test

import (
	"slices"
	"strings"
	"testing"

	"rolecall/api/emulator"
)

// Each right takes away the calls that need it, and no others; nothing is done.
func TestDenied(t *testing.T) {
	t.Parallel()
	calls := []struct{ right, method, path, body string }{
		{"roles.read", "GET", roles, ""},
		{"roles.read", "GET", roles + "/13", ""},
		{"roles.create", "POST", roles, roleItems(`{"name":"New"}`)},
		{"roles.update", "PUT", roles, roleItems(`{"id":"13","name":"Boss"}`)},
		{"roles.update", "PUT", roles + "/13", roleItems(`{"name":"Boss"}`)},
		{"roles.delete", "DELETE", roles + "?ids=13", ""},
		{"roles.delete", "DELETE", roles + "/12", ""},
		{"", "GET", "v8/Deals/901/Contact_Roles?fields=Email", ""},
		{"", "DELETE", "v8/Deals/901/Contact_Roles/501", ""},
	}
	for _, denied := range [][]string{{"roles.read"}, {"roles.create"}, {"roles.update"}, {"roles.delete"}, {" Roles.Create ", "roles.delete"}, nil} {
		r := newRig(t, emulator.Options{Org: readOrg(t, seed), Denied: denied})
		before := r.inspect("org")
		for _, c := range calls {
			isDenied := slices.ContainsFunc(denied, func(d string) bool { return strings.EqualFold(strings.TrimSpace(d), c.right) })
			if isDenied {
				_, operation, _ := strings.Cut(c.right, ".")
				r.want(c.method, c.path, c.body, 403, failed("NO_PERMISSION", `{}`, "Permission denied to "+operation+" records"))
				if r.inspect("org") != before {
					t.Errorf("%s %s changed the org", c.method, c.path)
				}
			} else if status, got := r.call(c.method, c.path, c.body); status != 200 {
				t.Errorf("%v denied: %s %s: %d %s", denied, c.method, c.path, status, got)
			}
			before = r.inspect("org")
		}
	}
}

// Without the scope it is the scope that is told of, and a sub-request needs the
// right as well.
func TestDeniedElsewhere(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{Org: readOrg(t, seed), Denied: []string{"roles.read"}})
	_, got := r.call("POST", "v8/__composite_requests", `{"__composite_requests":[{"sub_request_id":"1","method":"GET","uri":"/crm/v8/Contacts/roles"}]}`)
	if !strings.Contains(got, "NO_PERMISSION") {
		t.Error(got)
	}
	r.want("POST", "v9/Contacts/roles", "", 404, badURL)
	r.token = "wrong"
	if _, got := r.call("GET", roles, ""); !strings.Contains(got, "INVALID_TOKEN") {
		t.Error(got)
	}
}
