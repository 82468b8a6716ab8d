package emulator_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rolecall/api/emulator"
)

// The design's arithmetic: deal i is 4150868000010000000+i, contact j
// 4150868000020000000+j, both from 1.
func TestGeneratedOrg(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{Deals: 1_000_000, Contacts: 200_000})
	for path, want := range map[string]int{
		"4150868000010000001/Contact_Roles/4150868000020000001": 200,
		"4150868000011000000/Contact_Roles/4150868000020200000": 200,
		"4150868000011000001/Contact_Roles/4150868000020000001": 400,
		"4150868000010000000/Contact_Roles/4150868000020000001": 400,
		"4150868000010000001/Contact_Roles/4150868000020200001": 400,
		"4150868000010000001/Contact_Roles/4150868000020000000": 400,
	} {
		if status, got := r.call("PUT", "v8/Deals/"+path, byID(purchasing)); status != want {
			t.Errorf("%s: %d %s", path, status, got)
		}
	}
	small := newRig(t, emulator.Options{})
	for i, want := range map[int]int{1: 204, 100: 204, 101: 400} {
		if status, _ := small.call("GET", fmt.Sprintf("v8/Deals/%d/Contact_Roles?fields=id", 4150868000010000000+i), ""); status != want {
			t.Errorf("default org, deal %d: %d, want %d", i, status, want)
		}
	}
}

func TestMadeUpContacts(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{Contacts: 150})
	path := rolesOf(deal1) + "?sort_order=asc&fields=First_Name,Last_Name,Full_Name,Email,Department,Phone,Title,Account_Name,Owner"
	for j := 1; j <= 150; j++ {
		r.want("PUT", rolesOf(deal1)+"/"+contactID(j), byID(purchasing), 200, data(relation(contactID(j), "updated")))
	}
	_, got := r.call("GET", path, "")
	if again := newRig(t, emulator.Options{Contacts: 150}); true {
		for j := 1; j <= 150; j++ {
			again.call("PUT", rolesOf(deal1)+"/"+contactID(j), byID(purchasing))
		}
		if _, other := again.call("GET", path, ""); other != got {
			t.Error("made up differently each time")
		}
	}
	rows := decode(t, got).(map[string]any)["data"].([]any)
	emails := map[string]bool{}
	for _, row := range rows {
		fields := row.(map[string]any)
		email, _ := fields["Email"].(string)
		if emails[email] || !strings.HasSuffix(email, "@example.com") {
			t.Errorf("e-mail %q", email)
		}
		emails[email] = true
		if fields["Full_Name"] != fields["First_Name"].(string)+" "+fields["Last_Name"].(string) {
			t.Errorf("names %v", fields)
		}
		if _, isLookup := fields["Account_Name"].(map[string]any)["id"].(string); !isLookup || len(fields) != 11 {
			t.Errorf("fields %v", fields)
		}
	}
	if len(emails) != 150 {
		t.Errorf("%d e-mail addresses", len(emails))
	}
}

func TestSeed(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{Org: readOrg(t, seed)})
	r.run([]step{
		{"GET", roles, "", 200, picklistOf("Decision Maker 11", "Purchasing 12", "Sponsor 13")},
		{"GET", "v8/Deals/901/Contact_Roles?fields=Email,Owner,Nonsense,Email,id", "", 200, listed(200, 1, 2, false,
			`{"Contact_Role":{"name":"Decision Maker","id":"11"},"Email":null,"Owner":`+theUser+`,"id":"502"}`,
			`{"Contact_Role":{"name":"Purchasing","id":"12"},"Email":"burns@example.com","Owner":{"name":"P","id":"7","email":"p@example.com"},"id":"501"}`)},
		{"GET", "v2.1/Deals/901/Contact_Roles/502", "", 200, data(`{"Contact_Role":"11","Department":null,"Last_Name":"Ng","id":"502"}`)},
		{"GET", "v8/Deals/902/Contact_Roles?fields=Email", "", 204, ""},
		{"PUT", "v8/Deals/902/Contact_Roles/503", byID("13"), 200, data(relation("503", "updated"))},
	})
	// standard: ten calls in flight.
	if l, err := r.e.SetLimits(emulator.Limits{}); err != nil || *l.InFlight != 10 {
		t.Errorf("limits %v, %v", l, err)
	}
	want := `{"deals": {
		"901": {"contact_roles": {"501": {"id": "12", "name": "Purchasing"}, "502": {"id": "11", "name": "Decision Maker"}}},
		"902": {"contact_roles": {"503": {"id": "13", "name": "Sponsor"}}}}}`
	if diff := cmp.Diff(decode(t, want), decode(t, r.inspect("state"))); diff != "" {
		t.Errorf("state (-want +got)\n%s", diff)
	}
}

// What the org page gives is a seed, and the emulator that begins with it is
// the same.
func TestOrgIsASeed(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]emulator.Options{"generated": {Edition: "free"}, "seeded": {Org: readOrg(t, seed)}} {
		r := newRig(t, o)
		deal, contact := deal1, contact1
		role := purchasing
		if name == "seeded" {
			deal, contact, role = "902", "503", "13"
		}
		r.want("PUT", rolesOf(deal)+"/"+contact, byID(role), 200, data(relation(contact, "updated")))
		r.call("DELETE", roles+"/"+role, "")
		r.call("POST", roles, roleItems(`{"name":"Night \"Owl\" <&>","sequence_number":1}`))
		org := r.inspect("org")
		again := newRig(t, emulator.Options{Org: readOrg(t, org)})
		if diff := cmp.Diff(org, again.inspect("org")); diff != "" {
			t.Errorf("%s: org (-want +got)\n%s", name, diff)
		}
		if diff := cmp.Diff(r.inspect("state"), again.inspect("state")); diff != "" {
			t.Errorf("%s: state (-want +got)\n%s", name, diff)
		}
	}
}

func TestBadSeedsAreTold(t *testing.T) {
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
	empty := newRig(t, emulator.Options{Org: readOrg(t, `{"contact_roles": []}`)})
	empty.want("GET", roles, "", 204, "")
}

func TestInspection(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{})
	if got := strings.TrimSpace(r.inspect("stats")); got != `{"calls":{},"max_in_flight":0,"too_many_requests":0,"credits":0,"tokens_issued":1}` {
		t.Errorf("stats %s", got)
	}
	if diff := cmp.Diff(decode(t, `{"deals": {}}`), decode(t, r.inspect("state"))); diff != "" {
		t.Errorf("state (-want +got)\n%s", diff)
	}
	r.call("PUT", rolesOf(deal1)+"/"+contact1, byID(purchasing))
	r.call("PUT", "v2"+strings.TrimPrefix(rolesOf(deal2), "v8")+"/"+contact2, `{"data":[{"Contact_Role":"x"}]}`)
	r.call("DELETE", rolesOf(deal1)+"?ids="+contact1, "")
	r.call("GET", "v8/Dealz/5/Contact_Roles", "")
	r.call("GET", "v8/contacts/roles", "")
	r.call("GET", "v8/org", "")
	want := map[string]int{
		"PUT /Deals/{id}/Contact_Roles/{id}": 2, "DELETE /Deals/{id}/Contact_Roles": 1,
		"GET /Dealz/{id}/Contact_Roles": 1, "GET /Contacts/roles": 1, "GET /org": 1,
	}
	if diff := cmp.Diff(want, r.e.Stats().Calls); diff != "" {
		t.Errorf("calls (-want +got)\n%s", diff)
	}
	// A client that makes up paths does not fill the memory.
	for i := range 1200 {
		r.call("GET", fmt.Sprintf("v8/made-up-%d", i), "")
	}
	if calls := r.e.Stats().Calls; len(calls) > 1001 || calls["other"] < 200 {
		t.Errorf("%d names, %d others", len(calls), calls["other"])
	}
}
