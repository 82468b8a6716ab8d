package picklist

import "rolecall/job"

// advice returns what to do about a row that failed with a code, or "" for an unknown code. The codes and their causes
// are from Zoho CRM API v8, Insert, Update and Delete Contact Roles, and from Zoho's OpenAPI files for v8.0, contact
// roles.
func advice(name, code string) string {
	switch code {
	case job.CodePositionDiffers, job.CodeNoAnswer, "INTERNAL_ERROR", "INTERNAL_SERVER_ERROR":
		if name == Undo {
			return "give the undo command again, later: what is taken back already stays so"
		}
		if name == Sync || name == Copy {
			return "give the same command again later; not with failed.csv, which is not the whole list"
		}
	case job.CodeOutcomeUnknown:
		if name == Undo {
			return "give the undo command again: it goes by what the list has then"
		}
		return "look at the list (rolecall roles list): it is not known whether the change was made; " +
			"sending the row again is safe"
	case job.CodeRoleUnknown:
		return "give the id, or the name as the org has it (rolecall roles list)"
	}
	if text, own := job.OwnAdvice(code); own {
		return text
	}
	switch code {
	case codeDuplicate:
		return "another role of the org has this name: rename that first (roles sync also changes names with each " +
			"other), or take the row out"
	case "MANDATORY_NOT_FOUND":
		return "fill in the name"
	case "LIMIT_EXCEEDED":
		return "the org has as many roles as Zoho allows (100): delete some first"
	case "LOWER_LIMIT_REACHED":
		return "an org keeps its last role: create another one first"
	case codeInvalidData:
		if name == Delete {
			return "nothing: the org has no such role, or no longer has it"
		}
		return "look at the id (--by-name goes by the names of a table from another org), at the name " +
			"(50 characters at most) and at the position"
	}
	return job.ZohoAdvice(code)
}
