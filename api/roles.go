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

// Roles gives the org's role picklist, in Zoho's order; none if it is empty. It
// costs one credit. A refusal or failure is an *Error.
//
// Zoho CRM API v8, Get Contact Roles.
func (c *Client) Roles(ctx context.Context) ([]Role, error) {
	r, k, failed := c.do(ctx, request{method: http.MethodGet, path: rolesPath, due: dueRoles})
	if failed != nil {
		return nil, failed
	}
	roles, err := decodeRoles(r.list)
	if err != nil {
		return nil, k.unreadable(r, err)
	}
	return roles, nil
}

// Role gives one role of the picklist; false if there is none of that id. It
// costs one credit. A refusal or failure is an *Error.
//
// Zoho CRM API v8, Get Contact Roles; that an unknown id is answered 204 is in
// Zoho's OpenAPI v8, contact roles.
func (c *Client) Role(ctx context.Context, id string) (Role, bool, error) {
	path, err := rolePath(id)
	if err != nil {
		return Role{}, false, notSent(err)
	}
	r, k, failed := c.do(ctx, request{method: http.MethodGet, path: path, due: dueRoles})
	if failed != nil {
		return Role{}, false, failed
	}
	roles, err := decodeRoles(r.list)
	if err != nil {
		return Role{}, false, k.unreadable(r, err)
	}
	if len(roles) == 0 {
		return Role{}, false, nil
	}
	if len(roles) > 1 || roles[0].ID != id {
		return Role{}, false, k.unreadable(r, errors.New("the answer is about another role"))
	}
	return roles[0], true, nil
}

// decodeRoles reads the list of a read; nil is none.
func decodeRoles(raw json.RawMessage) ([]Role, error) {
	if raw == nil {
		return nil, nil
	}
	var list []struct {
		ID       text `json:"id"`
		Name     text `json:"name"`
		Sequence text `json:"sequence_number"`
	}
	if err := json.Unmarshal(raw, &list); err != nil {
		return nil, notJSON(err)
	}
	roles := make([]Role, len(list))
	for i, e := range list {
		if e.ID == "" || e.Name == "" {
			return nil, fmt.Errorf("role %d has no id or no name", i+1)
		}
		// A position is for show: one that cannot be read costs no role.
		n, _ := strconv.Atoi(string(e.Sequence))
		roles[i] = Role{ID: string(e.ID), Name: string(e.Name), Sequence: n}
	}
	return roles, nil
}
