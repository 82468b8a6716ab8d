package emulator

import (
	"encoding/json"
	"strconv"
	"unicode/utf8"
)

const rolesKey = "contact_roles"

// postRoles creates up to 100 roles, each with its own outcome. Zoho CRM API,
// Insert Contact Roles.
func (e *Emulator) postRoles(c *call) (answer, error) {
	list, err := c.items(rolesKey, maxItems)
	if err != nil {
		return answer{}, err
	}
	results := make([]result, len(list))
	err = e.store.edit(func(p *picklist) {
		for i, raw := range list {
			results[i] = p.createItem(raw, path(rolesKey, i))
		}
	})
	if err != nil {
		return answer{}, err
	}
	return itemised(rolesKey, results)
}

// putRoles changes up to 100 roles by their ids.
func (e *Emulator) putRoles(c *call) (answer, error) {
	list, err := c.items(rolesKey, maxItems)
	if err != nil {
		return answer{}, err
	}
	return e.updateRoles(list, "")
}

// putRole changes the role in the path; the item needs no id and no name.
func (e *Emulator) putRole(c *call) (answer, error) {
	list, err := c.items(rolesKey, 1)
	if err != nil {
		return answer{}, err
	}
	return e.updateRoles(list, c.ids[0])
}

func (e *Emulator) updateRoles(list []json.RawMessage, inPath string) (answer, error) {
	results := make([]result, len(list))
	err := e.store.edit(func(p *picklist) {
		for i, raw := range list {
			results[i] = p.updateItem(raw, path(rolesKey, i), inPath, e.roleMoves)
		}
	})
	if err != nil {
		return answer{}, err
	}
	return itemised(rolesKey, results)
}

// deleteRoles deletes up to 100 roles. Zoho CRM API v6, Delete Contact Roles.
func (e *Emulator) deleteRoles(c *call) (answer, error) {
	return byIDs(c, e.removeRoles)
}

// deleteRole deletes the role in the path.
func (e *Emulator) deleteRole(c *call) (answer, error) { return e.removeRoles(c.ids) }

func (e *Emulator) removeRoles(list []string) (answer, error) {
	results := make([]result, len(list))
	err := e.store.edit(func(p *picklist) {
		for i, text := range list {
			results[i] = p.removeItem(text)
		}
	})
	if err != nil {
		return answer{}, err
	}
	return itemised(rolesKey, results)
}

func (p *picklist) createItem(raw json.RawMessage, at string) result {
	f, wrong := readRole(raw, at)
	switch {
	case wrong != nil:
		return *wrong
	case f.name == "":
		return *mandatory("name", at+".name")
	}
	if _, taken := p.byName(f.name); taken {
		return duplicateName(at)
	}
	if len(p.roles) >= maxRoles {
		return failure("LIMIT_EXCEEDED", "Contact Role feature limit exceeded", details{})
	}
	return success(p.create(f.name, f.sequence).String(), "contact role added")
}

func (p *picklist) updateItem(raw json.RawMessage, at, inPath, moves string) result {
	f, wrong := readRole(raw, at)
	if wrong != nil {
		return *wrong
	}
	switch {
	case f.id == "" && inPath == "":
		return *mandatory("id", at+".id")
	case f.id == "":
		f.id = inPath
	case inPath != "" && f.id != inPath:
		return *invalid("id", at+".id", "")
	case f.named && f.name == "":
		return *mandatory("name", at+".name")
	}
	n, _ := parseID(f.id)
	i := p.index(n)
	if i < 0 {
		return failure("INVALID_DATA", "invalid data", details{ID: f.id})
	}
	if other, taken := p.byName(f.name); taken && other.id != n {
		return duplicateName(at)
	}
	if f.name != "" {
		p.roles[i].name = f.name
	}
	if f.sequence > 0 {
		p.move(i, f.sequence, moves)
	}
	return success(f.id, "record updated")
}

func (p *picklist) removeItem(text string) result {
	n, _ := parseID(text)
	switch {
	case p.index(n) < 0:
		return failure("INVALID_DATA", "contact role not deleted", details{ID: text})
	case len(p.roles) == 1:
		return failure("LOWER_LIMIT_REACHED", "the last contact role cannot be deleted",
			details{ID: text, Limit: json.RawMessage("1")})
	}
	p.remove(n)
	return success(text, "contact role deleted")
}

func duplicateName(at string) result {
	return failure("DUPLICATE_DATA", "duplicate data", details{APIName: "name", JSONPath: at + ".name"})
}

// roleFields are what a write says about a role; "" and 0 are not said.
type roleFields struct {
	id, name string
	named    bool // with "" too
	sequence int
}

func readRole(raw json.RawMessage, at string) (roleFields, *result) {
	var f roleFields
	it, wrong := object(raw, at)
	if wrong != nil {
		return f, wrong
	}
	if f.id, _, wrong = it.text("id", at); wrong != nil {
		return f, wrong
	}
	if f.name, f.named, wrong = it.text("name", at); wrong != nil {
		return f, wrong
	}
	if utf8.RuneCountInString(f.name) > maxRoleName {
		wrong = invalid("name", at+".name", "")
		wrong.Details.MaximumLength = maxRoleName
		return f, wrong
	}
	sequence, given := it.get("sequence_number")
	if !given || isNull(sequence) {
		return f, nil
	}
	var err error
	if f.sequence, err = strconv.Atoi(string(sequence)); err != nil || f.sequence < 1 {
		return f, invalid("sequence_number", at+".sequence_number", "integer")
	}
	return f, nil
}
