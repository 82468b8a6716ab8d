package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
)

// RoleWrite is a role as a write sends it. What is empty or 0 is not sent, and
// so stays as it is.
type RoleWrite struct {
	ID       string `json:"id,omitempty"`
	Name     string `json:"name,omitempty"`            // up to 50 characters
	Sequence int    `json:"sequence_number,omitempty"` // position in the picklist, from 1
}

// CreateRoles adds up to 100 roles to the picklist in one call, and gives an
// outcome for each, in the order asked. They must have no ID. Without a Sequence
// a role goes to the end; one that is given an occupied position moves the roles
// from there on down by one (Kaizen #66, Contact Roles API). It costs one
// credit. A request that is refused or fails as a whole is an *Error.
//
// It is never sent again once it may have been applied: when its answer is lost
// the *Error is Uncertain, and only reading the list tells which roles were
// created. Nor does Zoho promise that the results keep the order asked, and a
// success names its role by nothing but the new id: before these ids are relied
// on, read the list and see that each is of the name asked for.
//
// Zoho CRM API v8, Insert Contact Roles.
func (c *Client) CreateRoles(ctx context.Context, roles []RoleWrite) ([]RoleOutcome, error) {
	if err := checkSize(aRole, len(roles)); err != nil {
		return nil, notSent(err)
	}
	for _, r := range roles {
		if r.ID != "" {
			return nil, notSent(fmt.Errorf("role %s has an id; one that is created gets its id from Zoho", r.ID))
		}
	}
	r, k, err := c.writeRoles(ctx, request{method: http.MethodPost, path: rolesPath, creates: true}, roles)
	if err != nil {
		return nil, err
	}
	return k.createdOutcomes(len(roles), r), nil
}

// UpdateRoles renames and moves up to 100 roles of the picklist in one call, by
// their ids, and gives an outcome for each, in the order asked. How the other
// roles move when one is given another position is documented nowhere: read the
// list. It costs one credit. A request that is refused or fails as a whole is an
// *Error.
//
// Zoho CRM API v8, Update Contact Roles.
func (c *Client) UpdateRoles(ctx context.Context, roles []RoleWrite) ([]RoleOutcome, error) {
	ids := make([]string, len(roles))
	for i, r := range roles {
		if ids[i] = r.ID; r.ID == "" {
			return nil, notSent(errNoRoleID)
		}
	}
	if err := checkBatch(aRole, ids); err != nil {
		return nil, notSent(err)
	}
	r, k, err := c.writeRoles(ctx, request{method: http.MethodPut, path: rolesPath}, roles)
	if err != nil {
		return nil, err
	}
	return k.roleOutcomes(ids, r), nil
}

// UpdateRole does the same for one role. A refusal or failure is an *Error.
func (c *Client) UpdateRole(ctx context.Context, role RoleWrite) (Answer, error) {
	path, err := rolePath(role.ID)
	if err != nil {
		return Answer{}, notSent(err)
	}
	id := role.ID
	role.ID = "" // it is in the path, and in none of Zoho's samples in the body too
	r, k, err := c.writeRoles(ctx, request{method: http.MethodPut, path: path}, []RoleWrite{role})
	if err != nil {
		return Answer{}, err
	}
	return only(k.roleOutcomes([]string{id}, r))
}

// DeleteRoles takes up to 100 roles out of the picklist in one call, and gives an
// outcome for each, in the order asked. Zoho refuses the last role that there is
// (LOWER_LIMIT_REACHED); what becomes of the deals that use a role is documented
// nowhere. It costs one credit. A request that is refused or fails as a whole is
// an *Error: with Uncertain, here or in an outcome, "contact role not deleted"
// may mean that an earlier attempt had deleted it.
//
// Zoho CRM API v8, Delete Contact Roles.
func (c *Client) DeleteRoles(ctx context.Context, ids []string) ([]RoleOutcome, error) {
	joined, err := joinIDs(aRole, ids)
	if err != nil {
		return nil, notSent(err)
	}
	r, k, err := c.writeRoles(ctx, request{method: http.MethodDelete, path: rolesPath, query: "ids=" + joined}, nil)
	if err != nil {
		return nil, err
	}
	return k.roleOutcomes(ids, r), nil
}

// DeleteRole does the same for one role. A refusal or failure is an *Error.
func (c *Client) DeleteRole(ctx context.Context, id string) (Answer, error) {
	path, err := rolePath(id)
	if err != nil {
		return Answer{}, notSent(err)
	}
	r, k, err := c.writeRoles(ctx, request{method: http.MethodDelete, path: path}, nil)
	if err != nil {
		return Answer{}, err
	}
	return only(k.roleOutcomes([]string{id}, r))
}

var errNoRoleID = errors.New("a role without an id; only a role that is there can be changed")

type rolesBody struct {
	Roles []RoleWrite `json:"contact_roles"`
}

// writeRoles sends a write with these roles in its body; nil is no body.
func (c *Client) writeRoles(ctx context.Context, q request, roles []RoleWrite) (*reply, *call, error) {
	q.due = dueRoleItems
	if roles != nil {
		body, err := json.Marshal(rolesBody{Roles: roles})
		if err != nil {
			return nil, nil, notSent(err)
		}
		q.body = body
	}
	r, k, failed := c.do(ctx, q)
	if failed != nil {
		return nil, nil, failed
	}
	return r, k, nil
}

// only is what became of the one role of a call.
func only(outcomes []RoleOutcome) (Answer, error) {
	if o := outcomes[0]; o.Err != nil {
		return Answer{}, o.Err
	}
	return outcomes[0].Answer, nil
}
