package job

import "rolecall/csvio"

// The actions: what was done for a row, in the column rc_action. The column is empty for a failed row.
const (
	ActionAssigned  = "assigned"
	ActionRemoved   = "removed"
	ActionUnchanged = "unchanged"
	ActionAdded     = "added"   // assigned; the run read the deal first, and it did not have the contact
	ActionUpdated   = "updated" // assigned, and the contact had another role; or a role was renamed or moved
	ActionCreated   = "created" // a role was created
	ActionDeleted   = "deleted" // a role was deleted
)

// The codes of rolecall's own in the column rc_code, which also has codes of Zoho's.
const (
	CodeRowMalformed   = csvio.CodeRowMalformed
	CodeIDMissing      = csvio.CodeIDMissing
	CodeIDInvalid      = csvio.CodeIDInvalid
	CodeIDRounded      = csvio.CodeIDRounded
	CodeRoleMissing    = "ROLE_MISSING"
	CodeRoleCleared    = "ROLE_CLEARED" // the role of an exported row was emptied, and its role_id was left
	CodeRoleUnknown    = "ROLE_UNKNOWN"
	CodeNoStakeholder  = "NO_STAKEHOLDER"
	CodeOutcomeUnknown = "OUTCOME_UNKNOWN"
	CodeNoAnswer       = "NO_ANSWER"
	CodeSuperseded     = "SUPERSEDED" // a later row gives the same contact another role; not in failed.csv

	CodeRoleMismatch    = "ROLE_MISMATCH"    // the id and the name of a row belong to two roles
	CodeSequenceInvalid = "SEQUENCE_INVALID" // the value is no position in a list
	CodePositionDiffers = "POSITION_DIFFERS" // a role is at a wrong position, although rolecall corrected it once
)

// OwnAdvice returns what to do about a code of rolecall's own. own is false for other codes.
func OwnAdvice(code string) (advice string, own bool) {
	switch code {
	case CodeRowMalformed:
		return "mend the row (its raw text is in rc_details) and empty its rc_code; " +
			"a text with the delimiter in it needs quotes around it", true
	case CodeIDMissing:
		return "fill in the id, or take the row out", true
	case CodeIDInvalid:
		return "use the id as Zoho exports it (Record Id): digits only, or zcrm_ and digits", true
	case CodeIDRounded:
		return "a spreadsheet rounded the id: export again and keep the id column as text", true
	case CodeRoleMissing:
		return "fill in the role", true
	case CodeRoleCleared:
		return "fill in the role, or give the row to rolecall remove to take the contact off the deal", true
	case CodeRoleUnknown:
		return "use a role of the org's list, or add the role in Zoho first", true
	case CodeNoStakeholder:
		return "nothing: the row names no contact", true
	case CodeOutcomeUnknown:
		return "look at the deal in Zoho: no answer said whether the change was made; " +
			"sending the row again is safe", true
	case CodeRoleMismatch:
		return "give the id or the name, or make both those of one role", true
	case CodeSequenceInvalid:
		return "sequence_number is a whole number from 1 on, or empty", true
	case CodePositionDiffers:
		return "send failed.csv again, or put the role in its place in Zoho " +
			"(Setup > Modules and Fields > Contact Roles)", true
	case CodeSuperseded:
		return "nothing, if the last row of the contact is right; else take the wrong rows out " +
			"(--contradictions last takes such rows as done)", true
	case CodeNoAnswer:
		return "send failed.csv again later: Zoho gave no usable answer, and the change was not made", true
	}
	return "", false
}

// CodeSuccess is Zoho's code for a change that was made (Zoho CRM API v8, Status Codes).
const CodeSuccess = "SUCCESS"

// ZohoAdvice returns what to do about a code of Zoho's that means the same for every request (Zoho CRM API v8, Status
// Codes). It returns "" for other codes.
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
