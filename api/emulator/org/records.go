package org

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// Records are the records of an org. Generated ones are computed, not stored, until a call changes them.
type Records struct {
	Info      Info
	generated Generated
	roles     []ID // that contacts of generated deals have, in turn
	users     []User

	mu     sync.RWMutex
	tables map[Module]*table // none is added or removed
	next   ID                // of an inserted record
}

// A table is the records of a module.
type table struct {
	name   Module
	schema schema
	seeded map[ID]Record // never changed
	// changed are the records that calls wrote: all fields of a seeded or new one, written fields of a generated one.
	changed map[ID]Record
	ids     idSpace
	deleted []Deletion                 // by id; never changed in place
	index   map[string]map[string][]ID // records by field and value, for fields that were searched by value
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
	var err error
	if r.users, err = readUsers(o.Users); err != nil {
		return nil, err
	}
	return r, r.addTables(o)
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

// addTables makes the tables of the standard modules and of those that the seed adds.
func (r *Records) addTables(o *Seed) error {
	r.tables, r.next = make(map[Module]*table), firstNew
	modules := slices.Clone(o.Modules)
	for _, m := range standardModules() {
		if !slices.ContainsFunc(modules, func(s SeedModule) bool { return s.Name == m }) {
			modules = append(modules, SeedModule{Name: m})
		}
	}
	for _, m := range modules {
		if _, twice := r.tables[m.Name]; twice || !moduleName.MatchString(m.Name.Name()) {
			return fmt.Errorf("modules: %q is there twice, or is no name of letters, digits and underscores", m.Name)
		}
		if err := r.addTable(m, slices.Concat(o.records(m.Name), m.Records)); err != nil {
			return err
		}
	}
	for m, t := range r.tables {
		for _, f := range t.schema.list {
			if f.Lookup != "" && r.tables[f.Lookup] == nil {
				return fmt.Errorf("modules: %s: field %s looks up the module %q, which the org does not have",
					m, f.API, f.Lookup)
			}
		}
	}
	return nil
}

var moduleName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]{0,49}$`)

func (r *Records) addTable(m SeedModule, list []Record) error {
	t := &table{name: m.Name, seeded: make(map[ID]Record, len(list)), changed: make(map[ID]Record)}
	for i, record := range list {
		at := fmt.Sprintf("%s[%d]", strings.ToLower(m.Name.Name()), i)
		var n ID
		if err := json.Unmarshal(record["id"], &n); err != nil || n == 0 {
			value := string(record["id"])
			if value == "" {
				value = "missing"
			}
			return fmt.Errorf("%s: %q must be a string of digits, it is %s", at, "id", value)
		}
		if _, twice := t.seeded[n]; twice {
			return fmt.Errorf("%s: id %s is there twice", at, n)
		}
		t.seeded[n] = record
		r.next = max(r.next, n)
	}
	first, count := r.generated.span(m.Name)
	t.ids = newIDSpace(slices.Collect(maps.Keys(t.seeded)), first, count)
	var err error
	t.schema, err = newSchema(m, t.seeded)
	r.tables[m.Name] = t
	return err
}

// span returns the range of the generated ids of a module: first+1 to first+count.
func (g Generated) span(m Module) (first ID, count int) {
	switch {
	case m == Deals:
		return firstDeal, g.Deals
	case m == Contacts:
		return firstContact, g.Contacts
	case m == Accounts && g.Deals+g.Contacts+g.RolesPerDeal > 0:
		return firstAccount, generatedAccounts
	}
	return 0, 0
}

// Modules returns the modules, sorted.
func (r *Records) Modules() []Module { return slices.Sorted(maps.Keys(r.tables)) }

// ModuleNamed finds a module by its exact API name.
func (r *Records) ModuleNamed(name string) (Module, bool) {
	_, known := r.tables[Module(name)]
	return Module(name), known
}

// Known reports whether the org has a module.
func (r *Records) Known(m Module) bool { return r.tables[m] != nil }

// The ids of metadata: each module has a thousand, and has the first one itself.
const (
	FirstMeta    ID = 4150868000000100000
	MetaOfModule ID = 1000
)

// ModuleID returns the id of a module.
func (r *Records) ModuleID(m Module) ID {
	i := slices.Index(r.Modules(), m)
	return FirstMeta + ID(i)*MetaOfModule //nolint:gosec // the module exists, so the index is not negative
}

// Labels returns what people call a record of a module and the module, and whether it is a custom module.
func (r *Records) Labels(m Module) (singular, plural string, custom bool) {
	s := &r.tables[m].schema
	return s.Singular, s.Plural, s.custom
}

// Scope returns the scope of an operation on a module's records. All custom modules share one. Zoho CRM API v8, Scopes.
func (r *Records) Scope(m Module, operation string) string {
	name := strings.ToLower(m.Name())
	if r.tables[m].schema.custom {
		name = "custom"
	}
	return "modules." + name + "." + operation
}

// SystemField returns the field by which an upsert finds a record, beside unique fields.
func (r *Records) SystemField(m Module) string { return r.tables[m].schema.system }

// HasContact reports whether there is a contact n.
func (r *Records) HasContact(n ID) bool { return r.View(Contacts).Has(n) }

// View returns the records of a module at this moment.
func (r *Records) View(m Module) View {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.tables[m].view()
}

func (t *table) view() View { return View{space: t.ids, deleted: t.deleted} }

// Fields returns the fields of a module, in order, without the id.
func (r *Records) Fields(m Module) []Field { return r.tables[m].schema.list }

// FieldNamed finds a field of a module, or its id, by the exact API name.
func (r *Records) FieldNamed(m Module, name string) (Field, bool) {
	f, known := r.tables[m].schema.byName[name]
	return f, known
}

// Value returns a field of a record, see [Row.Value].
func (r *Records) Value(m Module, n ID, name string) (json.RawMessage, bool) {
	return r.Row(m, n).Value(name)
}

// Times returns the Unix times of a record, see [Row.Times].
func (r *Records) Times(m Module, n ID) (created, modified int64) { return r.Row(m, n).Times() }

// Row returns a record at this moment. It must exist, or have existed.
func (r *Records) Row(m Module, n ID) Row {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.row(r.tables[m], n)
}

// row returns a record. The caller holds the lock. A seeded record wins over a generated one with the same id.
func (r *Records) row(t *table, n ID) Row {
	fields, seeded := t.seeded[n]
	if changed, is := t.changed[n]; is {
		fields = changed
	}
	return Row{ID: n, records: r, table: t, fields: fields, seeded: seeded,
		computed: !seeded && within(n, t.ids.first, t.ids.count)}
}
