package api

import (
	"fmt"
	"net/url"
	"strings"
)

// The paths of resources. %s stands for an id.
const (
	pathContactRoles = "/Deals/%s/Contact_Roles"
	pathContactRole  = "/Deals/%s/Contact_Roles/%s"
	pathContactDeals = "/Contacts/%s/Deals"
	// Zoho's pages and SDKs write the path of the role picklist so; its OpenAPI files have /contacts/roles.
	pathRoles = "/Contacts/roles"
	pathRole  = "/Contacts/roles/%s"
)

// pathOf puts ids into a path. It refuses a dot, which a proxy would take for a step in the path.
func pathOf(path string, ids ...string) (string, error) {
	escaped := make([]any, len(ids))
	for i, id := range ids {
		if id == "" || id == "." || id == ".." {
			return "", fmt.Errorf("%q is not an id", id)
		}
		escaped[i] = url.PathEscape(id)
	}
	return fmt.Sprintf(path, escaped...), nil
}

// modulePath returns the path of a module's records.
func modulePath(module string) (string, error) {
	if module == "" || module == "." || module == ".." {
		return "", fmt.Errorf("%q is not a module", module)
	}
	return "/" + url.PathEscape(module), nil
}

// kind returns the name of a call in the statistics: its method and path, with ids as {id}.
func (q request) kind() string {
	deal, _ := strings.CutPrefix(q.path, "/Deals/")
	if id, relation, ok := strings.Cut(deal, "/"); ok && id != "" && id != "actions" {
		name, _, one := strings.Cut(relation, "/")
		if one {
			name += "/{id}"
		}
		return q.method + " /Deals/{id}/" + name
	}
	segments := strings.Split(q.path, "/")
	for i, s := range segments {
		if isDigits(s) {
			segments[i] = "{id}"
		}
	}
	return q.method + " " + strings.Join(segments, "/")
}
