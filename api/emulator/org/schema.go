package org

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"rolecall/api/emulator/wire"
)

// A Module is the API name of a module.
type Module string

// The modules that every org has.
const (
	Leads    Module = "Leads"
	Accounts Module = "Accounts"
	Contacts Module = "Contacts"
	Deals    Module = "Deals"
)

// Name returns the module's API name.
func (m Module) Name() string { return string(m) }

// standardModules returns the modules that every org has, in the order of their tabs.
func standardModules() []Module { return []Module{Leads, Accounts, Contacts, Deals} }

// A Kind is the type of a field. It decides which values a field takes (Zoho CRM API v7, Insert Records, Sample
// Attributes) and which comparators COQL takes (Get Records through a COQL Query, Field Types and their Comparators).
// Its text is the data_type of Zoho CRM API v8, Fields Metadata.
type Kind string

// The kinds.
const (
	KindText        Kind = "text"
	KindEmail       Kind = "email"
	KindPhone       Kind = "phone"
	KindWebsite     Kind = "website"
	KindPicklist    Kind = "picklist"
	KindMultiSelect Kind = "multiselectpicklist"
	KindTextArea    Kind = "textarea"
	KindRichText    Kind = "richtextarea"
	KindNumber      Kind = "double"
	KindCurrency    Kind = "currency"
	KindPercent     Kind = "percent"
	KindInteger     Kind = "integer"
	KindDate        Kind = "date"
	KindDateTime    Kind = "datetime"
	KindBoolean     Kind = "boolean"
	KindLookup      Kind = "lookup"
	KindOwner       Kind = "ownerlookup"
	KindUser        Kind = "userlookup"
	KindID          Kind = "bigint"
)

// IsNumber reports whether values of the kind are JSON numbers.
func (k Kind) IsNumber() bool {
	return k == KindNumber || k == KindCurrency || k == KindPercent || k == KindInteger
}

// IsUser reports whether values of the kind are users.
func (k Kind) IsUser() bool { return k == KindOwner || k == KindUser }

// JSONType returns the json_type of Zoho CRM API v8, Fields Metadata.
func (k Kind) JSONType() string {
	switch k {
	case KindInteger:
		return "integer"
	case KindNumber, KindCurrency, KindPercent:
		return "double"
	case KindBoolean:
		return "boolean"
	case KindLookup, KindOwner, KindUser:
		return "jsonobject"
	case KindMultiSelect:
		return "jsonarray"
	}
	return "string"
}

// length returns the usual length of a field. Zoho CRM API v7, Insert Records, Sample Attributes; v8, Create Custom
// Fields.
func (k Kind) length() int {
	lengths := map[Kind]int{
		KindText: 255, KindEmail: 100, KindPhone: 30, KindWebsite: 450, KindPicklist: 120, KindMultiSelect: 1000,
		KindTextArea: 32000, KindRichText: 50000, KindNumber: 16, KindCurrency: 16, KindPercent: 5, KindInteger: 9,
		KindID:   18,
		KindDate: 20, KindDateTime: 20, KindBoolean: 5, KindLookup: 120, KindOwner: 120, KindUser: 120,
	}
	return lengths[k]
}

// A Field is a field of a module, in a seed as well.
type Field struct {
	API       string   `json:"api_name"`
	Kind      Kind     `json:"data_type,omitempty"` // "": text
	Label     string   `json:"field_label,omitempty"`
	Length    int      `json:"length,omitempty"` // characters or digits; 0: the usual ones
	Decimals  int      `json:"decimal_place,omitempty"`
	Mandatory bool     `json:"system_mandatory,omitempty"`
	Required  bool     `json:"required,omitempty"` // by the layout
	Unique    bool     `json:"unique,omitempty"`
	ReadOnly  bool     `json:"read_only,omitempty"` // calls may not write it
	Lookup    Module   `json:"lookup,omitempty"`
	Values    []string `json:"pick_list_values,omitempty"`
	Custom    bool     `json:"-"`
}

// complete fills in the defaults of a field.
func (f Field) complete() Field {
	f.Kind = cmp.Or(f.Kind, KindText)
	f.Label = cmp.Or(f.Label, strings.ReplaceAll(f.API, "_", " "))
	f.Length = cmp.Or(f.Length, f.Kind.length())
	switch f.Kind {
	case KindCurrency, KindPercent:
		f.Decimals = cmp.Or(f.Decimals, 2)
	case KindNumber:
		f.Decimals = cmp.Or(f.Decimals, 9) // the most; Zoho CRM API v8, Create Custom Fields
	}
	return f
}

// A SeedModule adds fields to a module of Zoho's, or a custom module.
type SeedModule struct {
	Name     Module `json:"api_name"`
	Singular string `json:"singular_label,omitempty"`
	Plural   string `json:"plural_label,omitempty"`
	// Fields are custom fields. One with the name of a field that exists replaces that field.
	Fields []Field `json:"fields,omitempty"`
	// Records are "id" and any fields by API name.
	Records []Record `json:"records,omitempty"`
}

// A schema is the fields of a module, in order and by name.
type schema struct {
	SeedModule
	custom  bool   // the module
	display string // the field that names a record
	system  string // the field by which an upsert finds a record, beside unique ones
	list    []Field
	byName  map[string]Field
}

// newSchema makes the schema of a module. Unknown fields of seeded records become custom fields, whose first value
// decides their kind.
func newSchema(given SeedModule, records map[ID]Record) (schema, error) {
	s := schema{SeedModule: given, custom: !slices.Contains(standardModules(), given.Name)}
	s.Plural = cmp.Or(given.Plural, strings.ReplaceAll(given.Name.Name(), "_", " "))
	s.Singular = cmp.Or(given.Singular, strings.TrimSuffix(s.Plural, "s"))
	s.display, s.system = keyFields(given.Name)
	s.byName = make(map[string]Field)
	for _, f := range standardFields(given.Name) {
		s.add(f)
	}
	for _, f := range given.Fields {
		if f.API == "" || f.API == "id" || f.complete().Kind.length() == 0 {
			return s, fmt.Errorf("modules: %s: field %q has no name or an unknown data_type %q",
				given.Name, f.API, f.Kind)
		}
		_, known := s.byName[f.API]
		f.Custom = !known
		s.add(f)
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
		s.add(Field{API: name, Kind: custom[name], Custom: true})
	}
	s.byName["id"] = Field{API: "id", Kind: KindID, ReadOnly: true}
	return s, nil
}

func (s *schema) add(f Field) {
	f = f.complete()
	if _, replaces := s.byName[f.API]; replaces {
		s.list[slices.IndexFunc(s.list, func(old Field) bool { return old.API == f.API })] = f
	} else {
		s.list = append(s.list, f)
	}
	s.byName[f.API] = f
}

func kindOf(value json.RawMessage) Kind {
	switch {
	case len(value) == 0:
		return KindText
	case value[0] == '{':
		return KindLookup
	case value[0] == '[':
		return KindMultiSelect
	case value[0] == 't', value[0] == 'f':
		return KindBoolean
	case value[0] == '-', value[0] >= '0' && value[0] <= '9':
		return KindNumber
	}
	return KindText
}
