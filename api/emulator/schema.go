package emulator

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// A kind is what a field holds. It decides which comparators COQL takes (Zoho
// CRM API v7, Get Records through a COQL Query, Field Types and their
// Comparators).
type kind int

const (
	kindText kind = iota
	kindEmail
	kindPhone
	kindPicklist
	kindTextArea
	kindNumber
	kindCurrency
	kindDate
	kindDateTime
	kindBoolean
	kindLookup
	kindOwner
	kindID
)

// metadata gives data_type and json_type. Zoho CRM API v8, Fields Metadata.
func (k kind) metadata() (dataType, jsonType string) {
	switch k {
	case kindEmail:
		return "email", "string"
	case kindPhone:
		return "phone", "string"
	case kindPicklist:
		return "picklist", "string"
	case kindTextArea:
		return "textarea", "string"
	case kindNumber:
		return "double", "double"
	case kindCurrency:
		return "currency", "double"
	case kindDate:
		return "date", "string"
	case kindDateTime:
		return "datetime", "string"
	case kindBoolean:
		return "boolean", "boolean"
	case kindLookup:
		return "lookup", "jsonobject"
	case kindOwner:
		return "ownerlookup", "jsonobject"
	case kindID:
		return "bigint", "string"
	}
	return "text", "string"
}

// A fieldDef is a field of a module.
type fieldDef struct {
	api  string
	kind kind
}

func (f fieldDef) label() string { return strings.ReplaceAll(f.api, "_", " ") }

// standardFields are those of Zoho's Standard layouts that an export asks for,
// without the id, which no field list has.
func standardFields(m module) []fieldDef {
	owner := []fieldDef{{"Owner", kindOwner}}
	system := []fieldDef{
		{"Description", kindTextArea}, {"Created_By", kindOwner}, {"Modified_By", kindOwner},
		{"Created_Time", kindDateTime}, {"Modified_Time", kindDateTime},
	}
	if m == moduleDeals {
		return slices.Concat(owner, []fieldDef{
			{"Deal_Name", kindText}, {"Stage", kindPicklist}, {"Amount", kindCurrency}, {"Closing_Date", kindDate},
			{"Account_Name", kindLookup}, {"Contact_Name", kindLookup}, {"Pipeline", kindPicklist}, {"Probability", kindNumber},
		}, system)
	}
	return slices.Concat(owner, []fieldDef{
		{"Last_Name", kindText}, {"First_Name", kindText}, {"Full_Name", kindText}, {"Email", kindEmail}, {"Phone", kindPhone},
		{"Title", kindText}, {"Department", kindText}, {"Account_Name", kindLookup}, {"Email_Opt_Out", kindBoolean},
	}, system)
}

// A schema is the fields of a module, in order and by name.
type schema struct {
	list   []fieldDef
	byName map[string]fieldDef
}

// newSchema takes what the seeded records have besides the standard fields for
// custom fields, of the kind that their first value suggests.
func newSchema(m module, records map[id]Record) schema {
	s := schema{list: standardFields(m), byName: make(map[string]fieldDef)}
	for _, f := range s.list {
		s.byName[f.api] = f
	}
	custom := make(map[string]kind)
	for _, n := range slices.Sorted(maps.Keys(records)) {
		for name, value := range records[n] {
			if _, known := s.byName[name]; known || name == "id" {
				continue
			}
			if _, seen := custom[name]; !seen || custom[name] == kindText && !isNull(value) {
				custom[name] = kindOf(value)
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(custom)) {
		f := fieldDef{name, custom[name]}
		s.list = append(s.list, f)
		s.byName[name] = f
	}
	s.byName["id"] = fieldDef{"id", kindID}
	return s
}

func kindOf(value json.RawMessage) kind {
	switch {
	case len(value) == 0:
		return kindText
	case value[0] == '{':
		return kindLookup
	case value[0] == 't', value[0] == 'f':
		return kindBoolean
	case value[0] == '-', value[0] >= '0' && value[0] <= '9':
		return kindNumber
	}
	return kindText
}
