package voice

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"

	"rolecall/api"
	"rolecall/job"
)

// mostTries is how often a row is sent if neither the answers nor a read shows its change.
const mostTries = 3

// steps does the row of one contact: job.Steps. All other rows of the contact follow that row.
type steps struct {
	*work

	row   job.Row
	ask   ask
	open  bool            // the row has no outcome yet
	known json.RawMessage // the contact before, for undo; nil: not read
	now   *api.VoiceContact
	read  bool // the contact was read; now is nil if Voice does not have it
	tries int  // how often this process sent the row
	lost  *api.Error
}

// Next implements job.Steps.
func (s *steps) Next() ([]job.Outcome, *job.Call) {
	switch {
	case !s.open:
		return nil, nil
	case s.ask.Do == creates && s.row.Sent:
		return s.end(unknown(&s.row, s.tries)), nil
	case s.tries >= mostTries:
		return s.end(s.giveUp()), nil
	case s.ask.Do == creates:
		return nil, s.call(s.create)
	case !s.read:
		return nil, &job.Call{Send: s.look}
	}
	if o := s.judge(); o != nil {
		return s.end(*o), nil
	}
	if s.known == nil {
		s.known = job.Encode(before{s.ask.ID, s.now.Fields})
	}
	if s.ask.Do == deletes {
		return nil, s.call(s.delete)
	}
	return nil, s.call(s.update)
}

// call returns the call that does the row.
func (s *steps) call(send func(context.Context) ([]job.Outcome, error)) *job.Call {
	return &job.Call{Rows: []job.Row{s.row}, Prior: []json.RawMessage{s.known}, Force: s.ask.Do != updates, Send: send}
}

// end ends the row with an outcome.
func (s *steps) end(o job.Outcome) []job.Outcome {
	s.open = false
	o.Row = s.row.N
	if o.IDs == nil && s.ask.ID != "" && s.ask.Do != creates {
		o.IDs = map[string]string{keyContact: s.ask.ID}
	}
	return []job.Outcome{o}
}

// sent reports whether this process or an earlier one may have sent the row.
func (s *steps) sent() bool { return s.row.Sent || s.tries > 0 }

// giveUp returns the outcome of a row that was sent mostTries times without an answer about the row.
func (s *steps) giveUp() job.Outcome {
	e := s.lost
	if e == nil {
		e = &api.Error{Err: errors.New("no answer names this contact"), Attempts: s.tries}
	}
	return job.Refuse(s.row.N, e)
}

// look reads the contact before it is changed.
func (s *steps) look(ctx context.Context) ([]job.Outcome, error) {
	c, there, err := s.zoho.VoiceContact(ctx, s.ask.ID)
	if err != nil {
		if s.sent() {
			err = job.AfterWrite(err)
		}
		e, ends := job.OwnError(err)
		if ends != nil {
			return nil, ends
		}
		return s.end(job.Refuse(s.row.N, e)), nil
	}
	if s.now, s.read = nil, true; there {
		s.now = &c
	}
	return nil, nil
}

// judge returns the outcome of a row whose contact was read and that needs no call, or nil.
func (s *steps) judge() *job.Outcome {
	if s.job == Undo {
		return s.judgeUndo()
	}
	switch {
	case s.now == nil && s.ask.Do == deletes && s.sent():
		return s.settled(job.ActionDeleted)
	case s.now == nil:
		return job.Reject(job.CodeRecordNotFound, "Voice has no such contact, or does not show it to this user", "")
	}
	if o := s.judgeOdd(); o != nil {
		return o
	}
	switch {
	case s.ask.Do == deletes || !hasAll(s.now.Fields, s.ask.Fields):
		return nil
	case s.ask.StatusID != "": // Voice does not show the status of a contact
		return nil
	case s.sent() && s.known != nil:
		return s.settled(job.ActionUpdated)
	}
	o := job.Settle(s.row.N, job.ActionUnchanged, "the contact has these values already", 0)
	return &o
}

// judgeOdd refuses a row with a cell that is no phone number, unless Voice has the same text. Then nobody changed the
// cell since the export, and the field stays as it is.
func (s *steps) judgeOdd() *job.Outcome {
	for _, name := range numbers {
		if text := s.ask.Odd[name]; text != s.now.Fields[name] && text != "" {
			if _, err := normal(text, s.Country); err != nil {
				return invalid(name, err)
			}
		}
	}
	return nil
}

// settled returns the outcome of a row whose change a read shows.
func (s *steps) settled(action string) *job.Outcome {
	o := job.Settle(s.row.N, action, "the answer to the call was lost; the contact, read afterwards, is as the row "+
		"wants it", s.tries)
	o.Prior = s.known
	return &o
}

// create creates the contact. A call that may have been applied is never sent again.
func (s *steps) create(ctx context.Context) ([]job.Outcome, error) {
	s.tries++
	o, err := s.zoho.CreateVoiceContact(ctx, s.write(s.ask.Fields))
	if err == nil {
		s.keep()
		done := job.Confirm(s.row.N, job.ActionCreated, o.Answer)
		done.IDs = map[string]string{keyContact: o.ID}
		return s.end(done), nil
	}
	e, ends := job.OwnError(err)
	switch {
	case ends != nil:
		return nil, ends
	case e.Uncertain:
		return s.end(unknown(&s.row, e.Attempts)), nil
	}
	return s.end(job.Refuse(s.row.N, e)), nil
}

// write returns what a call sends.
func (s *steps) write(all fields) api.VoiceWrite {
	return api.VoiceWrite{Fields: all, StatusID: s.ask.StatusID, StatusName: s.ask.StatusName}
}

// update merges the row into the contact and sends the whole contact, because Zoho's pages do not say whether a PUT
// merges.
func (s *steps) update(ctx context.Context) ([]job.Outcome, error) {
	all := fields{}
	maps.Copy(all, s.now.Fields)
	for name, value := range s.ask.Fields {
		if !same(name, all[name], value) { // Voice's own form of a number stays
			all[name] = value
		}
	}
	o, err := s.zoho.UpdateVoiceContact(ctx, s.ask.ID, s.write(all))
	if err == nil {
		s.keep()
	}
	return s.changed(job.ActionUpdated, o, err)
}

// delete deletes the contact.
func (s *steps) delete(ctx context.Context) ([]job.Outcome, error) {
	o, err := s.zoho.DeleteVoiceContact(ctx, s.ask.ID)
	return s.changed(job.ActionDeleted, o, err)
}

// changed returns the outcome of an update or a deletion. After an uncertain answer, the contact is read again.
func (s *steps) changed(action string, o api.Outcome, err error) ([]job.Outcome, error) {
	s.tries++
	if err == nil {
		done := job.Confirm(s.row.N, action, o.Answer)
		done.Prior = s.known
		return s.end(done), nil
	}
	e, ends := job.OwnError(err)
	switch {
	case ends != nil:
		return nil, ends
	case e.Uncertain:
		s.read, s.lost = false, e
		return nil, nil
	}
	return s.end(job.Refuse(s.row.N, e)), nil
}

// unknown returns the outcome of a row without an answer, so that it is not known whether the row created its contact.
// Finish may settle the row.
func unknown(r *job.Row, attempts int) job.Outcome {
	o := *job.Reject(job.CodeOutcomeUnknown, fmt.Sprintf("the answer to the call was lost: look in Voice for a "+
		"contact with the mobile %s", job.Decoded[ask](r.Ask).Fields[string(mobile)]), "")
	o.Row, o.Attempts = r.N, attempts
	return o
}

// hasAll reports whether a contact has the values.
func hasAll(has, values fields) bool {
	for name, value := range values {
		if !same(name, has[name], value) {
			return false
		}
	}
	return true
}

// same reports whether two values of a field are the same.
func same(name, a, b string) bool { return plain(name, a) == plain(name, b) }

// plain returns a value of a field in the form in which values are compared. Voice may write a number with a space, and
// may have "" for false.
func plain(name, value string) string {
	switch {
	case isNumber(name):
		return digits(value)
	case isFlag(name) && value != "true":
		return ""
	}
	return value
}
