package emulator_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rolecall/api/emulator"
)

// Zoho CRM API v7, Get Related Records using External ID: Contact_Role is the
// id of the role, in one sample a string and in one a bare number.
func TestDealsOfAContact(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{Org: readOrg(t, sales)})
	d3 := `{"Contact_Role":12,"Stage":"Closed Won","id":"903"}`
	d4 := `{"Contact_Role":"11","Stage":"Negotiation","id":"904"}`
	d5 := `{"Contact_Role":11,"Stage":"Negotiation","id":"905"}`
	const path = "v8/Contacts/501/Deals?fields=Stage"
	r.run([]step{
		{"GET", path, "", 200, listed(200, 1, 3, false, d5, d4, d3)},
		{"GET", path + "&sort_order=asc&sort_by=Modified_Time", "", 200, listed(200, 1, 3, false, d3, d5, d4)},
		{"GET", path + "&ids=904,77", "", 200, listed(200, 1, 1, false, d4)},
		{"GET", path + "&page=2", "", 204, ""},
		{"GET", path + "&page=11", "", 400, failed("DISCRETE_PAGINATION_LIMIT_EXCEEDED", `{"limit":2000}`, "You can only get the first 2000 records without using page_token param")},
		{"GET", "v8/Contacts/501/Deals", "", 400, noFields},
		{"GET", "v8/Contacts/599/Deals?fields=Stage", "", 400, badDeal},
		{"GET", "v8/Contacts/x/Deals?fields=Stage", "", 400, badDeal},
		{"GET", "v8/Contacts/501/Dealz?fields=Stage", "", 400, badRelation},
		// What is written shows, now that the index is made.
		{"DELETE", rolesOf("905") + "/501", "", 200, data(relation("501", "removed"))},
		{"PUT", rolesOf("903") + "/502", byID("11"), 200, data(relation("502", "updated"))},
		{"PUT", rolesOf("903") + "/501", byID("11"), 200, data(relation("501", "updated"))},
		{"GET", path, "", 200, listed(200, 1, 2, false, d4, strings.Replace(d3, "12", "11", 1))},
		{"GET", "v8/Contacts/502/Deals?fields=Stage&sort_order=asc", "", 200, listed(200, 1, 2, false, strings.Replace(d3, "12", "11", 1), strings.Replace(d4, "11", "12", 1))},
		{"GET", "v8/settings/related_lists?module=Contacts", "", 200, `{"related_lists":[{"id":"4150868000000000703","sequence_number":"1","display_label":"Deals","api_name":"Deals",
			"name":"Deals","module":{"api_name":"Deals","id":"4150868000000000704"},"href":"Contacts/{ENTITYID}/Deals","type":"default","status":"visible"}]}`},
	})
	if got := r.e.Stats().Calls["GET /Contacts/{id}/Deals"]; got != 10 {
		t.Errorf("%d calls in the statistics", got)
	}
}

// Both sides tell the same, whatever the sizes: the design's arithmetic of
// made-up roles is that of the deals.
func TestMadeUpRoles(t *testing.T) {
	t.Parallel()
	for _, o := range []emulator.Options{
		{Deals: 50, Contacts: 60, RolesPerDeal: 8},
		{Deals: 50, Contacts: 7, RolesPerDeal: 8},
		{Deals: 30, Contacts: 1, RolesPerDeal: 3},
		{Deals: 1, Contacts: 5, RolesPerDeal: 200},
	} {
		t.Run(fmt.Sprintf("%d deals, %d contacts, %d roles", o.Deals, o.Contacts, o.RolesPerDeal), func(t *testing.T) {
			t.Parallel()
			d := newDirect(t, o)
			want := map[string][]string{} // by contact: deal and role
			for i := 1; i <= o.Deals; i++ {
				got := d.e.SnapshotState()[dealID(i)]
				if len(got) != min(i%(o.RolesPerDeal+1), o.Contacts) {
					t.Errorf("deal %d has %d roles", i, len(got))
				}
				for k := range len(got) {
					contact := contactID((i-1+k)%o.Contacts + 1)
					role := fmt.Sprint(4150868000000006871 + (i+k)%7)
					if got[contact].ID != role {
						t.Errorf("deal %d, contact %s: role %q, want %s", i, contact, got[contact].ID, role)
					}
					want[contact] = append(want[contact], dealID(i)+" "+role)
				}
			}
			for j := 1; j <= o.Contacts; j++ {
				_, got, err := d.call("GET", "v8/Contacts/"+contactID(j)+"/Deals?fields=x&sort_order=asc", "")
				if err != nil {
					t.Fatal(err)
				}
				var list []string
				if got != "" {
					for _, row := range decode(t, got).(map[string]any)["data"].([]any) {
						list = append(list, fmt.Sprint(row.(map[string]any)["id"], " ", row.(map[string]any)["Contact_Role"]))
					}
				}
				slices.Sort(want[contactID(j)])
				if diff := cmp.Diff(want[contactID(j)], list); diff != "" {
					t.Errorf("contact %d (-want +got)\n%s", j, diff)
				}
			}
		})
	}
}

// What was written takes the place of what was made up, once: also when the
// index of contacts was made before.
func TestMadeUpRolesChange(t *testing.T) {
	t.Parallel()
	for _, before := range []bool{false, true} {
		r := newRig(t, emulator.Options{Deals: 9, Contacts: 30, RolesPerDeal: 4})
		deals := func(contact string) []string {
			_, got := r.call("GET", "v8/Contacts/"+contact+"/Deals?fields=x&sort_order=asc", "")
			return idsOf(t, got)
		}
		if before {
			deals(contact1)
		}
		// Deal 4 has contacts 4 to 7.
		r.want("PUT", rolesOf(dealID(4))+"/"+contactID(6), byID(decisionMaker), 200, data(relation(contactID(6), "updated")))
		r.want("PUT", rolesOf(dealID(4))+"/"+contactID(20), byID(decisionMaker), 200, data(relation(contactID(20), "updated")))
		r.want("DELETE", rolesOf(dealID(4))+"/"+contactID(5), "", 200, data(relation(contactID(5), "removed")))
		r.want("DELETE", "v8/Deals/"+dealID(3), "", 200, data(deleted(dealID(3))))
		for contact, want := range map[int][]string{4: {dealID(4)}, 5: nil, 6: {dealID(4), dealID(6)}, 7: {dealID(4), dealID(7)}, 20: {dealID(4)}} {
			if diff := cmp.Diff(want, deals(contactID(contact))); diff != "" {
				t.Errorf("contact %d (-want +got)\n%s", contact, diff)
			}
		}
	}
}

// A contact on more than 2,000 deals needs page tokens.
func TestManyDealsOfAContact(t *testing.T) {
	t.Parallel()
	d := newDirect(t, emulator.Options{Deals: 4500, Contacts: 1, RolesPerDeal: 1})
	seen, token := map[string]bool{}, ""
	for {
		status, got, err := d.call("GET", "v8/Contacts/"+contact1+"/Deals?fields=x"+token, "")
		if err != nil || status != 200 {
			t.Fatalf("%d %v %s", status, err, got)
		}
		for _, n := range idsOf(t, got) {
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

// What made-up records hold: fields that a CSV file must quote, that a
// spreadsheet would take for a formula, and empty ones.
func TestMadeUpFieldsAreAwkward(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{Deals: 100, Contacts: 100})
	for module, fields := range map[string]string{
		"Deals":    "Deal_Name,Stage,Amount,Closing_Date,Account_Name,Owner,Contact_Name,Pipeline,Description,Created_Time,Modified_Time",
		"Contacts": "Full_Name,Email,Phone,Title,Department,Account_Name,Owner,Created_Time,Email_Opt_Out",
	} {
		_, got := r.call("GET", "v8/"+module+"?fields="+fields, "")
		if again := newRig(t, emulator.Options{Deals: 100, Contacts: 100}); true {
			if _, other := again.call("GET", "v8/"+module+"?fields="+fields, ""); other != got {
				t.Errorf("%s: made up differently each time", module)
			}
		}
		for _, part := range []string{`, `, `\"`, `ü`, `:"=`, `:null`} {
			if !strings.Contains(got, part) {
				t.Errorf("%s: no %s in any field", module, part)
			}
		}
		rows := decode(t, got).(map[string]any)["data"].([]any)
		if len(rows) != 100 || len(rows[0].(map[string]any)) != strings.Count(fields, ",")+2 {
			t.Errorf("%s: %d rows, the first %v", module, len(rows), rows[0])
		}
	}
	if _, got := r.call("GET", "v8/settings/fields?module=Deals", ""); strings.Contains(got, "Last_Name") || !strings.Contains(got, `"api_name":"Amount","field_label":"Amount","data_type":"currency","json_type":"double"`) {
		t.Errorf("fields of deals %s", got)
	}
}
