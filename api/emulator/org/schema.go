package org

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"rolecall/api/emulator/wire"
)

// A Module is a kind of record that the emulator has.
type Module int

// The modules.
const (
	Deals Module = iota
	Contacts
	moduleCount
)

// Name returns the module's API name.
func (m Module) Name() string {
	if m == Deals {
		return "Deals"
	}
	return "Contacts"
}

// ModuleNamed finds a module by its exact API name.
func ModuleNamed(name string) (Module, bool) {
	for m := range moduleCount {
		if m.Name() == name {
			return m, true
		}
	}
	return 0, false
}

// A Kind is the type of a field. It decides which comparators COQL takes (Zoho CRM API v7, Get Records through a COQL
// Query, Field Types and their Comparators). Its text is the data_type of Zoho CRM API v8, Fields Metadata.
type Kind string

// The kinds.
const (
	KindText     Kind = "text"
	KindEmail    Kind = "email"
	KindPhone    Kind = "phone"
	KindPicklist Kind = "picklist"
	KindTextArea Kind = "textarea"
	KindNumber   Kind = "double"
	KindCurrency Kind = "currency"
	KindDate     Kind = "date"
	KindDateTime Kind = "datetime"
	KindBoolean  Kind = "boolean"
	KindLookup   Kind = "lookup"
	KindOwner    Kind = "ownerlookup"
	KindID       Kind = "bigint"
)

// JSONType returns the json_type of Zoho CRM API v8, Fields Metadata.
func (k Kind) JSONType() string {
	switch k {
	case KindNumber, KindCurrency:
		return "double"
	case KindBoolean:
		return "boolean"
	case KindLookup, KindOwner:
		return "jsonobject"
	}
	return "string"
}

// A Field is a field of a module.
type Field struct {
	API  string
	Kind Kind
}

// Label returns the name that people see.
func (f Field) Label() string { return strings.ReplaceAll(f.API, "_", " ") }

// standardFields returns the fields of Zoho's Standard layouts that an export asks for. They do not include the id,
// which no field list has.
func standardFields(m Module) []Field {
	owner := []Field{{"Owner", KindOwner}}
	system := []Field{
		{"Description", KindTextArea}, {"Created_By", KindOwner}, {"Modified_By", KindOwner},
		{"Created_Time", KindDateTime}, {"Modified_Time", KindDateTime},
	}
	if m == Deals {
		return slices.Concat(owner, []Field{
			{"Deal_Name", KindText}, {"Stage", KindPicklist}, {"Amount", KindCurrency}, {"Closing_Date", KindDate},
			{"Account_Name", KindLookup}, {"Contact_Name", KindLookup}, {"Pipeline", KindPicklist},
			{"Probability", KindNumber},
		}, system)
	}
	return slices.Concat(owner, []Field{
		{"Last_Name", KindText}, {"First_Name", KindText}, {"Full_Name", KindText}, {"Email", KindEmail},
		{"Phone", KindPhone}, {"Title", KindText}, {"Department", KindText}, {"Account_Name", KindLookup},
		{"Email_Opt_Out", KindBoolean},
	}, system)
}

// A schema is the fields of a module, in order and by name.
type schema struct {
	list   []Field
	byName map[string]Field
}

// newSchema takes other fields of seeded records for custom fields. Their first value decides their kind.
func newSchema(m Module, records map[ID]Record) schema {
	s := schema{list: standardFields(m), byName: make(map[string]Field)}
	for _, f := range s.list {
		s.byName[f.API] = f
	}
	custom := make(map[string]Kind)
	for _, n := range slices.Sorted(maps.Keys(records)) {
		for name, value := range records[n] {
			if _, known := s.byName[name]; known || name == "id" {
				continue
			}
			if _, seen := custom[name]; !seen || custom[name] == KindText && !wire.IsNull(value) {
				custom[name] = kindOf(value)
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(custom)) {
		f := Field{name, custom[name]}
		s.list = append(s.list, f)
		s.byName[name] = f
	}
	s.byName["id"] = Field{"id", KindID}
	return s
}

func kindOf(value json.RawMessage) Kind {
	switch {
	case len(value) == 0:
		return KindText
	case value[0] == '{':
		return KindLookup
	case value[0] == 't', value[0] == 'f':
		return KindBoolean
	case value[0] == '-', value[0] >= '0' && value[0] <= '9':
		return KindNumber
	}
	return KindText
}
