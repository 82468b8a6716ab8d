package api

import (
	"encoding/json"
	"errors"
)

// RoleRef names a role by its id, its name, or both.
type RoleRef struct {
	ID   string
	Name string
}

// roleBody is Contact_Role as a write sends it, from v4 on.
type roleBody struct {
	ID   string `json:"id,omitempty"`
	Name string `json:"name,omitempty"`
}

var (
	errNoRole     = errors.New("no role: give its id or its name")
	errNoRoleName = errors.New("API versions up to v3 take a role by its name: give the name")
)

// encodeRole returns the role in the shape of the version: up to v3 the name (Zoho CRM API v3, Add Contact Roles to a
// Specific Deal), later an object with the id or the name (Kaizen #66, Contact Roles API). With an id it leaves the
// name out: a name that changed meanwhile would contradict the id.
func encodeRole(v Version, r RoleRef) (json.RawMessage, error) {
	switch {
	case v.rolesAreNames() && r.Name == "":
		return nil, errNoRoleName
	case v.rolesAreNames():
		return json.Marshal(r.Name)
	case r.ID != "":
		return json.Marshal(roleBody{ID: r.ID})
	case r.Name != "":
		return json.Marshal(roleBody{Name: r.Name})
	}
	return nil, errNoRole
}

// shortestID tells an id from a role's name that is a number: ids have 15 to 20 digits (Zoho's OpenAPI v8: at most 20;
// samples: 15 and up).
const shortestID = 15

// decodeRole decodes Contact_Role in every shape: an object (v4 and later), a string that is a name or an id (up to v3:
// the documents say id, the write takes the name), a number (Zoho CRM API v7, Get Related Records), null or nothing.
func decodeRole(raw json.RawMessage) (RoleRef, error) {
	if len(raw) == 0 {
		return RoleRef{}, nil
	}
	if raw[0] == '{' {
		var o struct {
			ID   text `json:"id"`
			Name text `json:"name"`
		}
		err := json.Unmarshal(raw, &o)
		return RoleRef{ID: string(o.ID), Name: string(o.Name)}, err
	}
	var t text
	if err := json.Unmarshal(raw, &t); err != nil {
		return RoleRef{}, errors.New("Contact_Role is neither an object, a string nor a number")
	}
	if raw[0] != '"' || looksLikeID(string(t)) {
		return RoleRef{ID: string(t)}, nil
	}
	return RoleRef{Name: string(t)}, nil
}

func looksLikeID(s string) bool { return len(s) >= shortestID && isDigits(s) }

func isDigits(s string) bool {
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return false
		}
	}
	return s != ""
}
