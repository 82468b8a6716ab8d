package emulator_test

import (
	"strings"
	"testing"

	"rolecall/api/emulator"
)

// What each call needs, from Zoho's pages: for deal roles the scope of deals
// and that of contacts.
func TestScopesOfRoutes(t *testing.T) {
	t.Parallel()
	const crm = "ZohoCRM."
	both := func(op string) []string {
		return []string{
			"modules.ALL", "modules." + op, "modules.deals.ALL,modules.contacts." + op, "modules.deals." + op + ",modules.contacts.ALL", "modules.DEALS." + op + ",modules.Contacts." + op,
		}
	}
	notBoth := func(op, other string) []string {
		return []string{
			"modules.deals.ALL", "modules.contacts.ALL", "modules.deals." + other + ",modules.contacts." + op, "modules.deals." + op + ",modules.contacts." + other,
			"modules.leads.ALL", "settings.ALL,org.ALL,users.ALL,composite_requests.CUSTOM",
		}
	}
	write := []string{"modules.deals.WRITE,modules.contacts.WRITE", "modules.WRITE"}
	contacts := func(op string) []string {
		return []string{"modules.ALL", "modules.contacts.ALL", "modules.contacts." + op, "modules.CONTACTS." + strings.ToLower(op)}
	}
	one := rolesOf(deal1) + "/" + contact1
	for _, c := range []struct {
		method, path, body string
		enough, tooLittle  []string
	}{
		{"GET", rolesOf(deal1) + "?fields=id", "", both("READ"), notBoth("READ", "UPDATE")},
		{"GET", one + "?fields=id", "", both("READ"), notBoth("READ", "DELETE")},
		{"PUT", one, byID(purchasing), append(both("UPDATE"), write...), notBoth("UPDATE", "READ")},
		{"PUT", rolesOf(deal1), data(upsert(contact1, purchasing)), append(both("UPDATE"), write...), notBoth("UPDATE", "CREATE")},
		{"DELETE", one, "", both("DELETE"), append(notBoth("DELETE", "UPDATE"), write...)},
		{"DELETE", rolesOf(deal1) + "?ids=" + contact1, "", both("DELETE"), append(notBoth("DELETE", "READ"), write...)},
		{"GET", roles, "", contacts("READ"), []string{"modules.deals.ALL", "modules.contacts.WRITE", "modules.contacts.CUSTOM"}},
		{"GET", roles + "/" + purchasing, "", contacts("READ"), []string{"modules.deals.READ", "org.READ"}},
		{"POST", roles, roleItems(`{"name":"x"}`), append(contacts("CREATE"), "modules.contacts.WRITE"), []string{"modules.contacts.UPDATE", "modules.contacts.READ"}},
		{"PUT", roles, roleItems(`{"id":"` + purchasing + `","sequence_number":1}`), append(contacts("UPDATE"), "modules.contacts.WRITE"), []string{"modules.contacts.CREATE"}},
		{"PUT", roles + "/" + purchasing, roleItems(`{"sequence_number":1}`), append(contacts("UPDATE"), "modules.contacts.WRITE"), []string{"modules.contacts.DELETE"}},
		{"DELETE", roles + "?ids=1", "", contacts("DELETE"), []string{"modules.contacts.WRITE"}},
		{"DELETE", roles + "/1", "", contacts("DELETE"), []string{"modules.contacts.READ"}},
		{"GET", "v8/org", "", []string{"org.ALL", "org.READ"}, []string{"modules.ALL", "users.ALL", "org.UPDATE"}},
		{"GET", "v8/users", "", []string{"users.ALL", "users.READ"}, []string{"org.ALL", "modules.ALL"}},
		{"GET", "v8/settings/fields?module=Deals", "", []string{"settings.ALL", "settings.fields.READ", "settings.fields.ALL", "settings.READ"}, []string{"modules.ALL", "settings.related_lists.READ"}},
		{"GET", "v8/settings/related_lists?module=Deals", "", []string{"settings.ALL", "settings.related_lists.READ"}, []string{"settings.fields.ALL", "modules.ALL"}},
		{"POST", "v8/__composite_requests", `{"__composite_requests":[{"method":"GET","uri":"/crm/v8/org"}]}`, []string{"composite_requests.CUSTOM"}, []string{"modules.ALL,org.ALL", "composite_requests.READ"}},
	} {
		r := newRig(t, emulator.Options{TokenRequests: -1})
		check := func(scope string, want bool) {
			r.signIn(crm + strings.ReplaceAll(scope, ",", ","+crm))
			status, got := r.call(c.method, c.path, c.body)
			if allowed := status != 401; allowed != want {
				t.Errorf("%s %s with %s: %d %s", c.method, c.path, scope, status, got)
			}
			if status == 401 && got != scopeMismatch {
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

// A composite request has its own scope, and each of its parts theirs.
func TestScopesOfSubRequests(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{})
	r.signIn("ZohoCRM.composite_requests.CUSTOM,ZohoCRM.org.READ,ZohoCRM.modules.deals.ALL")
	status, got := r.call("POST", "v8/__composite_requests", `{"__composite_requests":[{"method":"GET","uri":"/crm/v8/org"},`+
		`{"method":"GET","uri":"/crm/v8/Deals/`+deal1+`/Contact_Roles","params":{"fields":"id"}}]}`)
	if status != 200 || strings.Count(got, `"status_code":200`) != 1 || strings.Count(got, `"status_code":401`) != 1 || !strings.Contains(got, scopeMismatch) {
		t.Errorf("%d %s", status, got)
	}
}

// What is refused anyway is refused for that, and the scopes of other services
// are none of ours.
func TestScopesElsewhere(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{})
	r.signIn("AaaServer.profile.Read,ZohoSearch.securesearch.READ")
	r.want("GET", "v8/nowhere", "", 404, badURL)
	r.want("PATCH", roles, "", 400, badMethod)
	r.want("GET", roles, "", 401, scopeMismatch)
	r.signIn("Zohocrm.MODULES.all")
	r.want("GET", roles+"/"+purchasing, "", 200, `{"contact_roles":[{"sequence_number":2,"name":"Purchasing","id":"`+purchasing+`"}]}`)
}
