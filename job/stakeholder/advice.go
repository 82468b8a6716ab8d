package stakeholder

import (
	"encoding/json"

	"rolecall/job"
)

// Zoho's codes that these jobs act on (Zoho CRM API v8, Status Codes). They only pass all other codes on.
const (
	codeInvalidData       = "INVALID_DATA"
	codeMandatoryNotFound = "MANDATORY_NOT_FOUND"
)

// advice returns what to do about a row of the job name that failed with a code and details, or "" for an unknown code.
// The codes and their causes are from Zoho CRM API v8: Add Contact Roles to a Specific Deal, Remove Contact Role from a
// Specific Deal, and Status Codes.
func advice(name, code, details string) string {
	switch {
	case code == codeInvalidData && pathIndex(details) == 1:
		return "look the deal up in Zoho: there is none of that id, or this user may not see it"
	case code == job.CodeIDRounded && details != "":
		return "fill in the id in failed.csv: rc_details lists the records that may be meant"
	case code == job.CodeIDRounded && name != Undo:
		return "a spreadsheet rounded the id: export again and keep the id column as text; " +
			"or give the row's name or e-mail too, and --repair-ids"
	case name == Remove && absent(code, details):
		return "the contact is not on the deal; --ignore-not-found takes that as done"
	}
	if name == Apply && code == job.CodeChangedSince {
		return "nothing, if the change is right; else plan again"
	}
	if (name == Plan || name == Apply) && code == job.CodeRoleCleared {
		return "the contact stays on the deal with its role: fill in the role, or delete the row and give --prune, which " +
			"takes the contact off"
	}
	if name == Undo {
		if text := undoAdvice(code); text != "" {
			return text
		}
	}
	if text, own := job.OwnAdvice(code); own {
		return text
	}
	if code == codeInvalidData {
		return "look the contact up in Zoho: there is none of that id, or this user may not see it; or the role is gone"
	}
	return job.ZohoAdvice(code)
}

// undoAdvice returns what to do about a row of undo that failed with a code, or "" if the advice is that of the other
// jobs. It does not name failed.csv, because the failed.csv of an undo is no input.
func undoAdvice(code string) string {
	switch code {
	case job.CodeRoleUnknown:
		return "add the role in Zoho, or give the contact another role there; then give the undo command again"
	case job.CodeRoleMissing:
		return "nothing that rolecall can do: Zoho takes no contact on a deal without a role"
	case job.CodeOutcomeUnknown:
		return "give the undo command again: it goes by what the deal has then"
	case job.CodeNoAnswer, "INTERNAL_ERROR", "INTERNAL_SERVER_ERROR":
		return "give the undo command again, later: what is taken back already stays so"
	case "RECORD_LOCKED", "NOT_APPROVED", "NOT_REVIEWED":
		return "the record is locked or waits for approval in Zoho: release it, then give the undo command again"
	}
	return ""
}

// pathIndex returns the part of the URL's path that a refusal names: 0 the module, 1 the deal, 2 the relation, -1 none
// (Zoho CRM API v8, Add Contact Roles to a Specific Deal, possible errors: resource_path_index).
func pathIndex(details string) int {
	var d struct {
		Index *int `json:"resource_path_index"`
	}
	if json.Unmarshal([]byte(details), &d) != nil || d.Index == nil {
		return -1
	}
	return *d.Index
}
