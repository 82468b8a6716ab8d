package emulator

import (
	"encoding/json"
	"fmt"
	"strings"
)

// A base is what no call of this package changes: the org's records. Those
// that are generated are computed, not stored.
type base struct {
	info      OrgInfo
	edition   string
	generated Generated
	contacts  map[id]Record
	deals     map[id]Record
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
	if g := b.generated; g.Deals < 0 || g.Contacts < 0 || g.Deals > maxGenerated || g.Contacts > maxGenerated {
		return nil, fmt.Errorf("generated: numbers of deals and contacts go from 0 to %d", maxGenerated)
	}
	var err error
	if b.contacts, err = indexRecords("contacts", o.Contacts); err != nil {
		return nil, err
	}
	b.deals, err = indexRecords("deals", o.Deals)
	return b, err
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

func (b *base) hasDeal(n id) bool {
	if within(n, firstDeal, b.generated.Deals) {
		return true
	}
	_, found := b.deals[n]
	return found
}

func (b *base) hasContact(n id) bool {
	if within(n, firstContact, b.generated.Contacts) {
		return true
	}
	_, found := b.contacts[n]
	return found
}

// contact gives the fields of a contact that is there; a seeded one comes
// before a generated one of the same id.
func (b *base) contact(n id) Record {
	if record, seeded := b.contacts[n]; seeded {
		return record
	}
	return madeUpContact(n)
}
