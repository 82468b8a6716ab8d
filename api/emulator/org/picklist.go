package org

import (
	"fmt"
	"slices"
	"unicode/utf8"
)

const (
	// MaxRoleName is the longest name of a role, in characters. Zoho's OpenAPI v8.0, contact roles.
	MaxRoleName = 50
	// MaxRoles is how many roles an org has. Zoho CRM API v7, Insert Contact Roles.
	MaxRoles = 100

	firstRole ID = 4150868000000006871
)

// A Role is a role of the picklist. Its index in the list, plus 1, is its sequence number.
type Role struct {
	ID   ID
	Name string
}

// A Picklist is the org's roles in order. Each change makes a new Picklist, so readers need no lock.
type Picklist struct {
	Roles   []Role
	deleted []Role // deals may still have them
	next    ID     // of the next new role: every id is used once
}

// usualRoles returns the seven roles that Zoho's own samples show.
func usualRoles() []SeedRole {
	names := []string{"Decision Maker", "Purchasing", "Engineering Lead", "Economic Decision Maker",
		"Product Management", "Executive Sponsor", "Developer/Evaluator"}
	roles := make([]SeedRole, len(names))
	for i, name := range names {
		//nolint:gosec // the index is 0 to 6
		roles[i] = SeedRole{ID: (firstRole + ID(i)).String(), Name: name, Sequence: i + 1}
	}
	return roles
}

// newPicklist checks the roles of a seed and puts them in order.
func newPicklist(roles, deleted []SeedRole) (Picklist, error) {
	if roles == nil {
		roles = usualRoles()
	}
	if len(roles) > MaxRoles {
		return Picklist{}, fmt.Errorf("contact_roles: there are %d roles; an org may have %d", len(roles), MaxRoles)
	}
	p := Picklist{next: firstRole}
	ordered := slices.Clone(roles)
	previous := 0
	for i := range ordered {
		if ordered[i].Sequence == 0 {
			ordered[i].Sequence = previous
		}
		previous = ordered[i].Sequence
	}
	slices.SortStableFunc(ordered, func(a, b SeedRole) int { return a.Sequence - b.Sequence })
	for i, r := range ordered {
		if _, twice := p.ByName(r.Name); twice {
			return Picklist{}, fmt.Errorf("contact_roles[%d]: the name %q is there twice", i, r.Name)
		}
		if err := p.seed(&p.Roles, r); err != nil {
			return Picklist{}, fmt.Errorf("contact_roles[%d]: %w", i, err)
		}
	}
	for i, r := range deleted {
		if err := p.seed(&p.deleted, r); err != nil {
			return Picklist{}, fmt.Errorf("deleted_contact_roles[%d]: %w", i, err)
		}
	}
	return p, nil
}

// seed adds a role of a seed to a list.
func (p *Picklist) seed(list *[]Role, r SeedRole) error {
	n, isID := ParseID(r.ID)
	switch {
	case !isID:
		return badID(r.ID)
	case r.Name == "" || utf8.RuneCountInString(r.Name) > MaxRoleName:
		return fmt.Errorf("the name %q must have 1 to %d characters", r.Name, MaxRoleName)
	}
	if _, twice := p.ByID(n); twice {
		return fmt.Errorf("id %s is there twice", n)
	}
	*list = append(*list, Role{ID: n, Name: r.Name})
	p.next = max(p.next, n+1)
	return nil
}

// ByID finds a role, also a deleted one that deals may still have.
func (p *Picklist) ByID(n ID) (Role, bool) {
	for _, list := range [][]Role{p.Roles, p.deleted} {
		if i := slices.IndexFunc(list, func(r Role) bool { return r.ID == n }); i >= 0 {
			return list[i], true
		}
	}
	return Role{}, false
}

// Index returns the index of a role in the list, or -1.
func (p *Picklist) Index(n ID) int {
	return slices.IndexFunc(p.Roles, func(r Role) bool { return r.ID == n })
}

// ByName finds a role by its exact name.
func (p *Picklist) ByName(name string) (Role, bool) {
	i := slices.IndexFunc(p.Roles, func(r Role) bool { return r.Name == name })
	if i < 0 {
		return Role{}, false
	}
	return p.Roles[i], true
}

// Find resolves a reference by id, by name or by both. Both must then agree. A deleted role counts only if deleted is
// true.
func (p *Picklist) Find(ref RoleRef, deleted bool) (Role, bool) {
	if ref.ID == "" {
		return p.ByName(ref.Name)
	}
	n, isID := ParseID(ref.ID)
	if !isID || !deleted && p.Index(n) < 0 {
		return Role{}, false
	}
	r, ok := p.ByID(n)
	return r, ok && (ref.Name == "" || ref.Name == r.Name)
}

// clone makes a picklist that may be changed.
func (p *Picklist) clone() Picklist {
	return Picklist{Roles: slices.Clone(p.Roles), deleted: slices.Clone(p.deleted), next: p.next}
}

// insert puts a role at a sequence number and moves the roles from there on down (Kaizen 66: creating at an occupied
// position pushes the present role down by one). 0, and anything past the end, is the end.
func (p *Picklist) insert(r Role, sequence int) {
	at := len(p.Roles)
	if sequence > 0 {
		at = min(sequence-1, at)
	}
	p.Roles = slices.Insert(p.Roles, at, r)
}

// Move gives the role at index i another sequence number. What happens to the other roles depends on way: "shift",
// "swap" or "keep". The emulator's Options explain them. Anything past the end is the end.
func (p *Picklist) Move(i, sequence int, way string) {
	r, at := p.Roles[i], min(sequence, len(p.Roles))-1
	switch way {
	case "keep":
	case "swap":
		p.Roles[i], p.Roles[at] = p.Roles[at], p.Roles[i]
	default:
		p.Roles = slices.Delete(p.Roles, i, i+1)
		p.insert(r, sequence)
	}
}

// Create adds a role and returns its id. The caller has checked the name.
func (p *Picklist) Create(name string, sequence int) ID {
	r := Role{ID: p.next, Name: name}
	p.next++
	p.insert(r, sequence)
	return r.ID
}

// Remove takes the role at index i out of the list. Zoho does not document what happens to deals that have it. Here
// they keep it, with its name.
func (p *Picklist) Remove(i int) {
	p.deleted = append(p.deleted, p.Roles[i])
	p.Roles = slices.Delete(p.Roles, i, i+1)
}

// export returns the lists in the form of a seed.
func (p *Picklist) export() (roles, deleted []SeedRole) {
	roles = make([]SeedRole, len(p.Roles))
	for i, r := range p.Roles {
		roles[i] = SeedRole{ID: r.ID.String(), Name: r.Name, Sequence: i + 1}
	}
	for _, r := range p.deleted {
		deleted = append(deleted, SeedRole{ID: r.ID.String(), Name: r.Name})
	}
	return roles, deleted
}
