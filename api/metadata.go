package api

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
)

var (
	dueModules = due{"modules", listOrNone}
	dueFields  = due{"fields", listOrNone}
)

// Module is a module of the org. A flag that an older version does not send counts as true, except RecycleBin: rolecall
// promises that a record can come back only if Zoho says so.
type Module struct {
	ID            string // stays the same when a custom module gets another name
	APIName       string // the name in paths: "Deals"
	Singular      string // labels in the user's language
	Plural        string
	GeneratedType string // as sent: "default", "custom", "web", "linking", "subform", ...
	APISupported  bool   // false for Home, Feeds, Documents, Forecasts
	Viewable      bool
	Creatable     bool
	Editable      bool
	Deletable     bool
	RecycleBin    bool // a deleted record goes to the recycle bin
}

// Modules returns the modules of the org, hidden ones too. It costs one credit, and needs the scope
// ZohoCRM.settings.modules.READ; without it NotOffered is true of the error. A refusal or failure is an *Error.
//
// Zoho CRM API v8, Modules Metadata.
func (c *Client) Modules(ctx context.Context) ([]Module, error) {
	q := request{method: http.MethodGet, path: "/settings/modules", due: dueModules}
	return read(ctx, c, q, decodeModules)
}

func decodeModules(r *reply) ([]Module, error) {
	var list []struct {
		ID            text `json:"id"`
		APIName       text `json:"api_name"`
		Singular      text `json:"singular_label"`
		Plural        text `json:"plural_label"`
		GeneratedType text `json:"generated_type"`
		APISupported  flag `json:"api_supported"`
		Viewable      flag `json:"viewable"`
		Creatable     flag `json:"creatable"`
		Editable      flag `json:"editable"`
		Deletable     flag `json:"deletable"`
		RecycleBin    flag `json:"recycle_bin_on_delete"`
	}
	if err := decodeList(r, &list); err != nil {
		return nil, err
	}
	modules := make([]Module, len(list))
	for i, m := range list {
		if m.APIName == "" {
			return nil, fmt.Errorf("module %d has no api_name", i+1)
		}
		modules[i] = Module{
			ID: string(m.ID), APIName: string(m.APIName), Singular: string(m.Singular), Plural: string(m.Plural),
			GeneratedType: string(m.GeneratedType), APISupported: m.APISupported.or(true),
			Viewable: m.Viewable.or(true), Creatable: m.Creatable.or(true), Editable: m.Editable.or(true),
			Deletable: m.Deletable.or(true), RecycleBin: m.RecycleBin.or(false),
		}
	}
	return modules, nil
}

// PickValue is a value of a picklist. Zoho stores Actual, which a rename leaves as it is, takes Reference in writes,
// and shows Display in the user's language. Older versions have no Reference.
type PickValue struct{ Display, Reference, Actual string }

// Field is a field of a module. A right that an older version does not send counts as given: Zoho refuses a write that
// is not allowed.
type Field struct {
	ID           string
	APIName      string // the name in records: "Last_Name"
	Label        string // in the user's language
	DisplayLabel string // not translated
	Type         string // data_type, as sent: "text", "picklist", "lookup", ...
	JSONType     string // as sent: "string", "jsonarray", ...; v2 may have none
	Length       int    // characters or digits; 0: not known
	Decimals     int    // digits after the point
	Create       bool   // a write may set it in a new record: operation_type.api_create
	Update       bool   // a write may change it: operation_type.api_update
	ReadOnly     bool   // read_only: for this user. It does not tell whether a write may set it
	Mandatory    bool   // system_mandatory. A layout may make more fields mandatory
	Unique       bool
	Custom       bool
	Visible      bool
	Virtual      bool
	Searchable   bool
	Filterable   bool
	Values       []PickValue // of a picklist
	Lookup       string      // API name of the module that a lookup names
	ReturnType   string      // of a formula or a rollup summary
	Rich         bool        // a rich text, which lists of records cut after 500 characters
}

// Fields returns the fields of a module that are in use and that the user may see, hidden ones too. It costs one
// credit, and needs the scope ZohoCRM.settings.fields.READ; without it NotOffered is true of the error. A refusal or
// failure is an *Error.
//
// Zoho CRM API v8, Fields Metadata.
func (c *Client) Fields(ctx context.Context, module string) ([]Field, error) {
	_, err := modulePath(module)
	return read(ctx, c, request{
		method: http.MethodGet, path: "/settings/fields", query: "module=" + url.QueryEscape(module),
		due: dueFields, invalid: err,
	}, decodeFields)
}

// fieldText is a field as Zoho sends it.
type fieldText struct {
	ID           text `json:"id"`
	APIName      text `json:"api_name"`
	Label        text `json:"field_label"`
	DisplayLabel text `json:"display_label"`
	Type         text `json:"data_type"`
	JSONType     text `json:"json_type"`
	Length       text `json:"length"`
	Decimals     text `json:"decimal_place"`
	Operations   struct {
		Create flag `json:"api_create"`
		Update flag `json:"api_update"`
	} `json:"operation_type"`
	ReadOnly   flag            `json:"read_only"`
	Mandatory  flag            `json:"system_mandatory"`
	Unique     json.RawMessage `json:"unique"`
	Custom     flag            `json:"custom_field"`
	Visible    flag            `json:"visible"`
	Virtual    flag            `json:"virtual_field"`
	Searchable flag            `json:"searchable"`
	Filterable flag            `json:"filterable"`
	Lookup     json.RawMessage `json:"lookup"`
	Formula    returns         `json:"formula"`
	Area       struct {
		Type text `json:"type"`
	} `json:"textarea"`
	Rollup returns `json:"rollup_summary"`
	Values []struct {
		Display   text `json:"display_value"`
		Reference text `json:"reference_value"`
		Actual    text `json:"actual_value"`
	} `json:"pick_list_values"`
}

type returns struct {
	Type text `json:"return_type"`
}

func decodeFields(r *reply) ([]Field, error) {
	var list []fieldText
	if err := decodeList(r, &list); err != nil {
		return nil, err
	}
	fields := make([]Field, len(list))
	for i, f := range list {
		if f.APIName == "" {
			return nil, fmt.Errorf("field %d has no api_name", i+1)
		}
		fields[i] = f.field()
	}
	return fields, nil
}

func (f *fieldText) field() Field {
	// The field is of use without its length: a length that cannot be read is 0.
	length, _ := strconv.Atoi(string(f.Length))
	decimals, _ := strconv.Atoi(string(f.Decimals))
	field := Field{
		ID: string(f.ID), APIName: string(f.APIName), Label: string(f.Label), DisplayLabel: string(f.DisplayLabel),
		Type: string(f.Type), JSONType: string(f.JSONType), Length: length, Decimals: decimals,
		Create: f.Operations.Create.or(true), Update: f.Operations.Update.or(true), ReadOnly: f.ReadOnly.or(false),
		Mandatory: f.Mandatory.or(false), Unique: isSet(f.Unique), Custom: f.Custom.or(false),
		Visible: f.Visible.or(true), Virtual: f.Virtual.or(false), Searchable: f.Searchable.or(true),
		Filterable: f.Filterable.or(true), Lookup: lookupModule(f.Lookup),
		ReturnType: string(cmp.Or(f.Formula.Type, f.Rollup.Type)),
		Rich:       f.Type == "richtextarea" || f.Area.Type == "rich_text",
	}
	for _, v := range f.Values {
		field.Values = append(field.Values, PickValue{string(v.Display), string(v.Reference), string(v.Actual)})
	}
	return field
}

// isSet reports whether the key unique says that a field is: any object with keys. Zoho's pages spell the key in it in
// two ways, case_sensitive and casesensitive (Zoho's OpenAPI 3.1 and 3.0 for v8).
func isSet(raw json.RawMessage) bool {
	var keys map[string]json.RawMessage
	if json.Unmarshal(raw, &keys) == nil {
		return len(keys) > 0
	}
	return bytes.Equal(raw, []byte("true"))
}

// lookupModule returns the module of a lookup: an object from v7 on, before that its name (Zoho CRM API v2 and v8,
// Fields Metadata).
func lookupModule(raw json.RawMessage) string {
	var lookup struct {
		Module json.RawMessage `json:"module"`
	}
	var object struct {
		APIName text `json:"api_name"`
	}
	if json.Unmarshal(raw, &lookup) != nil || len(lookup.Module) == 0 {
		return ""
	}
	if json.Unmarshal(lookup.Module, &object) == nil {
		return string(object.APIName)
	}
	var name text
	_ = json.Unmarshal(lookup.Module, &name) // a lookup whose module cannot be read costs no field
	return string(name)
}

// flag is a boolean that may be missing, or in a string.
type flag struct{ set, on bool }

// UnmarshalJSON implements [json.Unmarshaler]. Any other value counts as missing.
func (f *flag) UnmarshalJSON(b []byte) error {
	on, err := strconv.ParseBool(string(bytes.Trim(b, `"`)))
	*f = flag{set: err == nil, on: on}
	return nil
}

// or returns the flag, or the argument if the flag is missing.
func (f flag) or(otherwise bool) bool {
	if f.set {
		return f.on
	}
	return otherwise
}

// decodeList decodes the list of an answer. It leaves list empty if the answer has none.
func decodeList(r *reply, list any) error {
	if r.list == nil {
		return nil
	}
	if err := json.Unmarshal(r.list, list); err != nil {
		return notJSON(err)
	}
	return nil
}

// RelatedList is a list that a module's records show.
type RelatedList struct {
	APIName string // "Contact_Roles"
	Status  string // as sent: "visible", "user_hidden", "scheduled_for_deletion"; may be empty
}

// RelatedLists returns the related lists of a module's standard layout. It costs one credit, and needs the scope
// ZohoCRM.settings.related_lists.READ. A refusal or failure is an *Error.
//
// Zoho CRM API v7, Related Lists Metadata.
func (c *Client) RelatedLists(ctx context.Context, module string) ([]RelatedList, error) {
	return read(ctx, c, request{
		method: http.MethodGet, path: "/settings/related_lists", query: "module=" + url.QueryEscape(module),
		due: due{"related_lists", listOrNone},
	}, decodeRelatedLists)
}

func decodeRelatedLists(r *reply) ([]RelatedList, error) {
	if r.list == nil {
		return nil, nil
	}
	var list []struct {
		APIName text `json:"api_name"`
		Status  text `json:"status"`
	}
	if err := json.Unmarshal(r.list, &list); err != nil {
		return nil, notJSON(err)
	}
	lists := make([]RelatedList, len(list))
	for i, e := range list {
		lists[i] = RelatedList{APIName: string(e.APIName), Status: string(e.Status)}
	}
	return lists, nil
}
