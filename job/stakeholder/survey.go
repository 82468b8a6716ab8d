package stakeholder

import (
	"errors"
	"fmt"
	"strings"

	"rolecall/csvio"
	"rolecall/csvio/alike"
	"rolecall/job"
	"rolecall/job/picklist"
)

// survey turns the records of an input into rows.
type survey struct {
	job      string
	plans    bool // the job is plan, apply or verify
	verifies bool
	prune    bool // contacts that the file does not name are taken off
	part     bool // only a part of the file is read
	rows     int
	accept   bool // send ids that look rounded
	rounding csvio.Rounding
}

func newSurvey(name string, set job.Settings, input string) *survey {
	return &survey{
		job: name, plans: name == Plan || name == Apply || name == Verify, verifies: name == Verify, accept: set.AcceptRoundedIDs, rounding: csvio.Rounding{File: input},
		prune: job.Decoded[Options](set.Options).Prune, part: set.Limit > 0,
	}
}

// Row implements job.Survey.
func (s *survey) Row(in *csvio.Reader, rec *csvio.Record) (row job.Row, err error) {
	row, err = s.row(in, rec)
	s.rows++
	if err == nil && s.prune {
		err = prunable(in, rec, &row)
	}
	return row, err
}

// row reads a row.
func (s *survey) row(in *csvio.Reader, rec *csvio.Record) (row job.Row, err error) {
	if row.Done = job.Malformed(rec); row.Done != nil {
		return row, nil
	}
	if s.plans && in.Has(csvio.PlanAction) {
		return savedRow(in), nil
	}
	row.Key, row.Done = s.id(in, rec, csvio.DealID, csvio.DealName)
	if row.Done == nil && blank(in, csvio.ContactID, csvio.ContactEmail, csvio.ContactName, csvio.Role, csvio.RoleID) {
		if s.plans {
			row.Ask = job.Encode(ask{Empty: true, Sheet: exportedRow(in)})
		} else {
			row.Done = noStakeholder()
		}
		return row, nil
	}
	contact, bad := s.id(in, rec, csvio.ContactID, csvio.ContactEmail, csvio.ContactName)
	row.Item = contact
	if row.Done == nil {
		row.Done = bad
	}
	if row.Done == nil && s.job != Remove {
		var a ask
		var cell picklist.Cell
		cell, row.Done = roleCell(in)
		if cell.ByID {
			s.rounding.Observe(csvio.RoleID, cell.Text, rec.Line)
		}
		a.Cell, a.ByID = cell.Text, cell.ByID
		if s.plans {
			a.Sheet = exportedRow(in)
			if row.Done != nil && row.Done.Code == job.CodeRoleMissing && a.Sheet != nil && a.Sheet.Base != "" {
				row.Done = nil // the contact may have been on the deal without a role
			}
		}
		row.Ask = job.Encode(a)
	}
	return row, nil
}

// noStakeholder returns the outcome of a row that names no contact.
func noStakeholder() *job.Outcome {
	return &job.Outcome{
		Status: job.Success, Action: job.ActionUnchanged, Code: job.CodeNoStakeholder,
		Message: "a deal without stakeholders",
	}
}

// End implements job.Survey. It refuses a file whose ids a program or a spreadsheet has rounded.
func (s *survey) End(in *csvio.Reader, say, warn func(string)) error {
	if s.plans && !s.verifies && !in.Exported() && !in.Has(csvio.PlanAction) {
		say("the file is no export of rolecall: each row counts, whatever somebody changed in Zoho meanwhile")
	}
	switch {
	case s.prune && s.rows == 0:
		return errors.New("the file has no rows, and with --prune it would be the whole truth: nothing was sent")
	case s.prune && s.part:
		return errors.New("--limit with --prune would take off whom the other rows name: give one of them")
	case s.accept:
		return nil
	}
	return s.rounding.Judge(warn)
}

// id reads one id. others are the columns that name the same record in other ways. They are not looked up, so a row
// that has only them is rejected, and its message says so.
func (s *survey) id(
	in *csvio.Reader, rec *csvio.Record, field csvio.Field, others ...csvio.Field,
) (string, *job.Outcome) {
	id, err := csvio.ParseID(in.Value(field))
	if err == nil {
		s.rounding.Observe(field, id, rec.Line)
		return id, nil
	}
	message := string(field) + ": " + err.Message
	if err.Code == job.CodeIDMissing && !blank(in, others...) {
		message += " (a name or an e-mail alone is not looked up yet)"
	}
	return "", job.Reject(err.Code, message, "")
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
