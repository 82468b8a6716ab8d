package stakeholder

import (
	"context"
	"encoding/json"

	"rolecall/csvio"
	"rolecall/job"
	"rolecall/job/lookup"
)

// What rows name records by, beside their ids: the names in run.db of the fields that are looked up.
const (
	byDealName     = "deal name"
	byDealID       = "deal id" // its account tells which of several contacts is meant
	byContactEmail = "contact email"
	byContactName  = "contact name"
	ofAccount      = "contacts of account" // names that are near
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
	}
}

// sought is how a row names a deal or a contact, if not by its id.
type sought struct {
	By   string `json:"by"`
	Text string `json:"text"`           // as the row has it
	Name string `json:"name,omitempty"` // the contact's name beside an e-mail, for the nearest names
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

// Seeks implements job.Finder: first what the row names, then what tells which of several contacts is meant, or who
// else there is.
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
			f := w.fields[by]
			all = append(all, job.Sought{What: by, Value: f.Key(text), Asked: text})
		}
		return answer
	}
	account, there := "", true
	if a.Deal != nil {
		deal := known(a.Deal.By, a.Deal.Text)
		there = deal != nil && len(deal.Hits) == 1 && !deal.More
		if there {
			account = deal.Hits[0].AccountID
		}
	}
	if a.Contact == nil {
		return all, err
	}
	contact := known(a.Contact.By, a.Contact.Text)
	if contact == nil || !there || len(contact.Hits) == 1 && !contact.More {
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
	f := w.fields[by]
	raw, err := w.desk.Answered(by, f.Key(text))
	if err != nil || raw == nil {
		return nil, err
	}
	a := job.Decoded[lookup.Answer](raw)
	return &a, nil
}

// MostSought implements job.Finder.
func (w *work) MostSought() int { return w.finder.Most() }

// Find implements job.Finder.
func (w *work) Find(ctx context.Context, what string, values []job.Sought) ([]json.RawMessage, error) {
	asked := make([]string, len(values))
	for i, v := range values {
		asked[i] = v.Asked
	}
	answers, err := w.finder.Find(ctx, w.fields[what], asked)
	if err != nil {
		return nil, err
	}
	all := make([]json.RawMessage, len(answers))
	for i := range answers {
		all[i] = job.Encode(answers[i])
	}
	return all, nil
}
