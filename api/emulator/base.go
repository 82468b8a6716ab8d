package emulator

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// A base is what no call of this package changes: the org's records. Those
// that are generated are computed, not stored.
type base struct {
	info      OrgInfo
	edition   string
	generated Generated
	roles     []id // that generated deals' contacts have, in turn
	records   [moduleCount]map[id]Record
	ids       [moduleCount]idSpace
	schemas   [moduleCount]schema
}

const (
	firstDeal    id = 4150868000010000000 // deal i is firstDeal+i, i from 1
	firstContact id = 4150868000020000000
	defaultZGID     = "4150868000000000001"
)

func newBase(o *Org) (*base, error) {
	b := &base{info: o.Org, generated: o.Generated}
	if b.info.ID == "" {
		b.info.ID = defaultZGID
	}
	if b.info.Name == "" {
		b.info.Name = "Rehearsal"
	}
	if _, isID := parseID(b.info.ID); !isID {
		return nil, fmt.Errorf("org: zgid: %w", &idError{text: b.info.ID})
	}
	b.edition = strings.ToLower(b.info.Edition)
	if b.edition == "" {
		b.edition = "enterprise"
	}
	if err := checkEdition(b.edition); err != nil {
		return nil, fmt.Errorf("org: %w", err)
	}
	if g := b.generated; g.RolesPerDeal < 0 || g.RolesPerDeal > maxRolesPerDeal {
		return nil, fmt.Errorf("generated: roles_per_deal goes from 0 to %d", maxRolesPerDeal)
	}
	if g := b.generated; g.Deals < 0 || g.Contacts < 0 || g.Deals > maxGenerated || g.Contacts > maxGenerated {
		return nil, fmt.Errorf("generated: numbers of deals and contacts go from 0 to %d", maxGenerated)
	}
	for m, list := range map[module][]Record{moduleDeals: o.Deals, moduleContacts: o.Contacts} {
		var err error
		if b.records[m], err = indexRecords(strings.ToLower(m.name()), list); err != nil {
			return nil, err
		}
		first, count := b.stretch(m)
		b.ids[m] = newIDSpace(slices.Collect(maps.Keys(b.records[m])), first, count)
		b.schemas[m] = newSchema(m, b.records[m])
	}
	return b, nil
}

// stretch is where the generated ids of a module are.
func (b *base) stretch(m module) (first id, count int) {
	if m == moduleDeals {
		return firstDeal, b.generated.Deals
	}
	return firstContact, b.generated.Contacts
}

func indexRecords(what string, list []Record) (map[id]Record, error) {
	index := make(map[id]Record, len(list))
	for i, record := range list {
		var n id
		if err := json.Unmarshal(record["id"], &n); err != nil || n == 0 {
			return nil, fmt.Errorf("%s[%d]: %q must be a string of digits, it is %s", what, i, "id", orMissing(record["id"]))
		}
		if _, twice := index[n]; twice {
			return nil, fmt.Errorf("%s[%d]: id %s is there twice", what, i, n)
		}
		index[n] = record
	}
	return index, nil
}

func orMissing(raw json.RawMessage) string {
	if len(raw) == 0 {
		return "missing"
	}
	return string(raw)
}

func within(n, first id, count int) bool {
	return n > first && uint64(n-first) <= uint64(max(count, 0))
}

func (b *base) hasContact(n id) bool { return b.ids[moduleContacts].has(n) }

// field gives a field of a record that is there; a seeded one comes before a
// generated one of the same id. false is a field that the module has not; one
// that the record has not is null, which Zoho sends for an empty field.
func (b *base) field(m module, n id, name string) (json.RawMessage, bool) {
	if name == "id" {
		return text(n.String()), true
	}
	if _, known := b.schemas[m].byName[name]; !known {
		return nil, false
	}
	if record, seeded := b.records[m][n]; seeded {
		if value, found := record[name]; found {
			return value, true
		}
		return unsaid(record, name), true
	}
	if m == moduleDeals {
		return b.madeUpDeal(n, name), true
	}
	return madeUpContact(n, name), true
}

// names are the fields of a record when none are asked for, sorted: those that
// a seeded one says, all of a generated one.
func (b *base) names(m module, n id) []string {
	if record, seeded := b.records[m][n]; seeded {
		return slices.Sorted(maps.Keys(record))
	}
	var names []string
	for _, f := range b.schemas[m].list {
		names = append(names, f.api)
	}
	slices.Sort(names)
	return names
}
