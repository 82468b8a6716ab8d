package job

import (
	"encoding/json"
	"strings"

	"rolecall/csvio"
)

// reject is why a row can never be sent.
type reject struct{ code, message, details string }

// resolver turns the records of a command's input into checked triples.
type resolver struct {
	command  Command
	rounding *csvio.Rounding
}

// resolve checks one record. What is wrong with it stands in the row.
func (r *resolver) resolve(rec *inputRow) (row surveyedRow) {
	row = surveyedRow{row: int64(rec.Row), line: int64(rec.Line)}
	bad := r.check(rec, &row)
	if bad == nil && r.command == Assign {
		row.cell, bad = roleOf(rec.Role, rec.RoleID)
	}
	if bad != nil {
		row.code, row.message, row.detail = bad.code, bad.message, bad.details
	}
	return row
}

// check looks at the record's shape and ids.
func (r *resolver) check(rec *inputRow, row *surveyedRow) (bad *reject) {
	if rec.Malformed != nil {
		return &reject{CodeRowMalformed, rec.Malformed.Reason, RawDetails(rec.Malformed.Raw)}
	}
	row.deal, row.contact, bad = r.ids(rec)
	return bad
}

// ids reads the deal and the contact of a record.
func (r *resolver) ids(rec *inputRow) (deal, contact recordID, bad *reject) {
	deal, bad = r.id(csvio.DealID, rec.DealID, rec.DealName)
	if strings.TrimSpace(rec.ContactID) == "" && bad == nil && blank(rec.ContactEmail, rec.ContactName, rec.Role, rec.RoleID) {
		return deal, recordID{}, &reject{code: CodeNoStakeholder, message: "a deal without stakeholders"}
	}
	contact, badContact := r.id(csvio.ContactID, rec.ContactID, rec.ContactEmail, rec.ContactName)
	if bad == nil {
		bad = badContact
	}
	return deal, contact, bad
}

// id reads one id. others are the columns that name the same record otherwise: they are not looked up, and the row says so.
func (r *resolver) id(field csvio.Field, cell string, others ...string) (recordID, *reject) {
	id, err := csvio.ParseID(cell)
	if err == nil {
		r.rounding.Observe(field, id)
		return newID(id), nil
	}
	message := string(field) + ": " + err.Message
	if err.Code == CodeIDMissing && !blank(others...) {
		message += " (a name or an e-mail alone is not looked up yet)"
	}
	return recordID{}, &reject{code: err.Code, message: message}
}

func blank(cells ...string) bool {
	for _, c := range cells {
		if strings.TrimSpace(c) != "" {
			return false
		}
	}
	return true
}

// RawDetails is the raw text of a malformed row as the column rc_details shows it: JSON that people can read, without the escapes for web pages.
func RawDetails(raw string) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if e.Encode(map[string]string{"raw": strings.ToValidUTF8(raw, "\uFFFD")}) != nil {
		return "" // a map of strings can always be encoded
	}
	return strings.TrimSuffix(b.String(), "\n")
}
