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

// List is an org's roles in its order.
type List []api.Role

// Reader is what a list is read from. *api.Client is one.
type Reader interface {
	Roles(ctx context.Context) ([]api.Role, error)
}

// Read reads the list, for one credit, in the order of the positions that Zoho tells. Errors are the api's own.
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

// At is the place of a role in the list, from 1; 0 where it is not in it.
func (l List) At(id string) int {
	return 1 + slices.IndexFunc(l, func(r api.Role) bool { return r.ID == id })
}

// Both gives a role's id and name where a deal tells only one, as in versions before v4 (Zoho CRM API v3, Get Contact Roles of a Specific Deal) and in a contact's deals. A role that is not on
// the list any more goes by what the deal told.
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

// Names are the names of the roles.
func (l List) Names() []string {
	names := make([]string, len(l))
	for i, r := range l {
		names[i] = r.Name
	}
	return names
}

// shownRoles is how many roles of the org a message lists.
const shownRoles = 12

// String lists the roles for people.
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
