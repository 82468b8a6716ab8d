package org

import (
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"maps"
	"slices"
)

// A picture is who plays which role at one moment.
type picture struct {
	picklist  Picklist
	records   *Records
	relations map[ID][]Relation
	deals     View
	contacts  View
	deleted   map[Module][]Deletion
}

func (s *Store) picture() *picture {
	s.mu.RLock()
	defer s.mu.RUnlock()
	deleted := make(map[Module][]Deletion)
	for m, t := range s.tables {
		if len(t.deleted) > 0 {
			deleted[m] = t.deleted
		}
	}
	return &picture{
		deleted:  deleted,
		picklist: s.picklist, records: s.Records, relations: maps.Clone(s.relations),
		deals: s.tables[Deals].view(), contacts: s.tables[Contacts].view(),
	}
}

// all returns deals in order, with their relations. It returns the deals with roles, and, if emptied is true, also the
// generated deals that lost all roles.
func (p *picture) all(emptied bool) iter.Seq2[ID, []Relation] {
	list := slices.Collect(maps.Keys(p.relations))
	if g := p.records.generated; g.RolesPerDeal > 0 {
		for i := range g.Deals {
			list = append(list, firstDeal+1+ID(i)) //nolint:gosec // an index is never negative
		}
	}
	slices.Sort(list)
	return func(yield func(ID, []Relation) bool) {
		for _, deal := range slices.Compact(list) {
			relations, changed := p.relations[deal]
			if !p.deals.Has(deal) {
				continue
			}
			if !changed {
				relations = p.records.generatedRelations(deal)
			}
			relations = p.contacts.present(relations)
			if (len(relations) > 0 || changed && emptied) && !yield(deal, relations) {
				return
			}
		}
	}
}

// roles returns who plays which role on a deal.
func (p *picture) roles(relations []Relation) map[string]RoleRef {
	roles := make(map[string]RoleRef, len(relations))
	for _, r := range relations {
		role, _ := p.picklist.ByID(r.Role)
		roles[r.Contact.String()] = RoleRef{ID: r.Role.String(), Name: role.Name}
	}
	return roles
}

// seed returns the first seed with the picklist of the picture, without DealRoles, Client and deletions.
func (p *picture) seed(s *Store) Seed {
	seed := s.seed
	seed.Roles, seed.DeletedRoles = p.picklist.export()
	seed.DealRoles, seed.Client, seed.DeletedDeals, seed.Deleted = nil, nil, nil, nil
	return seed
}

// Snapshot returns who plays which role, by deal id and contact id. It has no deals without roles.
func (s *Store) Snapshot() map[string]map[string]RoleRef {
	p := s.picture()
	state := make(map[string]map[string]RoleRef)
	for deal, relations := range p.all(false) {
		state[deal.String()] = p.roles(relations)
	}
	return state
}

// WriteState writes {"deals": {deal: {"contact_roles": {contact: role}}}}. It has no deals without roles.
func (s *Store) WriteState(w io.Writer) error {
	_, err := io.WriteString(w, `{"deals": {`)
	if err == nil {
		err = s.picture().write(w, false, `%s"%s": {"contact_roles": %s}`)
	}
	return err
}

// WriteSeed writes the org of this moment in the form of a seed, without its client and refresh tokens.
func (s *Store) WriteSeed(w io.Writer, edition string) error {
	p := s.picture()
	seed := p.seed(s)
	s.exportRecords(&seed)
	s.Voice.export(&seed)
	seed.Org = s.Info
	seed.Org.Edition = edition
	body, err := json.Marshal(&seed)
	if err == nil {
		_, err = fmt.Fprintf(w, `%s,"deal_contact_roles": {`, body[:len(body)-1])
	}
	if err == nil {
		err = p.write(w, true, `%s"%s": %s`)
	}
	return err
}

// write writes a line for each deal, and closes the two objects around the lines. format takes the separator before the
// deal, the deal's id and its roles.
func (p *picture) write(w io.Writer, emptied bool, format string) error {
	separator := "\n"
	for deal, relations := range p.all(emptied) {
		roles, err := json.Marshal(p.roles(relations))
		if err == nil {
			_, err = fmt.Fprintf(w, format, separator, deal, roles)
		}
		if err != nil {
			return err
		}
		separator = ",\n"
	}
	_, err := io.WriteString(w, "}}\n")
	return err
}
