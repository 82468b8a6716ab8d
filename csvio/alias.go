package csvio

import (
	"strings"
	"unicode"
)

// ownPrefix begins the columns that rolecall adds to a table. They are dropped
// on reading, so that every file it writes can be fed back.
const ownPrefix = "rc_"

// recordID is the folded name of the id column of every export from Zoho CRM's
// own screens, whatever the module.
const recordID = "recordid"

// aliasOf gives the field that a folded column name stands for.
//
// Each name is one that Zoho itself writes. Two sources of ids are left out on
// purpose, because the same name stands for another module's record just as
// often: "Id" (Bulk Read API) and "Opportunity ID" (other systems). --map
// names those.
func aliasOf(folded string) (Field, bool) {
	switch folded {
	case "dealid", // rolecall's own, and related lists
		recordID,          // first column of an export of Deals
		"dealnameid",      // "Deal Name.id": the lookup column in exports of modules that point to a deal
		"potentialid",     // Deals were called Potentials until 2018; old orgs keep the label
		"potentialnameid": // the same lookup under the old label
		return DealID, true
	case "dealname", // rolecall's own, and the Deals export
		"potentialname": // the old label
		return DealName, true
	case "contactid", // rolecall's own, and related lists
		"contactnameid": // "Contact Name.id": the lookup column of the Deals export
		return ContactID, true
	case "contactemail", // rolecall's own
		"email": // Contacts export, and the Email field of a deal's contact roles in the API
		return ContactEmail, true
	case "contactname", // rolecall's own, and the Deals export
		"fullname": // Full_Name of a deal's contact roles in the API
		return ContactName, true
	case "role", // rolecall's own
		"rolename",        // the role picklist
		"contactrole",     // Contact_Role of a deal's contact roles, and the related list's column
		"contactroles",    // the related list's title
		"contactrolename": // Contact_Role.name, the API's object made flat
		return Role, true
	case "roleid", // rolecall's own
		"contactroleid": // Contact_Role.id, the API's object made flat
		return RoleID, true
	}
	return "", false
}

// foreignOwner tells the export of Contacts: its "Record Id" is the contact's,
// and a contact must never be taken for a deal.
const foreignOwner = "contactowner"

// fold makes a column name comparable: case, spaces, "_", "-" and "." do not
// count.
func fold(name string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '_', r == '-', r == '.', unicode.IsSpace(r), isInvisible(r):
			return -1
		}
		return unicode.ToLower(r)
	}, name)
}

// isInvisible tells the characters that editors leave in a cell unseen: the
// byte order mark and the zero-width ones.
func isInvisible(r rune) bool {
	return r == '\uFEFF' || (r >= '\u200B' && r <= '\u200D')
}

// isOwn tells a column that rolecall itself added.
func isOwn(name string) bool {
	name = strings.TrimSpace(name)
	return len(name) >= len(ownPrefix) && strings.EqualFold(name[:len(ownPrefix)], ownPrefix)
}
