package crm_test

import (
	"strings"
	"testing"

	"rolecall/api/emulator"
	"rolecall/api/emulator/rig"
)

func TestPutOneInEveryVersion(t *testing.T) {
	t.Parallel()
	id, name := `{"id":"`+rig.Purchasing+`"}`, `{"name":"Purchasing"}`
	both := `{"name":"Purchasing","id":"` + rig.Purchasing + `"}`
	disagree := `{"name":"Decision Maker","id":"` + rig.Purchasing + `"}`
	good := rig.Data(rig.Relation(rig.Contact1, "updated"))
	at := `"json_path":"$.data[0].Contact_Role"`
	for _, version := range []string{"v2", "v2.1", "v3", "v4", "v5", "v6", "v7", "v8"} {
		object := version >= "v4"
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			r := rig.New(t, emulator.Options{})
			put := func(role string, status int, answer string) {
				t.Helper()
				r.Want("PUT", version+"/Deals/"+rig.Deal1+"/Contact_Roles/"+rig.Contact1,
					`{"data":[{"Contact_Role":`+role+`}]}`, status, answer)
			}
			invalid := rig.Data(rig.Failed("INVALID_DATA", `{"api_name":"Contact_Role",`+at+`}`, "invalid data"))
			if !object {
				put(`"Purchasing"`, 200, good)
				put(`"purchasing"`, 400, invalid)
				put(`"`+rig.Purchasing+`"`, 400, invalid)
				put(id, 400, rig.Data(rig.Failed("INVALID_DATA",
					`{"api_name":"Contact_Role",`+at+`,"expected_data_type":"text"}`, "invalid data")))
			} else {
				put(id, 200, good)
				put(name, 200, good)
				put(both, 200, good)
				put(disagree, 400, invalid)
				put(`{"id":"77"}`, 400, invalid)
				put(`{"name":"Nobody"}`, 400, invalid)
				put(`"Purchasing"`, 400, rig.Data(rig.Failed("INVALID_DATA",
					`{"api_name":"Contact_Role",`+at+`,"expected_data_type":"jsonobject"}`, "invalid data")))
				put(`{}`, 400, rig.Data(rig.Failed("EXPECTED_FIELD_MISSING", `{"expected_fields":[
					{"api_name":"id","json_path":"$.data[0].Contact_Role.id"},{"api_name":"name",
						"json_path":"$.data[0].Contact_Role.name"}]}`, "expected field missing")))
				put(`{"id":5}`, 400, rig.Data(rig.Failed("INVALID_DATA",
					`{"api_name":"id","json_path":"$.data[0].Contact_Role.id","expected_data_type":"text"}`,
					"invalid data")))
			}
			put(`null`, 400, rig.Data(rig.Failed("MANDATORY_NOT_FOUND", `{"api_name":"Contact_Role",`+at+`}`,
				"required field not found")))

			// The read afterwards has the id as a string up to v3, then an object.
			read := `"` + rig.Purchasing + `"`
			if object {
				read = both
			}
			row := `{"Contact_Role":` + read + `,"Last_Name":"Bianchi","id":"` + rig.Contact1 + `"}`
			r.Want("GET", version+"/Deals/"+rig.Deal1+"/Contact_Roles?fields=Last_Name", "", 200,
				rig.Listed(200, 1, 1, false, row))
			r.Want("GET", version+"/Deals/"+rig.Deal1+"/Contact_Roles/"+rig.Contact1+"?fields=Last_Name", "", 200,
				rig.Data(row))
		})
	}
}

func TestFieldsAreMandatoryFromV3(t *testing.T) {
	t.Parallel()
	r := rig.New(t, emulator.Options{})
	r.Want("PUT", rig.RolesOf(rig.Deal1)+"/"+rig.Contact1, rig.ByID(rig.Purchasing), 200,
		rig.Data(rig.Relation(rig.Contact1, "updated")))
	for _, version := range []string{"v3", "v4", "v5", "v6", "v7", "v8"} {
		for _, query := range []string{"", "?fields=", "?ids=" + rig.Contact1, "?page=1&per_page=10&"} {
			r.Want("GET", version+"/Deals/"+rig.Deal1+"/Contact_Roles"+query, "", 400, rig.NoFields)
		}
	}
	for _, version := range []string{"v2", "v2.1"} {
		if status, got := r.Call("GET", version+"/Deals/"+rig.Deal1+"/Contact_Roles", ""); status != 200 ||
			!strings.Contains(got, `"Email":"`) {
			t.Errorf("%s without fields: %d %s", version, status, got)
		}
	}
	// The read of one contact needs no fields: the SDKs send none.
	if status, got := r.Call("GET", rig.RolesOf(rig.Deal1)+"/"+rig.Contact1, ""); status != 200 ||
		!strings.Contains(got, `"Email":"`) {
		t.Errorf("get one without fields: %d %s", status, got)
	}
}

func TestPutOneRefusals(t *testing.T) {
	t.Parallel()
	r := rig.New(t, emulator.Options{})
	one := rig.RolesOf(rig.Deal1) + "/" + rig.Contact1
	noData := rig.Failed("MANDATORY_NOT_FOUND", `{"api_name":"data","json_path":"$.data"}`, "required field not found")
	r.Run([]rig.Step{
		{"PUT", rig.RolesOf("4150868000010000101") + "/" + rig.Contact1, rig.ByID(rig.Purchasing), 400, rig.BadDeal},
		// deal 101 of 100
		{"PUT", rig.RolesOf("4150868000010000000") + "/" + rig.Contact1, rig.ByID(rig.Purchasing), 400, rig.BadDeal},
		// deal 0
		{"PUT", rig.RolesOf("abc") + "/" + rig.Contact1, rig.ByID(rig.Purchasing), 400, rig.BadDeal},
		{"PUT", rig.RolesOf(rig.Deal1) + "/" + rig.Nobody, rig.ByID(rig.Purchasing), 400, rig.BadContact},
		{"PUT", rig.RolesOf(rig.Deal1) + "/" + rig.Deal1, rig.ByID(rig.Purchasing), 400, rig.BadContact},
		{"PUT", rig.RolesOf(rig.Deal1) + "/x", rig.ByID(rig.Purchasing), 400, rig.BadContact},
		{"PUT", one, ``, 400, rig.Unparsable},
		{"PUT", one, `{"data":[`, 400, rig.Unparsable},
		{"PUT", one, `[]`, 400, rig.Unparsable},
		{"PUT", one, `null`, 400, rig.Unparsable},
		{"PUT", one, `{"data":[]} x`, 400, rig.Unparsable},
		{"PUT", one, `{}`, 400, noData},
		{"PUT", one, `{"Data":[{}]}`, 400, noData},
		{"PUT", one, `{"data":null}`, 400, noData},
		{"PUT", one, `{"data":[]}`, 400, noData},
		{"PUT", one, `{"data":{}}`, 400, rig.Failed("INVALID_DATA",
			`{"api_name":"data","json_path":"$.data","expected_data_type":"jsonarray"}`, "invalid data")},
		{"PUT", one, `{"data":[{},{}]}`, 400, rig.Failed("LIMIT_EXCEEDED", `{"api_name":"data","maximum_length":1}`,
			"limit exceeded")},
		{"PUT", one, `{"data":["x"]}`, 400, rig.Data(rig.Failed("INVALID_DATA",
			`{"json_path":"$.data[0]","expected_data_type":"jsonobject"}`, "invalid data"))},
		{"PUT", one, `{"data":[{}]}`, 400, rig.Data(rig.Failed("MANDATORY_NOT_FOUND",
			`{"api_name":"Contact_Role","json_path":"$.data[0].Contact_Role"}`, "required field not found"))},
		{"PUT", one, `{"data":[{"contact_role":{"id":"` + rig.Purchasing + `"}}]}`, 400,
			rig.Data(rig.Failed("MANDATORY_NOT_FOUND",
				`{"api_name":"Contact_Role","json_path":"$.data[0].Contact_Role"}`, "required field not found"))},
	})
	if status, got := r.Call("PUT", one, `{"data":["`+strings.Repeat("x", 5<<20)+`"]}`); status != 413 {
		t.Errorf("5 MiB: %d %s", status, got)
	}
	if got := r.E.SnapshotState(); len(got) != 0 {
		t.Errorf("a refused write changed the org: %v", got)
	}
}

func TestRemove(t *testing.T) {
	t.Parallel()
	r := rig.New(t, emulator.Options{})
	put := func(deal, contact string) {
		r.Want("PUT", rig.RolesOf(deal)+"/"+contact, rig.ByID(rig.Purchasing), 200,
			rig.Data(rig.Relation(contact, "updated")))
	}
	gone := func(contact string) string {
		return rig.Failed("INVALID_DATA", `{"id":"`+contact+`"}`, "relation not found")
	}
	put(rig.Deal1, rig.Contact1)
	put(rig.Deal1, rig.Contact2)
	put(rig.Deal1, rig.Contact3)
	put(rig.Deal2, rig.Contact1)
	r.Run([]rig.Step{
		{"DELETE", rig.RolesOf(rig.Deal1) + "/" + rig.Contact1, "", 200,
			rig.Data(rig.Relation(rig.Contact1, "removed"))},
		{"DELETE", rig.RolesOf(rig.Deal1) + "/" + rig.Contact1, "", 400,
			rig.Failed("MANDATORY_NOT_FOUND", `{}`, "relation not found")},
		{"DELETE", rig.RolesOf(rig.Deal1) + "/" + rig.Nobody, "", 400, rig.BadContact},
		{"DELETE", rig.RolesOf("1") + "/" + rig.Contact1, "", 400, rig.BadDeal},
		{"GET", rig.RolesOf(rig.Deal1) + "/" + rig.Contact1, "", 204, ""},
		{"DELETE", rig.RolesOf(rig.Deal1) + "?ids=" + rig.Contact2 + "," + rig.Contact1, "", 207,
			rig.Data(rig.Relation(rig.Contact2, "removed"), gone(rig.Contact1))},
		{"DELETE", rig.RolesOf(rig.Deal1) + "?ids=" + rig.Contact1 + "," + rig.Nobody + ",abc&", "", 400,
			rig.Data(gone(rig.Contact1), gone(rig.Nobody), gone("abc"))},
		{"DELETE", rig.RolesOf(rig.Deal1) + "?ids=" + rig.Contact3 + "," + rig.Contact3, "", 207,
			rig.Data(rig.Relation(rig.Contact3, "removed"), gone(rig.Contact3))},
		{"DELETE", rig.RolesOf(rig.Deal2) + "?ids=" + rig.Contact1, "", 200,
			rig.Data(rig.Relation(rig.Contact1, "removed"))},
		{"DELETE", rig.RolesOf("1") + "?ids=" + rig.Contact1, "", 400, rig.BadDeal},
		{"DELETE", rig.RolesOf(rig.Deal1), "", 400,
			rig.Failed("MANDATORY_NOT_FOUND", `{"param_name":"ids"}`, "required field not found")},
		{"DELETE", rig.RolesOf(rig.Deal1) + "?ids=", "", 400,
			rig.Failed("MANDATORY_NOT_FOUND", `{"param_name":"ids"}`, "required field not found")},
		{"DELETE", rig.RolesOf(rig.Deal1) + "?ids=" + contactList(1, 101), "", 400,
			rig.Failed("LIMIT_EXCEEDED", `{"limit":"100","param_name":"ids"}`, "limit exceeded")},
	})
	for i := range 100 {
		put(rig.Deal1, rig.ContactID(i+1))
	}
	if status, got := r.Call("DELETE", rig.RolesOf(rig.Deal1)+"?ids="+contactList(1, 100), ""); status != 200 ||
		strings.Count(got, "relation removed") != 100 {
		t.Errorf("100 at once: %d %s", status, got)
	}
	if got := r.E.SnapshotState(); len(got) != 0 {
		t.Errorf("left over: %v", got)
	}
}

func contactList(from, to int) string {
	var list []string
	for j := from; j <= to; j++ {
		list = append(list, rig.ContactID(j))
	}
	return strings.Join(list, ",")
}

func TestReadPaging(t *testing.T) {
	t.Parallel()
	r := rig.New(t, emulator.Options{Contacts: 450})
	for j := 1; j <= 450; j++ {
		r.Want("PUT", rig.RolesOf(rig.Deal1)+"/"+rig.ContactID(j), rig.ByID(rig.Engineering), 200,
			rig.Data(rig.Relation(rig.ContactID(j), "updated")))
	}
	row := func(j int) string {
		return `{"Contact_Role":{"name":"Engineering Lead","id":"` + rig.Engineering + `"},"id":"` + rig.ContactID(j) +
			`"}`
	}
	rows := func(from, to, by int) []string {
		var list []string
		for j := from; j != to+by; j += by {
			list = append(list, row(j))
		}
		return list
	}
	all := rig.RolesOf(rig.Deal1) + "?fields=id"
	limit := rig.Failed("LIMIT_EXCEEDED", `{"limit":"200","param_name":"per_page"}`, "limit exceeded")
	bad := func(name string) string {
		return rig.Failed("INVALID_DATA", `{"expected_data_type":"integer","param_name":"`+name+`"}`, "invalid data")
	}
	r.Run([]rig.Step{
		{"GET", all, "", 200, rig.Listed(200, 1, 200, true, rows(450, 251, -1)...)},
		{"GET", all + "&page=2", "", 200, rig.Listed(200, 2, 200, true, rows(250, 51, -1)...)},
		{"GET", all + "&page=3", "", 200, rig.Listed(200, 3, 50, false, rows(50, 1, -1)...)},
		{"GET", all + "&page=4", "", 204, ""},
		{"GET", all + "&page=9223372036854775807&per_page=200", "", 204, ""},
		{"GET", all + "&per_page=3&page=150&sort_order=asc&sort_by=id", "", 200,
			rig.Listed(3, 150, 3, false, rows(448, 450, 1)...)},
		{"GET", all + "&per_page=3&page=149&sort_order=asc", "", 200,
			rig.Listed(3, 149, 3, true, rows(445, 447, 1)...)},
		{"GET", all + "&per_page=201", "", 400, limit},
		{"GET", all + "&per_page=0", "", 400, bad("per_page")},
		{"GET", all + "&page=x", "", 400, bad("page")},
		{"GET", all + "&ids=" + rig.ContactID(7) + "," + rig.Nobody + "," + rig.ContactID(9) + "&nonsense=1&", "", 200,
			rig.Listed(200, 1, 2, false, row(9), row(7))},
		{"GET", all + "&ids=" + rig.Nobody, "", 204, ""},
		{"GET", all + "&ids=" + contactList(1, 101), "", 400,
			rig.Failed("LIMIT_EXCEEDED", `{"limit":"100","param_name":"ids"}`, "limit exceeded")},
		{"GET", rig.RolesOf(rig.Deal2) + "?fields=id", "", 204, ""},
		{"GET", rig.RolesOf("1") + "?fields=id", "", 400, rig.BadDeal},
		{"GET", rig.RolesOf(rig.Deal2) + "/" + rig.Contact1, "", 204, ""},
		{"GET", rig.RolesOf("1") + "/" + rig.Contact1, "", 400, rig.BadDeal},
		// Only the pages of the writes refuse an id that is no contact's (Zoho CRM API v7, Get, Add and Remove Contact
		// Roles of a Specific Deal; OpenAPI v8.0: 204 if there is no relation).
		{"GET", rig.RolesOf(rig.Deal2) + "/" + rig.Nobody, "", 204, ""},
		{"GET", rig.RolesOf(rig.Deal2) + "/abc", "", 204, ""},
	})
}
