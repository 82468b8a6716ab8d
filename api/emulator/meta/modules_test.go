package meta_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"rolecall/api/emulator"
	"rolecall/api/emulator/rig"
)

const seed = `{
	"modules": [
		{"api_name": "Projects", "singular_label": "Project", "plural_label": "Projects", "fields": [
			{"api_name": "Phase", "data_type": "picklist", "pick_list_values": ["A", "B"], "required": true},
			{"api_name": "Budget", "data_type": "currency"}]},
		{"api_name": "Contacts", "fields": [{"api_name": "Ext", "unique": true, "length": 20}]}],
	"users": [{"id": "81", "last_name": "Po", "email": "po@example.com", "profile": "Standard",
			"time_zone": "Asia/Kolkata"},
		{"id": "82", "last_name": "Gone", "email": "gone@example.com", "status": "inactive"},
		{"id": "83", "last_name": "New", "email": "new@example.com", "confirm": false}]
}`

// get reads the list of an answer as objects by a key.
func get(t *testing.T, r *rig.Rig, path, list, key string) map[string]map[string]any {
	t.Helper()
	status, got := r.Call("GET", path, "")
	var parsed map[string]json.RawMessage
	var items []map[string]any
	if status != 200 || json.Unmarshal([]byte(got), &parsed) != nil || json.Unmarshal(parsed[list], &items) != nil {
		t.Fatalf("%s: %d %s", path, status, got)
	}
	byKey := map[string]map[string]any{}
	for _, item := range items {
		byKey[item[key].(string)] = item
	}
	return byKey
}

// Zoho CRM API v8, Modules Metadata: hidden modules are listed too, custom ones have their labels.
func TestModules(t *testing.T) {
	t.Parallel()
	r := rig.New(t, emulator.Options{Org: rig.ReadOrg(t, seed)})
	modules := get(t, r, "v8/settings/modules", "modules", "api_name")
	for name, want := range map[string]map[string]any{
		"Contacts": {"api_supported": true, "generated_type": "default", "singular_label": "Contact",
			"recycle_bin_on_delete": true, "creatable": true},
		"Home":     {"api_supported": false, "creatable": false},
		"Projects": {"api_supported": true, "generated_type": "custom", "plural_label": "Projects"},
	} {
		for key, value := range want {
			if modules[name][key] != value {
				t.Errorf("%s: %s is %v, want %v", name, key, modules[name][key], value)
			}
		}
	}
	one := get(t, r, "v8/settings/modules/Projects", "modules", "api_name")
	if len(one) != 1 || one["Projects"]["id"] != modules["Projects"]["id"] {
		t.Errorf("%v", one)
	}
	id := modules["Projects"]["id"].(string)
	if byID := get(t, r, "v8/settings/modules/"+id, "modules", "id"); byID[id]["api_name"] != "Projects" {
		t.Errorf("%v", byID)
	}
	r.Want("GET", "v8/settings/modules?status=user_hidden", "", 204, "")
	r.Want("GET", "v8/settings/modules?status=visible,no", "", 400, rig.Failed("INVALID_DATA",
		`{"param_name":"status","supported_values":["visible","user_hidden","system_hidden","scheduled_for_deletion"],`+
			`"index":1}`, "invalid data"))
	status, got := r.Call("GET", "v8/settings/modules/Nope", "")
	if status != 400 || !strings.Contains(got, "INVALID_MODULE") {
		t.Errorf("%d %s", status, got)
	}
}

// Zoho CRM API v8, Fields and Layouts Metadata. operation_type says what calls may write; only layouts say "required".
func TestFields(t *testing.T) {
	t.Parallel()
	r := rig.New(t, emulator.Options{Org: rig.ReadOrg(t, seed)})
	fields := get(t, r, "v8/settings/fields?module=Contacts", "fields", "api_name")
	write := func(yes bool) string {
		return fmt.Sprintf(`{"api_create":%[1]t,"api_update":%[1]t,"web_create":%[1]t,"web_update":%[1]t}`, yes)
	}
	for name, want := range map[string]map[string]string{
		"Last_Name":    {"system_mandatory": "true", "length": "80", "operation_type": write(true), "unique": "{}"},
		"Full_Name":    {"operation_type": write(false), "field_read_only": "false"},
		"Owner":        {"operation_type": write(true), "field_read_only": "true", "data_type": `"ownerlookup"`},
		"Ext":          {"unique": `{"case_sensitive":false}`, "custom_field": "true", "length": "20"},
		"Account_Name": {"json_type": `"jsonobject"`, "data_type": `"lookup"`},
	} {
		for key, value := range want {
			if got, _ := json.Marshal(fields[name][key]); string(got) != value {
				t.Errorf("%s: %s is %s, want %s", name, key, got, value)
			}
		}
	}
	lookup := fields["Account_Name"]["lookup"].(map[string]any)["module"].(map[string]any)
	if lookup["api_name"] != "Accounts" {
		t.Errorf("lookup %v", lookup)
	}
	one := get(t, r, "v8/settings/fields/"+fields["Ext"]["id"].(string)+"?module=Contacts", "fields", "api_name")
	if len(one) != 1 || one["Ext"] == nil {
		t.Errorf("%v", one)
	}
	r.Want("GET", "v8/settings/fields?module=Contacts&type=unused", "", 204, "")
	phase := get(t, r, "v8/settings/fields?module=Projects", "fields", "api_name")["Phase"]
	values := phase["pick_list_values"].([]any)
	first := values[0].(map[string]any)
	if len(values) != 2 || first["reference_value"] != "A" || phase["required"] != nil {
		t.Errorf("%v", phase)
	}
	path := "v8/settings/fields/" + phase["id"].(string) + "/pick_list_values?module=Projects"
	if list := get(t, r, path, "pick_list_values", "display_value"); len(list) != 2 || list["B"] == nil {
		t.Errorf("%v", list)
	}
	r.Want("GET", "v8/settings/fields/5/pick_list_values?module=Projects", "", 204, "")
	for _, layout := range get(t, r, "v8/settings/layouts?module=Projects", "layouts", "name") {
		section := layout["sections"].([]any)[0].(map[string]any)
		for _, f := range section["fields"].([]any) {
			field := f.(map[string]any)
			if name := field["api_name"]; field["required"] != (name == "Name" || name == "Phase") {
				t.Errorf("%s is required: %v", name, field["required"])
			}
		}
	}
	// A rule of the layout counts only if the call asks for it. Zoho CRM API v7, Insert Records.
	body := `{"data":[{"Name":"x"}],"apply_feature_execution":[{"name":"layout_rules"}]}`
	r.Want("POST", "v8/Projects", body, 400, rig.Data(rig.Failed("MANDATORY_NOT_FOUND",
		`{"api_name":"Phase","json_path":"$.data[0].Phase"}`, "required field not found")))
	if status, got := r.Call("POST", "v8/Projects", rig.Data(`{"Name":"x"}`)); status != 201 {
		t.Errorf("%d %s", status, got)
	}
}

// Zoho CRM API v8, Get Users' Information.
func TestUsers(t *testing.T) {
	t.Parallel()
	r := rig.New(t, emulator.Options{Org: rig.ReadOrg(t, seed)})
	const me = "4150868000000225013"
	for query, want := range map[string]string{
		"": me + " 81 82 83", "type=AllUsers": me + " 81 82 83", "type=ActiveUsers": me + " 81 83",
		"type=ActiveConfirmedUsers": me + " 81", "type=DeactiveUsers": "82", "type=NotConfirmedUsers": "83",
		"type=AdminUsers": me + " 82 83", "type=CurrentUser": me, "type=DeletedUsers": "", "per_page=2&page=2": "82 83",
		"ids=81,83": "81 83",
	} {
		status, got := r.Call("GET", "v8/users?"+query, "")
		_, list, _ := strings.Cut(got, `"users":`)
		ids := ""
		if list != "" {
			ids = strings.Join(rig.IDsOf(t, `{"data":`+list), " ")
		}
		if ids != want || status != map[bool]int{true: 204, false: 200}[want == ""] {
			t.Errorf("%s: %d %s, want %s", query, status, ids, want)
		}
	}
	r.Want("GET", "v8/users/81", "", 200, `{"users":[{"id":"81","zuid":"81","first_name":"","last_name":"Po",
		"full_name":"Po","email":"po@example.com","role":{"name":"CEO","id":"4150868000000026005"},
		"profile":{"name":"Standard","id":"4150868000000026014"},"status":"active","confirm":true,
		"type__s":"Regular User","time_zone":"Asia/Kolkata","offset":19800000,"locale":"en_US","language":"en_US",
		"country_locale":"US","date_format":"MM/dd/yyyy","time_format":"hh:mm a","decimal_separator":"Period",
		"number_separator":"Comma","Isonline":false,"Reporting_To":null,"alias":null,"phone":null,"mobile":null,
		"created_time":"2024-01-01T00:00:00+00:00","Modified_Time":"2024-01-01T00:00:00+00:00"}]}`)
	r.Want("GET", "v8/users?type=Nobody", "", 400, rig.Failed("INVALID_DATA", `{"param_name":"type"}`, "invalid data"))
	r.Want("GET", "v8/users/5", "", 204, "")
}
