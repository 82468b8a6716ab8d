package api

import (
	"context"
	"encoding/json"
	"net/http"
)

// Assignment gives a contact its role on a deal.
type Assignment struct {
	Contact string
	Role    RoleRef
}

// AssignContactRole puts a contact on a deal with a role, or gives it another
// role if it is there already. It costs one credit. A refusal or failure is an
// *Error; a role that the version cannot send is refused here, without a call.
//
// Zoho CRM API v8, Add Contact Roles to a Specific Deal.
func (c *Client) AssignContactRole(ctx context.Context, deal, contact string, role RoleRef) (Answer, error) {
	path, err := contactRole(deal, contact)
	if err != nil {
		return Answer{}, notSent(err)
	}
	encoded, err := encodeRole(c.version, role)
	if err != nil {
		return Answer{}, notSent(err)
	}
	body, err := json.Marshal(assignBody{Data: []assignItem{{Role: encoded}}})
	if err != nil {
		return Answer{}, notSent(err)
	}
	return c.writeOne(ctx, request{method: http.MethodPut, path: path, body: body}, contact)
}

// AssignContactRoles does the same for up to 100 contacts of one deal in one
// call, and gives an outcome for each, in the order asked. A request that is
// refused or fails as a whole is an *Error.
//
// Only Zoho's newest OpenAPI file for v8.0 has it (upsertContactRoleRelations),
// and that it leaves other contacts alone is nowhere said: prove it first.
func (c *Client) AssignContactRoles(ctx context.Context, deal string, as []Assignment) ([]Outcome, error) {
	path, err := contactRoles(deal)
	if err != nil {
		return nil, notSent(err)
	}
	contacts := make([]string, len(as))
	body := assignBody{Data: make([]assignItem, len(as))}
	for i, a := range as {
		contacts[i] = a.Contact
		role, err := encodeRole(c.version, a.Role)
		if err != nil {
			return nil, notSent(err)
		}
		body.Data[i] = assignItem{ID: a.Contact, Role: role}
	}
	if err := checkBatch(aContact, contacts); err != nil {
		return nil, notSent(err)
	}
	encoded, err := json.Marshal(body)
	if err != nil {
		return nil, notSent(err)
	}
	return c.writeMany(ctx, request{method: http.MethodPut, path: path, body: encoded}, contacts)
}

// RemoveContactRole takes a contact off a deal; the contact itself stays. It
// costs one credit. A refusal or failure is an *Error: with Uncertain, "relation
// not found" may mean that an earlier attempt had removed it.
//
// Zoho CRM API v6, Remove Contact Role from a Specific Deal.
func (c *Client) RemoveContactRole(ctx context.Context, deal, contact string) (Answer, error) {
	path, err := contactRole(deal, contact)
	if err != nil {
		return Answer{}, notSent(err)
	}
	return c.writeOne(ctx, request{method: http.MethodDelete, path: path}, contact)
}

// RemoveContactRoles does the same for up to 100 contacts of one deal in one
// call, and gives an outcome for each, in the order asked. A request that is
// refused or fails as a whole is an *Error.
func (c *Client) RemoveContactRoles(ctx context.Context, deal string, contacts []string) ([]Outcome, error) {
	path, err := contactRoles(deal)
	if err != nil {
		return nil, notSent(err)
	}
	ids, err := joinIDs(aContact, contacts)
	if err != nil {
		return nil, notSent(err)
	}
	return c.writeMany(ctx, request{method: http.MethodDelete, path: path, query: "ids=" + ids}, contacts)
}

type assignBody struct {
	Data []assignItem `json:"data"`
}

type assignItem struct {
	ID   string          `json:"id,omitempty"`
	Role json.RawMessage `json:"Contact_Role"`
}

func (c *Client) writeOne(ctx context.Context, q request, contact string) (Answer, error) {
	outcomes, err := c.writeMany(ctx, q, []string{contact})
	if err != nil {
		return Answer{}, err
	}
	if o := outcomes[0]; o.Err != nil {
		return Answer{}, o.Err
	}
	return outcomes[0].Answer, nil
}

func (c *Client) writeMany(ctx context.Context, q request, contacts []string) ([]Outcome, error) {
	r, k, err := c.do(ctx, q)
	if err != nil {
		return nil, err
	}
	return k.outcomes(contacts, r), nil
}
