package emulator

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// rights are what Options.Denied may name: what a user may do to the role
// picklist.
func rights() []string {
	return []string{"roles.read", "roles.create", "roles.update", "roles.delete"}
}

// checkRights trims the names of rights and refuses unknown ones.
func checkRights(denied []string) ([]string, error) {
	names := make([]string, len(denied))
	for i, name := range denied {
		if names[i] = strings.ToLower(strings.TrimSpace(name)); !slices.Contains(rights(), names[i]) {
			return nil, fmt.Errorf("unknown right %q to deny: use %s", name, strings.Join(rights(), ", "))
		}
	}
	return names, nil
}

// denied is the refusal of a call that the user has no right to. Zoho CRM API
// v7, Insert, Update, Get and Delete Contact Roles: NO_PERMISSION; no page shows
// details of it.
func denied(right string) *refusal {
	_, operation, _ := strings.Cut(right, ".")
	return refuse(http.StatusForbidden, "NO_PERMISSION", "Permission denied to "+operation+" records", details{})
}
