package api

import (
	"context"
	"encoding/json"
)

// ContactDeal is a deal that a contact is on.
type ContactDeal struct {
	Deal   string                     // its id
	Role   RoleRef                    // of the contact here; in Zoho's samples only its id; empty where Zoho has none
	Fields map[string]json.RawMessage // all else that Zoho sent of the deal, by API name
}

// ContactDeals returns the deals that a contact is on, with the contact's role on each and the fields of each deal that
// are named by their API names. It costs a credit for each page of some 200 deals, and needs the scope
// ZohoCRM.modules.ALL, or ZohoCRM.modules.contacts.READ and ZohoCRM.modules.deals.READ. A refusal or failure is an
// *Error.
//
// Zoho CRM API v7, Get Related Records; the role is shown only in Get Related Records Using External ID, once as a
// string and once as a number.
func (c *Client) ContactDeals(ctx context.Context, contact string, fields ...string) ([]ContactDeal, error) {
	path, err := pathOf(pathContactDeals, contact)
	deals := relation[ContactDeal]{decode: decodeContactDeals, id: func(d ContactDeal) string { return d.Deal }}
	return deals.all(ctx, c, request{path: path, query: fieldsQuery(fields, "Deal_Name"), invalid: err})
}

func decodeContactDeals(list json.RawMessage) ([]ContactDeal, error) {
	return decodeWithRoles(list, func(r Record, role RoleRef) ContactDeal { return ContactDeal{r.ID, role, r.Fields} })
}
