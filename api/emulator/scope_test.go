package emulator_test

import (
	"strings"
	"testing"

	"rolecall/api/emulator"
	"rolecall/api/emulator/rig"
)

// Each call needs the scopes of its page.
func TestScopesOfReads(t *testing.T) {
	t.Parallel()
	o := emulator.Options{TokenRequests: -1}
	query := rig.Selecting("id from Deals where id > 1")
	for _, c := range []struct{ scope, method, path, body string }{
		{"ZohoCRM.modules.contacts.ALL", "GET", "v8/Deals?fields=x", ""},
		{"ZohoCRM.modules.deals.ALL", "GET", "v8/Contacts?fields=x", ""},
		{"ZohoCRM.modules.deals.READ", "DELETE", "v8/Deals/" + rig.Deal1, ""},
		{"ZohoCRM.modules.deals.READ", "GET", "v8/Contacts/" + rig.Contact1 + "/Deals?fields=x", ""},
		{"ZohoCRM.modules.ALL", "POST", "v8/coql", query},
		{"ZohoCRM.coql.READ", "POST", "v8/coql", query},
		{"ZohoCRM.coql.READ,ZohoCRM.modules.contacts.READ", "POST", "v8/coql", query},
		{"ZohoCRM.modules.ALL,ZohoCRM.settings.ALL", "GET", "v8/Deals/actions/count", ""},
		{"ZohoCRM.modules.ALL,ZohoSearch.securesearch.READ", "GET", "v8/Deals/actions/count", ""},
		{"ZohoCRM.modules.ALL", "GET", "v8/Leads/search?word=xx", ""},
	} {
		r := rig.New(t, o)
		r.Token = grant(r, c.scope)
		r.Want(c.method, c.path, c.body, 401, rig.Failed("OAUTH_SCOPE_MISMATCH", `{}`, "Unauthorized"))
	}
	for _, c := range []struct{ scope, method, path, body string }{
		{"ZohoCRM.modules.deals.READ", "GET", "v8/Deals?fields=x", ""},
		{"ZohoCRM.coql.READ,ZohoCRM.modules.deals.READ", "POST", "v8/coql", query},
		{"ZohoCRM.modules.ALL,ZohoCRM.settings.layouts.READ,ZohoSearch.securesearch.READ", "GET",
			"v8/Deals/actions/count", ""},
		{"ZohoCRM.modules.deals.DELETE", "DELETE", "v8/Deals/" + rig.Deal1, ""},
	} {
		r := rig.New(t, o)
		r.Token = grant(r, c.scope)
		if status, got := r.Call(c.method, c.path, c.body); status != 200 {
			t.Errorf("%s %s with %s: %d %s", c.method, c.path, c.scope, status, got)
		}
	}
}

// Zoho's pages name the scopes of each call. Deal roles need the scope of deals and the scope of contacts.
func TestScopesOfRoutes(t *testing.T) {
	t.Parallel()
	const crm = "ZohoCRM."
	both := func(op string) []string {
		return []string{
			"modules.ALL", "modules." + op, "modules.deals.ALL,modules.contacts." + op,
			"modules.deals." + op + ",modules.contacts.ALL", "modules.DEALS." + op + ",modules.Contacts." + op,
		}
	}
	notBoth := func(op, other string) []string {
		return []string{
			"modules.deals.ALL", "modules.contacts.ALL", "modules.deals." + other + ",modules.contacts." + op,
			"modules.deals." + op + ",modules.contacts." + other,
			"modules.leads.ALL", "settings.ALL,org.ALL,users.ALL,composite_requests.CUSTOM",
		}
	}
	write := []string{"modules.deals.WRITE,modules.contacts.WRITE", "modules.WRITE"}
	contacts := func(op string) []string {
		return []string{"modules.ALL", "modules.contacts.ALL", "modules.contacts." + op,
			"modules.CONTACTS." + strings.ToLower(op)}
	}
	one := rig.RolesOf(rig.Deal1) + "/" + rig.Contact1
	for _, c := range []struct {
		method, path, body string
		enough, tooLittle  []string
	}{
		{"GET", rig.RolesOf(rig.Deal1) + "?fields=id", "", both("READ"), notBoth("READ", "UPDATE")},
		{"GET", one + "?fields=id", "", both("READ"), notBoth("READ", "DELETE")},
		{"PUT", one, rig.ByID(rig.Purchasing), append(both("UPDATE"), write...), notBoth("UPDATE", "READ")},
		{"PUT", rig.RolesOf(rig.Deal1), rig.Data(rig.Upsert(rig.Contact1, rig.Purchasing)),
			append(both("UPDATE"), write...), notBoth("UPDATE", "CREATE")},
		{"DELETE", one, "", both("DELETE"), append(notBoth("DELETE", "UPDATE"), write...)},
		{"DELETE", rig.RolesOf(rig.Deal1) + "?ids=" + rig.Contact1, "", both("DELETE"),
			append(notBoth("DELETE", "READ"), write...)},
		{"GET", rig.Roles, "", contacts("READ"), []string{"modules.deals.ALL", "modules.contacts.WRITE",
			"modules.contacts.CUSTOM"}},
		{"GET", rig.Roles + "/" + rig.Purchasing, "", contacts("READ"), []string{"modules.deals.READ", "org.READ"}},
		{"POST", rig.Roles, rig.RoleItems(`{"name":"x"}`), append(contacts("CREATE"), "modules.contacts.WRITE"),
			[]string{"modules.contacts.UPDATE", "modules.contacts.READ"}},
		{"PUT", rig.Roles, rig.RoleItems(`{"id":"` + rig.Purchasing + `","sequence_number":1}`),
			append(contacts("UPDATE"), "modules.contacts.WRITE"), []string{"modules.contacts.CREATE"}},
		{"PUT", rig.Roles + "/" + rig.Purchasing, rig.RoleItems(`{"sequence_number":1}`),
			append(contacts("UPDATE"), "modules.contacts.WRITE"), []string{"modules.contacts.DELETE"}},
		{"DELETE", rig.Roles + "?ids=1", "", contacts("DELETE"), []string{"modules.contacts.WRITE"}},
		{"DELETE", rig.Roles + "/1", "", contacts("DELETE"), []string{"modules.contacts.READ"}},
		{"GET", "v8/org", "", []string{"org.ALL", "org.READ"}, []string{"modules.ALL", "users.ALL", "org.UPDATE"}},
		{"GET", "v8/users", "", []string{"users.ALL", "users.READ"}, []string{"org.ALL", "modules.ALL"}},
		{"GET", "v8/settings/fields?module=Deals", "",
			[]string{"settings.ALL", "settings.fields.READ", "settings.fields.ALL", "settings.READ"},
			[]string{"modules.ALL", "settings.related_lists.READ"}},
		{"POST", "v8/Leads", rig.Data(`{"Last_Name":"x"}`),
			[]string{"modules.ALL", "modules.leads.CREATE", "modules.leads.WRITE"},
			[]string{"modules.leads.UPDATE", "modules.contacts.ALL"}},
		{"PUT", "v8/Leads", rig.Data(`{"id":"1"}`), []string{"modules.leads.UPDATE"}, []string{"modules.leads.CREATE"}},
		{"POST", "v8/Leads/upsert", rig.Data(`{"Last_Name":"x"}`),
			[]string{"modules.leads.CREATE,modules.leads.UPDATE", "modules.leads.ALL"},
			[]string{"modules.leads.CREATE", "modules.leads.UPDATE"}},
		{"DELETE", "v8/Leads/1", "", []string{"modules.leads.DELETE"}, []string{"modules.leads.WRITE"}},
		{"GET", "v8/settings/modules", "", []string{"settings.modules.READ"}, []string{"settings.fields.ALL"}},
		{"GET", "v8/settings/layouts?module=Leads", "", []string{"settings.layouts.READ"},
			[]string{"settings.fields.ALL"}},
		{"GET", "v8/settings/recycle_bin", "", []string{"settings.recycle_bin.READ"},
			[]string{"settings.recycle_bin.UPDATE"}},
		{"POST", "v8/settings/recycle_bin/actions/restore", `{"ids":["1"]}`, []string{"settings.recycle_bin.UPDATE"},
			[]string{"settings.recycle_bin.READ"}},
		{"GET", "v8/settings/related_lists?module=Deals", "", []string{"settings.ALL", "settings.related_lists.READ"},
			[]string{"settings.fields.ALL", "modules.ALL"}},
		{"POST", "v8/__composite_requests", `{"__composite_requests":[{"method":"GET","uri":"/crm/v8/org"}]}`,
			[]string{"composite_requests.CUSTOM"}, []string{"modules.ALL,org.ALL", "composite_requests.READ"}},
	} {
		r := rig.New(t, emulator.Options{TokenRequests: -1})
		check := func(scope string, want bool) {
			r.SignIn(crm + strings.ReplaceAll(scope, ",", ","+crm))
			status, got := r.Call(c.method, c.path, c.body)
			if allowed := status != 401; allowed != want {
				t.Errorf("%s %s with %s: %d %s", c.method, c.path, scope, status, got)
			}
			if status == 401 && got != rig.ScopeMismatch {
				t.Errorf("%s %s with %s: %s", c.method, c.path, scope, got)
			}
		}
		for _, scope := range c.enough {
			check(scope, true)
		}
		for _, scope := range c.tooLittle {
			check(scope, false)
		}
	}
}

// All custom modules share the scope "custom". Zoho CRM API v8, Scopes.
func TestScopeOfCustomModules(t *testing.T) {
	t.Parallel()
	r := rig.New(t, emulator.Options{
		Org: rig.ReadOrg(t, `{"modules": [{"api_name": "Projects"}]}`), TokenRequests: -1,
	})
	query := rig.Selecting("id from Projects where id > 1")
	for scope, status := range map[string]int{
		"ZohoCRM.modules.custom.ALL": 204, "ZohoCRM.modules.READ": 204, "ZohoCRM.modules.projects.ALL": 401,
	} {
		r.SignIn(scope + ",ZohoCRM.coql.READ")
		for _, c := range []rig.Step{
			{Method: "GET", Path: "v8/Projects?fields=Name"}, {Method: "POST", Path: "v8/coql", Body: query},
		} {
			if got, body := r.Call(c.Method, c.Path, c.Body); got != status {
				t.Errorf("%s %s with %s: %d %s, want %d", c.Method, c.Path, scope, got, body, status)
			}
		}
	}
}

// A composite request needs its own scope, and each sub-request needs its scopes.
func TestScopesOfSubRequests(t *testing.T) {
	t.Parallel()
	r := rig.New(t, emulator.Options{})
	r.SignIn("ZohoCRM.composite_requests.CUSTOM,ZohoCRM.org.READ,ZohoCRM.modules.deals.ALL")
	status, got := r.Call("POST", "v8/__composite_requests",
		`{"__composite_requests":[{"method":"GET","uri":"/crm/v8/org"},`+
			`{"method":"GET","uri":"/crm/v8/Deals/`+rig.Deal1+`/Contact_Roles","params":{"fields":"id"}}]}`)
	if status != 200 || strings.Count(got, `"status_code":200`) != 1 || strings.Count(got, `"status_code":401`) != 1 ||
		!strings.Contains(got, rig.ScopeMismatch) {
		t.Errorf("%d %s", status, got)
	}
}

// A wrong path or method is refused before the scopes. The scopes of other services allow nothing here.
func TestScopesElsewhere(t *testing.T) {
	t.Parallel()
	r := rig.New(t, emulator.Options{})
	r.SignIn("AaaServer.profile.Read,ZohoSearch.securesearch.READ")
	r.Want("GET", "v8/nowhere", "", 404, rig.BadURL)
	r.Want("PATCH", rig.Roles, "", 400, rig.BadMethod)
	r.Want("GET", rig.Roles, "", 401, rig.ScopeMismatch)
	r.SignIn("Zohocrm.MODULES.all")
	r.Want("GET", rig.Roles+"/"+rig.Purchasing, "", 200,
		`{"contact_roles":[{"sequence_number":2,"name":"Purchasing","id":"`+rig.Purchasing+`"}]}`)
}

// grant signs in with some scopes and returns the access token.
func grant(r *rig.Rig, scope string) string {
	r.T.Helper()
	r.SignIn(scope)
	return r.Token
}
