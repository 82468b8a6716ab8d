package api

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
)

// Role is an entry of the org's role picklist.
type Role struct {
	ID       string
	Name     string
	Sequence int // position in the picklist, from 1; 0 where Zoho does not say
}

// Roles returns the org's role picklist, in Zoho's order. It costs one credit. A refusal or failure is an *Error.
//
// Zoho CRM API v8, Get Contact Roles.
func (c *Client) Roles(ctx context.Context) ([]Role, error) {
	return read(ctx, c, request{method: http.MethodGet, path: pathRoles, due: dueRoles}, decodeRoles)
}

// Role returns one role of the picklist, or false if no role has that id. It costs one credit. A refusal or failure is
// an *Error.
//
// Zoho CRM API v8, Get Contact Roles. Zoho's OpenAPI v8, contact roles: an unknown id is answered 204.
func (c *Client) Role(ctx context.Context, id string) (Role, bool, error) {
	path, err := pathOf(pathRole, id)
	q := request{method: http.MethodGet, path: path, due: dueRoles, invalid: err}
	roles, err := read(ctx, c, q, func(r *reply) ([]Role, error) {
		roles, err := decodeRoles(r)
		if len(roles) > 1 || len(roles) == 1 && roles[0].ID != id {
			err = errors.New("the answer is about another role")
		}
		return roles, err
	})
	if err != nil || len(roles) == 0 {
		return Role{}, false, err
	}
	return roles[0], true, nil
}

// decodeRoles decodes the roles of an answer; none from an answer without a list.
func decodeRoles(r *reply) ([]Role, error) {
	if r.list == nil {
		return nil, nil
	}
	var list []struct {
		ID       text `json:"id"`
		Name     text `json:"name"`
		Sequence text `json:"sequence_number"`
	}
	if err := json.Unmarshal(r.list, &list); err != nil {
		return nil, notJSON(err)
	}
	roles := make([]Role, len(list))
	for i, e := range list {
		if e.ID == "" || e.Name == "" {
			return nil, fmt.Errorf("role %d has no id or no name", i+1)
		}
		// The role is of use without its position: a position that cannot be read is 0.
		n, _ := strconv.Atoi(string(e.Sequence))
		roles[i] = Role{ID: string(e.ID), Name: string(e.Name), Sequence: n}
	}
	return roles, nil
}

// RoleWrite is a role in the body of a write. An empty or zero field is not sent, and does not change.
type RoleWrite struct {
	ID       string `json:"id,omitempty"`
	Name     string `json:"name,omitempty"`            // up to 50 characters
	Sequence int    `json:"sequence_number,omitempty"` // position in the picklist, from 1
}

var errNoRoleID = errors.New("a role to change must have an id")

// CreateRoles adds up to 100 roles to the picklist in one call. They must have no ID. Without a Sequence a role goes to
// the end; one with an occupied position moves the roles from there on down by one (Kaizen #66, Contact Roles API). It
// costs one credit. A request that is refused or fails as a whole is an *Error.
//
// It is never sent again once it may have been applied: if its answer is lost the *Error is Uncertain, and only reading
// the list tells which roles were created. Zoho does not promise that the results keep the order asked, and a success
// names its role only by the new id: before you rely on these ids, read the list and check their names.
//
// Zoho CRM API v8, Insert Contact Roles.
func (c *Client) CreateRoles(ctx context.Context, roles []RoleWrite) ([]Outcome, error) {
	err := pickedRoles.checkSize(len(roles))
	for _, r := range roles {
		if r.ID != "" {
			err = cmp.Or(err, fmt.Errorf("a new role must have no id, this one has %s; Zoho gives the id", r.ID))
		}
	}
	q := request{method: http.MethodPost, path: pathRoles, creates: true, invalid: err}
	return c.write(ctx, q, pickedRoles, make([]string, len(roles)), roles)
}

// UpdateRoles renames and moves up to 100 roles of the picklist in one call, by their ids. No document says how the
// other roles move when one gets another position: read the list. It costs one credit. A request that is refused or
// fails as a whole is an *Error.
//
// Zoho CRM API v8, Update Contact Roles.
func (c *Client) UpdateRoles(ctx context.Context, roles []RoleWrite) ([]Outcome, error) {
	var err error
	ids := make([]string, len(roles))
	for i, r := range roles {
		if ids[i] = r.ID; r.ID == "" {
			err = errNoRoleID
		}
	}
	q := request{method: http.MethodPut, path: pathRoles, invalid: cmp.Or(err, pickedRoles.check(ids))}
	return c.write(ctx, q, pickedRoles, ids, roles)
}

// UpdateRole renames or moves one role, by its id. It costs one credit. A refusal or failure is an *Error.
func (c *Client) UpdateRole(ctx context.Context, role RoleWrite) (Answer, error) {
	id := role.ID
	path, err := pathOf(pathRole, id)
	role.ID = "" // it is in the path, and none of Zoho's samples has it in the body too
	return c.writeOne(ctx, request{method: http.MethodPut, path: path, invalid: err}, pickedRoles, id, role)
}

// DeleteRoles takes up to 100 roles out of the picklist in one call. Zoho refuses to delete the last role
// (LOWER_LIMIT_REACHED). No document says what becomes of deals that use a role. It costs one credit. A request that is
// refused or fails as a whole is an *Error. If an error, here or in an outcome, is Uncertain, "contact role not
// deleted" may mean that an earlier attempt deleted the role.
//
// Zoho CRM API v8, Delete Contact Roles.
func (c *Client) DeleteRoles(ctx context.Context, ids []string) ([]Outcome, error) {
	query, err := pickedRoles.query(ids)
	q := request{method: http.MethodDelete, path: pathRoles, query: query, invalid: err}
	return c.write(ctx, q, pickedRoles, ids, nil)
}

// DeleteRole takes one role out of the picklist. It costs one credit. A refusal or failure is an *Error.
func (c *Client) DeleteRole(ctx context.Context, id string) (Answer, error) {
	path, err := pathOf(pathRole, id)
	return c.writeOne(ctx, request{method: http.MethodDelete, path: path, invalid: err}, pickedRoles, id, nil)
}
