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
	all := make(map[ID]Deletion, len(t.deleted)+len(list))
	for _, d := range slices.Concat(t.deleted, list) {
		all[d.ID] = d
	}
	t.deleted = slices.SortedFunc(maps.Values(all), func(x, y Deletion) int { return byDeleted(x, y.ID) })
	return nil
}

func (s *Store) replayRestored(m Module, ids []ID) error {
	t := s.tables[m]
	if t == nil {
		return errNoModule(m)
	}
	t.deleted = slices.DeleteFunc(t.deleted, func(d Deletion) bool { return slices.Contains(ids, d.ID) })
	return nil
}

// InBin is how long a deleted record is in the recycle bin. Zoho CRM API v7, Get List of Deleted Records, Note.
const InBin = 60 * 24 * time.Hour

// A Binned is a record in the recycle bin.
type Binned struct {
	Deletion
	Module Module
}

// Bin returns the records in the recycle bin, by id.
func (s *Store) Bin(now time.Time) (list []Binned) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for m, t := range s.tables {
		for _, d := range t.deleted {
			if d.inBin(now) {
				list = append(list, Binned{d, m})
			}
		}
	}
	slices.SortFunc(list, func(x, y Binned) int { return byDeleted(x.Deletion, y.ID) })
	return list
}

func (d Deletion) inBin(now time.Time) bool { return !d.Purged && now.Sub(time.Unix(d.At, 0)) < InBin }

// Restore brings records back from the recycle bin. The result says which were in it.
func (s *Store) Restore(ids []ID, now time.Time) (done []bool, err error) {
	return s.empty(ids, now, func(t *table, list []Deletion, at int) ([]Deletion, *line) {
		n := list[at].ID
		return slices.Delete(list, at, at+1), &line{Module: t.name, Restored: []ID{n}}
	})
}

// Purge deletes records from the recycle bin for good. The result says which were in it.
func (s *Store) Purge(ids []ID, now time.Time) (done []bool, err error) {
	return s.empty(ids, now, func(t *table, list []Deletion, at int) ([]Deletion, *line) {
		list[at].Purged = true
		return list, &line{Module: t.name, Deleted: []Deletion{list[at]}}
	})
}

// empty takes records out of the recycle bin, one after another. Its function gets a copy of the deletions.
func (s *Store) empty(
	ids []ID, now time.Time, take func(*table, []Deletion, int) ([]Deletion, *line),
) (done []bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	done = make([]bool, len(ids))
	for i, n := range ids {
		for _, t := range s.tables {
			at, deleted := slices.BinarySearchFunc(t.deleted, n, byDeleted)
			if !deleted || !t.deleted[at].inBin(now) {
				continue
			}
			after, l := take(t, slices.Clone(t.deleted), at)
			if err := s.journal.append(l); err != nil {
				return nil, err
			}
			if t.deleted, done[i] = after, true; l.Restored != nil {
				s.enterIndex(t, n)
			}
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
