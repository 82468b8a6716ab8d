package voice

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"rolecall/api"
	"rolecall/csvio"
	"rolecall/csvio/alike"
	"rolecall/job"
	"rolecall/job/report"
)

// The fields that this package names. Voice needs first_name and mobile of every contact (Zoho Voice, Create a
// contact).
const (
	firstName csvio.Field = "first_name"
	lastName  csvio.Field = "last_name"
	mobile    csvio.Field = "mobile"
	email     csvio.Field = "email"
	company   csvio.Field = "company"
)

// shownUnread is the most columns that get a note because they are not read.
const shownUnread = 10

// importing turns the records of a table of contacts into rows.
type importing struct {
	Options

	row        Options // the options of the row that Row reads
	overridden bool    // some row has other options than the user gave
	accept     bool    // send ids that look rounded
	rounding   csvio.Rounding
}

func newImport(set job.Settings, input string) *importing {
	s := &importing{accept: set.AcceptRoundedIDs, rounding: csvio.Rounding{File: input}}
	s.Options, _ = job.OptionsOf[Options](set) // Begin returns the error
	return s
}

// Row implements job.Survey.
func (s *importing) Row(in *csvio.Reader, rec *csvio.Record) (row job.Row, err error) {
	if row.Done = job.Malformed(rec); row.Done != nil {
		return row, nil
	}
	var other bool
	if s.row, other = s.of(in); other {
		s.overridden = true
	}
	if err := s.checkCRM(in); err != nil {
		return row, err
	}
	a := ask{Do: creates, Match: s.row.Match, Fields: fields{}, Odd: fields{}, Status: alike.Trim(in.Value(Status))}
	if cell := in.Value(ID); alike.Trim(cell) != "" && s.hasID(in) {
		id, bad := csvio.ParseID(cell)
		if bad != nil {
			row.Done = job.Reject(bad.Code, string(ID)+": "+bad.Message, "")
			return row, nil //nolint:nilerr // row.Done holds the error
		}
		s.rounding.Observe(ID, id, rec.Line)
		a.Do, a.ID = updates, id
	}
	if row.Done = s.sentBefore(in, &a); row.Done != nil {
		return row, nil
	}
	for _, name := range api.VoiceFields() {
		cell := s.cell(in, csvio.Field(name))
		text, err := s.value(name, cell)
		if err != nil && isNumber(name) && a.Do == updates && in.Exported() {
			a.Odd[name] = cell // judgeOdd compares the cell with the contact
			continue
		}
		if err != nil {
			row.Done = invalid(name, err)
			return row, nil //nolint:nilerr // row.Done holds the error
		}
		if text != "" {
			a.Fields[name] = text
		}
	}
	if row.Done = lacks(&a); row.Done != nil {
		return row, nil
	}
	row.Ask, row.Key = job.Encode(a), keyOf(&a)
	row.Item = row.Key
	return row, nil
}

// sentBefore refuses a row that may have created its contact in an earlier run, or that had several contacts then: the
// row would create one more. With Match it lets the row pass, because the run looks for the contact again.
func (s *importing) sentBefore(in *csvio.Reader, a *ask) *job.Outcome {
	code, message := in.Earlier()
	switch {
	case a.Do != creates || a.Match != "":
		return nil
	case code == job.CodeContactAmbiguous:
		return job.Reject(code, message, "")
	case code != job.CodeOutcomeUnknown:
		return nil
	}
	const notSent = "not sent: the row may have created its contact in an earlier run: "
	return job.Reject(code, notSent+strings.TrimPrefix(message, notSent), "")
}

// checkCRM refuses a table of records export Contacts without --from-crm, because its contacts would have no company.
// It recognises the table by columns with API names of Zoho CRM.
func (s *importing) checkCRM(in *csvio.Reader) error {
	header := in.Header()
	if s.row.FromCRM || in.Has(ID) || !slices.Contains(header, "id") || !slices.Contains(header, "First_Name") {
		return nil
	}
	return &csvio.FileError{
		File: s.rounding.File,
		Problem: "this looks like a table of rolecall records export Contacts, by its columns id and " +
			"First_Name",
		Hint: "give --from-crm, or rename its column id if it is another table",
	}
}

// hasID reports whether the column contact_id has ids of Voice. In a table of the CRM the column is a field of the CRM,
// unless its name is in small letters. No API name of Zoho begins with a small letter, so then the table is failed.csv,
// and people filled in the column.
func (s *importing) hasID(in *csvio.Reader) bool {
	return !s.row.FromCRM || slices.Contains(in.Header(), string(ID))
}

// cell returns the cell of a field. In a table of the CRM the company is the name of an account.
func (s *importing) cell(in *csvio.Reader, f csvio.Field) string {
	text := alike.Trim(in.Value(f))
	if !s.row.FromCRM || f != company || text != "" {
		return text
	}
	if text = alike.Trim(in.Value(accountName)); text != "" {
		return text
	}
	text = alike.Trim(in.Value(account))
	if _, bad := csvio.ParseID(text); bad == nil { // the id of the account, without its name
		return ""
	}
	return text
}

// value returns the value of a cell as Voice takes it. "" leaves the field alone.
func (s *importing) value(name, text string) (string, error) {
	switch {
	case text == "":
		return "", nil
	case isNumber(name):
		return normal(text, s.row.Country)
	case isFlag(name):
		flag := strings.ToLower(text)
		if flag != "true" && flag != "false" {
			return "", fmt.Errorf("%.60q is neither true nor false: give one of them", text)
		}
		return flag, nil
	}
	return text, nil
}

// isFlag reports whether a field is true or false. Voice has such values as texts (Zoho Voice, Create a contact).
func isFlag(name string) bool { return name == "is_favourite" || name == "is_spam" }

// invalid returns the outcome of a row with a cell that is not a value of its field.
func invalid(field string, err error) *job.Outcome {
	details := job.Encode(map[string]string{"field": field})
	return job.Reject(job.CodeValueInvalid, field+": "+err.Error(), string(details))
}

// lacks refuses a row that creates a contact without what Voice needs.
func lacks(a *ask) *job.Outcome {
	for _, name := range []csvio.Field{firstName, mobile} {
		if a.Do == creates && a.Fields[string(name)] == "" {
			details := job.Encode(map[string]string{"field": string(name)})
			return job.Reject(job.CodeValueInvalid,
				fmt.Sprintf("%s is empty, and Voice creates no contact without it", name), string(details))
		}
	}
	return nil
}

// keyOf returns the key of a row: the id of the contact, or the value that finds it.
func keyOf(a *ask) string {
	if a.ID != "" {
		return a.ID
	}
	if text := a.Fields[string(email)]; a.Match == MatchEmail && text != "" {
		return string(email) + " " + alike.Key(text)
	}
	return string(mobile) + " " + digits(a.Fields[string(mobile)])
}

// End implements job.Survey. It refuses a file whose ids a program or a spreadsheet rounded.
func (s *importing) End(in *csvio.Reader, say, warn func(string)) error {
	exported := []string{"contact_owner", "created_time", "number"} // by voice export; no call may write them
	unread := slices.DeleteFunc(slices.Clone(in.Unread()), func(column string) bool {
		return in.Exported() && slices.Contains(exported, column)
	})
	if s.row.FromCRM && len(unread) > 0 {
		say(fmt.Sprintf("%s of the CRM are not read: a contact of Voice has no such fields "+
			"(--map names other columns)", report.Plural(int64(len(unread)), "column")))
		unread = nil
	}
	for i, column := range unread {
		if i == shownUnread {
			say(fmt.Sprintf("%d more columns are not read", len(unread)-i))
			break
		}
		say(fmt.Sprintf("the column %q is not read: it is no field that a contact of Voice takes "+
			"(--map names other columns)", column))
	}
	if s.overridden {
		warn("the column " + csvio.OptionsColumn + " has the flags of the earlier run, which count for its rows instead of " +
			"the flags of this run: empty the cells of rows that should use the flags of this run")
	}
	if s.accept {
		return nil
	}
	return s.rounding.Judge(warn)
}

// Named returns the input of a deletion of the contacts with the ids.
func Named(ids []string) (*job.Made, error) {
	var b bytes.Buffer
	t, err := csvio.NewTableWriter(&b, []csvio.Column{{Name: string(ID), Kind: csvio.IDColumn}},
		csvio.TableOptions{Format: csvio.FormatCSV, BareIDs: true})
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		if err := t.Write([]csvio.Value{{Text: id}}); err != nil {
			return nil, err
		}
	}
	return &job.Made{Reader: &b, Name: "the command line", Stem: "named", Adapt: func(set *job.Settings) {
		// These settings are for a table of the user.
		set.Encoding, set.Delimiter, set.Map, set.Limit, set.HeaderRow, set.Sheet = "", 0, nil, 0, 0, ""
	}}, t.Close()
}

// deletion turns the records of a table of contacts to delete into rows.
type deletion struct {
	accept   bool
	rounding csvio.Rounding
}

func newDeletion(set job.Settings, input string) *deletion {
	return &deletion{accept: set.AcceptRoundedIDs, rounding: csvio.Rounding{File: input}}
}

// Row implements job.Survey.
func (s *deletion) Row(in *csvio.Reader, rec *csvio.Record) (row job.Row, err error) {
	if row.Done = job.Malformed(rec); row.Done != nil {
		return row, nil
	}
	id, bad := csvio.ParseID(in.Value(ID))
	if bad != nil {
		row.Done = job.Reject(bad.Code, string(ID)+": "+bad.Message, "")
		return row, nil //nolint:nilerr // row.Done holds the error
	}
	s.rounding.Observe(ID, id, rec.Line)
	row.Key, row.Item, row.Ask = id, id, job.Encode(ask{Do: deletes, ID: id})
	return row, nil
}

// End implements job.Survey.
func (s *deletion) End(_ *csvio.Reader, _, warn func(string)) error {
	if s.accept {
		return nil
	}
	return s.rounding.Judge(warn)
}
