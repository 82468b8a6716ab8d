package emulator

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"rolecall/api/emulator/org"
	"rolecall/api/emulator/wire"
)

// The codes that refuse a user without a right. Each of Zoho's pages lists both, with 403 and with 400, and none says
// which comes when.
const (
	noPermission        = "NO_PERMISSION"
	authorizationFailed = "AUTHORIZATION_FAILED"
)

// rights returns the rights on roles that can be denied, each with the operation that the refusal AUTHORIZATION_FAILED
// names. Zoho CRM API v7: Get, Insert, Update and Delete Contact Roles; Get, Add and Remove Contact Roles of a Specific
// Deal.
func rights() map[string]string {
	return map[string]string{
		"roles.read": "read records",
		// An error on Zoho's page Insert Contact Roles, copied here.
		"roles.create":      "add variables",
		"roles.update":      "update records",
		"roles.delete":      "delete contact roles",
		"deal_roles.read":   "read records",
		"deal_roles.update": "update records",
		"deal_roles.delete": "delete contact roles",
	}
}

// Each module has a right for each operation. The calls on deals' contact roles need the view of deals and of contacts
// (OpenAPI v8.0, deal contact roles).
func moduleRights() []string { return []string{"view", "create", "update", "delete"} }

// readDenied reads denied rights: "roles.delete", or "roles.delete=AUTHORIZATION_FAILED" with the code of the refusal.
// It returns the code by right.
func readDenied(list []string, modules []org.Module) (map[string]string, error) {
	denied := make(map[string]string, len(list))
	known := slices.Sorted(maps.Keys(rights()))
	for _, m := range modules {
		for _, operation := range moduleRights() {
			known = append(known, strings.ToLower(m.Name())+"."+operation)
		}
	}
	for _, text := range list {
		right, code, given := strings.Cut(text, "=")
		right, code = strings.ToLower(strings.TrimSpace(right)), strings.ToUpper(strings.TrimSpace(code))
		if !slices.Contains(known, right) {
			return nil, fmt.Errorf("unknown right %q to deny: use %s, or view, create, update and delete of a module, "+
				"such as deals.view", right, strings.Join(slices.Sorted(maps.Keys(rights())), ", "))
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
		module, operation, _ := strings.Cut(right, ".")
		what, isRole := rights()[right]
		if !isRole {
			what = map[string]string{"view": "read"}[operation]
			what = cmp.Or(what, operation) + " records"
		}
		switch {
		case !denied:
		case code == authorizationFailed:
			return wire.Bad(code, "User does not have sufficient privilege to "+what, wire.Details{})
		case operation == "view":
			return noView(module)
		default:
			// The pages show no details.
			return wire.Refuse(http.StatusForbidden, code, "Permission denied to "+operation+" records", wire.Details{})
		}
	}
	return nil
}

// noView refuses a user who may not view a module. OpenAPI v8.0, deal contact roles, has the names of the permissions
// for deals and contacts. Those of other modules are inferred.
func noView(module string) error {
	name := strings.ToUpper(module[:1]) + module[1:]
	if module == "deals" {
		name = "Potentials"
	}
	return wire.Refuse(http.StatusForbidden, noPermission, "permission denied",
		wire.Details{Permissions: []string{"Crm_Implied_View_" + name}})
}
