package picklist

import (
	"context"
	"fmt"
	"slices"
	"unicode/utf8"

	"rolecall/api"
	"rolecall/job"
)

// copiedOrg stands in for the org in a plan. It changes a copy of the list as Zoho does, as far as Zoho documents that
// (Zoho CRM API v8, Insert, Update and Delete Contact Roles; Zoho's OpenAPI files for v8.0, contact roles).
type copiedOrg struct {
	zoho // nil, for DeleteRole, which only follows the refusal of a whole call

	list    List
	calls   int64
	created int
}

func (c *copiedOrg) Roles(context.Context) ([]api.Role, error) {
	c.calls++
	return slices.Clone(c.list), nil
}

func (c *copiedOrg) CreateRoles(_ context.Context, roles []api.RoleWrite) ([]api.Outcome, error) {
	return c.each(roles, c.create)
}

func (c *copiedOrg) UpdateRoles(_ context.Context, roles []api.RoleWrite) ([]api.Outcome, error) {
	return c.each(roles, c.update)
}

func (c *copiedOrg) UpdateRole(_ context.Context, role api.RoleWrite) (api.Answer, error) {
	all, _ := c.each([]api.RoleWrite{role}, c.update) // no call fails here
	if err := all[0].Err; err != nil {
		return api.Answer{}, err
	}
	return all[0].Answer, nil
}

func (c *copiedOrg) DeleteRoles(_ context.Context, ids []string) ([]api.Outcome, error) {
	roles := make([]api.RoleWrite, len(ids))
	for i, id := range ids {
		roles[i].ID = id
	}
	return c.each(roles, c.remove)
}

// each does a call role by role. do returns the id of the role, and why Zoho will refuse the role. why is "" if Zoho
// will not refuse it.
func (c *copiedOrg) each(roles []api.RoleWrite, do func(api.RoleWrite) (id, why string)) ([]api.Outcome, error) {
	c.calls++
	all := make([]api.Outcome, len(roles))
	for i, r := range roles {
		id, why := do(r)
		all[i] = api.Outcome{ID: id, Known: true, Answer: api.Answer{Code: job.CodeSuccess}}
		if why != "" {
			all[i].Err = &api.Error{Code: "REFUSED", Message: why}
		}
	}
	return all, nil
}

func (c *copiedOrg) create(r api.RoleWrite) (id, why string) {
	switch {
	case r.Name == "":
		return "", "a new role needs a name"
	case c.refusesName(r) != "":
		return "", c.refusesName(r)
	case len(c.list) >= MostRoles:
		return "", fmt.Sprintf("the org has %d roles then, and Zoho takes %d", len(c.list), MostRoles)
	}
	c.created++
	role := api.Role{ID: fmt.Sprintf("new role %d", c.created), Name: r.Name}
	c.insert(role, r.Sequence)
	return role.ID, ""
}

func (c *copiedOrg) update(r api.RoleWrite) (id, why string) {
	at := c.list.At(r.ID)
	switch {
	case at == 0:
		return r.ID, "the org has no role with the id " + r.ID
	case c.refusesName(r) != "":
		return r.ID, c.refusesName(r)
	}
	role := c.list[at-1]
	if r.Name != "" {
		role.Name = r.Name
		c.list[at-1] = role
	}
	if r.Sequence > 0 {
		c.list = slices.Delete(c.list, at-1, at)
		c.insert(role, r.Sequence)
	}
	return r.ID, ""
}

func (c *copiedOrg) remove(r api.RoleWrite) (id, why string) {
	switch at := c.list.At(r.ID); {
	case at == 0:
		return r.ID, "the org has no role with the id " + r.ID
	case len(c.list) == 1:
		return r.ID, "an org keeps its last role"
	default:
		c.list = slices.Delete(c.list, at-1, at)
	}
	return r.ID, ""
}

// refusesName returns why Zoho will refuse the name of a role, or "".
func (c *copiedOrg) refusesName(r api.RoleWrite) string {
	if n := utf8.RuneCountInString(r.Name); n > LongestName {
		return fmt.Sprintf("the name has %d characters, and Zoho takes %d", n, LongestName)
	}
	for _, other := range c.list {
		if other.ID != r.ID && other.Name == r.Name {
			return fmt.Sprintf("the org has another role %q", other.Name)
		}
	}
	return ""
}

// insert puts a role at a position. Position 0 and any position beyond the end mean the end.
func (c *copiedOrg) insert(r api.Role, position int) {
	at := len(c.list)
	if position > 0 {
		at = min(position-1, at)
	}
	c.list = slices.Insert(c.list, at, r)
	for i := range c.list {
		c.list[i].Sequence = i + 1
	}
}
