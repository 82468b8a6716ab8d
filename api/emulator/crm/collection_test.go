package crm_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rolecall/api/emulator"
	"rolecall/api/emulator/rig"
)

func TestCollectionPut(t *testing.T) {
	t.Parallel()
	r := rig.New(t, emulator.Options{})
	at := func(i int, name, tail string) string {
		return fmt.Sprintf(`{"api_name":%q,"json_path":"$.data[%d]%s"}`, name, i, tail)
	}
	all := rig.RolesOf(rig.Deal1)
	r.Run([]rig.Step{
		{"PUT", all, rig.Data(rig.Upsert(rig.Contact1, rig.Purchasing), rig.Upsert(rig.Contact2, rig.Purchasing)), 200,
			rig.Data(rig.Relation(rig.Contact1, "added"), rig.Relation(rig.Contact2, "added"))},
		{"PUT", all, rig.Data(rig.Upsert(rig.Contact2, rig.Engineering), rig.Upsert(rig.Contact3, rig.Purchasing)), 200,
			rig.Data(rig.Relation(rig.Contact2, "updated"), rig.Relation(rig.Contact3, "added"))},
		// Some fail: 207, and the result of an unknown contact has its id.
		{"PUT", all, rig.Data(rig.Upsert(rig.Contact1, rig.Engineering), rig.Upsert(rig.Nobody, rig.Purchasing),
			rig.Upsert(rig.Contact2, "77"), rig.Upsert(rig.Contact1, rig.Purchasing)), 207,
			rig.Data(rig.Relation(rig.Contact1, "updated"),
				rig.Failed("INVALID_DATA", `{"id":"`+rig.Nobody+`"}`, "invalid data"),
				rig.Failed("INVALID_DATA", at(2, "Contact_Role", ".Contact_Role"), "invalid data"),
				rig.Failed("DUPLICATE_DATA", `{"id":"`+rig.Contact1+`","api_name":"id","json_path":"$.data[3].id"}`,
					"duplicate data"))},
		// All fail: 400, and the result of an unknown contact has its JSON path.
		{"PUT", all, rig.Data(rig.Upsert(rig.Nobody, rig.Purchasing), `{"Contact_Role":{"id":"`+rig.Purchasing+`"}}`,
			`{"id":"`+rig.Contact1+`"}`,
			`{"id":"`+rig.Contact2+`","Contact_Role":{"name":"Purchasing"}}`,
			`{"id":"`+rig.Contact3+`","Contact_Role":"Purchasing"}`, `5`), 400,
			rig.Data(rig.Failed("INVALID_DATA", at(0, "id", ".id"), "the id given seems to be invalid"),
				rig.Failed("MANDATORY_NOT_FOUND", at(1, "id", ".id"), "required field not found"),
				rig.Failed("MANDATORY_NOT_FOUND", at(2, "Contact_Role", ".Contact_Role"), "required field not found"),
				rig.Failed("MANDATORY_NOT_FOUND", at(3, "id", ".Contact_Role.id"), "required field not found"),
				rig.Failed("INVALID_DATA", `{"api_name":"Contact_Role","json_path":"$.data[4].Contact_Role",`+
					`"expected_data_type":"jsonobject"}`, "invalid data"),
				rig.Failed("INVALID_DATA", `{"json_path":"$.data[5]","expected_data_type":"jsonobject"}`,
					"invalid data"))},
		{"PUT", rig.RolesOf("1"), rig.Data(rig.Upsert(rig.Contact1, rig.Purchasing)), 400, rig.BadDeal},
		{"PUT", all, rig.Data(), 400, rig.Failed("MANDATORY_NOT_FOUND", `{"api_name":"data","json_path":"$.data"}`,
			"required field not found")},
	})
	want := map[string]map[string]emulator.RoleRef{rig.Deal1: {
		rig.Contact1: {ID: rig.Engineering, Name: "Engineering Lead"},
		rig.Contact2: {ID: rig.Engineering, Name: "Engineering Lead"},
		rig.Contact3: {ID: rig.Purchasing, Name: "Purchasing"},
	}}
	if diff := cmp.Diff(want, r.E.SnapshotState()); diff != "" {
		t.Errorf("state (-want +got)\n%s", diff)
	}
}

func TestCollectionPutLimit(t *testing.T) {
	t.Parallel()
	r := rig.New(t, emulator.Options{Contacts: 101})
	var items []string
	for j := range 101 {
		items = append(items, rig.Upsert(rig.ContactID(j+1), rig.Purchasing))
	}
	r.Want("PUT", rig.RolesOf(rig.Deal1), rig.Data(items...), 400,
		rig.Failed("LIMIT_EXCEEDED", `{"api_name":"data","maximum_length":100}`, "limit exceeded"))
	if status, got := r.Call("PUT", rig.RolesOf(rig.Deal1), rig.Data(items[:100]...)); status != 200 ||
		strings.Count(got, "relation added") != 100 {
		t.Errorf("100 contacts: %d %s", status, got)
	}
}

func TestCollectionPutModes(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"", "merge", "replace", "off"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			r := rig.New(t, emulator.Options{CollectionPut: mode})
			r.Want("PUT", rig.RolesOf(rig.Deal1)+"/"+rig.Contact1, rig.ByID(rig.Purchasing), 200,
				rig.Data(rig.Relation(rig.Contact1, "updated")))
			body := rig.Data(rig.Upsert(rig.Contact2, rig.Purchasing))
			if mode == "off" {
				r.Want("PUT", rig.RolesOf(rig.Deal1), body, 400, rig.BadMethod)
			} else {
				r.Want("PUT", rig.RolesOf(rig.Deal1), body, 200, rig.Data(rig.Relation(rig.Contact2, "added")))
			}
			for _, version := range []string{"v2", "v2.1", "v3", "v4", "v5", "v6", "v7"} {
				r.Want("PUT", version+"/Deals/"+rig.Deal1+"/Contact_Roles", body, 400, rig.BadMethod)
			}
			want := map[string]int{"": 2, "merge": 2, "replace": 1, "off": 1}[mode]
			if got := r.E.SnapshotState()[rig.Deal1]; len(got) != want {
				t.Errorf("the deal has %v, want %d contacts", got, want)
			}
		})
	}
}
