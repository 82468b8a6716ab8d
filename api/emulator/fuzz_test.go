package emulator_test

import (
	"encoding/json"
	"testing"

	"rolecall/api/emulator"
)

// No body brings a write down: it is answered with JSON and a status that
// Zoho documents.
func FuzzWrites(f *testing.F) {
	for _, body := range []string{
		byID(purchasing), data(upsert(contact1, purchasing), upsert(contact1, "x")), `{"data":[{"Contact_Role":"Purchasing"}]}`,
		roleItems(`{"name":"x","sequence_number":1}`, `{"id":"5"}`, `null`), `{"data":{"data":[]}}`, `[`, "{\"data\":[\"\xff\"]}",
	} {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body string) {
		d := newDirect(t, emulator.Options{})
		for _, c := range [][2]string{
			{"PUT", rolesOf(deal1)}, {"PUT", rolesOf(deal1) + "/" + contact1}, {"PUT", "v2/Deals/" + deal1 + "/Contact_Roles/" + contact1},
			{"POST", roles}, {"PUT", roles}, {"PUT", roles + "/" + purchasing},
		} {
			status, got, err := d.call(c[0], c[1], body)
			if err != nil || !json.Valid([]byte(got)) || status != 200 && status != 207 && status != 400 {
				t.Errorf("%s %s %q: %d %q %v", c[0], c[1], body, status, got, err)
			}
		}
	})
}
