package picklist

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"rolecall/api"
	"rolecall/job/report"
)

// Zoho's limits on a list (Zoho CRM API v7, Insert Contact Roles; Zoho's OpenAPI files for v8.0, contact roles).
const (
	MostRoles   = 100 // in an org
	LongestName = 50  // characters
	MostInCall  = 100 // roles in one create, update or delete
)

// List is an org's roles in their order.
type List []api.Role

// Reader reads the roles of an org. *api.Client implements it.
type Reader interface {
	Roles(ctx context.Context) ([]api.Role, error)
}

// Read reads the list, for one credit, and sorts it by Zoho's positions. If any role has no position, the list keeps
// the order of Zoho's answer. Its errors are those of package api.
func Read(ctx context.Context, zoho Reader) (List, error) {
	roles, err := zoho.Roles(ctx)
	if err != nil {
		return nil, err
	}
	l := List(roles)
	if !slices.ContainsFunc(l, func(r api.Role) bool { return r.Sequence == 0 }) {
		slices.SortStableFunc(l, func(a, b api.Role) int { return a.Sequence - b.Sequence })
	}
	return l, nil
}

// At returns the position of a role in the list, from 1, or 0 if the list does not have the role.
func (l List) At(id string) int {
	return 1 + slices.IndexFunc(l, func(r api.Role) bool { return r.ID == id })
}

// Both returns the id and the name of a role. A deal gives only one of them in API versions before v4 (Zoho CRM API
// v3, Get Contact Roles of a Specific Deal), and in the list of a contact's deals. If the role is no longer on the
// list, Both returns r as it is.
func (l List) Both(r api.RoleRef) (id, name string) {
	if r.ID != "" && r.Name != "" {
		return r.ID, r.Name
	}
	for _, role := range l {
		if r.ID != "" && r.ID == role.ID || r.ID == "" && r.Name != "" && r.Name == role.Name {
			return role.ID, role.Name
		}
	}
	return r.ID, r.Name
}

// Names returns the names of the roles in the list's order.
func (l List) Names() []string {
	names := make([]string, len(l))
	for i, r := range l {
		names[i] = r.Name
	}
	return names
}

// shownRoles is the most roles of the org that a message lists.
const shownRoles = 12

// String returns the names of the roles for a message: the first twelve, and the number of the others.
func (l List) String() string {
	if len(l) == 0 {
		return "none"
	}
	names := l.Names()
	for i, name := range names {
		names[i] = report.Printable(name)
	}
	if more := len(names) - shownRoles; more > 0 {
		names = append(names[:shownRoles], fmt.Sprintf("and %d more", more))
	}
	return strings.Join(names, ", ")
}
