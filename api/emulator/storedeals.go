package emulator

import (
	"slices"
	"time"
)

// isDeleted says whether a deal was deleted; the caller holds the lock.
func (s *store) isDeleted(deal id) bool {
	_, gone := slices.BinarySearchFunc(s.deleted, deal, byDeleted)
	return gone
}

// delete deletes deals, one after another, and says which were there. Their
// contact roles go with them.
func (s *store) delete(deals []id, now time.Time) (done []bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	done = make([]bool, len(deals))
	after := slices.Clone(s.deleted)
	var gone []deletion
	for i, deal := range deals {
		at, already := slices.BinarySearchFunc(after, deal, byDeleted)
		if already || !s.base.ids[moduleDeals].has(deal) {
			continue
		}
		done[i] = true
		d := deletion{ID: deal, At: now.Unix()}
		gone, after = append(gone, d), slices.Insert(after, at, d)
	}
	if s.journal != nil && len(gone) > 0 {
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

// forget takes up deletions from the state file.
func (s *store) forget(gone []deletion) error {
	for _, d := range gone {
		if _, err := s.delete([]id{d.ID}, time.Unix(d.At, 0)); err != nil {
			return err
		}
	}
	return nil
}

// A contactDeal is a deal of a contact, and its role there.
type contactDeal struct{ deal, role id }

// dealsOf gives the deals that a contact has a role on, by id.
func (s *store) dealsOf(contact id) []contactDeal {
	s.indexContacts()
	s.mu.RLock()
	defer s.mu.RUnlock()
	deals := slices.Clone(s.byContact[contact])
	for _, deal := range s.base.madeUpDealsOf(contact) {
		if _, said := s.relations[deal]; !said && !s.isDeleted(deal) {
			deals = append(deals, deal)
		}
	}
	slices.Sort(deals)
	list := make([]contactDeal, 0, len(deals))
	for _, deal := range deals {
		relations := s.relationsOf(deal)
		at, there := slices.BinarySearchFunc(relations, relation{contact: contact}, byContact)
		if there {
			list = append(list, contactDeal{deal, relations[at].role})
		}
	}
	return list
}

// indexContacts makes the index from contacts to deals, the first time: most
// emulators are never asked.
func (s *store) indexContacts() {
	s.mu.RLock()
	made := s.byContact != nil
	s.mu.RUnlock()
	if made {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.byContact != nil {
		return
	}
	s.byContact = make(map[id][]id)
	for deal, relations := range s.relations {
		for _, r := range relations {
			s.byContact[r.contact] = append(s.byContact[r.contact], deal)
		}
	}
	for _, deals := range s.byContact {
		slices.Sort(deals)
	}
}

// reindex keeps the index, if there is one: a deal's relations changed. The
// caller holds the lock.
func (s *store) reindex(deal id, before, after []relation) {
	if s.byContact == nil {
		return
	}
	for _, r := range before {
		if at, found := slices.BinarySearch(s.byContact[r.contact], deal); found {
			s.byContact[r.contact] = slices.Delete(s.byContact[r.contact], at, at+1)
		}
	}
	for _, r := range after {
		at, found := slices.BinarySearch(s.byContact[r.contact], deal)
		if !found {
			s.byContact[r.contact] = slices.Insert(s.byContact[r.contact], at, deal)
		}
	}
}
