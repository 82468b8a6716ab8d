package export

import "rolecall/api"

// roleList is the org's roles, in the order in which it shows them.
type roleList []api.Role

// both gives a role's id and name, of which Zoho tells only one in versions before v4 (Zoho CRM API v3, Get Contact Roles of a Specific Deal), and of a contact's deals only the id. A role that is
// not on the list any more goes by what Zoho told.
func (l roleList) both(r api.RoleRef) (id, name string) {
	for _, role := range l {
		switch {
		case r.ID != "" && r.ID == role.ID, r.ID == "" && r.Name != "" && r.Name == role.Name:
			if r.Name == "" || r.ID == "" {
				return role.ID, role.Name
			}
			return r.ID, r.Name
		}
	}
	return r.ID, r.Name
}

// names are the names of the roles.
func (l roleList) names() []string {
	names := make([]string, len(l))
	for i, role := range l {
		names[i] = role.Name
	}
	return names
}
