package api

import (
	"context"
	"encoding/json"
	"fmt"
)

// ContactDeal is a deal that a contact is on.
type ContactDeal struct {
	Deal   string                     // its id
	Role   RoleRef                    // of the contact, on this deal: only its id, in Zoho's samples; empty where Zoho has none
	Fields map[string]json.RawMessage // all else Zoho sent of the deal, by API name
}

// ContactDeals gives the deals that a contact is on, with the role it has on
// each and the fields of each deal that are named by their API names; none if
// there are none. It costs a credit for each page of some 200 deals, and needs
// the scope ZohoCRM.modules.ALL, or ZohoCRM.modules.contacts.READ and
// ZohoCRM.modules.deals.READ. A refusal or failure is an *Error.
//
// Zoho CRM API v7, Get Related Records; the role is shown only in Get Related
// Records Using External ID, once as a string and once as a number.
func (c *Client) ContactDeals(ctx context.Context, contact string, fields ...string) ([]ContactDeal, error) {
	id, err := pathID(contact)
	if err != nil {
		return nil, notSent(err)
	}
	deals := relation[ContactDeal]{decode: decodeContactDeals, id: func(d ContactDeal) string { return d.Deal }}
	return deals.all(ctx, c, "/Contacts/"+id+"/Deals", fieldsQuery(fields, "Deal_Name"))
}

// decodeContactDeals reads the deals of a read; none from an empty list.
func decodeContactDeals(list json.RawMessage) ([]ContactDeal, error) {
	records, err := decodeRecords(list)
	if err != nil || len(records) == 0 {
		return nil, err
	}
	deals := make([]ContactDeal, len(records))
	for i, r := range records {
		role, err := r.takeRole()
		if err != nil {
			return nil, fmt.Errorf("deal %s: %w", r.ID, err)
		}
		deals[i] = ContactDeal{Deal: r.ID, Role: role, Fields: r.Fields}
	}
	return deals, nil
}

// takeRole takes a record's role out of its fields.
func (r Record) takeRole() (RoleRef, error) {
	role, err := decodeRole(r.Fields["Contact_Role"])
	delete(r.Fields, "Contact_Role")
	return role, err
}
