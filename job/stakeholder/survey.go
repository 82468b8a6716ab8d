package stakeholder

import (
	"errors"
	"fmt"
	"strings"

	"rolecall/csvio"
	"rolecall/csvio/alike"
	"rolecall/job"
	"rolecall/job/picklist"
	"rolecall/job/rundir"
)

// survey turns the records of an input into rows.
type survey struct {
	job      string
	accept   bool // send ids that look rounded
	rounding csvio.Rounding
	origin   csvio.Origin
}

func newSurvey(name string, set job.Settings, input string) *survey {
	command := "rolecall " + name + " " + rundir.ShellQuote(rundir.Argument(input))
	return &survey{
		job: name, accept: set.AcceptRoundedIDs, rounding: csvio.Rounding{File: input},
		origin: csvio.Origin{File: input, Command: command},
	}
}

// Row implements job.Survey.
func (s *survey) Row(in *csvio.Reader, rec *csvio.Record) (row job.Row, err error) {
	if row.Done = job.Malformed(rec); row.Done != nil {
		return row, nil
	}
	var a ask
	if a.Deal = keyOf(in, csvio.DealID); a.Deal == nil {
		row.Key, row.Done = s.id(in, rec, csvio.DealID)
	}
	if missing(row.Done) {
		if a.Deal = soughtBy(in, csvio.DealName); a.Deal != nil {
			row.Done = nil
		}
	}
	if row.Done == nil && blank(in, csvio.ContactID, csvio.ContactEmail, csvio.ContactName, csvio.Role, csvio.RoleID) {
		row.Done = &job.Outcome{
			Status: job.Success, Action: job.ActionUnchanged, Code: job.CodeNoStakeholder,
			Message: "a deal without stakeholders",
		}
		return row, nil
	}
	var bad *job.Outcome
	if a.Contact = keyOf(in, csvio.ContactID); a.Contact == nil {
		row.Item, bad = s.id(in, rec, csvio.ContactID)
	}
	if missing(bad) {
		if a.Contact = soughtBy(in, csvio.ContactEmail, csvio.ContactName); a.Contact != nil {
			bad, a.Contact.Name = nil, in.Value(csvio.ContactName)
		}
	}
	if row.Done == nil {
		row.Done = bad
	}
	if bad := severalAddresses(in); bad != nil && blank(in, csvio.ContactID) {
		row.Done = bad
	}
	if row.Done == nil && s.job == Assign {
		var cell picklist.Cell
		cell, row.Done = roleCell(in)
		if cell.ByID {
			s.rounding.Observe(csvio.RoleID, cell.Text, rec.Line)
		}
		a.Cell, a.ByID = cell.Text, cell.ByID
	}
	if a != (ask{}) {
		row.Ask = job.Encode(a)
	}
	return row, nil
}

// End implements job.Survey. It refuses a file whose ids are not Zoho's, or whose ids a program or a spreadsheet has
// rounded.
func (s *survey) End(in *csvio.Reader, _, warn func(string)) error {
	if text := in.ForeignIDs(); text != "" {
		warn(text)
	}
	if err := s.origin.Judge(); err != nil {
		return err
	}
	if s.accept {
		return nil
	}
	return s.rounding.Judge(warn)
}

// missing reports whether a row has no id where it may name a record by something else.
func missing(bad *job.Outcome) bool { return bad != nil && bad.Code == job.CodeIDMissing }

// id reads one id.
func (s *survey) id(in *csvio.Reader, rec *csvio.Record, field csvio.Field) (string, *job.Outcome) {
	id, err := s.origin.Parse(field, in.Value(field), rec.Line)
	if err == nil {
		s.rounding.Observe(field, id, rec.Line)
		return id, nil
	}
	return "", job.Reject(err.Code, string(field)+": "+err.Message, "")
}

// severalAddresses refuses a row with several e-mail addresses in its cell.
func severalAddresses(in *csvio.Reader) *job.Outcome {
	text := in.Value(csvio.ContactEmail)
	between := csvio.Several(text)
	if between == "" || !strings.Contains(text, "@") {
		return nil
	}
	return job.Reject(job.CodeIDInvalid, fmt.Sprintf("%s: %q holds several e-mail addresses, with %q between them; "+
		"a row has one contact: make a row of each", csvio.ContactEmail, text, between), "")
}

// blank reports whether all of the cells are empty.
func blank(in *csvio.Reader, fields ...csvio.Field) bool {
	for _, f := range fields {
		if alike.Trim(in.Value(f)) != "" {
			return false
		}
	}
	return true
}

// roleCell returns how the record that in read last names its role. A name wins over an id, because people edit the
// name and leave the id. In a table that rolecall exported the id is the role at the export, so an empty name beside it
// was emptied: to send the id would assign the old role.
func roleCell(in *csvio.Reader) (picklist.Cell, *job.Outcome) {
	if name := strings.TrimSpace(in.Value(csvio.Role)); alike.Trim(name) != "" {
		return picklist.Cell{Text: name}, nil
	}
	roleID := in.Value(csvio.RoleID)
	if alike.Trim(roleID) == "" {
		return picklist.Cell{}, job.Reject(job.CodeRoleMissing, "the row names no role", "")
	}
	if in.Exported() && in.Has(csvio.Role) {
		message := fmt.Sprintf("the role is empty, and the role_id beside it (%s) is the role at the export",
			strings.TrimSpace(roleID))
		return picklist.Cell{}, job.Reject(job.CodeRoleCleared, message, "")
	}
	id, err := csvio.ParseID(roleID)
	if err != nil {
		return picklist.Cell{}, job.Reject(err.Code, "role_id: "+err.Message, "")
	}
	return picklist.Cell{Text: id, ByID: true}, nil
}

// RoleCheck returns a function that returns the id of the role of the record that a table read last. Its error says
// that the org has no such role, or that the record names none. It sends nothing.
func RoleCheck(org picklist.List) func(in *csvio.Reader) (id string, err error) {
	index := picklist.NewIndex(org)
	return func(in *csvio.Reader) (id string, err error) {
		cell, bad := roleCell(in)
		if bad != nil {
			return "", errors.New(bad.Message)
		}
		found, err := index.Find(cell)
		return found.ID, err
	}
}
