package job

import (
	"encoding/json"

	"rolecall/csvio"
)

// Statuses of a row: the column rc_status.
const (
	StatusSuccess      = "success"
	StatusError        = "error"
	StatusNotAttempted = "not_attempted"
)

// What was done for a row: the column rc_action. It is empty on error.
const (
	ActionAssigned  = "assigned"
	ActionRemoved   = "removed"
	ActionUnchanged = "unchanged"
	ActionAdded     = "added"   // assigned, where the deal was read before and did not have the contact
	ActionUpdated   = "updated" // assigned, where the deal was read before and had the contact with another role; of a role: renamed or moved
	ActionCreated   = "created" // a role
	ActionDeleted   = "deleted" // a role
)

// Codes of rolecall's own, beside Zoho's, in the column rc_code.
const (
	CodeRowMalformed   = csvio.CodeRowMalformed
	CodeIDMissing      = csvio.CodeIDMissing
	CodeIDInvalid      = csvio.CodeIDInvalid
	CodeIDRounded      = csvio.CodeIDRounded
	CodeRoleMissing    = "ROLE_MISSING"
	CodeRoleUnknown    = "ROLE_UNKNOWN"
	CodeNoStakeholder  = "NO_STAKEHOLDER"
	CodeOutcomeUnknown = "OUTCOME_UNKNOWN"
	CodeNoAnswer       = "NO_ANSWER"

	CodeRoleMismatch    = "ROLE_MISMATCH"    // id and name of a row are those of two roles
	CodeSequenceInvalid = "SEQUENCE_INVALID" // no position in a list
	CodePositionDiffers = "POSITION_DIFFERS" // a role is not where its row wants it, also after that was mended
)

// pathIndex returns which part of the path a refusal points at, -1 for none: 0 the module, 1 the deal, 2 the relation (Zoho CRM API v8, Add Contact Roles to a Specific Deal, possible
// errors: resource_path_index).
func pathIndex(details string) int {
	var d struct {
		Index *int `json:"resource_path_index"`
	}
	if json.Unmarshal([]byte(details), &d) != nil || d.Index == nil {
		return -1
	}
	return *d.Index
}

// isOwn says whether a code is rolecall's own.
func isOwn(code string) bool {
	_, own := OwnAdvice(code)
	return own
}

// OwnAdvice returns what to do about a code of rolecall's own; own is false for one that is Zoho's.
func OwnAdvice(code string) (advice string, own bool) {
	switch code {
	case CodeRowMalformed:
		return "mend the row (its raw text is in rc_details) and empty its rc_code; a text with the delimiter in it needs quotes around it", true
	case CodeIDMissing:
		return "fill in the id, or take the row out", true
	case CodeIDInvalid:
		return "use the id as Zoho exports it (Record Id): digits only, or zcrm_ and digits", true
	case CodeIDRounded:
		return "a spreadsheet rounded the id: export again and keep the id column as text", true
	case CodeRoleMissing:
		return "fill in the role", true
	case CodeRoleUnknown:
		return "use a role of the org's list, or add the role in Zoho first", true
	case CodeNoStakeholder:
		return "nothing: the row names no contact", true
	case CodeOutcomeUnknown:
		return "look at the deal in Zoho: nothing told whether the change was made; sending the row again is safe", true
	case CodeRoleMismatch:
		return "give the id or the name, or make both those of one role", true
	case CodeSequenceInvalid:
		return "sequence_number is a whole number from 1 on, or empty", true
	case CodePositionDiffers:
		return "send failed.csv again, or put the role in its place in Zoho (Setup > Modules and Fields > Contact Roles)", true
	case CodeNoAnswer:
		return "send failed.csv again later: Zoho gave no usable answer, and the change was not made", true
	}
	return "", false
}

// Codes of Zoho's by which a job decides something (Zoho CRM API v8, Status Codes). All others only pass through.
const (
	codeSuccess           = "SUCCESS"
	codeInvalidData       = "INVALID_DATA"
	codeMandatoryNotFound = "MANDATORY_NOT_FOUND"
)

// Advice returns what to do about a row of a command that failed with a code and details: rolecall's own codes and those of Zoho's that the command meets. For an unknown code it is "".
// Zoho's codes and their causes: Zoho CRM API v8, Add Contact Roles to a Specific Deal, Remove Contact Role from a Specific Deal, and Status Codes.
func Advice(command Command, code, details string) string {
	switch {
	case code == codeInvalidData && pathIndex(details) == 1:
		return "look the deal up in Zoho: there is none of that id, or this user may not see it"
	case command == Remove && absent(code, details):
		return "the contact is not on the deal; --ignore-not-found takes that as done"
	}
	if advice, own := OwnAdvice(code); own {
		return advice
	}
	if code == codeInvalidData {
		return "look the contact up in Zoho: there is none of that id, or this user may not see it; or the role is gone"
	}
	return ZohoAdvice(code)
}

// ZohoAdvice returns what to do about a code of Zoho's that means the same whatever was asked for; "" for others (Zoho CRM API v8, Status Codes).
func ZohoAdvice(code string) string {
	switch code {
	case "NO_PERMISSION", "AUTHORIZATION_FAILED":
		return "the Zoho user who signed in lacks the right: ask an administrator for access to these records"
	case "RECORD_LOCKED", "NOT_APPROVED", "NOT_REVIEWED":
		return "the record is locked or waits for approval in Zoho: release it, then send failed.csv"
	case "INTERNAL_ERROR", "INTERNAL_SERVER_ERROR":
		return "Zoho's own trouble: send failed.csv again later"
	}
	return ""
}
