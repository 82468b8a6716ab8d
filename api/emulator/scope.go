package emulator

import (
	"fmt"
	"slices"
	"strings"
)

// Scopes are what a token may do; nil is everything. They are compared without
// regard to case: Zoho's pages write AaaServer.profile.READ and .Read.
type scopes struct {
	text    string          // as asked for, separated by spaces
	granted map[string]bool // in lower case
}

// parseScopes reads a list separated by commas or spaces. A scope is
// service.name.operation (Zoho CRM API v8, Scopes), its name of one part or
// more. Which names there are is not checked: a misspelt one is noticed by the
// first call that it was meant for.
func parseScopes(list string) (*scopes, error) {
	s := &scopes{granted: make(map[string]bool)}
	var asked []string
	for _, scope := range strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' }) {
		lower := strings.ToLower(scope)
		if !wellFormed(lower) {
			return nil, fmt.Errorf("scope %q is not written as service.name.operation, such as ZohoCRM.modules.ALL", scope)
		}
		if !s.granted[lower] {
			s.granted[lower] = true
			asked = append(asked, scope)
		}
	}
	if len(asked) == 0 {
		return nil, fmt.Errorf("no scope is named; name some, such as ZohoCRM.modules.ALL")
	}
	s.text = strings.Join(asked, " ")
	return s, nil
}

// wellFormed checks a scope in lower case. The operations are those of Zoho
// CRM API v6, Select API Scopes; other services have others.
func wellFormed(scope string) bool {
	parts := strings.Split(scope, ".")
	if len(parts) < 3 || slices.Contains(parts, "") || strings.Trim(scope, "abcdefghijklmnopqrstuvwxyz0123456789_.") != "" {
		return false
	}
	if parts[0] != "zohocrm" {
		return true
	}
	return slices.Contains([]string{"all", "read", "create", "update", "write", "delete", "custom"}, parts[len(parts)-1])
}

// list gives the scopes one by one, for a consent page.
func (s *scopes) list() []string { return strings.Fields(s.text) }

// cover says whether all of these were granted, word for word.
func (s *scopes) cover(asked *scopes) bool {
	for scope := range asked.granted {
		if !s.granted[scope] {
			return false
		}
	}
	return true
}

// A need is the scopes of which a call must have one, in lower case.
type need []string

// needs reads what a route asks for: "modules.deals.READ modules.contacts.READ"
// is both.
func needs(list string) []need {
	var all []need
	for scope := range strings.FieldsSeq(strings.ToLower(list)) {
		all = append(all, needOf(scope))
	}
	return all
}

// needOf lists the scopes that include one: ALL includes every operation (Zoho
// CRM API v8, Scopes), WRITE is CREATE and UPDATE (v8, Insert and Update
// Contact Roles; the delete pages do not take it), and modules.READ includes
// modules.deals.READ. Another service than ZohoCRM is named.
func needOf(scope string) need {
	name, operation := cutLast(scope)
	operations := []string{"all", operation}
	if operation == "create" || operation == "update" {
		operations = append(operations, "write")
	}
	service := "zohocrm."
	if strings.HasPrefix(name, "zohosearch.") {
		service = ""
	}
	var n need
	for ; name != ""; name, _ = cutLast(name) {
		for _, o := range operations {
			n = append(n, service+name+"."+o)
		}
	}
	return n
}

// cutLast cuts at the last dot; without one nothing is before it.
func cutLast(s string) (before, after string) {
	at := strings.LastIndexByte(s, '.')
	return s[:max(at, 0)], s[at+1:]
}

// allow says whether every need is met.
func (s *scopes) allow(needs []need) bool {
	if s == nil {
		return true
	}
	for _, n := range needs {
		if !slices.ContainsFunc(n, func(scope string) bool { return s.granted[scope] }) {
			return false
		}
	}
	return true
}
