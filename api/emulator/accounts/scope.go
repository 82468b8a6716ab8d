package accounts

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Scopes are what a token may do; nil is everything. They are compared without regard to case: Zoho's pages write
// AaaServer.profile.READ and .Read.
type Scopes struct {
	text    string          // as asked for, separated by spaces
	granted map[string]bool // in lower case
}

// ParseScopes reads a list separated by commas or spaces. A scope is service.name.operation (Zoho CRM API v8, Scopes),
// and its name has one part or more. Unknown names are accepted: the first call that needs the right one fails.
func ParseScopes(list string) (*Scopes, error) {
	s := &Scopes{granted: make(map[string]bool)}
	var asked []string
	for _, scope := range strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' }) {
		lower := strings.ToLower(scope)
		if !wellFormed(lower) {
			return nil, fmt.Errorf(
				"scope %q does not have the form service.name.operation, such as ZohoCRM.modules.ALL",
				scope,
			)
		}
		if !s.granted[lower] {
			s.granted[lower] = true
			asked = append(asked, scope)
		}
	}
	if len(asked) == 0 {
		return nil, errors.New("no scope is given; name some, such as ZohoCRM.modules.ALL")
	}
	s.text = strings.Join(asked, " ")
	return s, nil
}

// wellFormed checks a scope in lower case. The operations are those of Zoho CRM API v6, Select API Scopes. Other
// services have others.
func wellFormed(scope string) bool {
	const letters = "abcdefghijklmnopqrstuvwxyz0123456789_."
	parts := strings.Split(scope, ".")
	if len(parts) < 3 || slices.Contains(parts, "") || strings.Trim(scope, letters) != "" {
		return false
	}
	operations := []string{"all", "read", "create", "update", "write", "delete", "custom"}
	return parts[0] != "zohocrm" || slices.Contains(operations, parts[len(parts)-1])
}

// cover reports whether all asked scopes were granted, word for word.
func (s *Scopes) cover(asked *Scopes) bool {
	for scope := range asked.granted {
		if !s.granted[scope] {
			return false
		}
	}
	return true
}

// including lists the scopes that include one. ALL includes every operation (Zoho CRM API v8, Scopes). WRITE is CREATE
// and UPDATE (v8, Insert and Update Contact Roles; the delete pages do not take it). And modules.READ includes
// modules.deals.READ. The service is ZohoCRM unless the scope names another one.
func including(scope string) (list []string) {
	name, operation := cutLast(scope)
	operations := []string{"all", operation}
	if operation == "create" || operation == "update" {
		operations = append(operations, "write")
	}
	service := "zohocrm."
	if strings.HasPrefix(name, "zohosearch.") || strings.HasPrefix(name, "zohovoice.") {
		service = ""
	}
	for ; name != ""; name, _ = cutLast(name) {
		for _, o := range operations {
			list = append(list, service+name+"."+o)
		}
	}
	return list
}

// cutLast cuts at the last dot. Without a dot, before is empty.
func cutLast(s string) (before, after string) {
	at := strings.LastIndexByte(s, '.')
	return s[:max(at, 0)], s[at+1:]
}

// Allow reports whether a token may make a call that needs these scopes. A list such as "modules.deals.READ
// modules.contacts.READ" needs both.
func (s *Scopes) Allow(needs string) bool {
	if s == nil {
		return true
	}
	for scope := range strings.FieldsSeq(strings.ToLower(needs)) {
		if !slices.ContainsFunc(including(scope), func(scope string) bool { return s.granted[scope] }) {
			return false
		}
	}
	return true
}
