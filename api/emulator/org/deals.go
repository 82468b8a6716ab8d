package org

import (
	"slices"
)

// A ContactDeal is a deal of a contact, and the contact's role on it.
type ContactDeal struct{ Deal, Role ID }

// DealsOf returns the deals that a contact has a role on, by id.
func (s *Store) DealsOf(contact ID) []ContactDeal {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.index()
	deals := slices.Clone(s.byContact[contact])
	for _, deal := range s.generatedDealsOf(contact) {
		if _, changed := s.relations[deal]; !changed {
			deals = append(deals, deal)
		}
	}
	view := s.tables[Deals].view()
	deals = slices.DeleteFunc(deals, func(deal ID) bool { return !view.Has(deal) })
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
