package csvio

import "slices"

// Field is a column that rolecall understands, by its canonical name.
type Field string

// The fields of an input table. A deal and a contact are named by any one of
// their fields, and so is the role.
const (
	DealID       Field = "deal_id"
	DealName     Field = "deal_name"
	ContactID    Field = "contact_id"
	ContactEmail Field = "contact_email"
	ContactName  Field = "contact_name"
	Role         Field = "role"
	RoleID       Field = "role_id"
)

const fieldCount = 7

// fields gives every field in the order in which messages name them.
func fields() [fieldCount]Field {
	return [fieldCount]Field{DealID, DealName, ContactID, ContactEmail, ContactName, Role, RoleID}
}

// ordinal is the place of f in fields, or -1 for an unknown field.
func (f Field) ordinal() int {
	all := fields()
	return slices.Index(all[:], f)
}
