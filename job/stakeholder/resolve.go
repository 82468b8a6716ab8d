package stakeholder

import (
	"fmt"
	"slices"
	"strings"

	"rolecall/job"
	"rolecall/job/lookup"
	"rolecall/job/picklist"
	"rolecall/job/rolemap"
)

// resolveNamed sets the ids of the deal and the contact of a row that names them without their ids. If it is not clear
// which record is meant, the row fails: rolecall picks none for the user.
func (w *work) resolveNamed(r *job.Row) error {
	a := askOf(r)
	if a.Deal == nil && a.Contact == nil {
		return nil
	}
	deal, contact := a.Deal, a.Contact
	a.Deal, a.Contact = nil, nil
	if r.Ask = nil; a != (ask{}) {
		r.Ask = job.Encode(a)
	}
	account := ""
	if deal != nil {
		r.Key = ""
		answer, err := w.answer(deal.By, deal.Text)
		if err != nil {
			return err
		}
		if r.Done = w.fails(deal, answer); r.Done != nil {
			return nil
		}
		hit := deal.proven(answer).Hits[0]
		r.Key, account = hit.ID, hit.AccountID
		w.restored(r, deal, r.Key)
	} else if answer, err := w.answer(byDealID, r.Key); err != nil {
		return err
	} else if answer != nil && len(answer.Hits) == 1 {
		account = answer.Hits[0].AccountID
	}
	if contact == nil {
		return nil
	}
	answer, err := w.answer(contact.By, contact.Text)
	if err != nil {
		return err
	}
	if contact.Cell == "" {
		answer = ofDeal(answer, account)
	}
	if r.Done = w.fails(contact, answer); r.Done == nil {
		hit := contact.proven(answer).Hits[0]
		r.Item = hit.ID
		w.restored(r, contact, r.Item)
		w.compareName(r, contact, &hit)
		return nil
	}
	if r.Done.Code == job.CodeContactUnknown && account != "" {
		return w.nearest(r, contact, account)
	}
	return nil
}

// ofDeal returns the contact that belongs to the deal's account, if exactly one of several contacts does. Otherwise it
// returns the whole answer.
func ofDeal(answer *lookup.Answer, account string) *lookup.Answer {
	if answer == nil || len(answer.Hits) < 2 || account == "" || answer.More {
		return answer
	}
	same := slices.DeleteFunc(slices.Clone(answer.Hits), func(h lookup.Hit) bool { return h.AccountID != account })
	if len(same) == 1 {
		return &lookup.Answer{Hits: same}
	}
	return answer
}

// shownCandidates is the most records that the details of a row list.
const shownCandidates = 10

// candidates is what the details of a row say about the records that may be meant.
type candidates struct {
	Candidates []lookup.Hit `json:"candidates"`
	More       int          `json:"more,omitempty"`   // how many are not listed
	Unread     bool         `json:"unread,omitempty"` // Zoho may have more
}

func listed(hits []lookup.Hit, unread bool) string {
	shown := min(len(hits), shownCandidates)
	return string(job.Encode(candidates{hits[:shown], len(hits) - shown, unread}))
}

// fails returns why a row cannot be sent, given the answer about its deal or contact, or nil if the row can be sent.
func (w *work) fails(s *sought, answer *lookup.Answer) *job.Outcome {
	if s.Cell != "" {
		return s.unproven(answer)
	}
	what, value := s.words()
	unknown, ambiguous := job.CodeDealUnknown, job.CodeDealAmbiguous
	if what == "contact" {
		unknown, ambiguous = job.CodeContactUnknown, job.CodeContactAmbiguous
	}
	switch {
	case answer == nil: // run.db was changed
		return job.Reject(unknown, value+" was not looked up", "")
	case len(answer.Hits) == 0 && answer.Why != "":
		return job.Reject(unknown, value+" cannot be looked up: "+answer.Why, "")
	case answer.More:
		return job.Reject(ambiguous, fmt.Sprintf("Zoho has more %ss with %s, or one like it, than it lists", what, value),
			listed(answer.Hits, true))
	case len(answer.Hits) == 0:
		return job.Reject(unknown, fmt.Sprintf("no %s has %s", what, value), "")
	case len(answer.Hits) > 1:
		return job.Reject(ambiguous, fmt.Sprintf("%d %ss have %s", len(answer.Hits), what, value),
			listed(answer.Hits, false))
	}
	return nil
}

// words returns, for messages, what the row names (a deal or a contact) and the value that names it.
func (s *sought) words() (what, value string) {
	what, field, _ := strings.Cut(strings.Replace(s.By, "email", "e-mail", 1), " ")
	return what, fmt.Sprintf("the %s %.60q", strings.TrimPrefix(field, "key "), s.Text)
}

// nearest adds the contacts of the deal's account to the outcome of a row whose contact is unknown, the nearest first.
func (w *work) nearest(r *job.Row, s *sought, account string) error {
	answer, err := w.answer(ofAccount, account)
	if err != nil || answer == nil || len(answer.Hits) == 0 {
		return err
	}
	hits := lookup.Nearest(answer.Hits, s.Text, s.Name)
	r.Done.Message += "; nearest at the deal's account: " + describe(hits)
	r.Done.Details = listed(hits, false)
	return nil
}

// shownNames is the most names in a message.
const shownNames = 3

// describe returns the names of the first contacts, with their ids.
func describe(hits []lookup.Hit) string {
	var names []string
	for _, h := range hits[:min(len(hits), shownNames)] {
		names = append(names, fmt.Sprintf("%.60s (%s)", h.Name, h.ID))
	}
	return strings.Join(names, ", ")
}

// checkMap refuses a role map whose roles the org does not have.
func (w *work) checkMap() error {
	if err := CheckMap(w.RoleMap, w.roles); err != nil {
		return &job.UsageError{Err: err}
	}
	if open := w.RoleMap.Open(); len(open) > 0 {
		w.desk.Say(rolemap.OpenText(open))
	}
	return nil
}

// CheckMap returns an error for a role map with roles that the org does not have.
func CheckMap(m rolemap.Map, org picklist.List) error {
	index := picklist.NewIndex(org)
	return m.Check(func(role string) error {
		_, err := index.Find(picklist.Cell{Text: role})
		return err
	}, org.Names())
}
