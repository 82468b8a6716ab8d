package emulator_test

import (
	"fmt"
	"strings"
	"testing"

	"rolecall/api/emulator"
)

// seed is a small org: three roles, three contacts, two deals.
const seed = `{
	"org": {"zgid": "4876876000000000001", "company_name": "Zylker", "edition": "standard"},
	"contact_roles": [
		{"id": "12", "name": "Purchasing", "sequence_number": 2},
		{"id": "11", "name": "Decision Maker", "sequence_number": 1},
		{"id": "13", "name": "Sponsor", "sequence_number": 3}],
	"contacts": [
		{"id": "501", "Last_Name": "Burns", "Email": "burns@example.com", "Owner": {"name": "P", "id": "7", "email": "p@example.com"}},
		{"id": "502", "Last_Name": "Ng", "Department": null},
		{"id": "503", "Last_Name": "=1+1"}],
	"deals": [{"id": "901", "Deal_Name": "Zylker 100"}, {"id": "902", "Deal_Name": "Zylker 200"}],
	"deal_contact_roles": {"901": {"501": {"id": "12"}, "502": {"name": "Decision Maker"}}}
}`

func readOrg(t *testing.T, s string) *emulator.Org {
	t.Helper()
	o, err := emulator.ReadOrg(strings.NewReader(s))
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func roleItems(items ...string) string {
	return `{"contact_roles":[` + strings.Join(items, ",") + `]}`
}

func roleDone(id, message string) string {
	return `{"code":"SUCCESS","details":{"id":"` + id + `"},"message":"` + message + `","status":"success"}`
}

const roles = "v8/Contacts/roles"

func TestUsualRoles(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{})
	// Names and order of Zoho's samples, ids of the design.
	want := `{"contact_roles":[
		{"sequence_number":1,"name":"Decision Maker","id":"4150868000000006871"},
		{"sequence_number":2,"name":"Purchasing","id":"4150868000000006872"},
		{"sequence_number":3,"name":"Engineering Lead","id":"4150868000000006873"},
		{"sequence_number":4,"name":"Economic Decision Maker","id":"4150868000000006874"},
		{"sequence_number":5,"name":"Product Management","id":"4150868000000006875"},
		{"sequence_number":6,"name":"Executive Sponsor","id":"4150868000000006876"},
		{"sequence_number":7,"name":"Developer/Evaluator","id":"4150868000000006877"}]}`
	for _, version := range []string{"v2", "v2.1", "v3", "v4", "v5", "v6", "v7", "v8"} {
		r.want("GET", version+"/Contacts/roles", "", 200, want)
	}
	r.want("GET", roles+"/"+purchasing, "", 200, `{"contact_roles":[{"sequence_number":2,"name":"Purchasing","id":"4150868000000006872"}]}`)
	r.want("GET", roles+"/77", "", 204, "")
	r.want("GET", roles+"/x", "", 204, "")
}

func TestCreateRoles(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{Org: readOrg(t, seed)})
	added := func(id string) string { return roleDone(id, "contact role added") }
	first, second, third := decisionMaker, purchasing, engineering // new ids start where Zoho's sample roles do
	duplicate := func(i int) string {
		return failed("DUPLICATE_DATA", fmt.Sprintf(`{"api_name":"name","json_path":"$.contact_roles[%d].name"}`, i), "duplicate data")
	}
	noName := failed("MANDATORY_NOT_FOUND", `{"api_name":"name","json_path":"$.contact_roles[0].name"}`, "required field not found")
	long := strings.Repeat("ö", 51)
	at := `"api_name":"sequence_number","json_path":"$.contact_roles[0].sequence_number"`
	wrongSequence := roleItems(failed("INVALID_DATA", `{`+at+`,"expected_data_type":"integer"}`, "invalid data"))
	r.run([]step{
		// An occupied position pushes what is there down; without one: the end.
		{"POST", roles, roleItems(`{"name":"Lead","sequence_number":2}`, `{"name":"Quality"}`), 200, roleItems(added(first), added(second))},
		{"GET", roles, "", 200, picklistOf("Decision Maker 11", "Lead "+first, "Purchasing 12", "Sponsor 13", "Quality "+second)},
		{"POST", roles, roleItems(`{"name":"Lead"}`, `{"name":"`+long[:100]+`","sequence_number":99}`), 207, roleItems(duplicate(0), added(third))},
		{"POST", roles, roleItems(`{"name":"Sponsor"}`), 400, roleItems(duplicate(0))},
		{"POST", roles, roleItems(`{"sequence_number":1}`), 400, roleItems(noName)},
		{"POST", roles, roleItems(`{"name":null}`), 400, roleItems(noName)},
		{"POST", roles, roleItems(`{"name":5}`), 400, roleItems(failed("INVALID_DATA", `{"api_name":"name","json_path":"$.contact_roles[0].name","expected_data_type":"text"}`, "invalid data"))},
		{"POST", roles, roleItems(`{"name":"` + long + `"}`), 400, roleItems(failed("INVALID_DATA", `{"api_name":"name","json_path":"$.contact_roles[0].name","maximum_length":50}`, "invalid data"))},
		{"POST", roles, roleItems(`{"name":"x","sequence_number":"1"}`), 400, wrongSequence},
		{"POST", roles, roleItems(`{"name":"x","sequence_number":0}`), 400, wrongSequence},
		{"POST", roles, roleItems(`{"name":"x","sequence_number":1.5}`), 400, wrongSequence},
		{"POST", roles, roleItems(`7`), 400, roleItems(failed("INVALID_DATA", `{"json_path":"$.contact_roles[0]","expected_data_type":"jsonobject"}`, "invalid data"))},
		{"POST", roles, `nonsense`, 400, unparsable},
		{"POST", roles, `{"data":[]}`, 400, failed("MANDATORY_NOT_FOUND", `{"api_name":"contact_roles","json_path":"$.contact_roles"}`, "required field not found")},
	})
}

// picklistOf lists roles in order, each "name id".
func picklistOf(names ...string) string {
	var list []string
	for i, name := range names {
		cut := strings.LastIndex(name, " ")
		list = append(list, fmt.Sprintf(`{"sequence_number":%d,"name":%q,"id":%q}`, i+1, name[:cut], name[cut+1:]))
	}
	return `{"contact_roles":[` + strings.Join(list, ",") + `]}`
}

func TestRoleLimits(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{})
	many := func(n int) string {
		var items []string
		for i := range n {
			items = append(items, fmt.Sprintf(`{"name":"Role %d"}`, i))
		}
		return roleItems(items...)
	}
	r.want("POST", roles, many(101), 400, failed("LIMIT_EXCEEDED", `{"api_name":"contact_roles","maximum_length":100}`, "limit exceeded"))
	// Seven are there: of a hundred more, 93 fit.
	status, got := r.call("POST", roles, many(100))
	if n := strings.Count(got, `"contact role added"`); status != 207 || n != 93 {
		t.Errorf("status %d, %d added", status, n)
	}
	r.want("POST", roles, roleItems(`{"name":"One more"}`), 400, roleItems(failed("LIMIT_EXCEEDED", `{}`, "Contact Role feature limit exceeded")))
	var ids []string
	for n := 6871; n < 6871+101; n++ {
		ids = append(ids, fmt.Sprintf("415086800000000%d", n))
	}
	r.want("DELETE", roles+"?ids="+strings.Join(ids, ","), "", 400, failed("LIMIT_EXCEEDED", `{"limit":"100","param_name":"ids"}`, "limit exceeded"))
	status, got = r.call("DELETE", roles+"?ids="+strings.Join(ids[:100], ","), "")
	if n := strings.Count(got, `"contact role deleted"`); status != 207 || n != 99 {
		t.Errorf("deleting all: status %d, %d deleted", status, n)
	}
	if last := `{"id":"` + ids[99] + `","limit":1}`; !strings.Contains(got, "LOWER_LIMIT_REACHED") || !strings.Contains(got, last) {
		t.Errorf("the last role went: %s", got)
	}
}

func TestUpdateRoles(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{Org: readOrg(t, seed)})
	updated := func(id string) string { return roleDone(id, "record updated") }
	unknown := failed("INVALID_DATA", `{"id":"77"}`, "invalid data")
	r.run([]step{
		{"PUT", roles, roleItems(`{"id":"13","name":"Boss"}`, `{"id":"11","sequence_number":3}`), 200, roleItems(updated("13"), updated("11"))},
		{"GET", roles, "", 200, picklistOf("Purchasing 12", "Boss 13", "Decision Maker 11")},
		{"PUT", roles, roleItems(`{"id":"77","name":"x"}`, `{"id":"13","name":"Boss"}`), 207, roleItems(unknown, updated("13"))},
		{"PUT", roles, roleItems(`{"name":"x"}`), 400, roleItems(failed("MANDATORY_NOT_FOUND", `{"api_name":"id","json_path":"$.contact_roles[0].id"}`, "required field not found"))},
		{"PUT", roles, roleItems(`{"id":"13","name":"Purchasing"}`), 400, roleItems(failed("DUPLICATE_DATA", `{"api_name":"name","json_path":"$.contact_roles[0].name"}`, "duplicate data"))},
		{"PUT", roles, roleItems(`{"id":"13","name":""}`), 400, roleItems(failed("MANDATORY_NOT_FOUND", `{"api_name":"name","json_path":"$.contact_roles[0].name"}`, "required field not found"))},
		{"PUT", roles, roleItems(`{"id":"13","name":null}`), 200, roleItems(updated("13"))},
		{"PUT", roles, roleItems(`{"id":13,"name":"x"}`), 400, roleItems(failed("INVALID_DATA", `{"api_name":"id","json_path":"$.contact_roles[0].id","expected_data_type":"text"}`, "invalid data"))},
		// Zoho's own sample for one role has a sequence number and no name.
		{"PUT", roles + "/11", roleItems(`{"sequence_number":1}`), 200, roleItems(updated("11"))},
		{"PUT", roles + "/11", roleItems(`{"id":"11","name":"Decider"}`), 200, roleItems(updated("11"))},
		{"PUT", roles + "/11", roleItems(`{"id":"12","name":"x"}`), 400, roleItems(failed("INVALID_DATA", `{"api_name":"id","json_path":"$.contact_roles[0].id"}`, "invalid data"))},
		{"PUT", roles + "/77", roleItems(`{"name":"x"}`), 400, roleItems(unknown)},
		{"PUT", roles + "/11", roleItems(`{"name":"x"}`, `{"name":"y"}`), 400, failed("LIMIT_EXCEEDED", `{"api_name":"contact_roles","maximum_length":1}`, "limit exceeded")},
		{"GET", roles, "", 200, picklistOf("Decider 11", "Purchasing 12", "Boss 13")},
		// A deal shows a role's new name.
		{"GET", "v8/Deals/901/Contact_Roles/502?fields=Last_Name", "", 200, data(`{"Contact_Role":{"name":"Decider","id":"11"},"Last_Name":"Ng","id":"502"}`)},
	})
}

func TestDeleteRoles(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{Org: readOrg(t, seed)})
	deleted := func(id string) string { return roleDone(id, "contact role deleted") }
	gone := func(id string) string {
		return failed("INVALID_DATA", `{"id":"`+id+`"}`, "contact role not deleted")
	}
	last := failed("LOWER_LIMIT_REACHED", `{"limit":1,"id":"11"}`, "the last contact role cannot be deleted")
	onDeal := data(`{"Contact_Role":{"name":"Purchasing","id":"12"},"Email":"burns@example.com","id":"501"}`)
	r.run([]step{
		{"DELETE", roles, "", 400, failed("REQUIRED_PARAM_MISSING", `{"param_name":"ids"}`, "One of the expected parameter is missing")},
		{"DELETE", roles + "/12", "", 200, roleItems(deleted("12"))},
		{"DELETE", roles + "/12", "", 400, roleItems(gone("12"))},
		{"DELETE", roles + "?ids=77,13,13&", "", 207, roleItems(gone("77"), deleted("13"), gone("13"))},
		{"DELETE", roles + "/11", "", 400, roleItems(last)},
		{"GET", roles, "", 200, picklistOf("Decision Maker 11")},
		// A deal keeps a deleted role, but nobody gets it any more.
		{"GET", "v8/Deals/901/Contact_Roles/501?fields=Email", "", 200, onDeal},
		{"PUT", "v8/Deals/902/Contact_Roles/501", byID("12"), 400, data(failed("INVALID_DATA", `{"api_name":"Contact_Role","json_path":"$.data[0].Contact_Role"}`, "invalid data"))},
		// Its name is free again, and its id is not used again.
		{"POST", roles, roleItems(`{"name":"Purchasing"}`), 200, roleItems(roleDone(decisionMaker, "contact role added"))},
		{"GET", "v8/Deals/901/Contact_Roles/501?fields=Email", "", 200, onDeal},
	})
}
