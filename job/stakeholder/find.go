package stakeholder

import (
	"context"
	"encoding/json"
	"errors"
	"strings"

	"rolecall/csvio"
	"rolecall/job"
	"rolecall/job/lookup"
)

// The names in run.db of the fields that are looked up, because rows name records by them instead of ids.
const (
	byDealName     = "deal name"
	byDealID       = "deal id" // for the deal's account, which decides between several contacts
	byContactEmail = "contact email"
	byContactName  = "contact name"
	ofAccount      = "contacts of account" // for names like that of a contact who was not found

	// For rounded ids of rows without a name and an e-mail: the candidates are looked up by their digits.
	byDealRange    = "deal range"
	byContactRange = "contact range"
)

// fields returns the fields that are looked up.
func fields() map[string]lookup.Field {
	const deals, contacts = "Deals", "Contacts"
	return map[string]lookup.Field{
		byDealName:     {Module: deals, Names: []string{"Deal_Name"}},
		byDealID:       {Module: deals, Names: []string{"id"}, Exact: true},
		byContactEmail: {Module: contacts, Names: []string{"Email", "Secondary_Email"}},
		byContactName:  {Module: contacts, Names: []string{"Full_Name"}},
		ofAccount:      {Module: contacts, Names: []string{"Account_Name"}, Exact: true},
		byDealRange:    {Module: deals, Names: []string{"id"}, Exact: true, Range: true},
		byContactRange: {Module: contacts, Names: []string{"id"}, Exact: true, Range: true},
	}
}

// sought is how a row names a deal or a contact without its id.
type sought struct {
	By   string `json:"by"`
	Text string `json:"text"`           // as the row has it
	Name string `json:"name,omitempty"` // the contact's name beside an e-mail, for the nearest names
	Cell string `json:"cell,omitempty"` // the rounded id beside it, to be repaired
}

// The prefixes of the names in run.db of keys of another system. The name of the field that has the key follows.
const (
	byDealKey    = "deal key "
	byContactKey = "contact key "
)

// keyOf returns the key of another system in a column of ids, or nil if the column holds ids of Zoho here.
func keyOf(in *csvio.Reader, column csvio.Field) *sought {
	field, key := in.Key(column)
	if field == "" {
		return nil
	}
	by := byDealKey
	if column == csvio.ContactID {
		by = byContactKey
	}
	return &sought{By: by + field, Text: key}
}

// field returns the field that is looked up.
func (w *work) field(by string) lookup.Field {
	column, name := keyOfBy(by)
	if name == "" {
		return w.fields[by]
	}
	if f, known := w.keys[column]; known && f.Names[0] == name {
		return f
	}
	return lookup.KeyField(column, name) // a row of failed.csv names it
}

// keyOfBy splits the name in run.db of a key of another system. It returns the column of ids and the field of Zoho, or
// "" for other names.
func keyOfBy(by string) (column csvio.Field, name string) {
	if name, ok := strings.CutPrefix(by, byDealKey); ok {
		return csvio.DealID, name
	}
	if name, ok := strings.CutPrefix(by, byContactKey); ok {
		return csvio.ContactID, name
	}
	return "", ""
}

// checkKeys checks that the org has the fields of --external-id, before any value is looked up.
func (w *work) checkKeys(ctx context.Context, org *job.Org) (err error) {
	w.keys, err = lookup.CheckKeys(ctx, org.Client, w.External)
	return keyError(err)
}

// keyError returns a lookup.KeyError as a job.UsageError, and other errors as they are.
func keyError(err error) error {
	if wrong, ok := errors.AsType[*lookup.KeyError](err); ok {
		return &job.UsageError{Err: wrong}
	}
	return err
}

// soughtBy returns how the row that in read last names a record: by the first of some fields that is not empty.
func soughtBy(in *csvio.Reader, by ...csvio.Field) *sought {
	what := map[csvio.Field]string{
		csvio.DealName: byDealName, csvio.ContactEmail: byContactEmail, csvio.ContactName: byContactName,
	}
	for _, f := range by {
		if !blank(in, f) {
			return &sought{By: what[f], Text: in.Value(f)}
		}
	}
	return nil
}

// Seeks implements job.Finder. It returns first the values in the row. If several contacts match, it returns the deal,
// whose account decides. If none matches, it returns the account, for contacts with similar names.
func (w *work) Seeks(r *job.Row) (all []job.Sought, err error) {
	a := askOf(r)
	if a.Deal == nil && a.Contact == nil {
		return nil, nil
	}
	known := func(by, text string) *lookup.Answer {
		var answer *lookup.Answer
		if err == nil {
			answer, err = w.answer(by, text)
		}
		if err == nil && answer == nil {
			f := w.field(by)
			all = append(all, job.Sought{What: by, Value: f.Key(text), Asked: text})
		}
		return answer
	}
	account, there := "", true
	if a.Deal != nil {
		deal := a.Deal.proven(known(a.Deal.By, a.Deal.Text))
		if a.Deal.By == byDealRange { // the row fails, whoever its contact is
			return all, err
		}
		there = deal != nil && len(deal.Hits) == 1 && !deal.More
		if there {
			account = deal.Hits[0].AccountID
		}
	}
	if a.Contact == nil {
		return all, err
	}
	contact := known(a.Contact.By, a.Contact.Text)
	if contact == nil || !there || a.Contact.Cell != "" || len(contact.Hits) == 1 && !contact.More {
		return all, err
	}
	if a.Deal == nil {
		if deal := known(byDealID, r.Key); deal != nil && len(deal.Hits) == 1 {
			account = deal.Hits[0].AccountID
		}
	}
	if len(contact.Hits) == 0 && account != "" {
		known(ofAccount, account)
	}
	return all, err
}

// answer returns the answer to a value, or nil if there is none yet.
func (w *work) answer(by, text string) (*lookup.Answer, error) {
	f := w.field(by)
	raw, err := w.desk.Answered(by, f.Key(text))
	if err != nil || raw == nil {
		return nil, err
	}
	a := job.Decoded[lookup.Answer](raw)
	return &a, nil
}

// MostSought implements job.Finder.
func (w *work) MostSought(what string) int {
	f := w.field(what)
	return w.finder.Most(&f)
}

// Find implements job.Finder.
func (w *work) Find(ctx context.Context, what string, values []job.Sought) ([]json.RawMessage, error) {
	asked := make([]string, len(values))
	for i, v := range values {
		asked[i] = v.Asked
	}
	answers, err := w.finder.Find(ctx, w.field(what), asked)
	if err != nil {
		return nil, keyError(err)
	}
	all := make([]json.RawMessage, len(answers))
	for i := range answers {
		all[i] = job.Encode(answers[i])
	}
	return all, nil
}
