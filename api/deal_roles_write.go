package api

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
)

// Assignment gives a contact its role on a deal.
type Assignment struct {
	Contact string
	Role    RoleRef
}

// assignItem is an assignment as a write sends it.
type assignItem struct {
	ID   string          `json:"id,omitempty"`
	Role json.RawMessage `json:"Contact_Role"`
}

// AssignContactRole puts a contact on a deal with a role, or changes the role of one who is there. It costs one credit.
// A refusal or failure is an *Error; a role that the version cannot send is refused here, without a call.
//
// Zoho CRM API v8, Add Contact Roles to a Specific Deal.
func (c *Client) AssignContactRole(ctx context.Context, deal, contact string, role RoleRef) (Answer, error) {
	path, err := pathOf(pathContactRole, deal, contact)
	encoded, roleErr := encodeRole(c.version, role)
	q := request{method: http.MethodPut, path: path, invalid: cmp.Or(err, roleErr)}
	return c.writeOne(ctx, q, dealContacts, contact, assignItem{Role: encoded})
}

// AssignContactRoles does the same for up to 100 contacts of one deal in one call. A request that is refused or fails
// as a whole is an *Error.
//
// Only Zoho's newest OpenAPI file for v8.0 has it (upsertContactRoleRelations). No document says that it leaves other
// contacts alone: prove it first.
func (c *Client) AssignContactRoles(ctx context.Context, deal string, as []Assignment) ([]Outcome, error) {
	path, err := pathOf(pathContactRoles, deal)
	contacts, items := make([]string, len(as)), make([]assignItem, len(as))
	for i, a := range as {
		role, roleErr := encodeRole(c.version, a.Role)
		contacts[i], items[i], err = a.Contact, assignItem{ID: a.Contact, Role: role}, cmp.Or(err, roleErr)
	}
	q := request{method: http.MethodPut, path: path, invalid: cmp.Or(err, dealContacts.check(contacts))}
	return c.write(ctx, q, dealContacts, contacts, items)
}

// RemoveContactRole takes a contact off a deal; the contact itself stays. It costs one credit. A refusal or failure is
// an *Error. If it is Uncertain, "relation not found" may mean that an earlier attempt removed the contact.
//
// Zoho CRM API v6, Remove Contact Role from a Specific Deal.
func (c *Client) RemoveContactRole(ctx context.Context, deal, contact string) (Answer, error) {
	path, err := pathOf(pathContactRole, deal, contact)
	return c.writeOne(ctx, request{method: http.MethodDelete, path: path, invalid: err}, dealContacts, contact, nil)
}

// RemoveContactRoles does the same for up to 100 contacts of one deal in one call. A request that is refused or fails
// as a whole is an *Error.
func (c *Client) RemoveContactRoles(ctx context.Context, deal string, contacts []string) ([]Outcome, error) {
	path, err := pathOf(pathContactRoles, deal)
	ids, idsErr := dealContacts.query(contacts)
	q := request{method: http.MethodDelete, path: path, query: ids, invalid: cmp.Or(err, idsErr)}
	return c.write(ctx, q, dealContacts, contacts, nil)
}
