package emulator

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
)

// An Org is what an emulator begins with, and what GET /__emulator/org gives:
// the JSON of a seed. Lists may be left out; without contact_roles the org has
// Zoho's usual seven.
type Org struct {
	Org OrgInfo `json:"org"`
	// Generated adds that many made-up deals and contacts, see Options.
	Generated Generated `json:"generated,omitzero"`
	// Roles is the role picklist, in order.
	Roles []OrgRole `json:"contact_roles"`
	// DeletedRoles are roles that are in the picklist no more, but on deals.
	DeletedRoles []OrgRole `json:"deleted_contact_roles,omitempty"`
	// Contacts and Deals are records: "id" and any fields by API name.
	Contacts []Record `json:"contacts,omitempty"`
	Deals    []Record `json:"deals,omitempty"`
	// DealRoles is who plays which role: deal id, contact id, role (its id, or
	// its name, or both). For a generated deal it stands in place of the roles
	// that would be made up, an empty list too.
	DealRoles map[string]map[string]RoleRef `json:"deal_contact_roles,omitempty"`
	// GeneratedRoles are the roles (ids) that Generated.RolesPerDeal gives, in
	// turn; none is the picklist.
	GeneratedRoles []string `json:"generated_contact_roles,omitempty"`
	// DeletedDeals are deals that were deleted. Seeded ones are in Deals too.
	DeletedDeals []deletion `json:"deleted_deals,omitempty"`
	// Client is the only application that may sign in; nil is any. It is not
	// in what GET /__emulator/org gives.
	Client *Client `json:"client,omitempty"`
}

// OrgInfo is the org itself.
type OrgInfo struct {
	ID      string `json:"zgid,omitempty"`
	Name    string `json:"company_name,omitempty"`
	Edition string `json:"edition,omitempty"`
}

// Generated is the size of the made-up part of an org. Deal i (from 1) has the
// id 4150868000010000000+i, contact j 4150868000020000000+j.
type Generated struct {
	Deals    int `json:"deals"`
	Contacts int `json:"contacts"`
	// RolesPerDeal is the most contacts that a generated deal has: deal i has
	// i mod (RolesPerDeal+1), of the generated contacts. 0 to 200.
	RolesPerDeal int `json:"roles_per_deal,omitempty"`
}

// OrgRole is a role of the picklist. Sequence 0 is: after the one before.
type OrgRole struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Sequence int    `json:"sequence_number,omitempty"`
}

// RoleRef names a role.
type RoleRef struct {
	ID   string `json:"id,omitempty"`
	Name string `json:"name,omitempty"`
}

// A Record is the fields of a contact or deal by API name, "id" among them.
type Record map[string]json.RawMessage

// ReadOrg reads a seed and checks it: ids that are no ids or come twice, roles
// without a name, deals, contacts and roles that are referred to but not
// there are errors which say where.
func ReadOrg(r io.Reader) (*Org, error) {
	dec := json.NewDecoder(r)
	dec.DisallowUnknownFields()
	var o Org
	if err := dec.Decode(&o); err != nil {
		return nil, fmt.Errorf("read org: %w; GET /__emulator/org of a running emulator shows the form", err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("read org: there is more text after the org's closing brace")
	}
	if _, _, _, err := o.build(); err != nil {
		return nil, fmt.Errorf("read org: %w", err)
	}
	return &o, nil
}

// build checks the org and makes of it what the store works on.
func (o *Org) build() (*base, picklist, map[id][]relation, error) {
	b, err := newBase(o)
	if err != nil {
		return nil, picklist{}, nil, err
	}
	if o.Client != nil {
		if err := o.Client.check(); err != nil {
			return nil, picklist{}, nil, fmt.Errorf("client: %w", err)
		}
	}
	p, err := newPicklist(o.Roles, o.DeletedRoles)
	if err != nil {
		return nil, picklist{}, nil, err
	}
	if b.roles, err = o.madeUpRoles(&p); err != nil {
		return nil, picklist{}, nil, err
	}
	if err := o.checkDeleted(b); err != nil {
		return nil, picklist{}, nil, err
	}
	relations := make(map[id][]relation, len(o.DealRoles))
	for deal, roles := range o.DealRoles {
		d, isID := parseID(deal)
		if !isID || !b.ids[moduleDeals].has(d) {
			return nil, picklist{}, nil, fmt.Errorf("deal_contact_roles: there is no deal %q", deal)
		}
		list, err := buildRelations(b, &p, roles)
		if err != nil {
			return nil, picklist{}, nil, fmt.Errorf("deal_contact_roles of deal %s: %w", deal, err)
		}
		if len(list) > 0 || len(b.madeUpRelations(d)) > 0 {
			relations[d] = list
		}
	}
	return b, p, relations, nil
}

func buildRelations(b *base, p *picklist, roles map[string]RoleRef) ([]relation, error) {
	list := make([]relation, 0, len(roles))
	for contact, ref := range roles {
		c, isID := parseID(contact)
		if !isID || !b.hasContact(c) {
			return nil, fmt.Errorf("there is no contact %q", contact)
		}
		role, found := p.find(ref, true)
		if !found {
			return nil, fmt.Errorf("contact %s: there is no role with id %q and name %q", contact, ref.ID, ref.Name)
		}
		list = append(list, relation{contact: c, role: role.id})
	}
	slices.SortFunc(list, byContact)
	return list, nil
}

// madeUpRoles are the roles that generated deals' contacts have.
func (o *Org) madeUpRoles(p *picklist) ([]id, error) {
	var list []id
	for _, text := range o.GeneratedRoles {
		r, found := p.find(RoleRef{ID: text}, true)
		if !found {
			return nil, fmt.Errorf("generated_contact_roles: there is no role with id %q", text)
		}
		list = append(list, r.id)
	}
	if o.GeneratedRoles == nil {
		for _, r := range p.roles {
			list = append(list, r.id)
		}
	}
	return list, nil
}

// checkDeleted looks at the deleted deals, which had to be there and have no
// roles any more.
func (o *Org) checkDeleted(b *base) error {
	seen := make(map[id]bool, len(o.DeletedDeals))
	for i, d := range o.DeletedDeals {
		_, roles := o.DealRoles[d.ID.String()]
		switch {
		case !b.ids[moduleDeals].has(d.ID):
			return fmt.Errorf("deleted_deals[%d]: there was no deal %s", i, d.ID)
		case seen[d.ID]:
			return fmt.Errorf("deleted_deals[%d]: deal %s is there twice", i, d.ID)
		case roles:
			return fmt.Errorf("deleted_deals[%d]: deal %s still has contact roles", i, d.ID)
		}
		seen[d.ID] = true
	}
	return nil
}
