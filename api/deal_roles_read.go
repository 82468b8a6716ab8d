package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
)

// DealContact is a contact on a deal.
type DealContact struct {
	ID     string                     // the contact's
	Role   RoleRef                    // up to v3 only one of id and name; empty where Zoho has none
	Fields map[string]json.RawMessage // all else Zoho sent, by API name
}

// defaultField of a contact is asked for when no other is.
const defaultField = "Full_Name"

// DealContactRoles gives the contacts on a deal, with the fields of each contact
// that are named by their API names in the module Contacts ("Full_Name",
// "Email", "Phone"; Full_Name if none is named); none if there are none. It costs
// a credit for each page, and needs the scope ZohoCRM.modules.ALL, or
// ZohoCRM.modules.deals.READ and ZohoCRM.modules.contacts.READ. A refusal or
// failure is an *Error; of that of a deal that is not there DealGone is true.
//
// Zoho CRM API v8, Get Contact Roles of a Specific Deal.
func (c *Client) DealContactRoles(ctx context.Context, deal string, fields ...string) ([]DealContact, error) {
	path, err := contactRoles(deal)
	if err != nil {
		return nil, notSent(err)
	}
	return contactsOf().all(ctx, c, path, fieldsQuery(fields, defaultField))
}

// DealContactRolesByIDs does the same for the contacts named; those that are
// not on the deal are left out. It costs a credit for each hundred.
func (c *Client) DealContactRolesByIDs(ctx context.Context, deal string, contacts []string, fields ...string) ([]DealContact, error) {
	path, err := contactRoles(deal)
	if err != nil {
		return nil, notSent(err)
	}
	var all []DealContact
	for part := range slices.Chunk(contacts, mostIDs) {
		ids, err := joinIDs(aContact, part)
		if err != nil {
			return nil, notSent(err)
		}
		some, err := contactsOf().all(ctx, c, path, "ids="+ids+"&"+fieldsQuery(fields, defaultField))
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	return all, nil
}

// DealContactRole gives one contact on a deal; false if it is not on it.
func (c *Client) DealContactRole(ctx context.Context, deal, contact string, fields ...string) (DealContact, bool, error) {
	path, err := contactRole(deal, contact)
	if err != nil {
		return DealContact{}, false, notSent(err)
	}
	r, k, failed := c.do(ctx, request{method: http.MethodGet, path: path, query: fieldsQuery(fields, defaultField), due: dueData})
	if failed != nil {
		return DealContact{}, false, failed
	}
	found, err := decodeContacts(r.list)
	if err != nil {
		return DealContact{}, false, k.unreadable(r, err)
	}
	if len(found) == 0 {
		return DealContact{}, false, nil
	}
	if i := slices.IndexFunc(found, func(d DealContact) bool { return d.ID == contact }); i >= 0 {
		return found[i], true, nil
	}
	return DealContact{}, false, k.unreadable(r, errors.New("the answer is about another contact"))
}

// contactsOf are the contacts on a deal.
func contactsOf() relation[DealContact] {
	return relation[DealContact]{decode: decodeContacts, id: func(d DealContact) string { return d.ID }}
}

// decodeContacts reads the records of a read; none from an empty list.
func decodeContacts(list json.RawMessage) ([]DealContact, error) {
	records, err := decodeRecords(list)
	if err != nil || len(records) == 0 {
		return nil, err
	}
	contacts := make([]DealContact, len(records))
	for i, r := range records {
		role, err := r.takeRole()
		if err != nil {
			return nil, fmt.Errorf("contact %s: %w", r.ID, err)
		}
		contacts[i] = DealContact{ID: r.ID, Role: role, Fields: r.Fields}
	}
	return contacts, nil
}
