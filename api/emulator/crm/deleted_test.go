package crm_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rolecall/api/emulator"
	"rolecall/api/emulator/rig"
)

func notDeleted(deal string) string {
	return rig.Failed("INVALID_DATA", `{"id":"`+deal+`"}`, "record not deleted")
}

// Zoho CRM API v7, Delete Records; a mixed answer: OpenAPI v8.0.
func TestDeleteDeals(t *testing.T) {
	t.Parallel()
	r := rig.New(t, emulator.Options{Org: rig.ReadOrg(t, rig.Sales)})
	r.Run([]rig.Step{
		{"DELETE", "v8/Deals?ids=903,77,903,x&wf_trigger=true", "", 207,
			rig.Data(rig.Deleted("903"), notDeleted("77"), notDeleted("903"), notDeleted("x"))},
		{"DELETE", "v8/Deals/903", "", 400, rig.Data(notDeleted("903"))},
		{"DELETE", "v8/Deals", "", 400, rig.Failed("REQUIRED_PARAM_MISSING", `{"param_name":"ids"}`,
			"One of the expected parameter is missing")},
		{"DELETE", "v8/Deals?ids=" + contactList(2, 102), "", 400,
			rig.Failed("LIMIT_EXCEEDED", `{"limit":"100","param_name":"ids"}`, "limit exceeded")},
		// The deal is gone from every read.
		{"GET", "v8/Deals/903", "", 204, ""},
		{"GET", rig.RolesOf("903") + "?fields=id", "", 400, rig.BadDeal},
		{"GET", rig.RolesOf("903") + "/501", "", 400, rig.BadDeal},
		{"PUT", rig.RolesOf("903") + "/501", rig.ByID("11"), 400, rig.BadDeal},
		{"PUT", rig.RolesOf("903"), rig.Data(rig.Upsert("501", "11")), 400, rig.BadDeal},
		{"DELETE", rig.RolesOf("903") + "/501", "", 400, rig.BadDeal},
		{"POST", "v8/coql", rig.Selecting("id from Deals where id = '903'"), 204, ""},
		{"GET", "v8/Deals/actions/count", "", 200, `{"count":2}`},
		{"GET", "v8/Deals?fields=x&ids=903", "", 204, ""},
	})
	_, got := r.Call("GET", "v8/Contacts/501/Deals?fields=x", "")
	if diff := cmp.Diff([]string{"905", "904"}, rig.IDsOf(t, got)); diff != "" {
		t.Errorf("deals of the contact (-want +got)\n%s", diff)
	}
	_, got = r.Call("GET", "v8/Deals?fields=x", "")
	if diff := cmp.Diff([]string{"905", "904"}, rig.IDsOf(t, got)); diff != "" {
		t.Errorf("deals (-want +got)\n%s", diff)
	}
	if state := r.E.SnapshotState(); len(state) != 2 {
		t.Errorf("state %v", state)
	}
}

// Zoho CRM API v7, Get List of Deleted Records.
func TestDeletedRecords(t *testing.T) {
	t.Parallel()
	c := rig.NewClock()
	r := rig.New(t, emulator.Options{Org: rig.ReadOrg(t, rig.Sales), Now: c.Now, TokenTTL: 10_000 * time.Hour,
		TokenRequests: -1})
	who := `{"name":"Rehearsal User","id":"4150868000000225013"}`
	bin := func(deal, name, at string) string {
		return `{"deleted_by":` + who + `,"id":"` + deal + `","display_name":` + rig.Quote(name) +
			`,"type":"recycle","created_by":` + who + `,"deleted_time":"` + at + `"}`
	}
	list := func(perPage, page int, more bool, rows ...string) string {
		return fmt.Sprintf(`{"data":[%s],"info":{"per_page":%d,"count":%d,"page":%d,"more_records":%t}}`,
			strings.Join(rows, ","), perPage, len(rows), page, more)
	}
	r.Want("GET", "v8/Deals/deleted", "", 204, "")
	r.Want("DELETE", "v8/Deals/905", "", 200, rig.Data(rig.Deleted("905")))
	c.Pass(time.Hour)
	r.Want("DELETE", "v8/Deals?ids=904,903", "", 200, rig.Data(rig.Deleted("904"), rig.Deleted("903")))
	d3, d4 := bin("903", `O'Neill's, "big" deal`, "2026-03-01T13:00:00+00:00"),
		bin("904", "Müller", "2026-03-01T13:00:00+00:00")
	d5 := bin("905", "Zylker 100", "2026-03-01T12:00:00+00:00")
	r.Run([]rig.Step{
		{"GET", "v8/Deals/deleted", "", 200, list(200, 1, false, d4, d3, d5)},
		{"GET", "v2/Deals/deleted?type=recycle", "", 200, list(200, 1, false, d4, d3, d5)},
		{"GET", "v8/Deals/deleted?type=permanent", "", 204, ""},
		{"GET", "v8/Deals/deleted?type=all&per_page=2&page=2", "", 200, list(2, 2, false, d5)},
		{"GET", "v8/Deals/deleted?per_page=2", "", 200, list(2, 1, true, d4, d3)},
		{"GET", "v8/Deals/deleted?type=some", "", 400,
			rig.Data(rig.Failed("PATTERN_NOT_MATCHED", `{"param_name":"type"}`,
				"Please check whether the input values are correct"))},
		{"GET", "v8/Contacts/deleted", "", 204, ""},
	})
	if status, got := getSince(r, "v8/Deals/deleted", "2026-03-01T12:00:00+00:00"); status != 200 ||
		len(rig.IDsOf(t, got)) != 2 {
		t.Errorf("since: %d %s", status, got)
	}
	if status, _ := getSince(r, "v8/Deals/deleted", "2026-03-01T13:00:00+00:00"); status != 304 {
		t.Errorf("nothing since: %d", status)
	}
	// 60 days in the recycle bin, 120 in the list.
	c.Pass(60*24*time.Hour - time.Hour)
	gone := `{"deleted_by":null,"id":"905","display_name":null,"type":"permanent","created_by":null,` +
		`"deleted_time":"2026-03-01T12:00:00+00:00"}`
	r.Want("GET", "v8/Deals/deleted", "", 200, list(200, 1, false, d4, d3, gone))
	r.Want("GET", "v8/Deals/deleted?type=permanent", "", 200, list(200, 1, false, gone))
	c.Pass(60 * 24 * time.Hour)
	_, got := r.Call("GET", "v8/Deals/deleted", "")
	if diff := cmp.Diff([]string{"904", "903"}, rig.IDsOf(t, got)); diff != "" {
		t.Errorf("after 120 days (-want +got)\n%s", diff)
	}
}

// A generated deal loses its generated roles when it is deleted. A restart brings nothing back.
func TestDeletedStaysDeleted(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "state")
	o := emulator.Options{State: file, Deals: 20, Contacts: 30, RolesPerDeal: 4}
	r := rig.Serve(t, rig.Open(t, o))
	deal3, deal4 := rig.DealID(3), rig.DealID(4)
	r.Run([]rig.Step{
		{"DELETE", "v8/Deals?ids=" + deal3, "", 200, rig.Data(rig.Deleted(deal3))},
		// Of deal 4's four contacts one goes and one gets another role. One comes.
		{"DELETE", rig.RolesOf(deal4) + "/" + rig.ContactID(5), "", 200,
			rig.Data(rig.Relation(rig.ContactID(5), "removed"))},
		{"PUT", rig.RolesOf(deal4) + "/" + rig.ContactID(6), rig.ByID(rig.DecisionMaker), 200,
			rig.Data(rig.Relation(rig.ContactID(6), "updated"))},
		{"PUT", rig.RolesOf(deal4) + "/" + rig.ContactID(20), rig.ByID(rig.DecisionMaker), 200,
			rig.Data(rig.Relation(rig.ContactID(20), "updated"))},
		// All contacts of deal 1 go.
		{"DELETE", rig.RolesOf(rig.Deal1) + "?ids=" + rig.Contact1, "", 200,
			rig.Data(rig.Relation(rig.Contact1, "removed"))},
		// Generated roles do not follow the picklist.
		{"DELETE", rig.Roles + "/" + rig.Engineering, "", 200,
			rig.RoleItems(rig.RoleDone(rig.Engineering, "contact role deleted"))},
		{"POST", rig.Roles, rig.RoleItems(`{"name":"Lead","sequence_number":1}`), 200,
			rig.RoleItems(rig.RoleDone("4150868000000006878", "contact role added"))},
	})
	state, org := r.Inspect("state"), r.Inspect("org")
	if strings.Contains(state, deal3) || strings.Contains(state, rig.Deal1) ||
		!strings.Contains(org, `"deleted_deals":[{"id":"`+deal3+`"`) {
		t.Errorf("state %s\norg %s", state, org)
	}
	seeded := rig.New(t, emulator.Options{Org: rig.ReadOrg(t, org)})
	if diff := cmp.Diff(org, seeded.Inspect("org")); diff != "" {
		t.Errorf("the org as a seed (-want +got)\n%s", diff)
	}
	for range 2 { // the first start rewrites the file
		second := rig.Serve(t, rig.Open(t, emulator.Options{State: file}))
		if diff := cmp.Diff(state, second.Inspect("state")); diff != "" {
			t.Errorf("state (-want +got)\n%s", diff)
		}
		if diff := cmp.Diff(org, second.Inspect("org")); diff != "" {
			t.Errorf("org (-want +got)\n%s", diff)
		}
		second.Want("GET", rig.RolesOf(deal3)+"?fields=id", "", 400, rig.BadDeal)
		second.Want("GET", rig.RolesOf(rig.Deal1)+"?fields=id", "", 204, "")
		second.Want("GET", "v8/Deals/actions/count", "", 200, `{"count":19}`)
	}
	if _, err := emulator.New(emulator.Options{State: file, RolesPerDeal: 3}); err == nil ||
		!strings.Contains(err.Error(), "up to 4 roles") {
		t.Errorf("another number of roles: %v", err)
	}
	closed := rig.Serve(t, rig.Open(t, emulator.Options{State: file}))
	if err := closed.E.Close(); err != nil {
		t.Fatal(err)
	}
	if status, _ := closed.Call("DELETE", "v8/Deals/"+rig.Deal2, ""); status != 500 {
		t.Errorf("a change that the file cannot take: %d", status)
	}
	closed.Want("GET", "v8/Deals/actions/count", "", 200, `{"count":19}`)
}
