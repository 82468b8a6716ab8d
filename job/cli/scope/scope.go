// Package scope lists which of Zoho's scopes each command needs.
package scope

import (
	"slices"
	"strings"
)

// Scope is one of Zoho's scopes, with the commands that need it.
type Scope struct {
	Name     string
	Commands []string
	Without  string // what rolecall cannot do or know without it; "": the commands cannot work
}

// The scopes that doctor tries, each with a call that needs it. It tries no scope for writing, because that would
// write.
const (
	DealsRead    = "ZohoCRM.modules.deals.READ"
	ContactsRead = "ZohoCRM.modules.contacts.READ"
	Query        = "ZohoCRM.coql.READ"
	Org          = "ZohoCRM.org.READ"
	Users        = "ZohoCRM.users.READ"
	Lists        = "ZohoCRM.settings.related_lists.READ"
)

// The commands that need scopes. resume needs the scopes of the run's own command.
const (
	Assign      = "assign"
	Plan        = "plan"
	Apply       = "apply"
	Verify      = "verify"
	Remove      = "remove"
	Undo        = "undo"
	Show        = "show"
	Export      = "export"
	RolesList   = "roles list"
	RolesImport = "roles import"
	RolesDelete = "roles delete"
	RolesSync   = "roles sync"
	RolesPrune  = "roles sync --prune"
	RolesUndo   = "undo of roles" // undo of a run over the list of roles
	AuthStatus  = "auth status"
	Doctor      = "doctor"
)

// The commands for records and users. Their scopes are wide, so that a sign-in has them only if it was made with
// auth login --scopes records.
const (
	RecordsExport = "records export"
	RecordsGet    = "records get"
	RecordsSearch = "records search"
	RecordsInsert = "records insert"
	RecordsUpdate = "records update"
	RecordsUpsert = "records upsert"
	RecordsDelete = "records delete"
	RecordsUndo   = "undo of records"
	UsersExport   = "users export"
)

// The commands for contacts of Zoho Voice. Only a sign-in made with auth login --scopes voice has their scopes.
const (
	VoiceExport   = "voice export"
	VoiceGet      = "voice get"
	VoiceStatuses = "voice statuses"
	VoiceImport   = "voice import"
	VoiceDelete   = "voice delete"
	VoiceUndo     = "undo of voice contacts"
)

// The sets of scopes, as values of auth login --scopes.
const (
	SetRoles   = "roles"
	SetRecords = "records" // those of SetRoles too
	SetVoice   = "voice"   // those of SetRoles too
	SetAll     = "all"
)

// The scopes that only one set has.
const (
	search    = "ZohoSearch.securesearch.READ"
	VoiceRead = "zohovoice.contacts.READ" // doctor tries it
)

// Voice returns the scopes of contacts of Zoho Voice (Zoho Voice, Contacts API).
func Voice() []Scope {
	return []Scope{
		{VoiceRead, []string{VoiceExport, VoiceGet, VoiceStatuses, VoiceImport, VoiceDelete, VoiceUndo}, ""},
		{"zohovoice.contacts.CREATE", []string{VoiceImport, VoiceUndo}, ""},
		{"zohovoice.contacts.UPDATE", []string{VoiceImport, VoiceUndo}, ""},
		{"zohovoice.contacts.DELETE", []string{VoiceDelete, VoiceUndo}, ""},
	}
}

// Records returns the scopes that the commands for records and users need, of any module (Zoho CRM API v8: Get, Search,
// Insert, Update, Upsert and Delete Records, Restore Records from Recycle Bin, Modules and Fields Metadata, Get Users).
// For one module, the scopes of the module are enough, such as ZohoCRM.modules.leads.READ.
func Records() []Scope {
	writes := []string{RecordsInsert, RecordsUpdate, RecordsUpsert, RecordsDelete, RecordsUndo}
	all := append([]string{RecordsExport, RecordsGet, RecordsSearch}, writes...)
	reads := []string{RecordsInsert, RecordsUpdate, RecordsUpsert}
	return []Scope{
		{"ZohoCRM.modules.READ", all, ""},
		{"ZohoCRM.modules.CREATE", []string{RecordsInsert, RecordsUpsert}, ""},
		{"ZohoCRM.modules.UPDATE", []string{RecordsUpdate, RecordsUpsert, RecordsUndo}, ""},
		{"ZohoCRM.modules.DELETE", []string{RecordsDelete, RecordsUndo}, ""},
		{"ZohoCRM.settings.modules.READ", all, ""},
		{"ZohoCRM.settings.fields.READ", all, ""},
		{search, []string{RecordsSearch}, ""},
		{Query, reads, ""},                      // lookups by name, the records of an upsert, a lost insert
		{Users, append(reads, UsersExport), ""}, // e-mails of owners, the user's time zone
		{"ZohoCRM.settings.recycle_bin.UPDATE", []string{RecordsUndo}, ""},
	}
}

// Set returns the scopes of a set.
func Set(set string) []Scope {
	all := All()
	if set == SetRecords || set == SetAll {
		all = append(all, Records()...)
	}
	if set == SetVoice || set == SetAll {
		all = append(all, Voice()...)
	}
	return all
}

// SetOf returns the set that a sign-in was made for.
func SetOf(granted []string) string {
	switch records, voice := Grants(granted, search), Grants(granted, VoiceRead); {
	case records && voice:
		return SetAll
	case records:
		return SetRecords
	case voice:
		return SetVoice
	}
	return SetRoles
}

// All returns the scopes that rolecall asks for: no more than its commands need (Zoho CRM API v8: Get, Add and Remove
// Contact Roles of a Specific Deal, Get, Insert, Update and Delete Contact Roles, Get Organization Data, Get Users,
// Composite API, Related Lists Metadata, Get Records through a COQL Query).
func All() []Scope {
	all := Commands(SetRoles)
	reads := []string{Assign, Plan, Apply, Verify, Remove, Undo, Show, Export, Doctor}
	writes := []string{Assign, Apply, Undo}
	lists := []string{RolesImport, RolesSync, RolesPrune, RolesUndo}
	return []Scope{
		{DealsRead, reads, ""},
		{"ZohoCRM.modules.deals.UPDATE", writes, ""},
		{"ZohoCRM.modules.deals.DELETE", []string{Remove, Undo}, ""},
		{ContactsRead, append(append(reads, RolesList, RolesDelete), lists...), ""},
		{"ZohoCRM.modules.contacts.CREATE", lists, ""},
		{"ZohoCRM.modules.contacts.UPDATE", append(writes, lists...), ""},
		{"ZohoCRM.modules.contacts.DELETE", []string{Remove, Undo, RolesDelete, RolesPrune, RolesUndo}, ""},
		{"ZohoCRM.composite_requests.CUSTOM", []string{Assign, Plan, Apply, Verify, Remove, Undo, Export},
			"deals are read one by one, not five for a credit"},
		{Query, []string{Assign, Plan, Apply, Verify, Remove, Undo, Export}, "deals are listed 200 to a call, none can be selected by --where, " +
			"their number is not known, and a dry run shows deals by their ids"},
		{Org, all, "the limits of the edition are not known, and a profile with org_id is refused"},
		{Users, []string{AuthStatus}, "who signed in is not known"},
		{Lists, []string{Doctor}, "doctor cannot see whether deals show contact roles"},
	}
}

// Commands returns the commands of a set that call Zoho.
func Commands(set string) []string {
	commands := []string{
		Assign, Plan, Apply, Verify, Remove, Undo, Show, Export,
		RolesList, RolesImport, RolesDelete, RolesSync, RolesPrune, RolesUndo,
	}
	if set == SetRecords || set == SetAll {
		commands = append(commands,
			RecordsExport, RecordsGet, RecordsSearch, RecordsInsert, RecordsUpdate, RecordsUpsert, RecordsDelete,
			RecordsUndo, UsersExport,
		)
	}
	if set == SetVoice || set == SetAll {
		commands = append(commands, VoiceExport, VoiceGet, VoiceStatuses, VoiceImport, VoiceDelete, VoiceUndo)
	}
	return append(commands, Doctor, AuthStatus)
}

// Names returns the names of the scopes of a set, for Zoho's pages. It leaves out a scope that another one includes.
func Names(set string) []string {
	var names []string
	for _, s := range Set(set) {
		if !Grants(names, s.Name) {
			names = slices.DeleteFunc(names, func(n string) bool { return Grants([]string{s.Name}, n) })
			names = append(names, s.Name)
		}
	}
	return names
}

// LoginFlags returns the flags of auth login for a sign-in with the scopes of a command.
func LoginFlags(command string) string {
	if slices.Contains(Commands(SetRoles), command) {
		return ""
	}
	if slices.Contains(Commands(SetVoice), command) {
		return " --scopes " + SetVoice
	}
	return " --scopes " + SetRecords
}

// Lacking returns the scopes that a command must have and that were not granted.
func Lacking(command string, granted []string) []string {
	lacking := []string{}
	for _, s := range Set(SetAll) {
		if s.Without == "" && slices.Contains(s.Commands, command) && !Grants(granted, s.Name) {
			lacking = append(lacking, s.Name)
		}
	}
	return lacking
}

// Missing returns the scopes of a set that were not granted.
func Missing(granted []string, set string) (missing []Scope) {
	for _, s := range Set(set) {
		if !Grants(granted, s.Name) {
			missing = append(missing, s)
		}
	}
	return missing
}

// Reason returns the name of a scope, and what does not work without the scope.
func (s Scope) Reason() string {
	if s.Without != "" {
		return s.Name + " (without it " + s.Without + ")"
	}
	return s.Name + " (" + strings.Join(withoutVariants(s.Commands), ", ") + ")"
}

// withoutVariants removes a command with a flag if the list has the command without flags too.
func withoutVariants(commands []string) []string {
	return slices.DeleteFunc(slices.Clone(commands), func(c string) bool {
		command, _, variant := strings.Cut(c, " --")
		return variant && slices.Contains(commands, command)
	})
}

// Grants reports whether the granted scopes include a scope: ALL includes every operation, WRITE includes CREATE and
// UPDATE, and ZohoCRM.modules.READ includes ZohoCRM.modules.deals.READ (Zoho CRM API v8, Scopes). It ignores case,
// because Zoho's pages do.
func Grants(granted []string, wanted string) bool {
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
