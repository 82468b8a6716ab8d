package org

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"rolecall/api/emulator/wire"
)

// insertDeleted adds a deletion to a list by id. It reports whether the record was deleted before.
func insertDeleted(list []Deletion, d Deletion) (after []Deletion, twice bool) {
	at, twice := slices.BinarySearchFunc(list, d.ID, byDeleted)
	if twice {
		return list, true
	}
	return slices.Insert(list, at, d), false
}

func errNoModule(m Module) error { return fmt.Errorf("there is no module %q", m) }

// Delete deletes records, one after another. The result says which existed. Their contact roles are hidden until they
// are restored.
func (s *Store) Delete(m Module, ids []ID, now time.Time) (done []bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.tables[m]
	done = make([]bool, len(ids))
	after := slices.Clone(t.deleted)
	var gone []Deletion
	for i, n := range ids {
		if !t.ids.has(n) {
			continue
		}
		var twice bool
		d := Deletion{ID: n, At: now.Unix()}
		if after, twice = insertDeleted(after, d); twice {
			continue
		}
		done[i] = true
		gone = append(gone, d)
	}
	if len(gone) == 0 {
		return done, nil
	}
	if err := s.journal.append(&line{Module: m, Deleted: gone}); err != nil {
		return nil, err
	}
	for _, d := range gone {
		s.unindex(t, d.ID)
	}
	t.deleted = after
	return done, nil
}

// replayDeleted applies a line of the state file.
func (s *Store) replayDeleted(m Module, list []Deletion) error {
	t := s.tables[m]
	if t == nil {
		return errNoModule(m)
	}
	for _, d := range list {
		s.unindex(t, d.ID)
	}
	t.deleted = slices.SortedFunc(slices.Values(slices.Concat(t.deleted, list)),
		func(x, y Deletion) int { return byDeleted(x, y.ID) })
	return nil
}

// Restore brings deleted records back, of any module. The result says which were deleted after the given time.
func (s *Store) Restore(ids []ID, since time.Time) (done []bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	done = make([]bool, len(ids))
	for m, t := range s.tables {
		after := slices.Clone(t.deleted)
		var back []ID
		for i, n := range ids {
			at, deleted := slices.BinarySearchFunc(after, n, byDeleted)
			if deleted && after[at].At > since.Unix() {
				after = slices.Delete(after, at, at+1)
				back, done[i] = append(back, n), true
			}
		}
		if len(back) == 0 {
			continue
		}
		if err := s.journal.append(&line{Module: m, Restored: back}); err != nil {
			return nil, err
		}
		t.deleted = after
		for _, n := range back {
			s.enterIndex(t, n)
		}
	}
	return done, nil
}

// exportRecords puts the records of this moment into a seed. Changed generated records become seeded ones.
func (s *Store) exportRecords(seed *Seed) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	seed.Modules = slices.Clone(seed.Modules)
	seed.Deleted = make(map[Module][]Deletion)
	for m, t := range s.tables {
		at := slices.IndexFunc(seed.Modules, func(o SeedModule) bool { return o.Name == m })
		list := seed.records(m)
		if at >= 0 {
			list = slices.Concat(list, seed.Modules[at].Records)
			seed.Modules[at].Records = nil
		}
		list = s.exportTable(t, list)
		switch m {
		case Deals:
			seed.Deals, seed.DeletedDeals = list, t.deleted
			continue
		case Contacts:
			seed.Contacts = list
		case Leads:
			seed.Leads = list
		case Accounts:
			seed.Accounts = list
		default:
			seed.Modules[at].Records = list
		}
		if len(t.deleted) > 0 {
			seed.Deleted[m] = t.deleted
		}
	}
}

// exportTable returns the seeded records as they are now, then the others that calls wrote.
func (s *Store) exportTable(t *table, seeded []Record) []Record {
	if len(t.changed) == 0 {
		return seeded
	}
	list := make([]Record, 0, len(seeded)+len(t.changed))
	done := make(map[ID]bool)
	for _, record := range seeded {
		text, _ := wire.Unquote(record["id"])
		n, _ := ParseID(text)
		if done[n] = true; t.changed[n] != nil {
			record = t.export(n)
		}
		list = append(list, record)
	}
	for _, n := range slices.Sorted(maps.Keys(t.changed)) {
		if done[n] {
			continue
		}
		record := t.export(n)
		if row := s.row(t, n); row.computed {
			for _, f := range t.schema.list {
				record[f.API], _ = row.Value(f.API)
			}
		}
		list = append(list, record)
	}
	return list
}
