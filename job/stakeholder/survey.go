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
	plans    bool // the job is plan, apply or verify
	verifies bool
	prune    bool // contacts that the file does not name are taken off
	part     bool // only a part of the file is read
	rows     int
	accept   bool // send ids that look rounded
	repair   bool // restore ids that look rounded
	rounding csvio.Rounding
	origin   csvio.Origin
}

func newSurvey(name string, set job.Settings, input string) *survey {
	command := "rolecall " + name + " " + rundir.InputArgument(input)
	return &survey{
		job: name, plans: name == Plan || name == Apply || name == Verify, verifies: name == Verify,
		prune: job.Decoded[Options](set.Options).Prune, part: set.Limit > 0,
		accept: set.AcceptRoundedIDs, rounding: csvio.Rounding{File: input},
		repair: job.Decoded[Options](set.Options).RepairIDs,
		origin: csvio.Origin{File: input, Command: command},
	}
}

// Row implements job.Survey.
func (s *survey) Row(in *csvio.Reader, rec *csvio.Record) (row job.Row, err error) {
	row = s.row(in, rec)
	s.rows++
	if s.prune {
		err = prunable(in, rec, &row)
	}
	return row, err
}

// row reads a row.
func (s *survey) row(in *csvio.Reader, rec *csvio.Record) (row job.Row) {
	if row.Done = job.Malformed(rec); row.Done != nil {
		return row
	}
	if s.plans && in.Has(csvio.PlanAction) {
		return savedRow(in)
	}
	var a ask
	if a.Deal = keyOf(in, csvio.DealID); a.Deal == nil {
		row.Key, row.Done = s.id(in, rec, csvio.DealID)
	}
	if by := s.instead(in, row.Done, csvio.DealID, csvio.DealName); by != nil {
		a.Deal, row.Done = by, nil
	}
	if row.Done == nil && blank(in, csvio.ContactID, csvio.ContactEmail, csvio.ContactName, csvio.Role, csvio.RoleID) {
		if s.plans {
			a.Empty, a.Sheet = true, exportedRow(in)
			row.Ask = job.Encode(a)
		} else {
			row.Done = noStakeholder()
		}
		return row
	}
	var bad *job.Outcome
	if a.Contact = keyOf(in, csvio.ContactID); a.Contact == nil {
		row.Item, bad = s.id(in, rec, csvio.ContactID)
	}
	if by := s.instead(in, bad, csvio.ContactID, csvio.ContactEmail, csvio.ContactName); by != nil {
		a.Contact, bad, by.Name = by, nil, in.Value(csvio.ContactName)
	}
	if row.Done == nil {
		row.Done = bad
	}
	if bad := several(in, a.Contact); bad != nil {
		row.Done = bad
	}
	if row.Done == nil && s.job != Remove {
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
	}
	if a != (ask{}) {
		row.Ask = job.Encode(a)
	}
	return row
}

// noStakeholder returns the outcome of a row that names no contact.
func noStakeholder() *job.Outcome {
	return &job.Outcome{
		Status: job.Success, Action: job.ActionUnchanged, Code: job.CodeNoStakeholder,
		Message: "a deal without stakeholders",
	}
}

// End implements job.Survey. It refuses a file whose ids are not ids of Zoho, or were rounded by a program or a
// spreadsheet.
func (s *survey) End(in *csvio.Reader, say, warn func(string)) error {
	if s.plans && !s.verifies && !in.Exported() && !in.Has(csvio.PlanAction) {
		say("rolecall did not export the file: each row counts, even if somebody changed the contact in Zoho meanwhile")
	}
	if text := in.ForeignIDs(); text != "" {
		warn(text)
	}
	if err := s.origin.Judge(); err != nil {
		return err
	}
	switch {
	case s.prune && s.rows == 0:
		return errors.New("the file has no rows, so --prune cannot tell which contacts to take off: nothing was sent")
	case s.prune && s.part:
		return errors.New("--limit with --prune would take off the contacts of the rows that are not read: " +
			"give one of the two flags")
	case s.accept:
		return nil
	}
	err := s.rounding.Judge(warn)
	if e, ok := errors.AsType[*csvio.FileError](err); ok && !s.repair {
		e.Hint += "; if the rows give names or e-mails too, --repair-ids restores the ids that these prove"
	}
	return err
}

// id reads one id. An id that looks rounded is an error with --repair-ids, or if an earlier run refused it.
func (s *survey) id(in *csvio.Reader, rec *csvio.Record, field csvio.Field) (string, *job.Outcome) {
	s.origin.Like = in.Like()
	id, err := s.origin.Parse(field, in.Value(field), rec.Line)
	if err == nil && !s.accept && s.doubtful(in, field) {
		return "", job.Reject(job.CodeIDRounded, string(field)+": "+rounded(in.Value(field)), "")
	}
	if err == nil {
		s.rounding.Observe(field, id, rec.Line)
		return id, nil
	}
	message := string(field) + ": " + err.Message
	if err.Code == job.CodeIDMissing {
		message = nameless(in, field)
	}
	return "", job.Reject(err.Code, message, "")
}

// nameless returns the message for a row that does not name its deal or contact. It lists the empty columns.
func nameless(in *csvio.Reader, id csvio.Field) string {
	what, columns := "deal", []csvio.Field{csvio.DealID, csvio.DealName}
	if id == csvio.ContactID {
		what, columns = "contact", []csvio.Field{csvio.ContactID, csvio.ContactEmail, csvio.ContactName}
	}
	var empty []string
	for _, f := range columns {
		if in.Has(f) {
			empty = append(empty, string(f))
		}
	}
	verb := " is empty"
	if len(empty) > 1 {
		verb = " are empty"
	}
	return "the row names no " + what + ": " + strings.Join(empty, " and ") + verb
}

// several refuses a row with several ids of another system, or several e-mail addresses, in a cell that is looked up.
func several(in *csvio.Reader, contact *sought) *job.Outcome {
	looked := []csvio.Field{}
	for _, f := range []csvio.Field{csvio.DealID, csvio.ContactID} {
		if in.External()[f] != "" {
			looked = append(looked, f)
		}
	}
	if contact != nil && contact.By == byContactEmail {
		looked = append(looked, csvio.ContactEmail)
	}
	for _, f := range looked {
		text := in.Value(f)
		if between := csvio.Several(text); between != "" {
			return job.Reject(job.CodeIDInvalid, fmt.Sprintf("%s: %q holds several values, with %q between them; "+
				"a row has one deal and one contact: make a row of each", f, text, between), "")
		}
	}
	return nil
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
// name and leave the id. In a table that rolecall exported, an empty name beside an id is an error: somebody emptied
// the name, and the id would assign the old role.
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

// RoleCheck returns a function that returns the id of the role in the record that in read last. The function fails if
// the org has no such role, or if the record names no role. It sends nothing.
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
