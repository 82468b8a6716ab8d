package emulator_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rolecall/api/emulator"
	"rolecall/api/emulator/rig"
)

func TestInspection(t *testing.T) {
	t.Parallel()
	r := rig.New(t, emulator.Options{})
	if got := strings.TrimSpace(r.Inspect("stats")); got != `{"calls":{},"max_in_flight":0,"too_many_requests":0,`+
		`"credits":0,"tokens_issued":1}` {
		t.Errorf("stats %s", got)
	}
	if diff := cmp.Diff(rig.Decode(t, `{"deals": {}}`), rig.Decode(t, r.Inspect("state"))); diff != "" {
		t.Errorf("state (-want +got)\n%s", diff)
	}
	r.Call("PUT", rig.RolesOf(rig.Deal1)+"/"+rig.Contact1, rig.ByID(rig.Purchasing))
	r.Call("PUT", "v2"+strings.TrimPrefix(rig.RolesOf(rig.Deal2), "v8")+"/"+rig.Contact2,
		`{"data":[{"Contact_Role":"x"}]}`)
	r.Call("DELETE", rig.RolesOf(rig.Deal1)+"?ids="+rig.Contact1, "")
	r.Call("GET", "v8/Dealz/5/Contact_Roles", "")
	r.Call("GET", "v8/contacts/roles", "")
	r.Call("GET", "v8/org", "")
	want := map[string]int{
		"PUT /Deals/{id}/Contact_Roles/{id}": 2, "DELETE /Deals/{id}/Contact_Roles": 1,
		"GET /Dealz/{id}/Contact_Roles": 1, "GET /Contacts/roles": 1, "GET /org": 1,
	}
	if diff := cmp.Diff(want, r.E.Stats().Calls); diff != "" {
		t.Errorf("calls (-want +got)\n%s", diff)
	}
	// A client that makes up paths cannot fill the memory.
	for i := range 1200 {
		r.Call("GET", fmt.Sprintf("v8/made-up-%d", i), "")
	}
	if calls := r.E.Stats().Calls; len(calls) > 1001 || calls["other"] < 200 {
		t.Errorf("%d names, %d others", len(calls), calls["other"])
	}
}
