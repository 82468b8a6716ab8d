// Package show reads the contacts on one deal, and records of one module, and writes them for people and for programs.
package show

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strings"

	"rolecall/api"
	"rolecall/job"
	"rolecall/job/deals"
	"rolecall/job/picklist"
)

// Contact is a contact on a deal. New versions only add fields.
type Contact struct {
	ID     string `json:"contact_id"`
	Name   string `json:"contact_name"`
	Email  string `json:"contact_email"`
	Role   string `json:"role"`
	RoleID string `json:"role_id"`
}

// Missing is a contact whom the user named and who cannot be shown. New versions only add fields.
type Missing struct {
	ID      string `json:"contact_id"`
	Code    string `json:"code"`    // job.CodeNotOnDeal, or Zoho's as sent
	Message string `json:"message"` // Zoho's as sent, or ours
}

// Deal is a deal with its contacts. New versions only add fields.
type Deal struct {
	ID       string    `json:"deal_id"`
	Contacts []Contact `json:"contacts"` // in the order in which the user named them, or all of the deal by id
	Missing  []Missing `json:"missing,omitempty"`

	base         string // rc_base, as in an export; "": not all contacts were read
	RolesRefused error  `json:"-"` // why roles lack their ids or names, or nil
}

// zoho is the part of an org's API that a read uses. *api.Client implements it.
type zoho interface {
	picklist.Reader
	DealContactRoles(ctx context.Context, deal string, fields ...string) ([]api.DealContact, error)
	DealContactRolesByIDs(
		ctx context.Context, deal string, contacts []string, fields ...string,
	) ([]api.DealContact, error)
	DealContactRole(ctx context.Context, deal, contact string, fields ...string) (api.DealContact, bool, error)
}

// The fields of a contact that are read (Zoho CRM API v8, Contacts).
const (
	fieldName  = "Full_Name"
	fieldEmail = "Email"
)

// Read reads the contacts on a deal: the named ones, or all if contacts is empty. contacts names no contact twice. The
// errors are those of package api.
func Read(ctx context.Context, z zoho, deal string, contacts []string) (Deal, error) {
	d := Deal{ID: deal}
	on, err := d.read(ctx, z, contacts)
	if err != nil {
		return d, err
	}
	roles, err := d.roles(ctx, z, on)
	if err != nil {
		return d, err
	}
	if len(contacts) == 0 {
		slices.SortFunc(on, func(a, b api.DealContact) int { return compareIDs(a.ID, b.ID) })
		held := make([]deals.Held, len(on))
		for i, c := range on {
			contacts = append(contacts, c.ID)
			held[i] = deals.Held{Contact: c.ID, Role: cmp.Or(c.Role.ID, c.Role.Name)}
		}
		d.base = deals.Base(deal, held)
	}
	d.Contacts = []Contact{}
	for _, id := range contacts {
		i := slices.IndexFunc(on, func(c api.DealContact) bool { return c.ID == id })
		if i >= 0 {
			d.Contacts = append(d.Contacts, contactOf(on[i], roles))
		} else if !d.misses(id) {
			d.miss(id, job.CodeNotOnDeal, "the contact is not on the deal")
		}
	}
	return d, nil
}

// read makes the calls: one for all contacts, one for a single contact, or one per hundred of several contacts. If the
// calls for several contacts return nobody, one more call reads all.
func (d *Deal) read(ctx context.Context, z zoho, contacts []string) ([]api.DealContact, error) {
	switch len(contacts) {
	case 0:
		return z.DealContactRoles(ctx, d.ID, fieldName, fieldEmail)
	case 1:
		one, is, err := z.DealContactRole(ctx, d.ID, contacts[0], fieldName, fieldEmail)
		if refused := badContact(err); refused != nil {
			d.miss(contacts[0], refused.Code, refused.Message)
			return nil, nil //nolint:nilerr // Missing has the error
		}
		if err != nil || !is {
			return nil, err
		}
		return []api.DealContact{one}, nil
	}
	on, err := z.DealContactRolesByIDs(ctx, d.ID, contacts, fieldName, fieldEmail)
	if badContact(err) != nil || err == nil && len(on) == 0 {
		// No document says what a wrong contact id does to a read by ids. One line of the page says that the ids are
		// those of contact roles. A read of the whole deal works in both cases.
		return z.DealContactRoles(ctx, d.ID, fieldName, fieldEmail)
	}
	return on, err
}

// badContact returns the refusal of a contact's id, or nil for any other err (Zoho CRM API v7, Get Contact Roles
// of a Specific Deal: INVALID_DATA, which names the part of the path if it is about the deal, the module or the
// relation).
func badContact(err error) *api.Error {
	if err == nil {
		return nil
	}
	own, ends := job.OwnError(err)
	if ends != nil || own.Code != "INVALID_DATA" || api.DealGone(err) {
		return nil //nolint:nilerr // the caller has the error
	}
	return own
}

// roles reads the org's list of roles if a contact's role lacks its id or its name, as up to v3 (Zoho CRM API v3, Get
// Contact Roles of a Specific Deal). If Zoho refuses that, the roles stay as they are.
func (d *Deal) roles(ctx context.Context, z zoho, on []api.DealContact) (picklist.List, error) {
	if !slices.ContainsFunc(on, func(c api.DealContact) bool { return (c.Role.ID == "") != (c.Role.Name == "") }) {
		return nil, nil
	}
	list, err := picklist.Read(ctx, z)
	if err != nil {
		own, ends := job.OwnError(err)
		if ends != nil {
			return nil, ends
		}
		d.RolesRefused = own
	}
	return list, nil
}

// miss adds a contact who is not shown.
func (d *Deal) miss(id, code, message string) {
	d.Missing = append(d.Missing, Missing{ID: id, Code: code, Message: message})
}

func (d *Deal) misses(id string) bool {
	return slices.ContainsFunc(d.Missing, func(m Missing) bool { return m.ID == id })
}

func contactOf(c api.DealContact, roles picklist.List) Contact {
	id, name := roles.Both(c.Role)
	return Contact{ID: c.ID, Name: text(c.Fields[fieldName]), Email: text(c.Fields[fieldEmail]), Role: name, RoleID: id}
}

// text returns the value of a text field: "" for null, and the JSON as sent for a value that is no text.
func text(raw json.RawMessage) string {
	var s string
	if len(raw) == 0 || json.Unmarshal(raw, &s) == nil {
		return s
	}
	return string(raw)
}

// compareIDs compares ids as numbers. They have no leading zeros.
func compareIDs(a, b string) int {
	if len(a) != len(b) {
		return len(a) - len(b)
	}
	return strings.Compare(a, b)
}
