package coql

import (
	"encoding/json"
	"strings"

	"rolecall/api/emulator/org"
	"rolecall/api/emulator/wire"
)

// maxRelations is how many lookups a query may follow. Zoho CRM API v8, Query API - Limitations. (The page allows more
// for joins that are written out, which are not emulated.)
const maxRelations = 2

// A field is a column that exists: its type, and how to read it.
type field struct {
	path string // as the query has it
	api  string // the last part
	kind org.Kind
	// lookup is the module of the records behind a lookup.
	lookup org.Module
	get    func(org.ID) json.RawMessage
}

// cell reads the column of a record.
func (f *field) cell(n org.ID) Cell { return CellOf(f.kind, f.get(n)) }

// A resolver finds the columns of a query's module.
type resolver struct {
	records   *org.Records
	module    org.Module
	relations map[string]bool // lookups that the query follows
	caseless  bool            // see Limits
}

// field finds a column: a field of the module, or a field of the record behind a lookup.
func (r *resolver) field(path string) (*field, error) {
	parts := strings.Split(path, ".")
	def, known := r.records.FieldNamed(r.module, parts[0])
	if !known {
		return nil, invalidColumn(path)
	}
	f := field{path: path, api: def.API, kind: def.Kind, lookup: def.Lookup, get: func(n org.ID) json.RawMessage {
		value, _ := r.records.Value(r.module, n, def.API)
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
		return nil, wire.OverLimit("joins", maxRelations)
	}
	return &f, nil
}

// through follows a lookup to a field of the record behind it.
func (r *resolver) through(f field, name string) (field, bool) {
	if f.lookup == "" && !f.kind.IsUser() {
		return f, false
	}
	to := func(n org.ID) org.Lookup { return org.ReadLookup(f.get(n)) }
	next := field{api: name, kind: org.KindText}
	switch {
	case name == "id":
		next.kind, next.get = org.KindID, func(n org.ID) json.RawMessage {
			if id := to(n).ID; id != 0 {
				return wire.Quote(id.String())
			}
			return wire.Null()
		}
	case f.kind.IsUser():
		next.get = func(n org.ID) json.RawMessage { return userField(to(n), name) }
		return next, name == "last_name" || name == "first_name" || name == "full_name" || name == "email"
	default:
		def, known := r.records.FieldNamed(f.lookup, name)
		next.kind, next.lookup = def.Kind, def.Lookup
		next.get = func(n org.ID) json.RawMessage { return r.behind(f.lookup, to(n), name) }
		return next, known
	}
	return next, true
}

// behind returns a field of the record behind a lookup. An account that is not in the org has only a name.
func (r *resolver) behind(m org.Module, to org.Lookup, name string) json.RawMessage {
	switch {
	case r.records.View(m).Has(to.ID):
		value, _ := r.records.Value(m, to.ID, name)
		return value
	case m == org.Accounts && name == "Account_Name":
		return to.Name
	}
	return wire.Null()
}

// userField returns a field of the user in an owner field. The last word of the name is the last name.
func userField(owner org.Lookup, name string) json.RawMessage {
	if name == "email" {
		return owner.Email
	}
	full, _ := wire.Unquote(owner.Name)
	if full == "" {
		return wire.Null()
	}
	at := strings.LastIndexByte(full, ' ')
	switch {
	case name == "last_name":
		return wire.Quote(full[at+1:])
	case name == "full_name":
		return wire.Quote(full)
	case at > 0:
		return wire.Quote(full[:at])
	}
	return wire.Null()
}
