package emulator_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rolecall/api/emulator"
)

func upsert(contact, role string) string {
	return `{"id":"` + contact + `","Contact_Role":{"id":"` + role + `"}}`
}

func TestCollectionPut(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{})
	at := func(i int, name, tail string) string {
		return fmt.Sprintf(`{"api_name":%q,"json_path":"$.data[%d]%s"}`, name, i, tail)
	}
	all := rolesOf(deal1)
	r.run([]step{
		{"PUT", all, data(upsert(contact1, purchasing), upsert(contact2, purchasing)), 200,
			data(relation(contact1, "added"), relation(contact2, "added"))},
		{"PUT", all, data(upsert(contact2, engineering), upsert(contact3, purchasing)), 200,
			data(relation(contact2, "updated"), relation(contact3, "added"))},
		// Some fail: 207, and an unknown contact is told by its id.
		{"PUT", all, data(upsert(contact1, engineering), upsert(nobody, purchasing), upsert(contact2, "77"), upsert(contact1, purchasing)), 207,
			data(relation(contact1, "updated"), failed("INVALID_DATA", `{"id":"`+nobody+`"}`, "invalid data"),
				failed("INVALID_DATA", at(2, "Contact_Role", ".Contact_Role"), "invalid data"),
				failed("DUPLICATE_DATA", `{"id":"`+contact1+`","api_name":"id","json_path":"$.data[3].id"}`, "duplicate data"))},
		// All fail: 400, and an unknown contact is told by its place.
		{"PUT", all, data(upsert(nobody, purchasing), `{"Contact_Role":{"id":"`+purchasing+`"}}`, `{"id":"`+contact1+`"}`,
			`{"id":"`+contact2+`","Contact_Role":{"name":"Purchasing"}}`, `{"id":"`+contact3+`","Contact_Role":"Purchasing"}`, `5`), 400,
			data(failed("INVALID_DATA", at(0, "id", ".id"), "the id given seems to be invalid"),
				failed("MANDATORY_NOT_FOUND", at(1, "id", ".id"), "required field not found"),
				failed("MANDATORY_NOT_FOUND", at(2, "Contact_Role", ".Contact_Role"), "required field not found"),
				failed("MANDATORY_NOT_FOUND", at(3, "id", ".Contact_Role.id"), "required field not found"),
				failed("INVALID_DATA", `{"api_name":"Contact_Role","json_path":"$.data[4].Contact_Role","expected_data_type":"jsonobject"}`, "invalid data"),
				failed("INVALID_DATA", `{"json_path":"$.data[5]","expected_data_type":"jsonobject"}`, "invalid data"))},
		{"PUT", rolesOf("1"), data(upsert(contact1, purchasing)), 400, badDeal},
		{"PUT", all, data(), 400, failed("MANDATORY_NOT_FOUND", `{"api_name":"data","json_path":"$.data"}`, "required field not found")},
	})
	want := map[string]map[string]emulator.RoleRef{deal1: {
		contact1: {ID: engineering, Name: "Engineering Lead"},
		contact2: {ID: engineering, Name: "Engineering Lead"},
		contact3: {ID: purchasing, Name: "Purchasing"},
	}}
	if diff := cmp.Diff(want, r.e.SnapshotState()); diff != "" {
		t.Errorf("state (-want +got)\n%s", diff)
	}
}

func TestCollectionPutLimit(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{Contacts: 101})
	var items []string
	for j := range 101 {
		items = append(items, upsert(contactID(j+1), purchasing))
	}
	r.want("PUT", rolesOf(deal1), data(items...), 400, failed("LIMIT_EXCEEDED", `{"api_name":"data","maximum_length":100}`, "limit exceeded"))
	if status, got := r.call("PUT", rolesOf(deal1), data(items[:100]...)); status != 200 || strings.Count(got, "relation added") != 100 {
		t.Errorf("100 contacts: %d %s", status, got)
	}
}

func TestCollectionPutModes(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"", "merge", "replace", "off"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, emulator.Options{CollectionPut: mode})
			r.want("PUT", rolesOf(deal1)+"/"+contact1, byID(purchasing), 200, data(relation(contact1, "updated")))
			body := data(upsert(contact2, purchasing))
			if mode == "off" {
				r.want("PUT", rolesOf(deal1), body, 400, badMethod)
			} else {
				r.want("PUT", rolesOf(deal1), body, 200, data(relation(contact2, "added")))
			}
			for _, version := range []string{"v2", "v2.1", "v3", "v4", "v5", "v6", "v7"} {
				r.want("PUT", version+"/Deals/"+deal1+"/Contact_Roles", body, 400, badMethod)
			}
			want := map[string]int{"": 2, "merge": 2, "replace": 1, "off": 1}[mode]
			if got := r.e.SnapshotState()[deal1]; len(got) != want {
				t.Errorf("the deal has %v, want %d contacts", got, want)
			}
		})
	}
}
