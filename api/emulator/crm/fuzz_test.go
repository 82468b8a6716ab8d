package crm_test

import (
	"encoding/json"
	"testing"

	"rolecall/api/emulator"
	"rolecall/api/emulator/rig"
)

// Every body of a write is answered with JSON and a status that Zoho documents.
func FuzzWrites(f *testing.F) {
	for _, body := range []string{
		rig.ByID(rig.Purchasing), rig.Data(rig.Upsert(rig.Contact1, rig.Purchasing), rig.Upsert(rig.Contact1, "x")),
		`{"data":[{"Contact_Role":"Purchasing"}]}`,
		rig.RoleItems(`{"name":"x","sequence_number":1}`, `{"id":"5"}`, `null`), `{"data":{"data":[]}}`, `[`,
		"{\"data\":[\"\xff\"]}",
	} {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body string) {
		d := rig.NewDirect(t, emulator.Options{})
		for _, c := range [][2]string{
			{"PUT", rig.RolesOf(rig.Deal1)}, {"PUT", rig.RolesOf(rig.Deal1) + "/" + rig.Contact1},
			{"PUT", "v2/Deals/" + rig.Deal1 + "/Contact_Roles/" + rig.Contact1},
			{"POST", rig.Roles}, {"PUT", rig.Roles}, {"PUT", rig.Roles + "/" + rig.Purchasing},
		} {
			status, got, err := d.Call(c[0], c[1], body)
			if err != nil || !json.Valid([]byte(got)) || status != 200 && status != 207 && status != 400 {
				t.Errorf("%s %s %q: %d %q %v", c[0], c[1], body, status, got, err)
			}
		}
	})
}
