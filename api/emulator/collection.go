package emulator

import (
	"encoding/json"
)

// putDealRoles is the collection PUT, which only Zoho's newest OpenAPI file
// for v8.0 has (upsertContactRoleRelations): 1 to 100 contacts, each with the
// id of its role. How it fails in part is declared only for related records in
// general: 207 with an outcome for each item, 400 when all failed.
func (e *Emulator) putDealRoles(c *call) (answer, error) {
	if c.version < v8 || e.collectionPut == "off" {
		return answer{}, invalidMethod()
	}
	deal, err := e.dealOf(c)
	if err != nil {
		return answer{}, err
	}
	list, err := c.items("data", maxItems)
	if err != nil {
		return answer{}, err
	}
	p := e.store.roles()
	results := make([]result, len(list))
	var set []relation
	var places []int // of set's relations in results
	seen := make(map[id]bool, len(list))
	for i, raw := range list {
		r, wrong := e.upsertItem(&p, raw, path("data", i), seen)
		if wrong != nil {
			results[i] = *wrong
			continue
		}
		set, places = append(set, r), append(places, i)
	}
	unknownContacts(results, len(set) > 0)
	if len(set) == 0 {
		return itemised("data", results)
	}
	added, err := e.store.assign(deal, set, e.collectionPut == "replace")
	if err != nil {
		return answer{}, err
	}
	for k, i := range places {
		message := "relation updated"
		if added[k] {
			message = "relation added"
		}
		results[i] = success(set[k].contact.String(), message)
	}
	return itemised("data", results)
}

// badContactMessage is for a contact that is not there.
const badContactMessage = "the id given seems to be invalid"

// upsertItem reads one contact and its role. A contact that an earlier item
// already names is refused: which of the two would win is documented nowhere,
// and a client that asks does not know what it will get.
func (e *Emulator) upsertItem(p *picklist, raw json.RawMessage, at string, seen map[id]bool) (relation, *result) {
	it, wrong := object(raw, at)
	if wrong != nil {
		return relation{}, wrong
	}
	text, given, wrong := it.text("id", at)
	if wrong != nil {
		return relation{}, wrong
	}
	if !given {
		return relation{}, mandatory("id", at+".id")
	}
	contact, isID := parseID(text)
	if !isID || !e.store.base.hasContact(contact) {
		unknown := failure("INVALID_DATA", badContactMessage, details{ID: text, APIName: "id", JSONPath: at + ".id"})
		return relation{}, &unknown
	}
	if seen[contact] {
		twice := failure("DUPLICATE_DATA", "duplicate data", details{ID: text, APIName: "id", JSONPath: at + ".id"})
		return relation{}, &twice
	}
	seen[contact] = true
	r, wrong := upsertRole(p, it, at+".Contact_Role")
	return relation{contact: contact, role: r.id}, wrong
}

// upsertRole reads an item's role: here its id is required, its name is not.
func upsertRole(p *picklist, it item, at string) (role, *result) {
	value, found := it.get("Contact_Role")
	if !found || isNull(value) {
		return role{}, mandatory("Contact_Role", at)
	}
	ref, wrong := object(value, at)
	if wrong != nil {
		wrong.Details.APIName = "Contact_Role"
		return role{}, wrong
	}
	text, given, wrong := ref.text("id", at)
	if wrong != nil {
		return role{}, wrong
	}
	if !given {
		return role{}, mandatory("id", at+".id")
	}
	name, _, wrong := ref.text("name", at)
	if wrong != nil {
		return role{}, wrong
	}
	r, found := p.find(RoleRef{ID: text, Name: name}, false)
	if !found {
		return role{}, invalid("Contact_Role", at, "")
	}
	return r, nil
}

// unknownContacts gives them the form that the OpenAPI file shows: beside
// successes "invalid data" with the id, when all items fail the JSON path.
func unknownContacts(results []result, mixed bool) {
	for i := range results {
		r := &results[i]
		switch {
		case r.Message != badContactMessage:
		case mixed:
			r.Message, r.Details = "invalid data", details{ID: r.Details.ID}
		default:
			r.Details.ID = ""
		}
	}
}
