package api

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// mostIDs is how many contacts one call takes (Zoho CRM API v6, Remove Contact
// Role from a Specific Deal; Zoho's OpenAPI v8 for the collection PUT).
const mostIDs = 100

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

// joinIDs is the value of a query's ids. Commas between them stay as they are,
// as in Zoho's samples.
func joinIDs(ids []string) (string, error) {
	if err := checkBatch(ids); err != nil {
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

var errNoContact = errors.New("no contact given")

// checkBatch refuses what could not be told apart in the answer.
func checkBatch(contacts []string) error {
	if len(contacts) == 0 {
		return errNoContact
	}
	if len(contacts) > mostIDs {
		return fmt.Errorf("%d contacts in one call; Zoho takes at most %d", len(contacts), mostIDs)
	}
	seen := make(map[string]bool, len(contacts))
	for _, c := range contacts {
		if seen[c] {
			return fmt.Errorf("contact %s is twice in one call", c)
		}
		seen[c] = true
	}
	return nil
}
