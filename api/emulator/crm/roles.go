package crm

import (
	"cmp"
	"encoding/json"
	"strconv"
	"unicode/utf8"

	"rolecall/api/emulator/org"
	"rolecall/api/emulator/wire"
)

const rolesKey = "contact_roles"

// listedRole is a role as Zoho lists it.
type listedRole struct {
	Sequence int    `json:"sequence_number"`
	Name     string `json:"name"`
	ID       org.ID `json:"id"`
}

// getRoles lists the whole picklist. Zoho CRM API, Get Contact Roles.
func (a *API) getRoles(*wire.Call) (wire.Answer, error) {
	p := a.store.Roles()
	if len(p.Roles) == 0 {
		return wire.NoContent(), nil
	}
	list := make([]listedRole, len(p.Roles))
	for i, r := range p.Roles {
		list[i] = listedRole{Sequence: i + 1, Name: r.Name, ID: r.ID}
	}
	return wire.OK(map[string]any{rolesKey: list})
}

// getRole returns one role, or 204 when it does not exist (OpenAPI v8.0).
func (a *API) getRole(c *wire.Call) (wire.Answer, error) {
	p := a.store.Roles()
	n, isID := org.ParseID(c.IDs[0])
	i := p.Index(n)
	if !isID || i < 0 {
		return wire.NoContent(), nil
	}
	return wire.OK(map[string]any{rolesKey: []listedRole{{Sequence: i + 1, Name: p.Roles[i].Name, ID: n}}})
}

// postRoles creates up to 100 roles. Each has its own result. Zoho CRM API, Insert Contact Roles.
func (a *API) postRoles(c *wire.Call) (wire.Answer, error) {
	list, err := c.ReadItems(rolesKey, wire.MaxItems)
	if err != nil {
		return wire.Answer{}, err
	}
	return a.editRoles(len(list), func(p *org.Picklist, i int) wire.Result {
		return createRole(p, list[i], wire.Path(rolesKey, i))
	})
}

// putRoles changes up to 100 roles by their ids.
func (a *API) putRoles(c *wire.Call) (wire.Answer, error) { return a.updateRoles(c, wire.MaxItems, "") }

// putRole changes the role in the path. The item needs no id and no name.
func (a *API) putRole(c *wire.Call) (wire.Answer, error) { return a.updateRoles(c, 1, c.IDs[0]) }

func (a *API) updateRoles(c *wire.Call, most int, inPath string) (wire.Answer, error) {
	list, err := c.ReadItems(rolesKey, most)
	if err != nil {
		return wire.Answer{}, err
	}
	return a.editRoles(len(list), func(p *org.Picklist, i int) wire.Result {
		return updateRole(p, list[i], wire.Path(rolesKey, i), inPath, a.RoleMoves)
	})
}

// deleteRoles deletes up to 100 roles. Zoho CRM API v6, Delete Contact Roles.
func (a *API) deleteRoles(c *wire.Call) (wire.Answer, error) {
	ids, err := mandatoryIDs(c)
	if err != nil {
		return wire.Answer{}, err
	}
	return a.removeRoles(ids)
}

// deleteRole deletes the role in the path.
func (a *API) deleteRole(c *wire.Call) (wire.Answer, error) { return a.removeRoles(c.IDs) }

func (a *API) removeRoles(ids []string) (wire.Answer, error) {
	return a.editRoles(len(ids), func(p *org.Picklist, i int) wire.Result { return removeRole(p, ids[i]) })
}

// editRoles edits the picklist item by item.
func (a *API) editRoles(count int, edit func(p *org.Picklist, i int) wire.Result) (wire.Answer, error) {
	results := make([]wire.Result, count)
	err := a.store.Edit(func(p *org.Picklist) {
		for i := range results {
			results[i] = edit(p, i)
		}
	})
	if err != nil {
		return wire.Answer{}, err
	}
	return wire.Results(rolesKey, results)
}

func createRole(p *org.Picklist, raw json.RawMessage, at string) wire.Result {
	f, wrong := readRole(raw, at)
	switch {
	case wrong != nil:
		return *wrong
	case f.name == "":
		return *wire.Mandatory("name", at+".name")
	}
	if _, taken := p.ByName(f.name); taken {
		return duplicateName(at)
	}
	if len(p.Roles) >= org.MaxRoles {
		return wire.Failure("LIMIT_EXCEEDED", "Contact Role feature limit exceeded", wire.Details{})
	}
	return wire.Success(p.Create(f.name, f.sequence).String(), "contact role added")
}

func updateRole(p *org.Picklist, raw json.RawMessage, at, inPath, moves string) wire.Result {
	f, wrong := readRole(raw, at)
	switch {
	case wrong != nil:
		return invalidUpdate(*wrong, f.id, inPath)
	case f.id == "" && inPath == "":
		return *wire.Mandatory("id", at+".id")
	case f.id == "":
		f.id = inPath
	case inPath != "" && f.id != inPath:
		return *wire.Invalid("id", at+".id", "")
	case f.named && f.name == "":
		return *wire.Mandatory("name", at+".name")
	}
	n, _ := org.ParseID(f.id)
	i := p.Index(n)
	if i < 0 {
		return wire.Failure("INVALID_DATA", "invalid data", wire.Details{ID: f.id})
	}
	if other, taken := p.ByName(f.name); taken && other.ID != n {
		wrong := duplicateName(at)
		wrong.Details.ID = other.ID.String()
		return wrong
	}
	if f.name != "" {
		p.Roles[i].Name = f.name
	}
	if f.sequence > 0 {
		p.Move(i, f.sequence, moves)
	}
	return wire.Success(f.id, "record updated")
}

// invalidUpdate gives the failure of a field the details that it has in an update: the id of the role, and no expected
// type (OpenAPI v8.0, contact roles). A creation has the type.
func invalidUpdate(wrong wire.Result, id, inPath string) wire.Result {
	if id = cmp.Or(id, inPath); id != "" && wrong.Details.APIName != "" {
		wrong.Details.ID, wrong.Details.ExpectedDataType = id, ""
	}
	return wrong
}

func removeRole(p *org.Picklist, text string) wire.Result {
	n, _ := org.ParseID(text)
	i := p.Index(n)
	switch {
	case i < 0:
		return wire.Failure("INVALID_DATA", "contact role not deleted", wire.Details{ID: text})
	case len(p.Roles) == 1:
		return wire.Failure("LOWER_LIMIT_REACHED", "Lower limit reached",
			wire.Details{ID: text, Limit: json.RawMessage("1")})
	}
	p.Remove(i)
	return wire.Success(text, "contact role deleted")
}

// duplicateName refuses a name that another role has. In an update the id of that role is added (OpenAPI v8.0, contact
// roles).
func duplicateName(at string) wire.Result {
	return wire.Failure("DUPLICATE_DATA", "duplicate data", wire.Details{APIName: "name", JSONPath: at + ".name"})
}

// roleFields are the fields of a role in a write. "" and 0 are absent.
type roleFields struct {
	id, name string
	named    bool // the name is there, perhaps as ""
	sequence int
}

func readRole(raw json.RawMessage, at string) (f roleFields, wrong *wire.Result) {
	it, wrong := wire.Object(raw, at)
	if wrong != nil {
		return f, wrong
	}
	if f.id, _, wrong = it.Text("id", at); wrong != nil {
		return f, wrong
	}
	if f.name, f.named, wrong = it.Text("name", at); wrong != nil {
		return f, wrong
	}
	if utf8.RuneCountInString(f.name) > org.MaxRoleName {
		wrong = wire.Invalid("name", at+".name", "")
		wrong.Details.MaximumLength = org.MaxRoleName
		return f, wrong
	}
	sequence, given := it.Get("sequence_number")
	if !given {
		return f, nil
	}
	var err error
	if f.sequence, err = strconv.Atoi(string(sequence)); err != nil || f.sequence < 1 {
		return f, wire.Invalid("sequence_number", at+".sequence_number", "integer")
	}
	return f, nil
}
