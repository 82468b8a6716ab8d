package emulator

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"rolecall/api/emulator/wire"
)

// The codes that refuse a user without a right. Each of Zoho's pages lists both, with 403 and with 400, and none says
// which comes when.
const (
	noPermission        = "NO_PERMISSION"
	authorizationFailed = "AUTHORIZATION_FAILED"
)

// rights are the rights that can be denied, and what the refusal AUTHORIZATION_FAILED says that the user may not do.
// Zoho CRM API v7: Get, Insert, Update and Delete Contact Roles; Get, Add and Remove Contact Roles of a Specific Deal.
func rights() map[string]string {
	return map[string]string{
		"roles.read": "read records",
		// A slip of the page, Insert Contact Roles.
		"roles.create":      "add variables",
		"roles.update":      "update records",
		"roles.delete":      "delete contact roles",
		"deal_roles.read":   "read records",
		"deal_roles.update": "update records",
		"deal_roles.delete": "delete contact roles",
		viewDeals:           "read records",
		viewContacts:        "read records",
	}
}

// The rights to view a module. Each call on deals' contact roles needs both (OpenAPI v8.0, deal contact roles).
const (
	viewDeals    = "deals.view"
	viewContacts = "contacts.view"
)

// readDenied reads denied rights: "roles.delete", or "roles.delete=AUTHORIZATION_FAILED" with the code of the refusal.
// It returns the code by right.
func readDenied(list []string) (map[string]string, error) {
	denied := make(map[string]string, len(list))
	known := rights()
	for _, text := range list {
		right, code, given := strings.Cut(text, "=")
		right, code = strings.ToLower(strings.TrimSpace(right)), strings.ToUpper(strings.TrimSpace(code))
		if _, is := known[right]; !is {
			return nil, fmt.Errorf("unknown right %q to deny: use %s", right,
				strings.Join(slices.Sorted(maps.Keys(known)), ", "))
		}
		if !given {
			code = noPermission
		}
		if code != noPermission && code != authorizationFailed {
			return nil, fmt.Errorf("unknown code %q to deny %s with: use %s or %s", code, right, noPermission,
				authorizationFailed)
		}
		denied[right] = code
	}
	return denied, nil
}

// forbidden returns the refusal of a call whose user lacks one of the rights that the call needs, or nil.
func (e *Emulator) forbidden(needed string) error {
	for right := range strings.FieldsSeq(needed) {
		code, denied := e.denied[right]
		switch {
		case !denied:
		case code == authorizationFailed:
			return wire.Bad(code, "User does not have sufficient privilege to "+rights()[right], wire.Details{})
		case right == viewDeals:
			return noView("Crm_Implied_View_Potentials")
		case right == viewContacts:
			return noView("Crm_Implied_View_Contacts")
		default:
			// The pages show no details.
			_, operation, _ := strings.Cut(right, ".")
			return wire.Refuse(http.StatusForbidden, code, "Permission denied to "+operation+" records", wire.Details{})
		}
	}
	return nil
}

// noView refuses a user who may not view a module. OpenAPI v8.0, deal contact roles.
func noView(permission string) error {
	return wire.Refuse(http.StatusForbidden, noPermission, "permission denied",
		wire.Details{Permissions: []string{permission}})
}
