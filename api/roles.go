package api

import (
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

// Role returns one role of the picklist; false if no role has that id. It costs one credit. A refusal or failure is an
// *Error.
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
		// A position is only shown: one that cannot be read costs no role.
		n, _ := strconv.Atoi(string(e.Sequence))
		roles[i] = Role{ID: string(e.ID), Name: string(e.Name), Sequence: n}
	}
	return roles, nil
}
