package api

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
)

// DealContact is a contact on a deal.
type DealContact struct {
	ID     string                     // of the contact
	Role   RoleRef                    // up to v3 only one of id and name; empty where Zoho has none
	Fields map[string]json.RawMessage // all else that Zoho sent, by API name
}

// defaultField is the field of a contact that is read if the caller names none.
const defaultField = "Full_Name"

// DealContactRoles returns the contacts on a deal, with the fields of each contact that are named by their API names in
// the module Contacts ("Full_Name", "Email", "Phone"; Full_Name if none is named). It costs a credit for each page, and
// needs the scope ZohoCRM.modules.ALL, or ZohoCRM.modules.deals.READ and ZohoCRM.modules.contacts.READ. A refusal or
// failure is an *Error; DealGone reports whether the deal is not there.
//
// Zoho CRM API v8, Get Contact Roles of a Specific Deal.
func (c *Client) DealContactRoles(ctx context.Context, deal string, fields ...string) ([]DealContact, error) {
	path, err := pathOf(pathContactRoles, deal)
	return contactsOf().all(ctx, c, request{path: path, query: fieldsQuery(fields, defaultField), invalid: err})
}

// DealContactRolesByIDs is [Client.DealContactRoles] for the given contacts. It leaves out those that are not on the
// deal. It costs one credit for each 100 contacts.
func (c *Client) DealContactRolesByIDs(
	ctx context.Context, deal string, contacts []string, fields ...string,
) ([]DealContact, error) {
	path, err := pathOf(pathContactRoles, deal)
	if err != nil {
		return nil, notSent(err)
	}
	var all []DealContact
	for part := range slices.Chunk(contacts, dealContacts.most) {
		ids, err := dealContacts.query(part)
		q := request{path: path, query: ids + "&" + fieldsQuery(fields, defaultField), invalid: err}
		some, err := contactsOf().all(ctx, c, q)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	return all, nil
}

// DealContactRole returns one contact on a deal, or false if the contact is not on the deal.
func (c *Client) DealContactRole(
	ctx context.Context, deal, contact string, fields ...string,
) (on DealContact, ok bool, err error) {
	path, err := pathOf(pathContactRole, deal, contact)
	q := request{
		method: http.MethodGet, path: path, query: fieldsQuery(fields, defaultField), due: dueData, invalid: err,
	}
	on, err = read(ctx, c, q, func(r *reply) (DealContact, error) {
		contacts, err := decodeContacts(r.list)
		i := slices.IndexFunc(contacts, func(d DealContact) bool { return d.ID == contact })
		if ok = i >= 0; ok {
			return contacts[i], nil
		}
		if len(contacts) > 0 {
			err = cmp.Or(err, errors.New("the answer is about another contact"))
		}
		return DealContact{}, err
	})
	return on, ok, err
}

func contactsOf() relation[DealContact] {
	return relation[DealContact]{decode: decodeContacts, id: func(d DealContact) string { return d.ID }}
}

func decodeContacts(list json.RawMessage) ([]DealContact, error) {
	return decodeWithRoles(list, func(r Record, role RoleRef) DealContact { return DealContact{r.ID, role, r.Fields} })
}

// decodeWithRoles decodes records that have a role beside their fields; none from an empty list.
func decodeWithRoles[T any](list json.RawMessage, item func(Record, RoleRef) T) ([]T, error) {
	records, err := decodeRecords(list)
	if err != nil {
		return nil, err
	}
	var items []T
	for _, r := range records {
		role, err := decodeRole(r.Fields["Contact_Role"])
		if err != nil {
			return nil, fmt.Errorf("record %s: %w", r.ID, err)
		}
		delete(r.Fields, "Contact_Role")
		items = append(items, item(r, role))
	}
	return items, nil
}

// Assignment gives a contact its role on a deal.
type Assignment struct {
	Contact string
	Role    RoleRef
}

// assignItem is an Assignment in the body of a write.
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

// AssignContactRoles assigns up to 100 contacts of one deal in one call. It costs one credit. A request that is refused
// or fails as a whole is an *Error.
//
// Only Zoho's newest OpenAPI file for v8.0 has this call (upsertContactRoleRelations). No document says that it leaves
// the other contacts of the deal alone: prove that first.
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

// RemoveContactRoles takes up to 100 contacts off one deal in one call. It costs one credit. A request that is refused
// or fails as a whole is an *Error.
func (c *Client) RemoveContactRoles(ctx context.Context, deal string, contacts []string) ([]Outcome, error) {
	path, err := pathOf(pathContactRoles, deal)
	ids, idsErr := dealContacts.query(contacts)
	q := request{method: http.MethodDelete, path: path, query: ids, invalid: cmp.Or(err, idsErr)}
	return c.write(ctx, q, dealContacts, contacts, nil)
}

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
