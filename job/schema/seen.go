package schema

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"rolecall/api"
	"rolecall/api/gateway"
	"rolecall/csvio"
)

// Zoho is the part of an org's API that returns its modules and fields. *api.Client implements it.
type Zoho interface {
	Modules(ctx context.Context) ([]api.Module, error)
	Fields(ctx context.Context, module string) ([]api.Field, error)
	Records(ctx context.Context, module string, q api.RecordsQuery) (api.Page, error)
}

// standard is Zoho's own modules (listed in Zoho CRM API v8, Create Bulk Read Job).
var standard = []string{
	"Leads", "Accounts", "Contacts", "Deals", "Campaigns", "Tasks", "Cases", "Events", "Calls", "Solutions", "Products",
	"Vendors", "Price_Books", "Quotes", "Sales_Orders", "Purchase_Orders", "Invoices",
}

// Guess returns the module with a name if Zoho's list of modules cannot be read: one of Zoho's own modules, or else a
// module with this API name. It assumes that everything is allowed, and that the module has no recycle bin.
func Guess(name string) api.Module {
	for _, own := range standard {
		if csvio.Fold(own) == csvio.Fold(name) {
			name = own
		}
	}
	return api.Module{
		APIName: name, APISupported: true, Viewable: true, Creatable: true, Editable: true, Deletable: true,
	}
}

// FindModule returns the module with a name. If a gateway does not forward the list of modules, it calls Guess.
func FindModule(ctx context.Context, z Zoho, name string, forward *gateway.Forward) (api.Module, error) {
	if !forward.Has(gateway.Modules) {
		return Guess(name), nil
	}
	modules, err := z.Modules(ctx)
	if err != nil {
		return api.Module{}, err
	}
	m, err := Module(modules, name)
	if err != nil {
		return m, &UnknownError{err}
	}
	return m, nil
}

// UnknownError is the error for a name that no module has.
type UnknownError struct{ error }

// Fields returns the fields of a module. If a gateway does not forward their description, seen is true, and the fields
// are those of the first page of records. That works before v3, where a record comes with all its fields.
func Fields(
	ctx context.Context, z Zoho, module string, forward *gateway.Forward,
) (fields []api.Field, seen bool, err error) {
	if forward.Has(gateway.Fields) {
		fields, err = z.Fields(ctx, module)
		return fields, false, err
	}
	page, err := z.Records(ctx, module, api.RecordsQuery{AllFields: true, PerPage: api.MostPerPage})
	return Seen(page.Records), true, err
}

// Seen returns the fields that records have, sorted by name, with the types that their values show. A field that is
// empty in all records is a text.
func Seen(records []api.Record) []api.Field {
	types := map[string]string{}
	for _, r := range records {
		for name, value := range r.Fields {
			if !strings.HasPrefix(name, "$") && name != "id" { // $ begins the names of Zoho's own data about a record
				types[name] = cmp.Or(types[name], typeOf(name, value))
			}
		}
	}
	var fields []api.Field
	for _, name := range slices.Sorted(maps.Keys(types)) {
		fields = append(fields, field(name, cmp.Or(types[name], "text")))
	}
	return fields
}

// apiName matches the API name of a field (Zoho CRM API v8, Create Custom Fields: letters, digits and underscores).
var apiName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]*$`)

// Typed returns the field of a column if the description of the fields cannot be read and no record has the field: a
// text with this API name, or a lookup if the name ends in .id.
func Typed(column string) (api.Field, error) {
	name, isLookup := strings.CutSuffix(column, ".id")
	if !apiName.MatchString(name) {
		return api.Field{}, fmt.Errorf("the column %q has no API name of a field: the gateway does not describe the fields, "+
			"so that labels are not known", column)
	}
	if isLookup {
		return field(name, "lookup"), nil
	}
	return field(name, "text"), nil
}

// stamped is the fields of every module that Zoho itself writes (Zoho CRM API v7, Fields Metadata: api_create and
// api_update are false).
var stamped = []string{"Created_Time", "Modified_Time", "Created_By", "Modified_By", "Last_Activity_Time", "Full_Name"}

func field(name, kind string) api.Field {
	writes := !slices.Contains(stamped, name)
	return api.Field{
		APIName: name, Label: name, Type: kind, Create: writes, Update: writes, Visible: true, Searchable: true,
		Filterable: true,
	}
}

// typeOf returns the data type that a value shows, or "" if it shows none.
func typeOf(name string, value json.RawMessage) string {
	switch {
	case len(value) == 0 || string(value) == "null":
		return ""
	case value[0] == '"':
		return "text"
	case value[0] == 't' || value[0] == 'f':
		return "boolean"
	case value[0] == '{' && (name == "Owner" || strings.HasSuffix(name, "_By")):
		return "ownerlookup"
	case value[0] == '{':
		return "lookup"
	case value[0] == '[':
		var texts []string
		if json.Unmarshal(value, &texts) != nil {
			return "subform"
		}
		return "multiselectpicklist"
	}
	return "double"
}
