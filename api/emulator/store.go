package emulator

import (
	"slices"
	"sync"
)

// A relation is a contact's role on a deal.
type relation struct{ contact, role id }

func byContact(a, b relation) int {
	switch {
	case a.contact < b.contact:
		return -1
	case a.contact > b.contact:
		return 1
	}
	return 0
}

// A store is the org: the records of its base, and what calls change. A
// deal's relations are sorted by contact and never changed in place, so that
// a copy of the map is a picture of one moment.
type store struct {
	base *base
	seed *Org // for GET /__emulator/org: its records

	mu        sync.RWMutex
	picklist  picklist
	relations map[id][]relation // deals with roles, and generated ones that lost theirs
	deleted   []deletion        // deals, by id; never changed in place
	byContact map[id][]id       // deals of relations, once they were asked for
	client    *Client           // the only one; nil is any
	granted   []granted         // oldest first, never changed in place
	journal   *journal          // nil in memory
}

// openStore takes up the org of the state file, or begins with that of o.
func openStore(o *Options) (*store, error) {
	if o.State == "" {
		return newStore(o.wantedOrg())
	}
	return openJournal(o)
}

// wantedOrg is the org that the options describe.
func (o *Options) wantedOrg() *Org {
	if o.Org != nil {
		return o.Org
	}
	g := Generated{Deals: o.Deals, Contacts: o.Contacts, RolesPerDeal: o.RolesPerDeal}
	if g.Deals == 0 {
		g.Deals = defaultRecords
	}
	if g.Contacts == 0 {
		g.Contacts = defaultRecords
	}
	return &Org{Generated: g}
}

func newStore(o *Org) (*store, error) {
	b, p, relations, err := o.build()
	if err != nil {
		return nil, err
	}
	seed := *o
	if b.generated.RolesPerDeal > 0 {
		// The roles that were there at the beginning: later changes of the
		// picklist must not move them.
		seed.GeneratedRoles = make([]string, len(b.roles))
		for i, r := range b.roles {
			seed.GeneratedRoles[i] = r.String()
		}
	}
	deleted := slices.SortedFunc(slices.Values(o.DeletedDeals), func(x, y deletion) int { return byDeleted(x, y.ID) })
	return &store{base: b, seed: &seed, picklist: p, relations: relations, deleted: deleted, client: o.Client}, nil
}

func (s *store) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.journal == nil {
		return nil
	}
	return s.journal.close()
}

// roles gives the picklist of this moment; it must not be changed.
func (s *store) roles() picklist {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.picklist
}

// deal gives a deal's relations and the picklist, of one moment.
func (s *store) deal(deal id) ([]relation, picklist) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.relationsOf(deal), s.picklist
}

// relationsOf gives a deal's relations; the caller holds the lock.
func (s *store) relationsOf(deal id) []relation {
	if list, said := s.relations[deal]; said {
		return list
	}
	return s.base.madeUpRelations(deal)
}

// view gives the records of a module that are there at this moment.
func (s *store) view(m module) idView {
	v := idView{space: &s.base.ids[m]}
	if m == moduleDeals {
		s.mu.RLock()
		v.gone = s.deleted
		s.mu.RUnlock()
	}
	return v
}

// assign puts contacts on a deal or changes their roles; with replace all
// others leave the deal. It says which were not on the deal before.
func (s *store) assign(deal id, set []relation, replace bool) (added []bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.isDeleted(deal) {
		return nil, invalidDeal()
	}
	before := s.relationsOf(deal)
	after := make([]relation, 0, len(before)+len(set))
	if !replace {
		after = append(after, before...)
	}
	added = make([]bool, len(set))
	for i, r := range set {
		_, was := slices.BinarySearchFunc(before, r, byContact)
		added[i] = !was
		at, there := slices.BinarySearchFunc(after, r, byContact)
		if there {
			after[at] = r
		} else {
			after = slices.Insert(after, at, r)
		}
	}
	return added, s.commit(deal, before, after)
}

// remove takes contacts off a deal, one after another, and says which were
// on it.
func (s *store) remove(deal id, contacts []id) (removed []bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.isDeleted(deal) {
		return nil, invalidDeal()
	}
	before := s.relationsOf(deal)
	after := slices.Clone(before)
	removed = make([]bool, len(contacts))
	for i, contact := range contacts {
		at, there := slices.BinarySearchFunc(after, relation{contact: contact}, byContact)
		if there {
			after = slices.Delete(after, at, at+1)
			removed[i] = true
		}
	}
	return removed, s.commit(deal, before, after)
}

// commit makes a deal's new relations true: in the file first, so that what
// is answered is kept.
func (s *store) commit(deal id, before, after []relation) error {
	if slices.Equal(before, after) {
		return nil
	}
	if s.journal != nil {
		if err := s.journal.deal(deal, before, after); err != nil {
			return err
		}
	}
	s.reindex(deal, s.relations[deal], after)
	if len(after) == 0 && len(s.base.madeUpRelations(deal)) == 0 {
		delete(s.relations, deal)
	} else {
		s.relations[deal] = after
	}
	return nil
}

// edit changes the picklist: change works on a copy, which becomes the
// picklist when it could be kept.
func (s *store) edit(change func(*picklist)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.picklist.clone()
	change(&p)
	if s.journal != nil {
		if err := s.journal.picklist(&p); err != nil {
			return err
		}
	}
	s.picklist = p
	return nil
}
