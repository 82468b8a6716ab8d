package export

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"rolecall/api"
	"rolecall/csvio"
	"rolecall/job"
	"rolecall/job/schema"
)

// column is a column of an export of records or users.
type column struct {
	Name  string `json:"name"`
	Field string `json:"field"`          // the API name
	Part  string `json:"part,omitempty"` // of a lookup: partID or partName
	Type  string `json:"type,omitempty"` // the data_type
}

// The parts of a lookup. Column X has the id, and column X.name the name.
const (
	partID   = "id"
	partName = "name"
)

// isLookup reports whether a value of a type is the id and the name of a record or user.
func isLookup(kind string) bool {
	return isUser(kind) || kind == "lookup" || kind == "multi_module_lookup" || kind == "layout"
}

// isUser reports whether a value of a type is a user.
func isUser(kind string) bool { return kind == "ownerlookup" || kind == "userlookup" }

// typeMultiSelect is the type of a picklist that holds several values.
const typeMultiSelect = "multiselectpicklist"

// separator separates the values of one cell, as in COQL (Zoho CRM API v7, Get Records through a COQL Query).
const separator = ";"

// unlisted is the types whose values no list of records has (Zoho CRM API v7, Get Records; v8, COQL Limitations).
var unlisted = []string{
	"subform", "multiselectlookup", "multiuserlookup", "fileupload", "imageupload", "profileimage", "territories",
	"consent_lookup", "event_reminder", "multireminder", "linetax",
}

// Listed reports whether lists of records have the values of a type. A record that is read alone has the others too.
func Listed(kind string) bool { return !slices.Contains(unlisted, kind) }

// plain is the types whose values are numbers, dates and the like.
var plain = []string{
	"integer", "bigint", "long", "double", "currency", "percent", "boolean", "date", "datetime", "formula",
	"rollup_summary", "autonumber",
}

// columnsOf returns the columns of the wanted fields of a module, or, if wanted is empty, of all fields that the user
// may see. without is the names of the fields that it leaves out because no list has them.
func columnsOf(module string, all []api.Field, wanted []string) (columns []column, without []string, err error) {
	for i := range all {
		switch f := &all[i]; {
		case len(wanted) > 0, !f.Visible, f.APIName == "id":
		case !Listed(f.Type):
			without = append(without, f.APIName)
		default:
			columns = addField(columns, f)
		}
	}
	for _, name := range wanted {
		if name == "id" { // the first column anyway
			continue
		}
		f, err := schema.Field(module, all, name)
		switch {
		case err != nil:
			return nil, nil, fmt.Errorf("--fields: %w", err)
		case !Listed(f.Type):
			return nil, nil, fmt.Errorf("--fields %s: Zoho gives a field of the type %s only record by record, "+
				"and no list of records has it: leave it out, or read single records by records get", name, f.Type)
		case slices.Contains(fieldNames(columns), f.APIName):
			return nil, nil, fmt.Errorf("--fields names %s twice", f.APIName)
		}
		columns = addField(columns, &f)
	}
	return columns, without, nil
}

// addField adds the columns of a field.
func addField(columns []column, f *api.Field) []column {
	c := column{Name: f.APIName, Field: f.APIName, Type: f.Type}
	if !isLookup(f.Type) {
		return append(columns, c)
	}
	name := c
	c.Part, name.Part, name.Name = partID, partName, f.APIName+"."+partName
	return append(columns, c, name)
}

// fieldNames returns the fields of some columns, each once, in their order.
func fieldNames(columns []column) (names []string) {
	for _, c := range columns {
		if !slices.Contains(names, c.Field) {
			names = append(names, c.Field)
		}
	}
	return names
}

// userColumns returns the columns of an export of users (Zoho CRM API v8, Get Users).
func userColumns() (columns []column) {
	for _, c := range []column{
		{Field: "full_name"}, {Field: "first_name"}, {Field: "last_name"}, {Field: "email"},
		{Field: "role", Part: partName}, {Field: "profile", Part: partName}, {Field: "status"},
		{Name: "type", Field: "type__s"}, {Field: "confirm", Type: "boolean"}, {Field: "time_zone"},
		{Field: "language"}, {Field: "locale"}, {Field: "country_locale"}, {Field: "date_format"}, {Field: "alias"},
		{Field: "phone"}, {Field: "mobile"}, {Name: "reporting_to", Field: "Reporting_To", Part: partName},
		{Field: "created_time", Type: "datetime"},
	} {
		c.Name = cmp.Or(c.Name, c.Field)
		columns = append(columns, c)
	}
	return columns
}

// tableColumns returns the columns of the table: the id, the fields, and the column that marks a table of rolecall. id
// is the name of the first column; "": "id".
func tableColumns(id string, columns []column) []csvio.Column {
	all := []csvio.Column{{Name: cmp.Or(id, "id"), Kind: csvio.IDColumn}}
	for _, c := range columns {
		t := csvio.Column{Name: c.Name}
		if c.Part == partID {
			t.Kind = csvio.IDColumn
		} else if slices.Contains(plain, c.Type) {
			t.Kind = csvio.PlainColumn
		}
		all = append(all, t)
	}
	return append(all, csvio.Column{Name: csvio.BaseColumn})
}

// cell returns the cell of a value.
func (c *column) cell(raw json.RawMessage) csvio.Value {
	switch {
	case len(raw) == 0 || raw[0] == 'n':
		return csvio.Value{}
	case !Listed(c.Type): // rows of a subform and the like, which have no other text
		return csvio.Value{Text: string(raw), JSON: raw}
	case c.Part != "":
		var to map[string]json.RawMessage
		if raw[0] != '{' || json.Unmarshal(raw, &to) != nil {
			return csvio.Value{Text: text(raw)}
		}
		return csvio.Value{Text: text(to[c.Part])}
	case c.Type == typeMultiSelect && raw[0] == '"': // COQL joins the values
		raw = job.Encode(strings.Split(text(raw), separator))
	}
	if raw[0] != '[' {
		return value(raw)
	}
	var list []json.RawMessage
	if json.Unmarshal(raw, &list) != nil {
		return value(raw)
	}
	texts := make([]string, len(list))
	for i, part := range list {
		texts[i] = text(part)
	}
	return csvio.Value{Text: strings.Join(texts, separator), JSON: raw}
}
