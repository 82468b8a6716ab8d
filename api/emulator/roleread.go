package emulator

// listedRole is a role as Zoho lists it.
type listedRole struct {
	Sequence int    `json:"sequence_number"`
	Name     string `json:"name"`
	ID       id     `json:"id"`
}

type listedRoles struct {
	Roles []listedRole `json:"contact_roles"`
}

// getRoles lists the picklist, all of it. Zoho CRM API, Get Contact Roles.
func (e *Emulator) getRoles(*call) (answer, error) {
	p := e.store.roles()
	if len(p.roles) == 0 {
		return noContent(), nil
	}
	list := listedRoles{Roles: make([]listedRole, len(p.roles))}
	for i, r := range p.roles {
		list.Roles[i] = listedRole{Sequence: i + 1, Name: r.name, ID: r.id}
	}
	return ok(list)
}

// getRole gives one role; 204 when there is no such role (OpenAPI v8.0).
func (e *Emulator) getRole(c *call) (answer, error) {
	p := e.store.roles()
	n, isID := parseID(c.ids[0])
	i := p.index(n)
	if !isID || i < 0 {
		return noContent(), nil
	}
	return ok(listedRoles{Roles: []listedRole{{Sequence: i + 1, Name: p.roles[i].name, ID: n}}})
}
