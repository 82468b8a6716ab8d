package emulator

import (
	"fmt"
	"slices"
	"unicode/utf8"
)

const (
	maxRoleName  = 50  // characters; Zoho's OpenAPI v8.0, contact roles
	maxRoles     = 100 // in one org; Zoho CRM API v7, Insert Contact Roles
	firstRole    = id(4150868000000006871)
	lowestRoleID = firstRole // new ids are above every id ever used
)

// A role of the picklist. Its place in the list is its sequence number.
type role struct {
	id   id
	name string
}

// A picklist is the org's roles in order. It is a value: a change makes a new
// one, so that readers need no lock while they use it.
type picklist struct {
	roles   []role
	deleted []role // roles no more, but perhaps still on deals
	next    id     // for the next new role: ids are never used again
}

// usualRoles are the seven that Zoho's own samples show.
func usualRoles() []OrgRole {
	names := []string{"Decision Maker", "Purchasing", "Engineering Lead", "Economic Decision Maker",
		"Product Management", "Executive Sponsor", "Developer/Evaluator"}
	roles := make([]OrgRole, len(names))
	for i, name := range names {
		roles[i] = OrgRole{ID: (firstRole + id(i)).String(), Name: name, Sequence: i + 1} //nolint:gosec // 0 to 6
	}
	return roles
}

// newPicklist checks the roles of a seed and puts them in order.
func newPicklist(roles, deleted []OrgRole) (picklist, error) {
	if roles == nil {
		roles = usualRoles()
	}
	if len(roles) > maxRoles {
		return picklist{}, fmt.Errorf("contact_roles: %d roles, an org may have at most %d", len(roles), maxRoles)
	}
	p := picklist{next: lowestRoleID}
	ordered := slices.Clone(roles)
	previous := 0
	for i := range ordered {
		if ordered[i].Sequence == 0 {
			ordered[i].Sequence = previous
		}
		previous = ordered[i].Sequence
	}
	slices.SortStableFunc(ordered, func(a, b OrgRole) int { return a.Sequence - b.Sequence })
	for i, r := range ordered {
		if err := p.seed(&p.roles, r); err != nil {
			return picklist{}, fmt.Errorf("contact_roles[%d]: %w", i, err)
		}
		if slices.ContainsFunc(p.roles[:i], func(o role) bool { return o.name == r.Name }) {
			return picklist{}, fmt.Errorf("contact_roles[%d]: the name %q is there twice", i, r.Name)
		}
	}
	for i, r := range deleted {
		if err := p.seed(&p.deleted, r); err != nil {
			return picklist{}, fmt.Errorf("deleted_contact_roles[%d]: %w", i, err)
		}
	}
	return p, nil
}

// seed adds one role of a seed to list.
func (p *picklist) seed(list *[]role, r OrgRole) error {
	n, isID := parseID(r.ID)
	switch {
	case !isID:
		return &idError{text: r.ID}
	case r.Name == "" || utf8.RuneCountInString(r.Name) > maxRoleName:
		return fmt.Errorf("the name %q must have 1 to %d characters", r.Name, maxRoleName)
	}
	if _, twice := p.byID(n, true); twice {
		return fmt.Errorf("id %s is there twice", n)
	}
	*list = append(*list, role{id: n, name: r.Name})
	p.next = max(p.next, n+1)
	return nil
}

// byID finds a role; with deleted also one that is on deals only.
func (p *picklist) byID(n id, deleted bool) (role, bool) {
	if i := p.index(n); i >= 0 {
		return p.roles[i], true
	}
	if deleted {
		for _, r := range p.deleted {
			if r.id == n {
				return r, true
			}
		}
	}
	return role{}, false
}

// index is the place of a role in the list, or -1.
func (p *picklist) index(n id) int {
	return slices.IndexFunc(p.roles, func(r role) bool { return r.id == n })
}

func (p *picklist) byName(name string) (role, bool) {
	i := slices.IndexFunc(p.roles, func(r role) bool { return r.name == name })
	if i < 0 {
		return role{}, false
	}
	return p.roles[i], true
}

// find resolves a reference by id, by name or by both, which must then agree.
func (p *picklist) find(ref RoleRef, deleted bool) (role, bool) {
	if ref.ID == "" {
		if ref.Name == "" {
			return role{}, false
		}
		return p.byName(ref.Name)
	}
	n, isID := parseID(ref.ID)
	if !isID {
		return role{}, false
	}
	r, found := p.byID(n, deleted)
	if !found || ref.Name != "" && ref.Name != r.name {
		return role{}, false
	}
	return r, true
}

// clone makes a picklist that may be changed.
func (p *picklist) clone() picklist {
	return picklist{roles: slices.Clone(p.roles), deleted: slices.Clone(p.deleted), next: p.next}
}

// place puts a role at a sequence number, pushing down what is there and
// below (Kaizen 66: creating at an occupied position pushes the present one
// down by one). 0, and anything past the end, is the end.
func (p *picklist) place(r role, sequence int) {
	at := len(p.roles)
	if sequence > 0 {
		at = min(sequence-1, at)
	}
	p.roles = slices.Insert(p.roles, at, r)
}

// move gives the role at index i another sequence number, in one of the ways of
// Options.RoleMoves. Anything past the end is the end.
func (p *picklist) move(i, sequence int, way string) {
	r, at := p.roles[i], min(sequence, len(p.roles))-1
	switch way {
	case "keep":
	case "swap":
		p.roles[i], p.roles[at] = p.roles[at], p.roles[i]
	default:
		p.roles = slices.Delete(p.roles, i, i+1)
		p.place(r, sequence)
	}
}

// create adds a role that was checked before.
func (p *picklist) create(name string, sequence int) id {
	r := role{id: p.next, name: name}
	p.next++
	p.place(r, sequence)
	return r.id
}

// remove takes a role out of the list. What becomes of deals that use it is
// documented nowhere: here they keep it, name and all.
func (p *picklist) remove(n id) {
	i := p.index(n)
	p.deleted = append(p.deleted, p.roles[i])
	p.roles = slices.Delete(p.roles, i, i+1)
}

// export gives the lists in the form of a seed.
func (p *picklist) export() (roles, deleted []OrgRole) {
	roles = make([]OrgRole, len(p.roles))
	for i, r := range p.roles {
		roles[i] = OrgRole{ID: r.id.String(), Name: r.name, Sequence: i + 1}
	}
	for _, r := range p.deleted {
		deleted = append(deleted, OrgRole{ID: r.id.String(), Name: r.name})
	}
	return roles, deleted
}
