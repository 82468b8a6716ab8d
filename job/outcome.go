package job

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strings"

	"rolecall/api"
	"rolecall/csvio"
)

// The actions: what was done for a row, in the column rc_action. The column is empty for a failed row.
const (
	ActionAssigned  = "assigned"
	ActionRemoved   = "removed"
	ActionUnchanged = "unchanged"
	ActionAdded     = "added"   // assigned; the run read the deal first, and it did not have the contact
	ActionUpdated   = "updated" // assigned, and the contact had another role; or a role was renamed or moved
	ActionMatch     = "match"   // verify: the deal is as the row says
	ActionCreated   = "created" // a role was created
	ActionDeleted   = "deleted" // a role or a record was deleted

	ActionInserted = "inserted" // a record was inserted
	ActionRestored = "restored" // a record was restored from the recycle bin
)

// rolecall's own codes in the column rc_code. The column has Zoho's codes too.
const (
	CodeRowMalformed = csvio.CodeRowMalformed
	CodeIDMissing    = csvio.CodeIDMissing
	CodeIDInvalid    = csvio.CodeIDInvalid
	CodeIDRounded    = csvio.CodeIDRounded
	CodeRoleMissing  = "ROLE_MISSING"
	CodeRoleCleared  = "ROLE_CLEARED" // the role of an exported row was emptied, and its role_id was left
	CodeRoleUnknown  = "ROLE_UNKNOWN"

	CodeDealUnknown      = "DEAL_UNKNOWN" // no deal has the name or key of the row
	CodeDealAmbiguous    = "DEAL_AMBIGUOUS"
	CodeContactUnknown   = "CONTACT_UNKNOWN"
	CodeContactAmbiguous = "CONTACT_AMBIGUOUS"

	CodeNoStakeholder  = "NO_STAKEHOLDER"
	CodeOutcomeUnknown = "OUTCOME_UNKNOWN"
	CodeNoAnswer       = "NO_ANSWER"
	CodeNotOnDeal      = "NOT_ON_DEAL" // remove, show: the contact is not on the deal
	CodeRecordNotFound = "RECORD_NOT_FOUND"
	CodeSuperseded     = "SUPERSEDED" // a later row gives the same contact another role; not in failed.csv

	CodeRoleMismatch    = "ROLE_MISMATCH"    // the id and the name of a row belong to two roles
	CodeSequenceInvalid = "SEQUENCE_INVALID" // the value is no position in a list
	CodeChangedSince    = "CHANGED_SINCE"    // somebody changed the contact since the earlier run, or since the plan
	CodeConflict        = "CONFLICT"         // plan, apply: the file and somebody else changed the contact
	CodeDiffers         = "DIFFERS"          // verify: the contact has another role, or is on the deal and must not be
	CodeMissing         = "MISSING"          // verify: the contact is not on the deal
	CodeNotInFile       = "NOT_IN_FILE"      // plan, apply: the row of the contact was deleted from the file
	CodePrimaryContact  = "PRIMARY_CONTACT"  // plan, apply: --prune keeps the deal's own contact
	CodePriorUnknown    = "PRIOR_UNKNOWN"    // undo: the earlier run did not read the state before its change

	CodeValueInvalid = "VALUE_INVALID" // a cell holds no value of its field

	CodePositionDiffers = "POSITION_DIFFERS" // a role is at a wrong position, although rolecall corrected it once
)

// OwnAdvice returns what to do about one of rolecall's own codes. own is false for other codes.
func OwnAdvice(code string) (advice string, own bool) {
	advice, own = ownAdvice[code]
	return advice, own
}

// IsGrave reports whether people must see a code even if few rows have it, because data may be lost.
func IsGrave(code string) bool { return code == CodeIDRounded || code == CodeOutcomeUnknown }

// ownAdvice is what to do about each of rolecall's own codes. It is read-only.
var ownAdvice = map[string]string{
	CodeRowMalformed: "correct the row (its raw text is in rc_details) and empty its rc_code; " +
		"a text with the delimiter in it needs quotes around it",
	CodeIDMissing:   "fill in the id, or a name or an e-mail that is looked up; or take the row out",
	CodeIDInvalid:   "use the id as Zoho exports it (Record Id): digits only, or zcrm_ and digits, one in a cell",
	CodeIDRounded:   "a spreadsheet rounded the id: export again and keep the id column as text",
	CodeRoleMissing: "fill in the role",
	CodeRoleCleared: "fill in the role, or give the row to rolecall remove to take the contact off the deal",
	CodeRoleUnknown: "use a role of the org's list, or add the role in Zoho first",
	CodeDealUnknown: "correct the name or key, or fill in deal_id in failed.csv; " +
		"or add the deal in Zoho first",
	CodeDealAmbiguous: "fill in deal_id in failed.csv: rc_details lists the deals that may be meant",
	CodeContactUnknown: "correct the e-mail, name or key, or fill in contact_id in failed.csv; " +
		"or add the contact in Zoho first",
	CodeContactAmbiguous: "fill in contact_id in failed.csv: rc_details lists the contacts that may be meant",
	CodeNoStakeholder:    "nothing: the row names no contact",
	CodeNotOnDeal: "nothing, if the contact is meant to be off the deal (--ignore-not-found takes such rows as done); " +
		"else look at the ids of the row",
	CodeRecordNotFound: "look the record up in Zoho: there is none of that id in the module, or this user may not see it",
	CodeOutcomeUnknown: "look at the deal in Zoho: no answer said whether the change was made; " +
		"sending the row again is safe",
	CodeRoleMismatch:    "give the id or the name, or make both those of one role",
	CodeSequenceInvalid: "sequence_number is a whole number from 1 on, or empty",
	CodeValueInvalid:    "give the value as the message says",
	CodePositionDiffers: "send failed.csv again, or put the role in its place in Zoho " +
		"(Setup > Modules and Fields > Contact Roles)",
	CodeChangedSince:   "nothing, if the change is right; else change it in Zoho: undo touches only what the run left",
	CodeDiffers:        "give the file to rolecall plan, which shows what would make the org match it",
	CodeMissing:        "give the file to rolecall plan, which shows what would make the org match it",
	CodeNotInFile:      "--prune takes off the contacts that the file does not name",
	CodePrimaryContact: "--include-primary takes such contacts off too",
	CodeConflict:       "--on-conflict mine applies the file's role, theirs keeps Zoho's; or export again and edit that",
	CodePriorUnknown:   "look the deal up in Zoho, and change it there: the run did not record what was before",
	CodeSuperseded: "nothing, if the last row of the contact is right; else take the wrong rows out " +
		"(--contradictions last takes such rows as done)",
	CodeNoAnswer: "send failed.csv again later: Zoho gave no usable answer, and the change was not made",
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

// Confirm returns the outcome of a row that Zoho confirmed with the answer a.
func Confirm(row int64, action string, a api.Answer) Outcome {
	return Outcome{
		Row: row, Status: Success, Action: action, Code: a.Code, Message: a.Message, Details: string(a.Details),
		HTTP: a.HTTP, Attempts: a.Attempts,
	}
}

// Refuse returns the outcome of a row that Zoho refused, with Zoho's code and message. If e has no code, because Zoho
// gave no usable answer, the code is CodeNoAnswer.
func Refuse(row int64, e *api.Error) Outcome {
	code, message := e.Code, e.Message
	if code == "" {
		code, message = CodeNoAnswer, e.Error()
	}
	return Outcome{
		Row: row, Status: Failed, Code: code, Message: message, Details: string(e.Details),
		HTTP: e.HTTP, Attempts: e.Attempts,
	}
}

// Settle returns the outcome of a row that succeeded without an answer: a later read showed its success, or the row
// needs no call.
func Settle(row int64, action, message string, attempts int) Outcome {
	return Outcome{
		Row: row, Status: Success, Action: action, Code: CodeSuccess, Message: message, Attempts: attempts,
	}
}

// Reject returns the outcome of a row that cannot be sent. The code and the message say what is wrong with the row.
func Reject(code, message, details string) *Outcome {
	return &Outcome{Status: Failed, Code: code, Message: message, Details: details}
}

// Malformed returns the outcome of a record that is malformed, with its raw text in the details. It returns nil for
// other records.
func Malformed(rec *csvio.Record) *Outcome {
	if rec.Malformed == nil {
		return nil
	}
	raw := strings.ToValidUTF8(rec.Malformed.Raw, "\uFFFD")
	return Reject(CodeRowMalformed, rec.Malformed.Reason, string(Encode(map[string]string{"raw": raw})))
}

// RepeatOf returns the outcome of a row that repeats an earlier row and is not sent. original is the outcome of the
// earlier row.
func RepeatOf(original *Outcome, row int64) Outcome {
	o := *original
	o.Row, o.SameAs, o.Attempts, o.Prior, o.Got = row, original.Row, 0, nil, nil
	o.Details = withSameAs(original.Details, original.Row)
	if o.OK() {
		o.Action, o.Message, o.HTTP = ActionUnchanged, fmt.Sprintf("same as row %d", original.Row), 0
	}
	return o
}

// withSameAs returns details with the number of the repeated row in the field same_as_row. Details that are not a JSON
// object are replaced.
func withSameAs(details string, row int64) string {
	object := map[string]json.RawMessage{}
	if details != "" && json.Unmarshal([]byte(details), &object) != nil {
		object = map[string]json.RawMessage{}
	}
	object["same_as_row"] = fmt.Append(nil, row)
	return string(Encode(object))
}

// supersede returns the outcome of a row that a later row supersedes. With done it is unchanged, not an error. differ
// is Kind.Differ.
func supersede(f *follower, differ string, done bool) Outcome {
	message := fmt.Sprintf("%s; the last one counts, row %d (line %d)",
		cmp.Or(differ, "rows give this contact different roles on this deal"), f.of, f.line)
	o := *Reject(CodeSuperseded, message, string(Encode(map[string]int64{"superseded_by_row": f.of})))
	o.Row = f.row.N
	if done {
		o.Status, o.Action, o.Code = Success, ActionUnchanged, CodeSuccess
	}
	return o
}
