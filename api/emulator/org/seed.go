package org

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"rolecall/api/emulator/accounts"
)

// A Seed is what an org begins with. GET /__emulator/org gives the same JSON. Lists may be left out. Without
// contact_roles the org has Zoho's usual seven.
type Seed struct {
	Org Info `json:"org"`
	// Generated adds generated deals and contacts.
	Generated Generated `json:"generated,omitzero"`
	// Roles is the role picklist, in order.
	Roles []SeedRole `json:"contact_roles"`
	// DeletedRoles are roles that left the picklist. Deals may still have them.
	DeletedRoles []SeedRole `json:"deleted_contact_roles,omitempty"`
	// Contacts, Deals, Leads and Accounts are records: "id" and any fields by API name.
	Contacts []Record `json:"contacts,omitempty"`
	Deals    []Record `json:"deals,omitempty"`
	Leads    []Record `json:"leads,omitempty"`
	Accounts []Record `json:"accounts,omitempty"`
	// Modules are custom modules, and more fields and records of Zoho's modules.
	Modules []SeedModule `json:"modules,omitempty"`
	// Users are the org's users, beside the one who makes the calls.
	Users []User `json:"users,omitempty"`
	// DealRoles has the contact roles, by deal id and contact id, each with the role's id, name or both. For a
	// generated deal they replace the generated roles, also when they are empty.
	DealRoles map[string]map[string]RoleRef `json:"deal_contact_roles,omitempty"`
	// GeneratedRoles are the ids of the roles that Generated.RolesPerDeal uses in turn. Nil is the picklist.
	GeneratedRoles []string `json:"generated_contact_roles,omitempty"`
	// DeletedDeals are deals that were deleted. Seeded ones are in Deals too.
	DeletedDeals []Deletion `json:"deleted_deals,omitempty"`
	// Deleted are the deleted records of other modules.
	Deleted map[Module][]Deletion `json:"deleted_records,omitempty"`
	// VoiceContacts are the contacts of Zoho Voice, beside the generated ones.
	VoiceContacts []VoiceContact `json:"voice_contacts,omitempty"`
	// DeletedVoice are the generated contacts of Zoho Voice that were deleted.
	DeletedVoice []ID `json:"deleted_voice_contacts,omitempty"`
	// Client is the only application that may sign in; nil is any. GET /__emulator/org does not show it.
	Client *accounts.Client `json:"client,omitempty"`
}

// Info is the org itself.
type Info struct {
	ID      string `json:"zgid,omitempty"`
	Name    string `json:"company_name,omitempty"`
	Edition string `json:"edition,omitempty"`
}

// Generated is the size of the generated part of an org. Deal i (from 1) has the id 4150868000010000000+i, contact j
// 4150868000020000000+j.
type Generated struct {
	Deals    int `json:"deals"`
	Contacts int `json:"contacts"`
	// RolesPerDeal is the most contacts that a generated deal has: deal i has i mod (RolesPerDeal+1) of the generated
	// contacts. 0 to 200.
	RolesPerDeal int `json:"roles_per_deal,omitempty"`
	// VoiceContacts is how many contacts Zoho Voice has. Contact i has the id 31500010000000000+i.
	VoiceContacts int `json:"voice_contacts,omitempty"`
}

// A SeedRole is a role of the picklist. Sequence 0 puts it after the role before it.
type SeedRole struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Sequence int    `json:"sequence_number,omitempty"`
}

// A RoleRef names a role.
type RoleRef struct {
	ID   string `json:"id,omitempty"`
	Name string `json:"name,omitempty"`
}

// A Record is the fields of a contact or deal by API name. "id" is one of them.
type Record map[string]json.RawMessage

// records returns the list of a module's records, which no custom module has.
func (o *Seed) records(m Module) []Record {
	switch m {
	case Deals:
		return o.Deals
	case Contacts:
		return o.Contacts
	case Leads:
		return o.Leads
	case Accounts:
		return o.Accounts
	}
	return nil
}

// ReadSeed reads a seed and checks it. Its errors say where the seed has a bad or repeated id, a role without a name,
// or a reference to a deal, contact or role that does not exist.
func ReadSeed(r io.Reader) (*Seed, error) {
	dec := json.NewDecoder(r)
	dec.DisallowUnknownFields()
	var o Seed
	if err := dec.Decode(&o); err != nil {
		return nil, fmt.Errorf("read org: %w; GET /__emulator/org of a running emulator shows the form", err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("read org: there is more text after the org's closing brace")
	}
	if _, err := newStore(&o, new(accounts.Registry)); err != nil {
		return nil, fmt.Errorf("read org: %w", err)
	}
	return &o, nil
}

// newStore checks the seed and makes the store that begins with it.
func newStore(o *Seed, r *accounts.Registry) (*Store, error) {
	records, err := newRecords(o)
	if err != nil {
		return nil, err
	}
	if o.Client != nil {
		if err := r.Replay(accounts.Change{Client: o.Client}); err != nil {
			return nil, fmt.Errorf("client: %w", err)
		}
	}
	s := &Store{Records: records, registry: r, relations: make(map[ID][]Relation, len(o.DealRoles))}
	if s.Voice, err = newVoiceBook(o); err != nil {
		return nil, err
	}
	if s.picklist, err = newPicklist(o.Roles, o.DeletedRoles); err != nil {
		return nil, err
	}
	if records.roles, err = o.generatedRoles(&s.picklist); err != nil {
		return nil, err
	}
	if err := o.checkDeleted(records); err != nil {
		return nil, err
	}
	for deal, roles := range o.DealRoles {
		d, isID := ParseID(deal)
		if !isID || !records.tables[Deals].ids.has(d) {
			return nil, fmt.Errorf("deal_contact_roles: there is no deal %q", deal)
		}
		list, err := s.readRelations(roles)
		if err != nil {
			return nil, fmt.Errorf("deal_contact_roles of deal %s: %w", deal, err)
		}
		if len(list) > 0 || len(records.generatedRelations(d)) > 0 {
			s.relations[d] = list
		}
	}
	s.seed = *o
	if records.generated.RolesPerDeal > 0 {
		// Later changes of the picklist must not move the generated roles.
		s.seed.GeneratedRoles = make([]string, len(records.roles))
		for i, r := range records.roles {
			s.seed.GeneratedRoles[i] = r.String()
		}
	}
	return s, nil
}

// generatedRoles returns the roles that contacts of generated deals have.
func (o *Seed) generatedRoles(p *Picklist) ([]ID, error) {
	var list []ID
	for _, text := range o.GeneratedRoles {
		r, ok := p.Find(RoleRef{ID: text}, true)
		if !ok {
			return nil, fmt.Errorf("generated_contact_roles: there is no role with id %q", text)
		}
		list = append(list, r.ID)
	}
	if o.GeneratedRoles == nil {
		for _, r := range p.Roles {
			list = append(list, r.ID)
		}
	}
	return list, nil
}

// checkDeleted adds the deletions. Each must be of a record of the org, a deal's of one without roles.
func (o *Seed) checkDeleted(records *Records) error {
	add := func(what string, m Module, list []Deletion) error {
		t := records.tables[m]
		for i, d := range list {
			_, roles := o.DealRoles[d.ID.String()]
			switch {
			case t == nil || !t.ids.has(d.ID):
				return fmt.Errorf("%s[%d]: there was no record %s", what, i, d.ID)
			case m == Deals && roles:
				return fmt.Errorf("%s[%d]: deal %s still has contact roles", what, i, d.ID)
			}
			var twice bool
			if t.deleted, twice = insertDeleted(t.deleted, d); twice {
				return fmt.Errorf("%s[%d]: record %s is there twice", what, i, d.ID)
			}
		}
		return nil
	}
	if err := add("deleted_deals", Deals, o.DeletedDeals); err != nil {
		return err
	}
	for m, list := range o.Deleted {
		if err := add("deleted_records."+m.Name(), m, list); err != nil {
			return err
		}
	}
	return nil
}
