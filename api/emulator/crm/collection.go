package crm

import (
	"encoding/json"

	"rolecall/api/emulator/org"
	"rolecall/api/emulator/wire"
)

// putDealRoles answers the collection PUT, which only Zoho's newest OpenAPI file for v8.0 has
// (upsertContactRoleRelations): 1 to 100 contacts, each with the id of its role. Partial failures are declared only for
// related records in general: 207 with a result for each item, 400 when all failed.
func (a *API) putDealRoles(c *wire.Call) (wire.Answer, error) {
	if c.Version < wire.V8 || a.CollectionPut == "off" {
		return wire.Answer{}, wire.InvalidMethod()
	}
	deal, err := a.dealOf(c)
	if err != nil {
		return wire.Answer{}, err
	}
	list, err := c.ReadItems("data", wire.MaxItems)
	if err != nil {
		return wire.Answer{}, err
	}
	p := a.store.Roles()
	results := make([]wire.Result, len(list))
	var set []org.Relation
	var positions []int // of set's relations in results
	seen := make(map[org.ID]bool, len(list))
	for i, raw := range list {
		r, wrong := a.upsertItem(&p, raw, wire.Path("data", i), seen)
		if wrong != nil {
			results[i] = *wrong
			continue
		}
		set, positions = append(set, r), append(positions, i)
	}
	unknownContacts(results, len(set) > 0)
	if len(set) == 0 {
		return wire.Results("data", results)
	}
	added, err := a.store.Assign(deal, set, a.CollectionPut == "replace")
	if err != nil {
		return wire.Answer{}, writeError(err)
	}
	for k, i := range positions {
		message := "relation updated"
		if added[k] {
			message = "relation added"
		}
		results[i] = wire.Success(set[k].Contact.String(), message)
	}
	return wire.Results("data", results)
}

// upsertItem reads one contact and its role. It refuses a contact of an earlier item, because no document says which of
// the two would win.
func (a *API) upsertItem(
	p *org.Picklist, raw json.RawMessage, at string, seen map[org.ID]bool,
) (r org.Relation, wrong *wire.Result) {
	it, wrong := wire.Object(raw, at)
	if wrong != nil {
		return r, wrong
	}
	text, wrong := mandatoryText(it, "id", at)
	if wrong != nil {
		return r, wrong
	}
	bad := wire.Details{ID: text, APIName: "id", JSONPath: at + ".id"}
	contact, isID := org.ParseID(text)
	switch {
	case !isID || !a.store.HasContact(contact):
		return r, new(wire.Failure("INVALID_DATA", badContactMessage, bad))
	case seen[contact]:
		return r, new(wire.Failure("DUPLICATE_DATA", "duplicate data", bad))
	}
	seen[contact] = true
	role, wrong := upsertRole(p, it, at+".Contact_Role")
	return org.Relation{Contact: contact, Role: role.ID}, wrong
}

// upsertRole reads an item's role. Its id is mandatory here, its name is not.
func upsertRole(p *org.Picklist, it wire.Item, at string) (r org.Role, wrong *wire.Result) {
	value, given := it.Get("Contact_Role")
	if !given {
		return r, wire.Mandatory("Contact_Role", at)
	}
	ref, wrong := wire.Object(value, at)
	if wrong != nil {
		wrong.Details.APIName = "Contact_Role"
		return r, wrong
	}
	id, wrong := mandatoryText(ref, "id", at)
	if wrong != nil {
		return r, wrong
	}
	name, _, wrong := ref.Text("name", at)
	if wrong != nil {
		return r, wrong
	}
	r, ok := p.Find(org.RoleRef{ID: id, Name: name}, false)
	if !ok {
		return r, wire.Invalid("Contact_Role", at, "")
	}
	return r, nil
}

func mandatoryText(it wire.Item, key, at string) (string, *wire.Result) {
	text, given, wrong := it.Text(key, at)
	if wrong == nil && !given {
		wrong = wire.Mandatory(key, at+"."+key)
	}
	return text, wrong
}

// unknownContacts gives the failures of unknown contacts the form of the OpenAPI file: "invalid data" with the id if
// other items succeed, and with the JSON path if all items fail.
func unknownContacts(results []wire.Result, mixed bool) {
	for i := range results {
		r := &results[i]
		switch {
		case r.Message != badContactMessage:
		case mixed:
			r.Message, r.Details = "invalid data", wire.Details{ID: r.Details.ID}
		default:
			r.Details.ID = ""
		}
	}
}
