package emulator

import (
	"encoding/json"
)

// putDealRole puts a contact on a deal or changes its role. Zoho CRM API, Add
// Contact Roles to a Specific Deal: one contact a call, in every version.
func (e *Emulator) putDealRole(c *call) (answer, error) {
	deal, contact, err := e.relationOf(c)
	if err != nil {
		return answer{}, err
	}
	list, err := c.items("data", 1)
	if err != nil {
		return answer{}, err
	}
	p := e.store.roles()
	r, wrong := c.contactRole(&p, list[0])
	if wrong != nil {
		return itemised("data", []result{*wrong})
	}
	if _, err := e.store.assign(deal, []relation{{contact: contact, role: r.id}}, false); err != nil {
		return answer{}, err
	}
	// "relation updated" also for a contact that is new to the deal: so the
	// page says, and the newer of the two OpenAPI generations.
	return itemised("data", []result{success(c.ids[1], "relation updated")})
}

// contactRole reads the role that the one item of a single PUT names.
func (c *call) contactRole(p *picklist, raw json.RawMessage) (role, *result) {
	at := path("data", 0)
	it, wrong := object(raw, at)
	if wrong != nil {
		return role{}, wrong
	}
	value, found := it.get("Contact_Role")
	at += ".Contact_Role"
	if !found || isNull(value) {
		return role{}, mandatory("Contact_Role", at)
	}
	ref, wrong := c.roleRef(value, at)
	if wrong != nil {
		return role{}, wrong
	}
	r, found := p.find(ref, false)
	if !found {
		return role{}, invalid("Contact_Role", at, "")
	}
	return r, nil
}

// roleRef reads Contact_Role in the shape of the call's version: the name in
// v2 to v3, {"id","name"} from v4, where one of the two is enough.
func (c *call) roleRef(value json.RawMessage, at string) (RoleRef, *result) {
	var ref RoleRef
	if !c.version.rolesAreObjects() {
		name, isText := unquote(value)
		if !isText {
			return ref, invalid("Contact_Role", at, "text")
		}
		return RoleRef{Name: name}, nil
	}
	it, wrong := object(value, at)
	if wrong != nil {
		wrong.Details.APIName = "Contact_Role"
		return ref, wrong
	}
	var hasID, hasName bool
	if ref.ID, hasID, wrong = it.text("id", at); wrong != nil {
		return ref, wrong
	}
	if ref.Name, hasName, wrong = it.text("name", at); wrong != nil {
		return ref, wrong
	}
	if !hasID && !hasName {
		missing := failure("EXPECTED_FIELD_MISSING", "expected field missing", details{
			ExpectedFields: []fieldRef{{APIName: "id", JSONPath: at + ".id"}, {APIName: "name", JSONPath: at + ".name"}},
		})
		return ref, &missing
	}
	return ref, nil
}

// deleteDealRole takes one contact off a deal. One that is not on it is
// MANDATORY_NOT_FOUND: Zoho CRM API v6, Remove Contact Role from a Specific
// Deal.
func (e *Emulator) deleteDealRole(c *call) (answer, error) {
	deal, contact, err := e.relationOf(c)
	if err != nil {
		return answer{}, err
	}
	removed, err := e.store.remove(deal, []id{contact})
	switch {
	case err != nil:
		return answer{}, err
	case !removed[0]:
		return answer{}, bad("MANDATORY_NOT_FOUND", "relation not found", details{})
	}
	return itemised("data", []result{success(c.ids[1], "relation removed")})
}

// deleteDealRoles takes up to 100 contacts off a deal, each with its own
// outcome. One that is not on it, or no more, is INVALID_DATA: OpenAPI v8.0,
// Delink Related Records.
func (e *Emulator) deleteDealRoles(c *call) (answer, error) {
	deal, err := e.dealOf(c)
	if err != nil {
		return answer{}, err
	}
	list, given, err := c.idList()
	switch {
	case err != nil:
		return answer{}, err
	case !given:
		return answer{}, bad("MANDATORY_NOT_FOUND", "required field not found", details{ParamName: "ids"})
	}
	contacts := make([]id, len(list))
	for i, text := range list {
		contacts[i], _ = parseID(text) // 0 is on no deal
	}
	removed, err := e.store.remove(deal, contacts)
	if err != nil {
		return answer{}, err
	}
	results := make([]result, len(list))
	for i, text := range list {
		if removed[i] {
			results[i] = success(text, "relation removed")
		} else {
			results[i] = failure("INVALID_DATA", "relation not found", details{ID: text})
		}
	}
	return itemised("data", results)
}

// relationOf reads the deal and the contact in a path. The deal is looked at
// first, as Zoho's errors count the parts of the path.
func (e *Emulator) relationOf(c *call) (deal, contact id, err error) {
	if deal, err = e.dealOf(c); err != nil {
		return deal, contact, err
	}
	contact, err = e.contactOf(c)
	return deal, contact, err
}
