package org

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"rolecall/api/emulator/wire"
)

// Records are the deals and contacts of an org. No call changes them. Generated ones are computed, not stored.
type Records struct {
	Info      Info
	generated Generated
	roles     []ID // that contacts of generated deals have, in turn
	tables    [moduleCount]table
}

// A table is the records of a module.
type table struct {
	seeded map[ID]Record
	ids    idSpace
	schema schema
}

func newRecords(o *Seed) (*Records, error) {
	r := &Records{Info: o.Org, generated: o.Generated}
	if r.Info.ID == "" {
		r.Info.ID = "4150868000000000001"
	}
	if r.Info.Name == "" {
		r.Info.Name = "Rehearsal"
	}
	if _, isID := ParseID(r.Info.ID); !isID {
		return nil, fmt.Errorf("org: zgid: %w", badID(r.Info.ID))
	}
	if r.Info.Edition = strings.ToLower(r.Info.Edition); r.Info.Edition == "" {
		r.Info.Edition = "enterprise"
	}
	if _, err := InFlight(r.Info.Edition); err != nil {
		return nil, fmt.Errorf("org: %w", err)
	}
	g := r.generated
	if g.RolesPerDeal < 0 || g.RolesPerDeal > MaxRolesPerDeal {
		return nil, fmt.Errorf("generated: roles_per_deal goes from 0 to %d", MaxRolesPerDeal)
	}
	if g.Deals < 0 || g.Contacts < 0 || g.Deals > MaxGenerated || g.Contacts > MaxGenerated {
		return nil, fmt.Errorf("generated: the numbers of deals and contacts go from 0 to %d", MaxGenerated)
	}
	err := r.addTable(Deals, o.Deals, firstDeal, g.Deals)
	if err == nil {
		err = r.addTable(Contacts, o.Contacts, firstContact, g.Contacts)
	}
	return r, err
}

// InFlight returns how many calls may be in flight in an edition. Zoho CRM API v8, API Limits, "Concurrency limit".
func InFlight(edition string) (int, error) {
	limits := map[string]int{"free": 5, "standard": 10, "professional": 15, "enterprise": 20, "ultimate": 25}
	limit, known := limits[edition]
	if !known {
		return 0, fmt.Errorf("unknown edition %q: use free, standard, professional, enterprise or ultimate", edition)
	}
	return limit, nil
}

func (r *Records) addTable(m Module, list []Record, first ID, count int) error {
	seeded := make(map[ID]Record, len(list))
	for i, record := range list {
		at := fmt.Sprintf("%s[%d]", strings.ToLower(m.Name()), i)
		var n ID
		if err := json.Unmarshal(record["id"], &n); err != nil || n == 0 {
			value := string(record["id"])
			if value == "" {
				value = "missing"
			}
			return fmt.Errorf("%s: %q must be a string of digits, it is %s", at, "id", value)
		}
		if _, twice := seeded[n]; twice {
			return fmt.Errorf("%s: id %s is there twice", at, n)
		}
		seeded[n] = record
	}
	ids := newIDSpace(slices.Collect(maps.Keys(seeded)), first, count)
	r.tables[m] = table{seeded: seeded, ids: ids, schema: newSchema(m, seeded)}
	return nil
}

// HasContact reports whether there is a contact n.
func (r *Records) HasContact(n ID) bool { return r.tables[Contacts].ids.has(n) }

// Fields returns the fields of a module, in order, without the id.
func (r *Records) Fields(m Module) []Field { return r.tables[m].schema.list }

// FieldNamed finds a field of a module, or its id, by the exact API name.
func (r *Records) FieldNamed(m Module, name string) (Field, bool) {
	f, known := r.tables[m].schema.byName[name]
	return f, known
}

// Value returns a field of a record that exists. A seeded record wins over a generated one with the same id. Value
// returns false if the module does not have the field, and null if the record does not: Zoho sends null for an empty
// field.
func (r *Records) Value(m Module, n ID, name string) (json.RawMessage, bool) {
	t := &r.tables[m]
	if name == "id" {
		return wire.Quote(n.String()), true
	}
	if _, known := t.schema.byName[name]; !known {
		return nil, false
	}
	if record, seeded := t.seeded[n]; seeded {
		if value, given := record[name]; given {
			return value, true
		}
		return defaultValue(record, name), true
	}
	if m == Deals {
		return r.generatedDeal(n, name), true
	}
	return generatedContact(n, name), true
}

// Names returns the fields of a record when the call names none, sorted: the given ones of a seeded record, all of a
// generated one.
func (r *Records) Names(m Module, n ID) []string {
	if record, seeded := r.tables[m].seeded[n]; seeded {
		return slices.Sorted(maps.Keys(record))
	}
	var names []string
	for _, f := range r.Fields(m) {
		names = append(names, f.API)
	}
	slices.Sort(names)
	return names
}

// Times returns the Unix times of a record. A seeded time that cannot be read is 0.
func (r *Records) Times(m Module, n ID) (created, modified int64) {
	record, seeded := r.tables[m].seeded[n]
	if !seeded {
		//nolint:gosec // a generated id is within MaxGenerated of the first
		return generatedTimes(int(n - r.tables[m].ids.first))
	}
	return recordTime(record, "Created_Time"), recordTime(record, "Modified_Time")
}

func recordTime(record Record, name string) int64 {
	value, given := record[name]
	if !given {
		value = wire.Quote(seededTime)
	}
	s, _ := wire.Unquote(value)
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return 0
	}
	return t.Unix()
}

// seededTime is when a seeded record was created and modified, unless it has those times.
const seededTime = "2024-01-01T00:00:00+00:00"

// defaultValue returns a field that a seeded record does not have. Fields that every record of Zoho's has get a value,
// the others are empty.
func defaultValue(record Record, name string) json.RawMessage {
	switch name {
	case "Owner", "Created_By", "Modified_By":
		return userValue()
	case "Created_Time", "Modified_Time":
		return wire.Quote(seededTime)
	case "Full_Name":
		first, _ := wire.Unquote(record["First_Name"])
		last, _ := wire.Unquote(record["Last_Name"])
		if full := strings.TrimSpace(first + " " + last); full != "" {
			return wire.Quote(full)
		}
	case "Email_Opt_Out":
		return json.RawMessage("false")
	}
	return wire.Null()
}
