package api

import (
	"fmt"
	"net/url"
	"strings"
)

// mostIDs is how many contacts or roles one call takes (Zoho CRM API v6, Remove
// Contact Role from a Specific Deal, Delete Contact Roles; Zoho CRM API v7,
// Insert and Update Contact Roles; Zoho's OpenAPI v8 for the collection PUT).
const mostIDs = 100

// What ids are of, in what is said of them.
const (
	aContact = "contact"
	aRole    = "role"
	aRecord  = "record"
)

// rolesPath is the path of the role picklist. Zoho's pages and SDKs write it so;
// its OpenAPI files have /contacts/roles.
const rolesPath = "/Contacts/roles"

// contactRoles is the path of a deal's contact roles.
func contactRoles(deal string) (string, error) {
	id, err := pathID(deal)
	return "/Deals/" + id + "/Contact_Roles", err
}

// contactRole is the path of one contact's role on a deal.
func contactRole(deal, contact string) (string, error) {
	path, err := contactRoles(deal)
	if err != nil {
		return "", err
	}
	id, err := pathID(contact)
	return path + "/" + id, err
}

// pathID escapes an id. A dot would be taken for a step in the path, by a proxy
// if not by Zoho.
func pathID(id string) (string, error) {
	if id == "" || id == "." || id == ".." {
		return "", fmt.Errorf("%q is not an id", id)
	}
	return url.PathEscape(id), nil
}

// rolePath is the path of one role of the picklist.
func rolePath(id string) (string, error) {
	id, err := pathID(id)
	return rolesPath + "/" + id, err
}

// joinIDs is the value of a query's ids, of what is named. Commas between them
// stay as they are, as in Zoho's samples.
func joinIDs(what string, ids []string) (string, error) {
	if err := checkBatch(what, ids); err != nil {
		return "", err
	}
	escaped := make([]string, len(ids))
	for i, id := range ids {
		if id == "" || strings.Contains(id, ",") {
			return "", fmt.Errorf("%q is not an id", id)
		}
		escaped[i] = url.QueryEscape(id)
	}
	return strings.Join(escaped, ","), nil
}

// checkBatch refuses what could not be told apart in the answer.
func checkBatch(what string, ids []string) error {
	if err := checkSize(what, len(ids)); err != nil {
		return err
	}
	seen := make(map[string]bool, len(ids))
	for _, id := range ids {
		if seen[id] {
			return fmt.Errorf("%s %s is twice in one call", what, id)
		}
		seen[id] = true
	}
	return nil
}

// checkSize refuses what no one call may hold.
func checkSize(what string, n int) error {
	switch {
	case n == 0:
		return fmt.Errorf("no %s given", what)
	case n > mostIDs:
		return fmt.Errorf("%d %ss in one call; Zoho takes at most %d", n, what, mostIDs)
	}
	return nil
}

// kind is a call's name in the statistics: its method and path, with ids as
// {id}.
func (q request) kind() string {
	if deal, ok := strings.CutPrefix(q.path, "/Deals/"); ok && deal != "actions/count" {
		_, relation, _ := strings.Cut(deal, "/")
		list, _, one := strings.Cut(relation, "/")
		if one {
			list += "/{id}"
		}
		return q.method + " /Deals/{id}/" + list
	}
	segments := strings.Split(q.path, "/")
	for i, s := range segments {
		if isDigits(s) {
			segments[i] = "{id}"
		}
	}
	return q.method + " " + strings.Join(segments, "/")
}
