package emulator_test

import (
	"testing"

	"rolecall/api/emulator"
	"rolecall/api/emulator/rig"
)

func TestPathsAndMethods(t *testing.T) {
	t.Parallel()
	r := rig.New(t, emulator.Options{})
	r.Run([]rig.Step{
		{"GET", "v9/Contacts/roles", "", 404, rig.BadURL},
		{"GET", "v1/Contacts/roles", "", 404, rig.BadURL},
		{"GET", "Contacts/roles", "", 404, rig.BadURL},
		{"GET", "v8", "", 404, rig.BadURL},
		{"GET", "v8/Contacts/rolez", "", 400, rig.Failed("INVALID_DATA", `{"resource_path_index":1}`,
			"the id given seems to be invalid")},
		{"GET", "v8/Contacts/roles/", "", 404, rig.BadURL},
		{"GET", "v8/Tasks", "", 400, rig.UnsupportedModule},
		{"GET", "v8/Tasks/5", "", 400, rig.UnsupportedModule},
		{"GET", "v8/Deals/actions/counts", "", 400, rig.BadRelation},
		{"PATCH", "v8/Deals", "", 400, rig.BadMethod},
		{"POST", "v8/Contacts/5", "", 400, rig.BadMethod},
		{"GET", "v8/coql", "", 400, rig.BadMethod},
		{"GET", "v8/Dealz/" + rig.Deal1 + "/Contact_Roles", "", 400, rig.BadModule},
		{"PUT", "v8/deals/" + rig.Deal1 + "/Contact_Roles/" + rig.Contact1, rig.ByID(rig.Purchasing), 400,
			rig.BadModule},
		{"GET", "v8/Deals/" + rig.Deal1 + "/Contact_Rolls", "", 400, rig.BadRelation},
		{"PUT", "v8/Deals/" + rig.Deal1 + "/contact_roles/" + rig.Contact1, rig.ByID(rig.Purchasing), 400,
			rig.BadRelation},
		{"POST", rig.RolesOf(rig.Deal1), rig.ByID(rig.Purchasing), 400, rig.BadMethod},
		{"PATCH", rig.RolesOf(rig.Deal1) + "/" + rig.Contact1, rig.ByID(rig.Purchasing), 400, rig.BadMethod},
		{"POST", "v8/Contacts/roles/" + rig.Purchasing, "{}", 400, rig.BadMethod},
		{"DELETE", "v8/org", "", 400, rig.BadMethod},
	})
	if status, got := r.Call("GET", "v8/contacts/roles", ""); status != 200 {
		t.Errorf("the OpenAPI files' spelling: %d %s", status, got)
	}
}
