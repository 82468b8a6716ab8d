package crm_test

import (
	"fmt"
	"strings"
	"testing"

	"rolecall/api/emulator"
	"rolecall/api/emulator/rig"
)

func TestUsualRoles(t *testing.T) {
	t.Parallel()
	r := rig.New(t, emulator.Options{})
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
		r.Want("GET", version+"/Contacts/roles", "", 200, want)
	}
	r.Want("GET", rig.Roles+"/"+rig.Purchasing, "", 200,
		`{"contact_roles":[{"sequence_number":2,"name":"Purchasing","id":"4150868000000006872"}]}`)
	r.Want("GET", rig.Roles+"/77", "", 204, "")
	r.Want("GET", rig.Roles+"/x", "", 204, "")
}

func TestCreateRoles(t *testing.T) {
	t.Parallel()
	r := rig.New(t, emulator.Options{Org: rig.ReadOrg(t, rig.Seed)})
	added := func(id string) string { return rig.RoleDone(id, "contact role added") }
	first, second, third := rig.DecisionMaker, rig.Purchasing, rig.Engineering
	duplicate := func(i int) string {
		return rig.Failed("DUPLICATE_DATA", fmt.Sprintf(`{"api_name":"name","json_path":"$.contact_roles[%d].name"}`,
			i), "duplicate data")
	}
	noName := rig.Failed("MANDATORY_NOT_FOUND", `{"api_name":"name","json_path":"$.contact_roles[0].name"}`,
		"required field not found")
	long := strings.Repeat("ö", 51)
	at := `"api_name":"sequence_number","json_path":"$.contact_roles[0].sequence_number"`
	wrongSequence := rig.RoleItems(rig.Failed("INVALID_DATA", `{`+at+`,"expected_data_type":"integer"}`,
		"invalid data"))
	r.Run([]rig.Step{
		// A role at an occupied position pushes the others down. Without a position it goes to the end.
		{"POST", rig.Roles, rig.RoleItems(`{"name":"Lead","sequence_number":2}`, `{"name":"Quality"}`), 200,
			rig.RoleItems(added(first), added(second))},
		{"GET", rig.Roles, "", 200, rig.PicklistOf("Decision Maker 11", "Lead "+first, "Purchasing 12", "Sponsor 13",
			"Quality "+second)},
		{"POST", rig.Roles, rig.RoleItems(`{"name":"Lead"}`, `{"name":"`+long[:100]+`","sequence_number":99}`), 207,
			rig.RoleItems(duplicate(0), added(third))},
		{"POST", rig.Roles, rig.RoleItems(`{"name":"Sponsor"}`), 400, rig.RoleItems(duplicate(0))},
		{"POST", rig.Roles, rig.RoleItems(`{"sequence_number":1}`), 400, rig.RoleItems(noName)},
		{"POST", rig.Roles, rig.RoleItems(`{"name":null}`), 400, rig.RoleItems(noName)},
		{"POST", rig.Roles, rig.RoleItems(`{"name":5}`), 400,
			rig.RoleItems(rig.Failed("INVALID_DATA",
				`{"api_name":"name","json_path":"$.contact_roles[0].name","expected_data_type":"text"}`,
				"invalid data"))},
		{"POST", rig.Roles, rig.RoleItems(`{"name":"` + long + `"}`), 400,
			rig.RoleItems(rig.Failed("INVALID_DATA",
				`{"api_name":"name","json_path":"$.contact_roles[0].name","maximum_length":50}`, "invalid data"))},
		{"POST", rig.Roles, rig.RoleItems(`{"name":"x","sequence_number":"1"}`), 400, wrongSequence},
		{"POST", rig.Roles, rig.RoleItems(`{"name":"x","sequence_number":0}`), 400, wrongSequence},
		{"POST", rig.Roles, rig.RoleItems(`{"name":"x","sequence_number":1.5}`), 400, wrongSequence},
		{"POST", rig.Roles, rig.RoleItems(`7`), 400,
			rig.RoleItems(rig.Failed("INVALID_DATA",
				`{"json_path":"$.contact_roles[0]","expected_data_type":"jsonobject"}`, "invalid data"))},
		{"POST", rig.Roles, `nonsense`, 400, rig.Unparsable},
		{"POST", rig.Roles, `{"data":[]}`, 400, rig.Failed("MANDATORY_NOT_FOUND",
			`{"api_name":"contact_roles","json_path":"$.contact_roles"}`, "required field not found")},
	})
}

func TestRoleLimits(t *testing.T) {
	t.Parallel()
	r := rig.New(t, emulator.Options{})
	many := func(n int) string {
		var items []string
		for i := range n {
			items = append(items, fmt.Sprintf(`{"name":"Role %d"}`, i))
		}
		return rig.RoleItems(items...)
	}
	r.Want("POST", rig.Roles, many(101), 400, rig.Failed("LIMIT_EXCEEDED",
		`{"api_name":"contact_roles","maximum_length":100}`, "limit exceeded"))
	// There are seven roles: of a hundred more, 93 fit.
	status, got := r.Call("POST", rig.Roles, many(100))
	if n := strings.Count(got, `"contact role added"`); status != 207 || n != 93 {
		t.Errorf("status %d, %d added", status, n)
	}
	r.Want("POST", rig.Roles, rig.RoleItems(`{"name":"One more"}`), 400,
		rig.RoleItems(rig.Failed("LIMIT_EXCEEDED", `{}`, "Contact Role feature limit exceeded")))
	var ids []string
	for n := 6871; n < 6871+101; n++ {
		ids = append(ids, fmt.Sprintf("415086800000000%d", n))
	}
	r.Want("DELETE", rig.Roles+"?ids="+strings.Join(ids, ","), "", 400,
		rig.Failed("LIMIT_EXCEEDED", `{"limit":"100","param_name":"ids"}`, "limit exceeded"))
	status, got = r.Call("DELETE", rig.Roles+"?ids="+strings.Join(ids[:100], ","), "")
	if n := strings.Count(got, `"contact role deleted"`); status != 207 || n != 99 {
		t.Errorf("deleting all: status %d, %d deleted", status, n)
	}
	if last := `{"id":"` + ids[99] + `","limit":1}`; !strings.Contains(got, "LOWER_LIMIT_REACHED") ||
		!strings.Contains(got, last) {
		t.Errorf("the last role went: %s", got)
	}
}

// The details of refused updates are those of OpenAPI v8.0, contact roles (InvalidDataErrorSchemaPut,
// DuplicateDataErrorSchemaPUT): the role's id, or that of the role which has the name.
func TestUpdateRoles(t *testing.T) {
	t.Parallel()
	r := rig.New(t, emulator.Options{Org: rig.ReadOrg(t, rig.Seed)})
	updated := func(id string) string { return rig.RoleDone(id, "record updated") }
	unknown := rig.Failed("INVALID_DATA", `{"id":"77"}`, "invalid data")
	r.Run([]rig.Step{
		{"PUT", rig.Roles, rig.RoleItems(`{"id":"13","name":"Boss"}`, `{"id":"11","sequence_number":3}`), 200,
			rig.RoleItems(updated("13"), updated("11"))},
		{"GET", rig.Roles, "", 200, rig.PicklistOf("Purchasing 12", "Boss 13", "Decision Maker 11")},
		{"PUT", rig.Roles, rig.RoleItems(`{"id":"77","name":"x"}`, `{"id":"13","name":"Boss"}`), 207,
			rig.RoleItems(unknown, updated("13"))},
		{"PUT", rig.Roles, rig.RoleItems(`{"name":"x"}`), 400,
			rig.RoleItems(rig.Failed("MANDATORY_NOT_FOUND", `{"api_name":"id","json_path":"$.contact_roles[0].id"}`,
				"required field not found"))},
		{"PUT", rig.Roles, rig.RoleItems(`{"id":"13","name":"Purchasing"}`), 400,
			rig.RoleItems(rig.Failed("DUPLICATE_DATA",
				`{"api_name":"name","json_path":"$.contact_roles[0].name","id":"12"}`, "duplicate data"))},
		{"PUT", rig.Roles, rig.RoleItems(`{"id":"13","name":5}`, `{"id":"11","sequence_number":"x"}`), 400,
			rig.RoleItems(
				rig.Failed("INVALID_DATA", `{"api_name":"name","json_path":"$.contact_roles[0].name","id":"13"}`,
					"invalid data"),
				rig.Failed("INVALID_DATA", `{"api_name":"sequence_number",
					"json_path":"$.contact_roles[1].sequence_number","id":"11"}`, "invalid data"))},
		{"PUT", rig.Roles + "/11", rig.RoleItems(`{"name":5}`), 400,
			rig.RoleItems(rig.Failed("INVALID_DATA",
				`{"api_name":"name","json_path":"$.contact_roles[0].name","id":"11"}`, "invalid data"))},
		{"PUT", rig.Roles, rig.RoleItems(`{"id":"13","name":""}`), 400,
			rig.RoleItems(rig.Failed("MANDATORY_NOT_FOUND", `{"api_name":"name","json_path":"$.contact_roles[0].name"}`,
				"required field not found"))},
		{"PUT", rig.Roles, rig.RoleItems(`{"id":"13","name":null}`), 200, rig.RoleItems(updated("13"))},
		{"PUT", rig.Roles, rig.RoleItems(`{"id":13,"name":"x"}`), 400,
			rig.RoleItems(rig.Failed("INVALID_DATA",
				`{"api_name":"id","json_path":"$.contact_roles[0].id","expected_data_type":"text"}`, "invalid data"))},
		// Zoho's own sample for one role has a sequence number and no name.
		{"PUT", rig.Roles + "/11", rig.RoleItems(`{"sequence_number":1}`), 200, rig.RoleItems(updated("11"))},
		{"PUT", rig.Roles + "/11", rig.RoleItems(`{"id":"11","name":"Decider"}`), 200, rig.RoleItems(updated("11"))},
		{"PUT", rig.Roles + "/11", rig.RoleItems(`{"id":"12","name":"x"}`), 400,
			rig.RoleItems(rig.Failed("INVALID_DATA", `{"api_name":"id","json_path":"$.contact_roles[0].id"}`,
				"invalid data"))},
		{"PUT", rig.Roles + "/77", rig.RoleItems(`{"name":"x"}`), 400, rig.RoleItems(unknown)},
		{"PUT", rig.Roles + "/11", rig.RoleItems(`{"name":"x"}`, `{"name":"y"}`), 400,
			rig.Failed("LIMIT_EXCEEDED", `{"api_name":"contact_roles","maximum_length":1}`, "limit exceeded")},
		{"GET", rig.Roles, "", 200, rig.PicklistOf("Decider 11", "Purchasing 12", "Boss 13")},
		// A deal shows a role's new name.
		{"GET", "v8/Deals/901/Contact_Roles/502?fields=Last_Name", "", 200,
			rig.Data(`{"Contact_Role":{"name":"Decider","id":"11"},"Last_Name":"Ng","id":"502"}`)},
	})
}

// The last role stays: LowerLimitReached of OpenAPI v8.0, contact roles.
func TestDeleteRoles(t *testing.T) {
	t.Parallel()
	r := rig.New(t, emulator.Options{Org: rig.ReadOrg(t, rig.Seed)})
	deleted := func(id string) string { return rig.RoleDone(id, "contact role deleted") }
	gone := func(id string) string {
		return rig.Failed("INVALID_DATA", `{"id":"`+id+`"}`, "contact role not deleted")
	}
	last := rig.Failed("LOWER_LIMIT_REACHED", `{"limit":1,"id":"11"}`, "Lower limit reached")
	onDeal := rig.Data(`{"Contact_Role":{"name":"Purchasing","id":"12"},"Email":"burns@example.com","id":"501"}`)
	r.Run([]rig.Step{
		{"DELETE", rig.Roles, "", 400, rig.Failed("REQUIRED_PARAM_MISSING", `{"param_name":"ids"}`,
			"One of the expected parameter is missing")},
		{"DELETE", rig.Roles + "/12", "", 200, rig.RoleItems(deleted("12"))},
		{"DELETE", rig.Roles + "/12", "", 400, rig.RoleItems(gone("12"))},
		{"DELETE", rig.Roles + "?ids=77,13,13&", "", 207, rig.RoleItems(gone("77"), deleted("13"), gone("13"))},
		{"DELETE", rig.Roles + "/11", "", 400, rig.RoleItems(last)},
		{"GET", rig.Roles, "", 200, rig.PicklistOf("Decision Maker 11")},
		// A deal keeps a deleted role, but a write cannot assign it.
		{"GET", "v8/Deals/901/Contact_Roles/501?fields=Email", "", 200, onDeal},
		{"PUT", "v8/Deals/902/Contact_Roles/501", rig.ByID("12"), 400,
			rig.Data(rig.Failed("INVALID_DATA", `{"api_name":"Contact_Role","json_path":"$.data[0].Contact_Role"}`,
				"invalid data"))},
		// Its name is free, and its id is never reused.
		{"POST", rig.Roles, rig.RoleItems(`{"name":"Purchasing"}`), 200,
			rig.RoleItems(rig.RoleDone(rig.DecisionMaker, "contact role added"))},
		{"GET", "v8/Deals/901/Contact_Roles/501?fields=Email", "", 200, onDeal},
	})
}
