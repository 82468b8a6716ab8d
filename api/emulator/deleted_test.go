package emulator_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rolecall/api/emulator"
)

func deleted(deal string) string {
	return `{"code":"SUCCESS","details":{"id":"` + deal + `"},"message":"record deleted","status":"success"}`
}

func notDeleted(deal string) string {
	return failed("INVALID_DATA", `{"id":"`+deal+`"}`, "record not deleted")
}

// Zoho CRM API v7, Delete Records; a mixed answer: OpenAPI v8.0.
func TestDeleteDeals(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{Org: readOrg(t, sales)})
	r.run([]step{
		{"DELETE", "v8/Deals?ids=903,77,903,x&wf_trigger=true", "", 207, data(deleted("903"), notDeleted("77"), notDeleted("903"), notDeleted("x"))},
		{"DELETE", "v8/Deals/903", "", 400, data(notDeleted("903"))},
		{"DELETE", "v8/Deals", "", 400, failed("REQUIRED_PARAM_MISSING", `{"param_name":"ids"}`, "One of the expected parameter is missing")},
		{"DELETE", "v8/Deals?ids=" + contactList(2, 102), "", 400, failed("LIMIT_EXCEEDED", `{"limit":"100","param_name":"ids"}`, "limit exceeded")},
		// Nothing of it is left.
		{"GET", "v8/Deals/903", "", 204, ""},
		{"GET", rolesOf("903") + "?fields=id", "", 400, badDeal},
		{"GET", rolesOf("903") + "/501", "", 400, badDeal},
		{"PUT", rolesOf("903") + "/501", byID("11"), 400, badDeal},
		{"PUT", rolesOf("903"), data(upsert("501", "11")), 400, badDeal},
		{"DELETE", rolesOf("903") + "/501", "", 400, badDeal},
		{"POST", "v8/coql", selecting("id from Deals where id = '903'"), 204, ""},
		{"GET", "v8/Deals/actions/count", "", 200, `{"count":2}`},
		{"GET", "v8/Deals?fields=x&ids=903", "", 204, ""},
	})
	_, got := r.call("GET", "v8/Contacts/501/Deals?fields=x", "")
	if diff := cmp.Diff([]string{"905", "904"}, idsOf(t, got)); diff != "" {
		t.Errorf("deals of the contact (-want +got)\n%s", diff)
	}
	_, got = r.call("GET", "v8/Deals?fields=x", "")
	if diff := cmp.Diff([]string{"905", "904"}, idsOf(t, got)); diff != "" {
		t.Errorf("deals (-want +got)\n%s", diff)
	}
	if state := r.e.SnapshotState(); len(state) != 2 {
		t.Errorf("state %v", state)
	}
}

// Zoho CRM API v7, Get List of Deleted Records.
func TestDeletedRecords(t *testing.T) {
	t.Parallel()
	c := newClock()
	r := newRig(t, emulator.Options{Org: readOrg(t, sales), Now: c.Now, TokenTTL: 10_000 * time.Hour, TokenRequests: -1})
	who := `{"name":"Rehearsal User","id":"4150868000000225013"}`
	bin := func(deal, name, at string) string {
		return `{"deleted_by":` + who + `,"id":"` + deal + `","display_name":` + quote(name) + `,"type":"recycle","created_by":` + who + `,"deleted_time":"` + at + `"}`
	}
	list := func(perPage, page int, more bool, rows ...string) string {
		return fmt.Sprintf(`{"data":[%s],"info":{"per_page":%d,"count":%d,"page":%d,"more_records":%t}}`, strings.Join(rows, ","), perPage, len(rows), page, more)
	}
	r.want("GET", "v8/Deals/deleted", "", 204, "")
	r.want("DELETE", "v8/Deals/905", "", 200, data(deleted("905")))
	c.pass(time.Hour)
	r.want("DELETE", "v8/Deals?ids=904,903", "", 200, data(deleted("904"), deleted("903")))
	d3, d4 := bin("903", `O'Neill's, "big" deal`, "2026-03-01T13:00:00+00:00"), bin("904", "Müller", "2026-03-01T13:00:00+00:00")
	d5 := bin("905", "Zylker 100", "2026-03-01T12:00:00+00:00")
	r.run([]step{
		{"GET", "v8/Deals/deleted", "", 200, list(200, 1, false, d4, d3, d5)},
		{"GET", "v2/Deals/deleted?type=recycle", "", 200, list(200, 1, false, d4, d3, d5)},
		{"GET", "v8/Deals/deleted?type=permanent", "", 204, ""},
		{"GET", "v8/Deals/deleted?type=all&per_page=2&page=2", "", 200, list(2, 2, false, d5)},
		{"GET", "v8/Deals/deleted?per_page=2", "", 200, list(2, 1, true, d4, d3)},
		{"GET", "v8/Deals/deleted?type=some", "", 400, data(failed("PATTERN_NOT_MATCHED", `{"param_name":"type"}`, "Please check whether the input values are correct"))},
		{"GET", "v8/Contacts/deleted", "", 204, ""},
	})
	if status, got := r.getSince("v8/Deals/deleted", "2026-03-01T12:00:00+00:00"); status != 200 || len(idsOf(t, got)) != 2 {
		t.Errorf("since: %d %s", status, got)
	}
	if status, _ := r.getSince("v8/Deals/deleted", "2026-03-01T13:00:00+00:00"); status != 304 {
		t.Errorf("nothing since: %d", status)
	}
	// 60 days in the recycle bin, 120 in the list.
	c.pass(60*24*time.Hour - time.Hour)
	gone := `{"deleted_by":null,"id":"905","display_name":null,"type":"permanent","created_by":null,"deleted_time":"2026-03-01T12:00:00+00:00"}`
	r.want("GET", "v8/Deals/deleted", "", 200, list(200, 1, false, d4, d3, gone))
	r.want("GET", "v8/Deals/deleted?type=permanent", "", 200, list(200, 1, false, gone))
	c.pass(60 * 24 * time.Hour)
	_, got := r.call("GET", "v8/Deals/deleted", "")
	if diff := cmp.Diff([]string{"904", "903"}, idsOf(t, got)); diff != "" {
		t.Errorf("after 120 days (-want +got)\n%s", diff)
	}
}

// A made-up deal is deleted with the roles that were made up for it; a restart
// brings nothing back.
func TestDeletedStaysDeleted(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "state")
	o := emulator.Options{State: file, Deals: 20, Contacts: 30, RolesPerDeal: 4}
	r := serve(t, open(t, o))
	deal3, deal4 := dealID(3), dealID(4)
	r.run([]step{
		{"DELETE", "v8/Deals?ids=" + deal3, "", 200, data(deleted(deal3))},
		// One of deal 4's four contacts goes, one has another role, one comes.
		{"DELETE", rolesOf(deal4) + "/" + contactID(5), "", 200, data(relation(contactID(5), "removed"))},
		{"PUT", rolesOf(deal4) + "/" + contactID(6), byID(decisionMaker), 200, data(relation(contactID(6), "updated"))},
		{"PUT", rolesOf(deal4) + "/" + contactID(20), byID(decisionMaker), 200, data(relation(contactID(20), "updated"))},
		// All of deal 1's go.
		{"DELETE", rolesOf(deal1) + "?ids=" + contact1, "", 200, data(relation(contact1, "removed"))},
		// What is made up does not follow the picklist.
		{"DELETE", roles + "/" + engineering, "", 200, roleItems(roleDone(engineering, "contact role deleted"))},
		{"POST", roles, roleItems(`{"name":"Lead","sequence_number":1}`), 200, roleItems(roleDone("4150868000000006878", "contact role added"))},
	})
	state, org := r.inspect("state"), r.inspect("org")
	if strings.Contains(state, deal3) || strings.Contains(state, deal1) || !strings.Contains(org, `"deleted_deals":[{"id":"`+deal3+`"`) {
		t.Errorf("state %s\norg %s", state, org)
	}
	seeded := newRig(t, emulator.Options{Org: readOrg(t, org)})
	if diff := cmp.Diff(org, seeded.inspect("org")); diff != "" {
		t.Errorf("the org as a seed (-want +got)\n%s", diff)
	}
	for range 2 { // the first start rewrites the file
		again := serve(t, open(t, emulator.Options{State: file}))
		if diff := cmp.Diff(state, again.inspect("state")); diff != "" {
			t.Errorf("state (-want +got)\n%s", diff)
		}
		if diff := cmp.Diff(org, again.inspect("org")); diff != "" {
			t.Errorf("org (-want +got)\n%s", diff)
		}
		again.want("GET", rolesOf(deal3)+"?fields=id", "", 400, badDeal)
		again.want("GET", rolesOf(deal1)+"?fields=id", "", 204, "")
		again.want("GET", "v8/Deals/actions/count", "", 200, `{"count":19}`)
	}
	if _, err := emulator.New(emulator.Options{State: file, RolesPerDeal: 3}); err == nil || !strings.Contains(err.Error(), "up to 4 roles") {
		t.Errorf("another number of roles: %v", err)
	}
	closed := serve(t, open(t, emulator.Options{State: file}))
	if err := closed.e.Close(); err != nil {
		t.Fatal(err)
	}
	if status, _ := closed.call("DELETE", "v8/Deals/"+deal2, ""); status != 500 {
		t.Errorf("what cannot be kept: %d", status)
	}
	closed.want("GET", "v8/Deals/actions/count", "", 200, `{"count":19}`)
}
