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

// dealCalls are the six calls on the contact roles of deals, with the right that each needs beside the views.
func dealCalls() []struct{ right, method, path, body string } {
	const path = "v8/Deals/901/Contact_Roles"
	return []struct{ right, method, path, body string }{
		{"deal_roles.read", "GET", path + "?fields=Email", ""},
		{"deal_roles.read", "GET", path + "?fields=Email&ids=501", ""},
		{"deal_roles.read", "GET", path + "/501?fields=Email", ""},
		{"deal_roles.update", "PUT", path + "/502", rig.ByID("13")},
		{"deal_roles.update", "PUT", path, rig.Data(rig.Upsert("501", "12"))},
		{"deal_roles.delete", "DELETE", path + "/502", ""},
		{"deal_roles.delete", "DELETE", path + "?ids=501", ""},
	}
}

// Each page lists both refusals (Zoho CRM API v7, Get, Add and Remove Contact Roles of a Specific Deal). OpenAPI v8.0,
// deal contact roles, has those of a user who may not view a module for every call.
func TestDeniedOnDeals(t *testing.T) {
	t.Parallel()
	privilege := func(what string) string {
		return rig.Failed("AUTHORIZATION_FAILED", `{}`, "User does not have sufficient privilege to "+what)
	}
	noPermission := func(operation string) string {
		return rig.Failed("NO_PERMISSION", `{}`, "Permission denied to "+operation+" records")
	}
	noView := func(permission string) string {
		return rig.Failed("NO_PERMISSION", `{"permissions":["`+permission+`"]}`, "permission denied")
	}
	for _, test := range []struct {
		denied string
		status int
		want   string
	}{
		{"deal_roles.read", 403, noPermission("read")},
		{"deal_roles.update", 403, noPermission("update")},
		{"deal_roles.delete=no_permission", 403, noPermission("delete")},
		{"deal_roles.read=AUTHORIZATION_FAILED", 400, privilege("read records")},
		{"deal_roles.update=AUTHORIZATION_FAILED", 400, privilege("update records")},
		{" Deal_Roles.delete = authorization_failed ", 400, privilege("delete contact roles")},
		{"deals.view", 403, noView("Crm_Implied_View_Potentials")},
		{"contacts.view", 403, noView("Crm_Implied_View_Contacts")},
		{"contacts.view=AUTHORIZATION_FAILED", 400, privilege("read records")},
	} {
		r := rig.New(t, emulator.Options{Org: rig.ReadOrg(t, rig.Seed), Denied: []string{test.denied}})
		right, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(test.denied)), "=")
		right = strings.TrimSpace(right)
		for _, c := range dealCalls() {
			if right == c.right || strings.HasSuffix(right, ".view") {
				before := r.Inspect("org")
				r.Want(c.method, c.path, c.body, test.status, test.want)
				if r.Inspect("org") != before {
					t.Errorf("%s: %s %s changed the org", test.denied, c.method, c.path)
				}
			} else if status, got := r.Call(c.method, c.path, c.body); status != 200 {
				t.Errorf("%s: %s %s: %d %s", test.denied, c.method, c.path, status, got)
			}
		}
	}
}

// The texts of the pages Get, Insert, Update and Delete Contact Roles (Zoho CRM API v7). The one of Insert speaks of
// variables.
func TestAuthorizationFailedOnRoles(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ right, method, path, body, what string }{
		{"roles.read", "GET", rig.Roles, "", "read records"},
		{"roles.read", "GET", rig.Roles + "/13", "", "read records"},
		{"roles.create", "POST", rig.Roles, rig.RoleItems(`{"name":"New"}`), "add variables"},
		{"roles.update", "PUT", rig.Roles, rig.RoleItems(`{"id":"13","name":"Boss"}`), "update records"},
		{"roles.update", "PUT", rig.Roles + "/13", rig.RoleItems(`{"name":"Boss"}`), "update records"},
		{"roles.delete", "DELETE", rig.Roles + "?ids=13", "", "delete contact roles"},
		{"roles.delete", "DELETE", rig.Roles + "/12", "", "delete contact roles"},
	} {
		r := rig.New(t, emulator.Options{
			Org: rig.ReadOrg(t, rig.Seed), Denied: []string{test.right + "=AUTHORIZATION_FAILED"},
		})
		r.Want(test.method, test.path, test.body, 400, rig.Failed("AUTHORIZATION_FAILED", `{}`,
			"User does not have sufficient privilege to "+test.what))
	}
}

// A right to view concerns the records of the module as well, and neither the other module nor the role picklist.
func TestDeniedViews(t *testing.T) {
	t.Parallel()
	r := rig.New(t, emulator.Options{Org: rig.ReadOrg(t, rig.Seed), Denied: []string{"deals.view"}})
	for path, want := range map[string]int{
		"v8/Deals?fields=Deal_Name": 403, "v8/Deals/901?fields=Deal_Name": 403,
		"v8/Contacts/501/Deals?fields=Stage": 403, "v8/Contacts?fields=Email": 200,
		"v8/Contacts/501?fields=Email": 200, rig.Roles: 200,
	} {
		if status, got := r.Call("GET", path, ""); status != want {
			t.Errorf("%s: %d %s, want %d", path, status, got, want)
		}
	}
}

// Each module has its own rights for writes. The codes and texts are those of the pages of its calls.
func TestDeniedWrites(t *testing.T) {
	t.Parallel()
	record := rig.Data(`{"Last_Name":"x"}`)
	for _, c := range []struct{ right, method, path, body string }{
		{"leads.create", "POST", "v8/Leads", record},
		{"leads.create", "POST", "v8/Leads/upsert", record},
		{"leads.update", "POST", "v8/Leads/upsert", record},
		{"leads.update", "PUT", "v8/Leads/5", record},
		{"contacts.update", "PUT", "v8/Contacts", record},
		{"contacts.delete", "DELETE", "v8/Contacts/501", ""},
		{"contacts.delete", "DELETE", "v8/Contacts?ids=501", ""},
	} {
		for code, want := range map[string]string{"NO_PERMISSION": "Permission denied to ",
			"AUTHORIZATION_FAILED": "User does not have sufficient privilege to "} {
			r := rig.New(t, emulator.Options{
				Org: rig.ReadOrg(t, rig.Seed), Denied: []string{c.right + "=" + code},
			})
			before := r.Inspect("org")
			_, operation, _ := strings.Cut(c.right, ".")
			status := map[string]int{"NO_PERMISSION": 403, "AUTHORIZATION_FAILED": 400}[code]
			r.Want(c.method, c.path, c.body, status, rig.Failed(code, `{}`, want+operation+" records"))
			if r.Inspect("org") != before {
				t.Errorf("%s %s changed the org", c.method, c.path)
			}
			if status, got := r.Call("POST", "v8/Accounts", rig.Data(`{"Account_Name":"x"}`)); status != 201 {
				t.Errorf("another module: %d %s", status, got)
			}
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
