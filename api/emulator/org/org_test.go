package org_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rolecall/api/emulator"
	"rolecall/api/emulator/rig"
)

func TestSeed(t *testing.T) {
	t.Parallel()
	r := rig.New(t, emulator.Options{Org: rig.ReadOrg(t, rig.Seed)})
	r.Run([]rig.Step{
		{"GET", rig.Roles, "", 200, rig.PicklistOf("Decision Maker 11", "Purchasing 12", "Sponsor 13")},
		{"GET", "v8/Deals/901/Contact_Roles?fields=Email,Owner,Nonsense,Email,id", "", 200, rig.Listed(200, 1, 2, false,
			`{"Contact_Role":{"name":"Decision Maker","id":"11"},"Email":null,"Owner":`+rig.TheUser+`,"id":"502"}`,
			`{"Contact_Role":{"name":"Purchasing","id":"12"},"Email":"burns@example.com","Owner":{"name":"P",`+
				`"id":"7","email":"p@example.com"},"id":"501"}`)},
		{"GET", "v2.1/Deals/901/Contact_Roles/502", "", 200,
			rig.Data(`{"Contact_Role":"11","Department":null,"Last_Name":"Ng","id":"502"}`)},
		{"GET", "v8/Deals/902/Contact_Roles?fields=Email", "", 204, ""},
		{"PUT", "v8/Deals/902/Contact_Roles/503", rig.ByID("13"), 200, rig.Data(rig.Relation("503", "updated"))},
	})
	// standard: ten calls in flight.
	if l, err := r.E.SetLimits(emulator.Limits{}); err != nil || *l.InFlight != 10 {
		t.Errorf("limits %v, %v", l, err)
	}
	want := `{"deals": {
		"901": {"contact_roles": {"501": {"id": "12", "name": "Purchasing"}, "502": {"id": "11",
			"name": "Decision Maker"}}},
		"902": {"contact_roles": {"503": {"id": "13", "name": "Sponsor"}}}}}`
	if diff := cmp.Diff(rig.Decode(t, want), rig.Decode(t, r.Inspect("state"))); diff != "" {
		t.Errorf("state (-want +got)\n%s", diff)
	}
}

// The org page returns a seed. An emulator that begins with this seed is equal.
func TestOrgIsASeed(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]emulator.Options{"generated": {Edition: "free"},
		"seeded": {Org: rig.ReadOrg(t, rig.Seed)}} {
		r := rig.New(t, o)
		deal, contact := rig.Deal1, rig.Contact1
		role := rig.Purchasing
		if name == "seeded" {
			deal, contact, role = "902", "503", "13"
		}
		r.Want("PUT", rig.RolesOf(deal)+"/"+contact, rig.ByID(role), 200, rig.Data(rig.Relation(contact, "updated")))
		r.Call("DELETE", rig.Roles+"/"+role, "")
		r.Call("POST", rig.Roles, rig.RoleItems(`{"name":"Night \"Owl\" <&>","sequence_number":1}`))
		org := r.Inspect("org")
		second := rig.New(t, emulator.Options{Org: rig.ReadOrg(t, org)})
		if diff := cmp.Diff(org, second.Inspect("org")); diff != "" {
			t.Errorf("%s: org (-want +got)\n%s", name, diff)
		}
		if diff := cmp.Diff(r.Inspect("state"), second.Inspect("state")); diff != "" {
			t.Errorf("%s: state (-want +got)\n%s", name, diff)
		}
	}
}

func TestBadSeedsAreRefused(t *testing.T) {
	t.Parallel()
	const contacts, deals = `"contacts": [{"id": "1"}]`, `"deals": [{"id": "9"}]`
	const oneRole = `"contact_roles": [{"id": "5", "name": "A"}]`
	for s, want := range map[string]string{
		``:                                      "EOF",
		`[]`:                                    "/__emulator/org of a running emulator shows the form",
		`{} {}`:                                 "more text",
		`{"deal": []}`:                          "unknown field",
		`{"org": {"zgid": "x"}}`:                "zgid",
		`{"org": {"edition": "g"}}`:             "unknown edition",
		`{"generated": {"deals":-1}}`:           "from 0 to",
		`{"contacts": [{"id": 5}]}`:             `contacts[0]: "id" must be a string of digits, it is 5`,
		`{"contacts": [{}]}`:                    "it is missing",
		`{"deals": [{"id": "007"}]}`:            "deals[0]",
		`{"deals": [{"id": "7"}, {"id": "7"}]}`: "deals[1]: id 7 is there twice",
		`{"deleted_deals": [{"id": "7", "time": 1}]}`:                                                                    "deleted_deals[0]: there was no record 7",
		`{"leads": [{"id": "7"}], "deleted_records": {"Leads": [{"id": "7"}, {"id": "7"}]}}`:                             "deleted_records.Leads[1]",
		`{"modules": [{"api_name": "My Module"}]}`:                                                                       "letters, digits and underscores",
		`{"modules": [{"api_name": "Leads"}, {"api_name": "Leads"}]}`:                                                    `"Leads" is there twice`,
		`{"modules": [{"api_name": "P", "fields": [{"api_name": "X", "data_type": "money"}]}]}`:                          `unknown data_type "money"`,
		`{"modules": [{"api_name": "P", "fields": [{"api_name": "X", "data_type": "lookup", "lookup": "Q"}]}]}`:          `looks up the module "Q"`,
		`{"users": [{"id": "5"}, {"id": "5"}]}`:                                                                          `users: id "5"`,
		`{"contact_roles": [{"id": "x", "name": "A"}]}`:                                                                  `contact_roles[0]: "x" is no record id`,
		`{"contact_roles": [{"id": "5"}]}`:                                                                               "1 to 50 characters",
		`{"contact_roles": [{"id": "5", "name": "A"}, {"id": "5", "name": "B"}]}`:                                        "id 5 is there twice",
		`{"contact_roles": [{"id": "5", "name": "A"}, {"id": "6", "name": "A"}]}`:                                        `the name "A" is there twice`,
		`{"contact_roles": [], "deleted_contact_roles": [{"id": "0", "name": ""}]}`:                                      "deleted_contact_roles[0]",
		`{` + contacts + `, "deal_contact_roles": {"9": {}}}`:                                                            `no deal "9"`,
		`{` + deals + `, "deal_contact_roles": {"9": {"1": {"id": "5"}}}}`:                                               `no contact "1"`,
		`{` + contacts + `,` + deals + `,` + oneRole + `, "deal_contact_roles": {"9": {"1": {"id": "6"}}}}`:              `no role with id "6"`,
		`{` + contacts + `,` + deals + `,` + oneRole + `, "deal_contact_roles": {"9": {"1": {"id": "5", "name": "B"}}}}`: `name "B"`,
		`{` + contacts + `,` + deals + `,` + oneRole + `, "deal_contact_roles": {"9": {"1": {}}}}`:                       "no role",
	} {
		if _, err := emulator.ReadOrg(strings.NewReader(s)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", s, err, want)
		}
	}
	empty := rig.New(t, emulator.Options{Org: rig.ReadOrg(t, `{"contact_roles": []}`)})
	empty.Want("GET", rig.Roles, "", 204, "")
}
