package api

import (
	"context"
	"encoding/json"
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
	r, k, failed := c.do(ctx, request{method: http.MethodGet, path: "/Contacts/roles", due: dueRoles})
	if failed != nil {
		return nil, failed
	}
	if r.list == nil {
		return nil, nil
	}
	var list []struct {
		ID       text `json:"id"`
		Name     text `json:"name"`
		Sequence text `json:"sequence_number"`
	}
	if err := json.Unmarshal(r.list, &list); err != nil {
		return nil, k.unreadable(r, notJSON(err))
	}
	roles := make([]Role, len(list))
	for i, e := range list {
		if e.ID == "" || e.Name == "" {
			return nil, k.unreadable(r, fmt.Errorf("role %d has no id or no name", i+1))
		}
		// A position is for show: one that cannot be read costs no role.
		n, _ := strconv.Atoi(string(e.Sequence))
		roles[i] = Role{ID: string(e.ID), Name: string(e.Name), Sequence: n}
	}
	return roles, nil
}
