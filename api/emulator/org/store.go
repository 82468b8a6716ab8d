package org

import (
	"errors"
	"fmt"
	"slices"

	"rolecall/api/emulator/accounts"
)

// A Store is the org: its records, roles and deletions. It is safe for concurrent use. A deal's relations are sorted
// by contact and never changed in place, so a copy of the map shows one moment.
type Store struct {
	*Records
	Voice    *VoiceBook
	seed     Seed // for its records
	registry *accounts.Registry
	journal  *journal // nil without a state file

	// The lock of the records guards these too.
	picklist  Picklist
	relations map[ID][]Relation // deals with roles, and generated deals whose roles changed; deleted ones keep theirs
	byContact map[ID][]ID       // deals of relations, by contact; nil until the first use
}

// ErrNoDeal is the error for a deal that was deleted.
var ErrNoDeal = errors.New("there is no such deal")

// Open continues the org of the state file, or begins with the wanted one. The registry gets its client and its refresh
// tokens, and the state file keeps their changes.
func Open(w Wanted, r *accounts.Registry) (*Store, error) {
	if w.State == "" {
		return newStore(w.seed(), r)
	}
	s, err := openState(w, r)
	if err != nil {
		return nil, fmt.Errorf("state file %s: %w", w.State, err)
	}
	r.Record(func(c *accounts.Change) error { return s.journal.append(&line{Change: *c}) })
	return s, nil
}

// Close flushes and closes the state file. Later writes fail.
func (s *Store) Close() error { return s.journal.close() }

// Roles returns the picklist of this moment. The caller must not change it.
func (s *Store) Roles() Picklist {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.picklist
}

// Deal returns a deal's relations and the picklist, both of one moment.
func (s *Store) Deal(deal ID) ([]Relation, Picklist) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.present(s.relationsOf(deal)), s.picklist
}

// present returns relations without deleted contacts, which come back when they are restored.
func (s *Store) present(list []Relation) []Relation { return s.tables[Contacts].view().present(list) }

func (v View) present(list []Relation) []Relation {
	if len(v.deleted) == 0 {
		return list
	}
	return slices.DeleteFunc(slices.Clone(list), func(r Relation) bool { return !v.Has(r.Contact) })
}

// relationsOf returns a deal's relations. The caller holds the lock.
func (s *Store) relationsOf(deal ID) []Relation {
	if list, changed := s.relations[deal]; changed {
		return list
	}
	return s.generatedRelations(deal)
}

// Assign puts contacts on a deal or changes their roles. With replace all other contacts leave the deal. The result
// says which contacts were not on the deal before.
func (s *Store) Assign(deal ID, set []Relation, replace bool) (added []bool, err error) {
	added = make([]bool, len(set))
	return added, s.change(deal, func(before []Relation) (after []Relation) {
		if !replace {
			after = slices.Clone(before)
		}
		for i, r := range set {
			_, was := slices.BinarySearchFunc(before, r.Contact, ByContact)
			added[i] = !was
			at, exists := slices.BinarySearchFunc(after, r.Contact, ByContact)
			if exists {
				after[at] = r
			} else {
				after = slices.Insert(after, at, r)
			}
		}
		return after
	})
}

// Remove takes contacts off a deal, one after another. The result says which were on it.
func (s *Store) Remove(deal ID, contacts []ID) (removed []bool, err error) {
	removed = make([]bool, len(contacts))
	return removed, s.change(deal, func(before []Relation) []Relation {
		after := slices.Clone(before)
		for i, contact := range contacts {
			at, exists := slices.BinarySearchFunc(after, contact, ByContact)
			if exists {
				after = slices.Delete(after, at, at+1)
				removed[i] = true
			}
		}
		return after
	})
}

// change gives a deal new relations. The file has them first, so that no answered change is lost.
func (s *Store) change(deal ID, edit func(before []Relation) (after []Relation)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.tables[Deals].view().Has(deal) {
		return ErrNoDeal
	}
	before := s.relationsOf(deal)
	after := edit(before)
	if slices.Equal(before, after) {
		return nil
	}
	if err := s.journal.append(difference(deal, before, after)); err != nil {
		return err
	}
	s.reindex(deal, s.relations[deal], after)
	if len(after) == 0 && len(s.generatedRelations(deal)) == 0 {
		delete(s.relations, deal)
	} else {
		s.relations[deal] = after
	}
	return nil
}

// Edit changes the picklist. The function works on a copy, which replaces the picklist once the file has it.
func (s *Store) Edit(edit func(*Picklist)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.picklist.clone()
	edit(&p)
	roles, deleted := p.export()
	// The line has the whole picklist: it is small and rarely changes.
	if err := s.journal.append(&line{Roles: &picklistLine{Roles: roles, Deleted: deleted, Next: p.next}}); err != nil {
		return err
	}
	s.picklist = p
	return nil
}

// readRelations reads the roles of a deal in a seed.
func (s *Store) readRelations(roles map[string]RoleRef) ([]Relation, error) {
	list := make([]Relation, 0, len(roles))
	for contact, ref := range roles {
		c, isID := ParseID(contact)
		if !isID || !s.HasContact(c) {
			return nil, fmt.Errorf("there is no contact %q", contact)
		}
		role, ok := s.picklist.Find(ref, true)
		if !ok {
			return nil, fmt.Errorf("contact %s: there is no role with id %q and name %q", contact, ref.ID, ref.Name)
		}
		list = append(list, Relation{Contact: c, Role: role.ID})
	}
	slices.SortFunc(list, func(a, b Relation) int { return ByContact(a, b.Contact) })
	return list, nil
}
