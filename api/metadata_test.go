package api

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A module as the page Modules Metadata (v8) shows it, cut down, then one with what v2 has, then one without api
// support.
const modulesSample = `{"modules":[
	{"global_search_supported":true,"deletable":true,"creatable":true,"recycle_bin_on_delete":true,"plural_label":"Personen",
	 "api_supported":true,"id":"4150868000000000129","viewable":true,"api_name":"Contacts","singular_label":"Person",
	 "generated_type":"default","editable":true,"profiles":[{"name":"A","id":"1"}],"visibility":1},
	{"id":4150868000000000131,"api_name":"Rooms","generated_type":"custom","editable":"false","deletable":null},
	{"api_name":"Home","api_supported":false,"creatable":false,"deletable":false,"editable":false,"viewable":true}]}`

func TestModules(t *testing.T) {
	t.Parallel()
	var got []Module
	line, _, _ := wire(t, "v8", modulesSample, func(c *Client) {
		var err error
		if got, err = c.Modules(t.Context()); err != nil {
			t.Fatal(err)
		}
	})
	if !strings.HasSuffix(line, "GET https://www.zohoapis.test/crm/v8/settings/modules") {
		t.Error(line)
	}
	want := []Module{
		{"4150868000000000129", "Contacts", "Person", "Personen", "default", true, true, true, true, true, true},
		{"4150868000000000131", "Rooms", "", "", "custom", true, true, true, false, true, false},
		{"", "Home", "", "", "", false, true, false, false, false, false},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// Fields as Zoho's documents have them: v8, OpenAPI 3.0 with numbers in strings and "casesensitive", and v2.
const fieldsSample = `{"fields":[
	{"id":"11","api_name":"Last_Name","field_label":"Nachname","display_label":"Last Name","data_type":"text",
	 "json_type":"string","length":80,"decimal_place":null,"operation_type":{"web_update":true,"api_create":true,
	 "web_create":true,"api_update":true},"system_mandatory":true,"read_only":false,"field_read_only":false,"visible":true,
	 "virtual_field":false,"custom_field":false,"unique":{},"lookup":{},"formula":{},"searchable":true,"filterable":true,
	 "pick_list_values":[]},
	{"id":12,"api_name":"Ref","data_type":"text","length":"120","unique":{"case_sensitive":false},"custom_field":true,
	 "operation_type":{"api_create":true,"api_update":false}},
	{"api_name":"Ref2","data_type":"text","unique":{"casesensitive":"false"},"visible":false,"searchable":false},
	{"api_name":"Account_Name","data_type":"lookup","json_type":"jsonobject","unique":null,
	 "lookup":{"module":{"api_name":"Accounts","id":"5"},"display_label":"x"}},
	{"api_name":"Old_Lookup","data_type":"lookup","lookup":{"module":"Accounts","id":"5"}},
	{"api_name":"Margin","data_type":"formula","decimal_place":2,"formula":{"return_type":"currency"},
	 "operation_type":{"api_create":false,"api_update":false},"virtual_field":true,"filterable":false},
	{"api_name":"Sum","data_type":"rollup_summary","rollup_summary":{"return_type":"integer"},"formula":null},
	{"api_name":"Page","data_type":"textarea","textarea":{"type":"rich_text"}},
	{"api_name":"Stage","data_type":"picklist","pick_list_values":[
	 {"display_value":"Offen","reference_value":"Open","actual_value":"Open_1","id":"7"},
	 {"display_value":"A","actual_value":"B"}]}]}`

func TestFields(t *testing.T) {
	t.Parallel()
	var got []Field
	line, _, _ := wire(t, "v8", fieldsSample, func(c *Client) {
		var err error
		if got, err = c.Fields(t.Context(), "Con&tacts"); err != nil {
			t.Fatal(err)
		}
	})
	if !strings.HasSuffix(line, "/crm/v8/settings/fields?module=Con%26tacts") {
		t.Error(line)
	}
	open := Field{Create: true, Update: true, Visible: true, Searchable: true, Filterable: true}
	field := func(name, kind string, change func(*Field)) Field {
		f := open
		f.APIName, f.Type = name, kind
		change(&f)
		return f
	}
	want := []Field{
		field("Last_Name", "text", func(f *Field) {
			f.ID, f.Label, f.DisplayLabel, f.JSONType = "11", "Nachname", "Last Name", "string"
			f.Length, f.Mandatory = 80, true
		}),
		field("Ref", "text", func(f *Field) { f.ID, f.Length, f.Unique, f.Custom, f.Update = "12", 120, true, true, false }),
		field("Ref2", "text", func(f *Field) { f.Unique, f.Visible, f.Searchable = true, false, false }),
		field("Account_Name", "lookup", func(f *Field) { f.JSONType, f.Lookup = "jsonobject", "Accounts" }),
		field("Old_Lookup", "lookup", func(f *Field) { f.Lookup = "Accounts" }),
		field("Margin", "formula", func(f *Field) {
			f.Decimals, f.ReturnType, f.Create, f.Update, f.Virtual, f.Filterable = 2, "currency", false, false, true, false
		}),
		field("Sum", "rollup_summary", func(f *Field) { f.ReturnType = "integer" }),
		field("Page", "textarea", func(f *Field) { f.Rich = true }),
		field("Stage", "picklist", func(f *Field) {
			f.Values = []PickValue{{"Offen", "Open", "Open_1"}, {"A", "", "B"}}
		}),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestMetadataOddAnswers(t *testing.T) {
	t.Parallel()
	fields := func(status int, body string) ([]Field, error) {
		return newClient(t, script(says(status, body)), Config{Once: true}).Fields(t.Context(), "Leads")
	}
	if got, err := fields(204, ""); err != nil || len(got) != 0 {
		t.Errorf("204: %v, %v", got, err)
	}
	for _, body := range []string{`{"fields":[{}]}`, `{"fields":[7]}`, `{"fields":{}}`, `{"data":[]}`} {
		if _, err := fields(200, body); failure(t, err).Code != "" {
			t.Errorf("%s: %v", body, err)
		}
	}
	checkRefused(t, map[string]refused{
		"module": {400, flat("INVALID_MODULE", `{"resource_path_index":0}`), true, EndRefused},
		"scope":  {401, flat("OAUTH_SCOPE_MISMATCH", `{}`), true, EndSignIn},
		"right":  {403, flat("NO_PERMISSION", `{"permissions":["x"]}`), false, EndNone},
	}, func(t *testing.T, c *Client) error { _, err := c.Modules(t.Context()); return err })
}
