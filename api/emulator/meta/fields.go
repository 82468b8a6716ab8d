package meta

import (
	"slices"

	"rolecall/api/emulator/org"
	"rolecall/api/emulator/wire"
)

// fieldData is a field. Keys: Zoho CRM API v8, Fields Metadata, Sample Response.
type fieldData struct {
	ID            org.ID     `json:"id"`
	APIName       string     `json:"api_name"`
	Label         string     `json:"field_label"`
	DataType      org.Kind   `json:"data_type"`
	JSONType      string     `json:"json_type"`
	DisplayLabel  string     `json:"display_label"`
	Length        int        `json:"length"`
	DecimalPlace  *int       `json:"decimal_place"`
	OperationType object     `json:"operation_type"`
	ReadOnly      bool       `json:"read_only"`
	FieldReadOnly bool       `json:"field_read_only"`
	ViewType      object     `json:"view_type"`
	Visible       bool       `json:"visible"`
	Virtual       bool       `json:"virtual_field"`
	Custom        bool       `json:"custom_field"`
	Mandatory     bool       `json:"system_mandatory"`
	Unique        object     `json:"unique"`
	Searchable    bool       `json:"searchable"`
	Sortable      bool       `json:"sortable"`
	Filterable    bool       `json:"filterable"`
	MassUpdate    bool       `json:"mass_update"`
	Values        []pickItem `json:"pick_list_values"`
	Lookup        object     `json:"lookup"`
	Currency      object     `json:"currency"`
	Type          string     `json:"type,omitempty"`     // only with type=all
	Required      *bool      `json:"required,omitempty"` // only in layouts
}

// pickItem is a value of a picklist.
type pickItem struct {
	Display   string `json:"display_value"`
	Sequence  int    `json:"sequence_number"`
	Reference string `json:"reference_value"`
	Actual    string `json:"actual_value"`
	ID        org.ID `json:"id"`
	Type      string `json:"type"`
}

// The ids of a module's layout and fields, from that of the module.
const (
	layoutOffset  org.ID = 1
	fieldOffset   org.ID = 10
	firstPickItem org.ID = 4150868000000500000
)

// fields returns the fields of a module.
func (a *API) fields(m org.Module) []fieldData {
	first := a.store.ModuleID(m) + fieldOffset
	var fields []fieldData
	for i, f := range a.store.Fields(m) {
		d := fieldData{
			ID:      first + org.ID(i), //nolint:gosec // an index is never negative
			APIName: f.API, Label: f.Label, DataType: f.Kind, JSONType: f.Kind.JSONType(), DisplayLabel: f.Label,
			Length: f.Length, FieldReadOnly: f.API == "Owner", Visible: true, Custom: f.Custom, Mandatory: f.Mandatory,
			Searchable: true, Sortable: f.Kind != org.KindMultiSelect && f.Kind != org.KindTextArea,
			Filterable: f.Kind != org.KindTextArea, MassUpdate: !f.ReadOnly && !f.Unique,
			// Zoho's sample has field_read_only for Owner, which calls may write, and not for Created_By.
			OperationType: object{
				"web_update": !f.ReadOnly, "api_create": !f.ReadOnly, "web_create": !f.ReadOnly,
				"api_update": !f.ReadOnly,
			},
			ViewType: object{"view": true, "edit": !f.ReadOnly, "quick_create": f.Mandatory, "create": !f.ReadOnly},
			Unique:   object{}, Lookup: object{}, Currency: object{}, Values: pickItems(first, i, f.Values),
		}
		if f.Unique {
			d.Unique = object{"case_sensitive": false}
		}
		if f.Decimals > 0 {
			d.DecimalPlace = &f.Decimals
		}
		if f.Kind == org.KindCurrency {
			d.Currency = object{"rounding_option": "normal", "precision": f.Decimals}
		}
		if f.Lookup != "" {
			d.Lookup = object{
				"module":        object{"api_name": f.Lookup, "id": a.store.ModuleID(f.Lookup)},
				"display_label": f.Label, "api_name": f.API, "id": d.ID,
			}
		}
		fields = append(fields, d)
	}
	return fields
}

func pickItems(first org.ID, field int, values []string) []pickItem {
	list := make([]pickItem, len(values))
	for i, v := range values {
		//nolint:gosec // indexes are never negative
		id := firstPickItem + (first-org.FirstMeta+org.ID(field))*org.MetaOfModule + org.ID(i)
		list[i] = pickItem{Display: v, Reference: v, Actual: v, Sequence: i + 1, ID: id, Type: "used"}
	}
	return list
}

// fieldsOf reads the module of the call and returns its fields. For modules that the emulator does not have it returns
// the fields of Contacts: SDKs need the fields of such modules to decode answers.
func (a *API) fieldsOf(c *wire.Call) ([]fieldData, error) {
	name, err := a.moduleOf(c)
	if err != nil {
		return nil, err
	}
	m, known := a.store.ModuleNamed(name)
	if !known {
		m = org.Contacts
	}
	return a.fields(m), nil
}

// getFields lists the fields of a module. All are used.
func (a *API) getFields(c *wire.Call) (wire.Answer, error) {
	fields, err := a.fieldsOf(c)
	if err != nil {
		return wire.Answer{}, err
	}
	switch c.Query().Get("type") {
	case "", "used":
	case "unused":
		return wire.NoContent(), nil
	case "all":
		for i := range fields {
			fields[i].Type = "used"
		}
	default:
		return wire.Answer{}, wire.InvalidParam("type", "")
	}
	return wire.OK(object{"fields": fields})
}

// fieldOf returns a list with the field whose id is in the path, or an empty list.
func (a *API) fieldOf(c *wire.Call) ([]fieldData, error) {
	fields, err := a.fieldsOf(c)
	return slices.DeleteFunc(fields, func(f fieldData) bool { return f.ID.String() != c.IDs[0] }), err
}

// getField returns one field. An unknown one is 204. (inferred)
func (a *API) getField(c *wire.Call) (wire.Answer, error) {
	fields, err := a.fieldOf(c)
	if err != nil || len(fields) == 0 {
		return wire.NoContent(), err
	}
	return wire.OK(object{"fields": fields})
}

// getPickList returns the values of a picklist. Other fields have none: 204. OpenAPI v8.0 (3.1).
func (a *API) getPickList(c *wire.Call) (wire.Answer, error) {
	fields, err := a.fieldOf(c)
	if err != nil || len(fields) == 0 || len(fields[0].Values) == 0 {
		return wire.NoContent(), err
	}
	return wire.OK(object{"pick_list_values": fields[0].Values})
}

// layouts returns the one layout of a module. Only layouts say which fields are required. Zoho CRM API v8, Layouts
// Metadata.
func (a *API) layouts(c *wire.Call) ([]object, error) {
	name, err := a.moduleOf(c)
	if err != nil {
		return nil, err
	}
	m, known := a.store.ModuleNamed(name)
	if !known {
		return nil, nil
	}
	fields := a.fields(m)
	defined := a.store.Fields(m)
	for i := range fields {
		fields[i].Required = new(defined[i].Mandatory || defined[i].Required)
	}
	singular, _, _ := a.store.Labels(m)
	return []object{{
		"id": a.store.ModuleID(m) + layoutOffset, "name": "Standard", "api_name": "Standard", "status": "active",
		"visible": true,
		"sections": []object{{
			"display_label": singular + " Information", "name": singular + " Information",
			"api_name": singular + "_Information", "sequence_number": 1, "type": "used", "fields": fields,
		}},
	}}, nil
}

func (a *API) getLayouts(c *wire.Call) (wire.Answer, error) {
	layouts, err := a.layouts(c)
	switch {
	case err != nil:
		return wire.Answer{}, err
	case layouts == nil:
		return wire.NoContent(), nil
	}
	return wire.OK(object{"layouts": layouts})
}

// getLayout returns one layout by its id. An unknown one is 204. (inferred)
func (a *API) getLayout(c *wire.Call) (wire.Answer, error) {
	layouts, err := a.layouts(c)
	if err != nil {
		return wire.Answer{}, err
	}
	if id, _ := org.ParseID(c.IDs[0]); layouts == nil || layouts[0]["id"] != id {
		return wire.NoContent(), nil
	}
	return wire.OK(object{"layouts": layouts})
}
