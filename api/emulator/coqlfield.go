package emulator

import (
	"encoding/json"
	"strings"
)

// maxRelations is how many lookups a query may follow. Zoho CRM API v8, Query
// API - Limitations. (The page also has more for joins that are written out,
// which are not emulated.)
const maxRelations = 2

// A coqlField is a column that is there: what it holds and how it is read.
type coqlField struct {
	path string // as it was written
	api  string // the last part
	kind kind
	get  func(id) json.RawMessage
}

// cell reads the column of a record.
func (f *coqlField) cell(n id) coqlCell { return cellOf(f.kind, f.get(n)) }

// A coqlResolver knows the columns of a query's module.
type coqlResolver struct {
	base      *base
	contacts  idView
	module    module
	relations map[string]bool // that were followed
}

// field finds a column: a field of the module, or by dots one of a record that
// a lookup names.
func (r *coqlResolver) field(path string) (*coqlField, error) {
	parts := strings.Split(path, ".")
	def, known := r.base.schemas[r.module].byName[parts[0]]
	if !known {
		return nil, invalidColumn(path)
	}
	f := coqlField{path: path, api: def.api, kind: def.kind, get: func(n id) json.RawMessage {
		value, _ := r.base.field(r.module, n, def.api)
		return value
	}}
	for i, name := range parts[1:] {
		if f, known = r.through(f, name); !known {
			return nil, invalidColumn(path)
		}
		f.path = path
		r.relations[strings.Join(parts[:i+1], ".")] = true
	}
	if len(r.relations) > maxRelations {
		return nil, overLimit("joins", maxRelations)
	}
	return &f, nil
}

// through follows a lookup to a field of what it names.
func (r *coqlResolver) through(f coqlField, name string) (coqlField, bool) {
	if f.kind != kindLookup && f.kind != kindOwner {
		return f, false
	}
	via := f.get
	null := json.RawMessage("null")
	next := coqlField{api: name}
	switch {
	case name == "id":
		next.kind, next.get = kindID, func(n id) json.RawMessage {
			if to, found := lookupID(via(n)); found {
				return text(to.String())
			}
			return null
		}
	case f.kind == kindOwner:
		next.get = func(n id) json.RawMessage { return userField(via(n), name) }
		return next, name == "last_name" || name == "first_name" || name == "full_name" || name == "email"
	case f.api == "Account_Name":
		next.get = func(n id) json.RawMessage { return lookupName(via(n)) }
		return next, name == "Account_Name"
	case f.api == "Contact_Name":
		def, known := r.base.schemas[moduleContacts].byName[name]
		next.kind, next.get = def.kind, func(n id) json.RawMessage {
			to, found := lookupID(via(n))
			if !found || !r.contacts.has(to) {
				return null
			}
			value, _ := r.base.field(moduleContacts, to, name)
			return value
		}
		return next, known
	default:
		return f, false
	}
	return next, true
}

// userField is a field of the user that an owner field names.
func userField(owner json.RawMessage, name string) json.RawMessage {
	null := json.RawMessage("null")
	if !isObject(owner) {
		return null
	}
	if name == "email" {
		if value, found := member(owner, "email"); found {
			return value
		}
		return null
	}
	full, _ := unquote(lookupName(owner))
	if full == "" {
		return null
	}
	at := strings.LastIndexByte(full, ' ')
	switch {
	case name == "last_name":
		return text(full[at+1:])
	case name == "full_name":
		return text(full)
	case at > 0:
		return text(full[:at])
	}
	return null
}
