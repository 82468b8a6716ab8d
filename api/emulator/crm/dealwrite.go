package crm

import (
	"encoding/json"

	"rolecall/api/emulator/org"
	"rolecall/api/emulator/wire"
)

// putDealRole puts a contact on a deal or changes its role. Zoho CRM API, Add Contact Roles to a Specific Deal: one
// contact a call, in every version.
func (a *API) putDealRole(c *wire.Call) (wire.Answer, error) {
	deal, contact, err := a.relationOf(c)
	if err != nil {
		return wire.Answer{}, err
	}
	list, err := c.ReadItems("data", 1)
	if err != nil {
		return wire.Answer{}, err
	}
	p := a.store.Roles()
	r, wrong := contactRole(c.Version, &p, list[0])
	if wrong != nil {
		return wire.Results("data", []wire.Result{*wrong})
	}
	if _, err := a.store.Assign(deal, []org.Relation{{Contact: contact, Role: r.ID}}, false); err != nil {
		return wire.Answer{}, writeError(err)
	}
	// The page, and the newer of the two OpenAPI generations, have "relation updated" also for a new contact.
	return wire.Results("data", []wire.Result{wire.Success(c.IDs[1], "relation updated")})
}

// contactRole reads the role in the item of a single PUT.
func contactRole(v wire.Version, p *org.Picklist, raw json.RawMessage) (org.Role, *wire.Result) {
	at := wire.Path("data", 0)
	it, wrong := wire.Object(raw, at)
	if wrong != nil {
		return org.Role{}, wrong
	}
	value, given := it.Get("Contact_Role")
	at += ".Contact_Role"
	if !given {
		return org.Role{}, wire.Mandatory("Contact_Role", at)
	}
	ref, wrong := roleRef(v, value, at)
	if wrong != nil {
		return org.Role{}, wrong
	}
	r, ok := p.Find(ref, false)
	if !ok {
		return r, wire.Invalid("Contact_Role", at, "")
	}
	return r, nil
}

// roleRef reads Contact_Role in the shape of a version: the name in v2 to v3, {"id","name"} from v4. One of the two is
// enough.
func roleRef(v wire.Version, value json.RawMessage, at string) (ref org.RoleRef, wrong *wire.Result) {
	if !v.RolesAreObjects() {
		name, isText := wire.Unquote(value)
		if !isText {
			return ref, wire.Invalid("Contact_Role", at, "text")
		}
		return org.RoleRef{Name: name}, nil
	}
	it, wrong := wire.Object(value, at)
	if wrong != nil {
		wrong.Details.APIName = "Contact_Role"
		return ref, wrong
	}
	var hasID, hasName bool
	if ref.ID, hasID, wrong = it.Text("id", at); wrong != nil {
		return ref, wrong
	}
	if ref.Name, hasName, wrong = it.Text("name", at); wrong != nil {
		return ref, wrong
	}
	if !hasID && !hasName {
		return ref, new(wire.Failure("EXPECTED_FIELD_MISSING", "expected field missing", wire.Details{
			ExpectedFields: []wire.Ref{
				{APIName: "id", JSONPath: at + ".id"},
				{APIName: "name", JSONPath: at + ".name"},
			},
		}))
	}
	return ref, nil
}

// deleteDealRole takes one contact off a deal. A contact who is not on it is MANDATORY_NOT_FOUND: Zoho CRM API v6,
// Remove Contact Role from a Specific Deal.
func (a *API) deleteDealRole(c *wire.Call) (wire.Answer, error) {
	deal, contact, err := a.relationOf(c)
	if err != nil {
		return wire.Answer{}, err
	}
	removed, err := a.store.Remove(deal, []org.ID{contact})
	switch {
	case err != nil:
		return wire.Answer{}, writeError(err)
	case !removed[0]:
		return wire.Answer{}, wire.Bad("MANDATORY_NOT_FOUND", "relation not found", wire.Details{})
	}
	return wire.Results("data", []wire.Result{wire.Success(c.IDs[1], "relation removed")})
}

// deleteDealRoles takes up to 100 contacts off a deal. Each has its own result. A contact who is not on the deal, or is
// named twice, is INVALID_DATA: OpenAPI v8.0, Delink Related Records.
func (a *API) deleteDealRoles(c *wire.Call) (wire.Answer, error) {
	deal, err := a.dealOf(c)
	if err != nil {
		return wire.Answer{}, err
	}
	ids, given, err := c.ReadIDs()
	switch {
	case err != nil:
		return wire.Answer{}, err
	case !given:
		return wire.Answer{}, wire.Bad(
			"MANDATORY_NOT_FOUND",
			"required field not found",
			wire.Details{ParamName: "ids"},
		)
	}
	removed, err := a.store.Remove(deal, org.ParseIDs(ids))
	if err != nil {
		return wire.Answer{}, writeError(err)
	}
	return wire.Outcomes("data", ids, removed, "relation removed", "relation not found")
}
