package meta_test

import (
	"fmt"
	"strings"
	"testing"

	"rolecall/api/emulator"
	"rolecall/api/emulator/rig"
)

// SDKs ask these around contact roles.
func TestWhatSDKsNeed(t *testing.T) {
	t.Parallel()
	for _, edition := range []string{"", "free", "ultimate"} {
		r := rig.New(t, emulator.Options{Edition: edition})
		want := edition
		if want == "" {
			want = "enterprise"
		}
		status, got := r.Call("GET", "v8/org", "")
		if status != 200 || !strings.Contains(got, fmt.Sprintf(`"paid_type":%q`, want)) ||
			!strings.Contains(got, `"zgid":"4150868000000000001"`) {
			t.Errorf("org: %d %s", status, got)
		}
	}
	r := rig.New(t, emulator.Options{Org: rig.ReadOrg(t, rig.Seed)})
	for path, want := range map[string]string{
		"v8/org":                             `"zgid":"4876876000000000001"`,
		"v2/org?":                            `"paid_type":"standard"`,
		"v8/users?type=CurrentUser&":         `"id":"4150868000000225013"`,
		"v8/settings/fields?module=Contacts": `"api_name":"Last_Name","field_label":"Last Name","data_type":"text"`,
		"v8/settings/fields?module=Deals&type=all":     `"api_name":"Deal_Name"`,
		"v8/settings/related_lists?module=Deals&":      `"api_name":"Contact_Roles"`,
		"v8/Deals/901/Contact_Roles?fields=Last_Name&": `"Last_Name":"Burns"`,
	} {
		if status, got := r.Call("GET", path, ""); status != 200 || !strings.Contains(got, want) {
			t.Errorf("%s: %d %s", path, status, got)
		}
	}
	r.Want("GET", "v8/settings/related_lists?module=Leads", "", 204, "")
	r.Want("GET", "v8/settings/fields", "", 400, rig.Failed("REQUIRED_PARAM_MISSING", `{"param_name":"module"}`,
		"One of the expected parameter is missing"))
	r.Want("GET", "v8/settings/fields?module=Dealz", "", 400,
		rig.Failed("INVALID_MODULE", `{"param_name":"module"}`, "the module name given seems to be invalid"))
	// The SDKs send commas as they are, and as %2C.
	r.Want("DELETE", "v8/Deals/901/Contact_Roles?ids=501,502&", "", 200,
		rig.Data(rig.Relation("501", "removed"), rig.Relation("502", "removed")))
	r.Want("DELETE", "v8/Deals/901/Contact_Roles?ids=501%2C502", "", 400,
		rig.Data(rig.Failed("INVALID_DATA", `{"id":"501"}`, "relation not found"),
			rig.Failed("INVALID_DATA", `{"id":"502"}`, "relation not found")))
}
