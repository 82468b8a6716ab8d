package cli

import (
	"slices"
	"strings"
)

// scope is one of Zoho's scopes, and the commands that need it.
type scope struct {
	name     string
	commands []string
	without  string // what is not known or done without it, where they go on all the same; "": they do not
}

// The scopes that doctor tries, each by a call that needs it. Those to write with are not tried: that would write.
const (
	scopeDealsRead    = "ZohoCRM.modules.deals.READ"
	scopeContactsRead = "ZohoCRM.modules.contacts.READ"
	scopeQuery        = "ZohoCRM.coql.READ"
	scopeOrg          = "ZohoCRM.org.READ"
	scopeUsers        = "ZohoCRM.users.READ"
	scopeLists        = "ZohoCRM.settings.related_lists.READ"
)

// The commands that need scopes. What goes on with a run needs what the run needs.
const (
	needsAssign    = "assign"
	needsUnchanged = "assign --skip-unchanged"
	needsRemove    = "remove"
	needsExport    = "export"
	needsRoles     = "roles list"
	needsImport    = "roles import"
	needsDelete    = "roles delete"
	needsSync      = "roles sync"
	needsPrune     = "roles sync --prune"
	needsStatus    = "auth status"
	needsDoctor    = "doctor"
)

// scopes is what rolecall asks for, no more than its commands need (Zoho CRM API v8: Get, Add and Remove Contact Roles of a Specific Deal, Get, Insert, Update and Delete Contact Roles, Get Organization Data, Get
// Users, Composite API, Related Lists Metadata, Get Records through a COQL Query).
func scopes() []scope {
	all := commandsWithScopes()
	reads := []string{needsAssign, needsUnchanged, needsRemove, needsExport, needsDoctor}
	writes := []string{needsAssign, needsUnchanged}
	lists := []string{needsImport, needsSync, needsPrune}
	return []scope{
		{scopeDealsRead, reads, ""},
		{"ZohoCRM.modules.deals.UPDATE", writes, ""},
		{"ZohoCRM.modules.deals.DELETE", []string{needsRemove}, ""},
		{scopeContactsRead, append(append(reads, needsRoles, needsDelete), lists...), ""},
		{"ZohoCRM.modules.contacts.CREATE", lists, ""},
		{"ZohoCRM.modules.contacts.UPDATE", append(writes, lists...), ""},
		{"ZohoCRM.modules.contacts.DELETE", []string{needsRemove, needsDelete, needsPrune}, ""},
		{"ZohoCRM.composite_requests.CUSTOM", []string{needsUnchanged, needsExport}, "deals are read one by one, not five for a credit"},
		{scopeQuery, []string{needsExport}, "deals are listed 200 to a call, none can be selected by --where, and Zoho does not tell how many there are"},
		{scopeOrg, all, "the limits of the edition are not known, and a profile with org_id is refused"},
		{scopeUsers, []string{needsStatus}, "who signed in is not known"},
		{scopeLists, []string{needsDoctor}, "doctor cannot see whether deals show contact roles"},
	}
}

// commandsWithScopes are the commands that call Zoho.
func commandsWithScopes() []string {
	return []string{needsAssign, needsUnchanged, needsRemove, needsExport, needsRoles, needsImport, needsDelete, needsSync, needsPrune, needsDoctor, needsStatus}
}

// scopeNames are the names of all scopes, as they are asked for.
func scopeNames() []string {
	var names []string
	for _, s := range scopes() {
		names = append(names, s.name)
	}
	return names
}

// scopesLacking are those that a command cannot do without and that are not among the granted.
func scopesLacking(command string, granted []string) []string {
	lacking := []string{}
	for _, s := range scopes() {
		if s.without == "" && slices.Contains(s.commands, command) && !grants(granted, s.name) {
			lacking = append(lacking, s.name)
		}
	}
	return lacking
}

// scopesMissing are all that are asked for and not among the granted.
func scopesMissing(granted []string) (missing []scope) {
	for _, s := range scopes() {
		if !grants(granted, s.name) {
			missing = append(missing, s)
		}
	}
	return missing
}

// reason names a scope with what it is lacking for.
func (s scope) reason() string {
	if s.without != "" {
		return s.name + " (without it " + s.without + ")"
	}
	return s.name + " (" + joined(withoutVariants(s.commands)) + ")"
}

// withoutVariants leaves out a command with a flag where the command itself is there.
func withoutVariants(commands []string) []string {
	return slices.DeleteFunc(slices.Clone(commands), func(c string) bool {
		command, _, variant := strings.Cut(c, " --")
		return variant && slices.Contains(commands, command)
	})
}

// grants says whether what was granted includes a scope: ALL includes every operation, WRITE includes CREATE and UPDATE, and ZohoCRM.modules.READ includes ZohoCRM.modules.deals.READ (Zoho
// CRM API v8, Scopes). Zoho's pages differ in case.
func grants(granted []string, wanted string) bool {
	name, operation := cutOperation(strings.ToLower(wanted))
	return slices.ContainsFunc(granted, func(g string) bool {
		has, may := cutOperation(strings.ToLower(g))
		covers := may == "all" || may == operation || may == "write" && (operation == "create" || operation == "update")
		return covers && strings.HasPrefix(name+".", has+".") && has != "zohocrm"
	})
}

// cutOperation cuts a scope at its last dot.
func cutOperation(scope string) (name, operation string) {
	i := strings.LastIndexByte(scope, '.')
	return scope[:max(i, 0)], scope[i+1:]
}
