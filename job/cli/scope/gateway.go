package scope

import (
	"slices"
	"strings"

	"rolecall/api/gateway"
)

// Paths returns the paths that a command uses and that the gateway's own page does not name. "" is a command that is
// not known yet, such as that of a run to resume. It may use all of them.
func Paths(command string) []gateway.Path {
	records := []gateway.Path{gateway.Modules, gateway.Fields}
	stakeholders := []gateway.Path{gateway.DealRoles, gateway.Roles, gateway.COQL}
	switch command {
	case "":
		return gateway.Paths()
	case RecordsExport, RecordsInsert:
		return append(records, gateway.COQL)
	case RecordsUpdate, RecordsUndo:
		return append(records, gateway.COQL, gateway.Together)
	case RecordsUpsert:
		return append(records, gateway.COQL, gateway.Together, gateway.Upsert)
	case RecordsGet, RecordsSearch, RecordsDelete:
		return records
	case UsersExport, VoiceExport, VoiceGet, VoiceStatuses, VoiceImport, VoiceDelete, VoiceUndo:
		return nil
	case Show:
		return stakeholders[:2]
	case Assign, Remove, Undo, Export:
		return stakeholders
	}
	if strings.HasPrefix(command, "roles ") || command == RolesUndo {
		return []gateway.Path{gateway.Roles}
	}
	return gateway.Paths()
}

// IsVoice reports whether a command is about contacts of Zoho Voice, which no gateway serves.
func IsVoice(command string) bool {
	return slices.ContainsFunc(Voice(), func(s Scope) bool { return slices.Contains(s.Commands, command) })
}

// CannotDoWithout reports whether a command cannot work if the gateway does not forward a path.
func CannotDoWithout(command string, path gateway.Path) bool {
	if command == Doctor || command == AuthStatus {
		return false
	}
	named := path == gateway.Roles && command != Remove && command != Show && command != Export
	return command != "" && (path == gateway.DealRoles || named) && slices.Contains(Paths(command), path)
}

// Instead returns what rolecall does if the gateway does not forward a path, for commands that work without the path.
func Instead(path gateway.Path) string {
	return map[gateway.Path]string{
		gateway.Modules: "Zoho's own modules are known by their API names, others as they are typed",
		gateway.Fields: "fields are known by the columns of the table and by the records that are there, " +
			"and Zoho checks each value",
		gateway.COQL: "records are listed by pages and found by search, whose index is minutes behind; " +
			"--where is not possible",
		gateway.Org:       "the org's id, edition and limits are not known",
		gateway.Roles:     "the list of contact roles cannot be read or changed, and none can be assigned",
		gateway.DealRoles: "who is on a deal cannot be read or changed",
		gateway.Upsert:    "an upsert looks for each record, and inserts or updates it",
		gateway.Together:  "records are updated one by one",
	}[path]
}
