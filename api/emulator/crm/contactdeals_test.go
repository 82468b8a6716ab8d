package crm_test

import (
	"strings"
	"testing"

	"rolecall/api/emulator"
	"rolecall/api/emulator/rig"
)

// Zoho CRM API v7, Get Related Records using External ID: Contact_Role is the
// id of the role, in one sample a string and in one a bare number.
func TestDealsOfAContact(t *testing.T) {
	t.Parallel()
	r := rig.New(t, emulator.Options{Org: rig.ReadOrg(t, rig.Sales)})
	d3 := `{"Contact_Role":12,"Stage":"Closed Won","id":"903"}`
	d4 := `{"Contact_Role":"11","Stage":"Negotiation","id":"904"}`
	d5 := `{"Contact_Role":11,"Stage":"Negotiation","id":"905"}`
	const path = "v8/Contacts/501/Deals?fields=Stage"
	r.Run([]rig.Step{
		{"GET", path, "", 200, rig.Listed(200, 1, 3, false, d5, d4, d3)},
		{"GET", path + "&sort_order=asc&sort_by=Modified_Time", "", 200, rig.Listed(200, 1, 3, false, d3, d5, d4)},
		{"GET", path + "&ids=904,77", "", 200, rig.Listed(200, 1, 1, false, d4)},
		{"GET", path + "&page=2", "", 204, ""},
		{"GET", path + "&page=11", "", 400, rig.Failed("DISCRETE_PAGINATION_LIMIT_EXCEEDED", `{"limit":2000}`,
			"You can only get the first 2000 records without using page_token param")},
		{"GET", "v8/Contacts/501/Deals", "", 400, rig.NoFields},
		{"GET", "v8/Contacts/599/Deals?fields=Stage", "", 400, rig.BadDeal},
		{"GET", "v8/Contacts/x/Deals?fields=Stage", "", 400, rig.BadDeal},
		{"GET", "v8/Contacts/501/Dealz?fields=Stage", "", 400, rig.BadRelation},
		// Writes show, now that the index exists.
		{"DELETE", rig.RolesOf("905") + "/501", "", 200, rig.Data(rig.Relation("501", "removed"))},
		{"PUT", rig.RolesOf("903") + "/502", rig.ByID("11"), 200, rig.Data(rig.Relation("502", "updated"))},
		{"PUT", rig.RolesOf("903") + "/501", rig.ByID("11"), 200, rig.Data(rig.Relation("501", "updated"))},
		{"GET", path, "", 200, rig.Listed(200, 1, 2, false, d4, strings.Replace(d3, "12", "11", 1))},
		{"GET", "v8/Contacts/502/Deals?fields=Stage&sort_order=asc", "", 200,
			rig.Listed(200, 1, 2, false, strings.Replace(d3, "12", "11", 1), strings.Replace(d4, "11", "12", 1))},
		{"GET", "v8/settings/related_lists?module=Contacts", "", 200,
			`{"related_lists":[{"id":"4150868000000000703","sequence_number":"1","display_label":"Deals",
				"api_name":"Deals",
			"name":"Deals","module":{"api_name":"Deals","id":"4150868000000000704"},
				"href":"Contacts/{ENTITYID}/Deals","type":"default","status":"visible"}]}`},
	})
	if got := r.E.Stats().Calls["GET /Contacts/{id}/Deals"]; got != 10 {
		t.Errorf("%d calls in the statistics", got)
	}
}

// A contact on more than 2,000 deals needs page tokens.
func TestManyDealsOfAContact(t *testing.T) {
	t.Parallel()
	d := rig.NewDirect(t, emulator.Options{Deals: 4500, Contacts: 1, RolesPerDeal: 1})
	seen, token := map[string]bool{}, ""
	for {
		status, got, err := d.Call("GET", "v8/Contacts/"+rig.Contact1+"/Deals?fields=x"+token, "")
		if err != nil || status != 200 {
			t.Fatalf("%d %v %s", status, err, got)
		}
		for _, n := range rig.IDsOf(t, got) {
			seen[n] = true
		}
		after := next(t, got)
		if after == "" {
			break
		}
		token = "&page_token=" + after
	}
	if len(seen) != 2250 { // every odd deal has one contact
		t.Errorf("%d deals", len(seen))
	}
}
