package org

import (
	"slices"
	"time"
)

// insertDeleted adds a deletion to a list by id. It reports whether the record was deleted before.
func insertDeleted(list []Deletion, d Deletion) (after []Deletion, twice bool) {
	at, twice := slices.BinarySearchFunc(list, d.ID, byDeleted)
	if twice {
		return list, true
	}
	return slices.Insert(list, at, d), false
}

// Delete deletes deals, one after another. The result says which existed. Their contact roles go with them.
func (s *Store) Delete(deals []ID, now time.Time) (done []bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	done = make([]bool, len(deals))
	after := slices.Clone(s.deleted)
	var gone []Deletion
	for i, deal := range deals {
		if !s.tables[Deals].ids.has(deal) {
			continue
		}
		var twice bool
		d := Deletion{ID: deal, At: now.Unix()}
		if after, twice = insertDeleted(after, d); twice {
			continue
		}
		done[i] = true
		gone = append(gone, d)
	}
	if len(gone) > 0 {
		if err := s.journal.append(&line{Deleted: gone}); err != nil {
			return nil, err
		}
	}
	s.deleted = after
	for _, d := range gone {
		s.reindex(d.ID, s.relations[d.ID], nil)
		delete(s.relations, d.ID)
	}
	return done, nil
}

// A ContactDeal is a deal of a contact, and the contact's role on it.
type ContactDeal struct{ Deal, Role ID }

// DealsOf returns the deals that a contact has a role on, by id.
func (s *Store) DealsOf(contact ID) []ContactDeal {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.index()
	deals := slices.Clone(s.byContact[contact])
	for _, deal := range s.generatedDealsOf(contact) {
		_, changed := s.relations[deal]
		_, deleted := slices.BinarySearchFunc(s.deleted, deal, byDeleted)
		if !changed && !deleted {
			deals = append(deals, deal)
		}
	}
	slices.Sort(deals)
	list := make([]ContactDeal, 0, len(deals))
	for _, deal := range deals {
		relations := s.relationsOf(deal)
		at, exists := slices.BinarySearchFunc(relations, contact, ByContact)
		if exists {
			list = append(list, ContactDeal{deal, relations[at].Role})
		}
	}
	return list
}

// index makes the index from contacts to deals at its first use: most emulators never need it. The caller holds the
// lock.
func (s *Store) index() {
	if s.byContact != nil {
		return
	}
	s.byContact = make(map[ID][]ID)
	for deal, relations := range s.relations {
		for _, r := range relations {
			s.byContact[r.Contact] = append(s.byContact[r.Contact], deal)
		}
	}
	for _, deals := range s.byContact {
		slices.Sort(deals)
	}
}

// reindex updates the index, if there is one, after a deal's relations changed. The caller holds the lock.
func (s *Store) reindex(deal ID, before, after []Relation) {
	if s.byContact == nil {
		return
	}
	for _, r := range before {
		if at, exists := slices.BinarySearch(s.byContact[r.Contact], deal); exists {
			s.byContact[r.Contact] = slices.Delete(s.byContact[r.Contact], at, at+1)
		}
	}
	for _, r := range after {
		if at, exists := slices.BinarySearch(s.byContact[r.Contact], deal); !exists {
			s.byContact[r.Contact] = slices.Insert(s.byContact[r.Contact], at, deal)
		}
	}
}
