package emulator_test

import (
	"fmt"
	"strings"
	"testing"

	"rolecall/api/emulator"
)

// A step is one call and what Zoho's documents say comes back.
type step struct {
	method, path, body string
	status             int
	answer             string
}

// run makes the calls of one story, in order.
func (r *rig) run(steps []step) {
	r.t.Helper()
	for _, s := range steps {
		r.want(s.method, s.path, s.body, s.status, s.answer)
	}
}

func rolesOf(deal string) string { return "v8/Deals/" + deal + "/Contact_Roles" }

func TestPutOneInEveryVersion(t *testing.T) {
	t.Parallel()
	id, name := `{"id":"`+purchasing+`"}`, `{"name":"Purchasing"}`
	both := `{"name":"Purchasing","id":"` + purchasing + `"}`
	disagree := `{"name":"Decision Maker","id":"` + purchasing + `"}`
	good := data(relation(contact1, "updated"))
	at := `"json_path":"$.data[0].Contact_Role"`
	for _, version := range []string{"v2", "v2.1", "v3", "v4", "v5", "v6", "v7", "v8"} {
		object := version >= "v4"
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, emulator.Options{})
			put := func(role string, status int, answer string) {
				t.Helper()
				r.want("PUT", version+"/Deals/"+deal1+"/Contact_Roles/"+contact1, `{"data":[{"Contact_Role":`+role+`}]}`, status, answer)
			}
			invalid := data(failed("INVALID_DATA", `{"api_name":"Contact_Role",`+at+`}`, "invalid data"))
			if !object {
				put(`"Purchasing"`, 200, good)
				put(`"purchasing"`, 400, invalid)
				put(`"`+purchasing+`"`, 400, invalid)
				put(id, 400, data(failed("INVALID_DATA", `{"api_name":"Contact_Role",`+at+`,"expected_data_type":"text"}`, "invalid data")))
			} else {
				put(id, 200, good)
				put(name, 200, good)
				put(both, 200, good)
				put(disagree, 400, invalid)
				put(`{"id":"77"}`, 400, invalid)
				put(`{"name":"Nobody"}`, 400, invalid)
				put(`"Purchasing"`, 400, data(failed("INVALID_DATA", `{"api_name":"Contact_Role",`+at+`,"expected_data_type":"jsonobject"}`, "invalid data")))
				put(`{}`, 400, data(failed("EXPECTED_FIELD_MISSING", `{"expected_fields":[
					{"api_name":"id","json_path":"$.data[0].Contact_Role.id"},{"api_name":"name","json_path":"$.data[0].Contact_Role.name"}]}`, "expected field missing")))
				put(`{"id":5}`, 400, data(failed("INVALID_DATA", `{"api_name":"id","json_path":"$.data[0].Contact_Role.id","expected_data_type":"text"}`, "invalid data")))
			}
			put(`null`, 400, data(failed("MANDATORY_NOT_FOUND", `{"api_name":"Contact_Role",`+at+`}`, "required field not found")))

			// What is read afterwards: the id as a string up to v3, then an object.
			read := `"` + purchasing + `"`
			if object {
				read = both
			}
			row := `{"Contact_Role":` + read + `,"Last_Name":"Bianchi","id":"` + contact1 + `"}`
			r.want("GET", version+"/Deals/"+deal1+"/Contact_Roles?fields=Last_Name", "", 200, listed(200, 1, 1, false, row))
			r.want("GET", version+"/Deals/"+deal1+"/Contact_Roles/"+contact1+"?fields=Last_Name", "", 200, data(row))
		})
	}
}

func listed(perPage, page, count int, more bool, rows ...string) string {
	return fmt.Sprintf(`{"data":[%s],"info":{"per_page":%d,"count":%d,"page":%d,"more_records":%t,
		"next_page_token":null,"previous_page_token":null,"page_token_expiry":null}}`, strings.Join(rows, ","), perPage, count, page, more)
}

func TestFieldsAreMandatoryFromV3(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{})
	r.want("PUT", rolesOf(deal1)+"/"+contact1, byID(purchasing), 200, data(relation(contact1, "updated")))
	for _, version := range []string{"v3", "v4", "v5", "v6", "v7", "v8"} {
		for _, query := range []string{"", "?fields=", "?ids=" + contact1, "?page=1&per_page=10&"} {
			r.want("GET", version+"/Deals/"+deal1+"/Contact_Roles"+query, "", 400, noFields)
		}
	}
	for _, version := range []string{"v2", "v2.1"} {
		if status, got := r.call("GET", version+"/Deals/"+deal1+"/Contact_Roles", ""); status != 200 || !strings.Contains(got, `"Email":"`) {
			t.Errorf("%s without fields: %d %s", version, status, got)
		}
	}
	// The single read is answered without, as the SDKs send it.
	if status, got := r.call("GET", rolesOf(deal1)+"/"+contact1, ""); status != 200 || !strings.Contains(got, `"Email":"`) {
		t.Errorf("get one without fields: %d %s", status, got)
	}
}

func TestPutOneRefusals(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{})
	one := rolesOf(deal1) + "/" + contact1
	noData := failed("MANDATORY_NOT_FOUND", `{"api_name":"data","json_path":"$.data"}`, "required field not found")
	r.run([]step{
		{"PUT", rolesOf("4150868000010000101") + "/" + contact1, byID(purchasing), 400, badDeal}, // deal 101 of 100
		{"PUT", rolesOf("4150868000010000000") + "/" + contact1, byID(purchasing), 400, badDeal}, // deal 0
		{"PUT", rolesOf("abc") + "/" + contact1, byID(purchasing), 400, badDeal},
		{"PUT", rolesOf(deal1) + "/" + nobody, byID(purchasing), 400, badContact},
		{"PUT", rolesOf(deal1) + "/" + deal1, byID(purchasing), 400, badContact},
		{"PUT", rolesOf(deal1) + "/x", byID(purchasing), 400, badContact},
		{"PUT", one, ``, 400, unparsable},
		{"PUT", one, `{"data":[`, 400, unparsable},
		{"PUT", one, `[]`, 400, unparsable},
		{"PUT", one, `null`, 400, unparsable},
		{"PUT", one, `{"data":[]} x`, 400, unparsable},
		{"PUT", one, `{}`, 400, noData},
		{"PUT", one, `{"Data":[{}]}`, 400, noData},
		{"PUT", one, `{"data":null}`, 400, noData},
		{"PUT", one, `{"data":[]}`, 400, noData},
		{"PUT", one, `{"data":{}}`, 400, failed("INVALID_DATA", `{"api_name":"data","json_path":"$.data","expected_data_type":"jsonarray"}`, "invalid data")},
		{"PUT", one, `{"data":[{},{}]}`, 400, failed("LIMIT_EXCEEDED", `{"api_name":"data","maximum_length":1}`, "limit exceeded")},
		{"PUT", one, `{"data":["x"]}`, 400, data(failed("INVALID_DATA", `{"json_path":"$.data[0]","expected_data_type":"jsonobject"}`, "invalid data"))},
		{"PUT", one, `{"data":[{}]}`, 400, data(failed("MANDATORY_NOT_FOUND", `{"api_name":"Contact_Role","json_path":"$.data[0].Contact_Role"}`, "required field not found"))},
		{"PUT", one, `{"data":[{"contact_role":{"id":"` + purchasing + `"}}]}`, 400, data(failed("MANDATORY_NOT_FOUND", `{"api_name":"Contact_Role","json_path":"$.data[0].Contact_Role"}`, "required field not found"))},
	})
	if status, got := r.call("PUT", one, `{"data":["`+strings.Repeat("x", 5<<20)+`"]}`); status != 413 {
		t.Errorf("5 MiB: %d %s", status, got)
	}
	if got := r.e.SnapshotState(); len(got) != 0 {
		t.Errorf("a refused write changed the org: %v", got)
	}
}

func TestRemove(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{})
	put := func(deal, contact string) {
		r.want("PUT", rolesOf(deal)+"/"+contact, byID(purchasing), 200, data(relation(contact, "updated")))
	}
	gone := func(contact string) string {
		return failed("INVALID_DATA", `{"id":"`+contact+`"}`, "relation not found")
	}
	put(deal1, contact1)
	put(deal1, contact2)
	put(deal1, contact3)
	put(deal2, contact1)
	r.run([]step{
		{"DELETE", rolesOf(deal1) + "/" + contact1, "", 200, data(relation(contact1, "removed"))},
		{"DELETE", rolesOf(deal1) + "/" + contact1, "", 400, failed("MANDATORY_NOT_FOUND", `{}`, "relation not found")},
		{"DELETE", rolesOf(deal1) + "/" + nobody, "", 400, badContact},
		{"DELETE", rolesOf("1") + "/" + contact1, "", 400, badDeal},
		{"GET", rolesOf(deal1) + "/" + contact1, "", 204, ""},
		{"DELETE", rolesOf(deal1) + "?ids=" + contact2 + "," + contact1, "", 207, data(relation(contact2, "removed"), gone(contact1))},
		{"DELETE", rolesOf(deal1) + "?ids=" + contact1 + "," + nobody + ",abc&", "", 400, data(gone(contact1), gone(nobody), gone("abc"))},
		{"DELETE", rolesOf(deal1) + "?ids=" + contact3 + "," + contact3, "", 207, data(relation(contact3, "removed"), gone(contact3))},
		{"DELETE", rolesOf(deal2) + "?ids=" + contact1, "", 200, data(relation(contact1, "removed"))},
		{"DELETE", rolesOf("1") + "?ids=" + contact1, "", 400, badDeal},
		{"DELETE", rolesOf(deal1), "", 400, failed("MANDATORY_NOT_FOUND", `{"param_name":"ids"}`, "required field not found")},
		{"DELETE", rolesOf(deal1) + "?ids=", "", 400, failed("MANDATORY_NOT_FOUND", `{"param_name":"ids"}`, "required field not found")},
		{"DELETE", rolesOf(deal1) + "?ids=" + contactList(1, 101), "", 400, failed("LIMIT_EXCEEDED", `{"limit":"100","param_name":"ids"}`, "limit exceeded")},
	})
	for i := range 100 {
		put(deal1, contactID(i+1))
	}
	if status, got := r.call("DELETE", rolesOf(deal1)+"?ids="+contactList(1, 100), ""); status != 200 || strings.Count(got, "relation removed") != 100 {
		t.Errorf("100 at once: %d %s", status, got)
	}
	if got := r.e.SnapshotState(); len(got) != 0 {
		t.Errorf("left over: %v", got)
	}
}

func contactID(j int) string { return fmt.Sprintf("4150868000020%06d", j) }

func contactList(from, to int) string {
	var list []string
	for j := from; j <= to; j++ {
		list = append(list, contactID(j))
	}
	return strings.Join(list, ",")
}

func TestReadPaging(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{Contacts: 450})
	for j := 1; j <= 450; j++ {
		r.want("PUT", rolesOf(deal1)+"/"+contactID(j), byID(engineering), 200, data(relation(contactID(j), "updated")))
	}
	row := func(j int) string {
		return `{"Contact_Role":{"name":"Engineering Lead","id":"` + engineering + `"},"id":"` + contactID(j) + `"}`
	}
	rows := func(from, to, by int) []string {
		var list []string
		for j := from; j != to+by; j += by {
			list = append(list, row(j))
		}
		return list
	}
	all := rolesOf(deal1) + "?fields=id"
	limit := failed("LIMIT_EXCEEDED", `{"limit":"200","param_name":"per_page"}`, "limit exceeded")
	bad := func(name string) string {
		return failed("INVALID_DATA", `{"expected_data_type":"integer","param_name":"`+name+`"}`, "invalid data")
	}
	r.run([]step{
		{"GET", all, "", 200, listed(200, 1, 200, true, rows(450, 251, -1)...)},
		{"GET", all + "&page=2", "", 200, listed(200, 2, 200, true, rows(250, 51, -1)...)},
		{"GET", all + "&page=3", "", 200, listed(200, 3, 50, false, rows(50, 1, -1)...)},
		{"GET", all + "&page=4", "", 204, ""},
		{"GET", all + "&page=9223372036854775807&per_page=200", "", 204, ""},
		{"GET", all + "&per_page=3&page=150&sort_order=asc&sort_by=id", "", 200, listed(3, 150, 3, false, rows(448, 450, 1)...)},
		{"GET", all + "&per_page=3&page=149&sort_order=asc", "", 200, listed(3, 149, 3, true, rows(445, 447, 1)...)},
		{"GET", all + "&per_page=201", "", 400, limit},
		{"GET", all + "&per_page=0", "", 400, bad("per_page")},
		{"GET", all + "&page=x", "", 400, bad("page")},
		{"GET", all + "&ids=" + contactID(7) + "," + nobody + "," + contactID(9) + "&nonsense=1&", "", 200, listed(200, 1, 2, false, row(9), row(7))},
		{"GET", all + "&ids=" + nobody, "", 204, ""},
		{"GET", all + "&ids=" + contactList(1, 101), "", 400, failed("LIMIT_EXCEEDED", `{"limit":"100","param_name":"ids"}`, "limit exceeded")},
		{"GET", rolesOf(deal2) + "?fields=id", "", 204, ""},
		{"GET", rolesOf("1") + "?fields=id", "", 400, badDeal},
		{"GET", rolesOf(deal2) + "/" + contact1, "", 204, ""},
		{"GET", rolesOf("1") + "/" + contact1, "", 400, badDeal},
		{"GET", rolesOf(deal2) + "/" + nobody, "", 400, badContact},
	})
}

func TestPathsAndMethods(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{})
	r.run([]step{
		{"GET", "v9/Contacts/roles", "", 404, badURL},
		{"GET", "v1/Contacts/roles", "", 404, badURL},
		{"GET", "Contacts/roles", "", 404, badURL},
		{"GET", "v8", "", 404, badURL},
		{"GET", "v8/Contacts/rolez", "", 400, failed("INVALID_DATA", `{"resource_path_index":1}`, "the id given seems to be invalid")},
		{"GET", "v8/Contacts/roles/", "", 404, badURL},
		{"GET", "v8/Leads", "", 400, unsupportedModule},
		{"GET", "v8/Leads/5", "", 400, unsupportedModule},
		{"GET", "v8/Deals/actions/counts", "", 400, badRelation},
		{"POST", "v8/Deals", "", 400, badMethod},
		{"DELETE", "v8/Contacts/5", "", 400, badMethod},
		{"GET", "v8/coql", "", 400, badMethod},
		{"GET", "v8/Dealz/" + deal1 + "/Contact_Roles", "", 400, badModule},
		{"PUT", "v8/deals/" + deal1 + "/Contact_Roles/" + contact1, byID(purchasing), 400, badModule},
		{"GET", "v8/Deals/" + deal1 + "/Contact_Rolls", "", 400, badRelation},
		{"PUT", "v8/Deals/" + deal1 + "/contact_roles/" + contact1, byID(purchasing), 400, badRelation},
		{"POST", rolesOf(deal1), byID(purchasing), 400, badMethod},
		{"PATCH", rolesOf(deal1) + "/" + contact1, byID(purchasing), 400, badMethod},
		{"POST", "v8/Contacts/roles/" + purchasing, "{}", 400, badMethod},
		{"DELETE", "v8/org", "", 400, badMethod},
	})
	if status, got := r.call("GET", "v8/contacts/roles", ""); status != 200 {
		t.Errorf("the OpenAPI files' spelling: %d %s", status, got)
	}
}
