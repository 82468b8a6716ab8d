package api

import (
	"encoding/json"
	"errors"

	"rolecall/api/pace"
)

// Answer is what Zoho said to one write, and what it took.
type Answer struct {
	HTTP      int
	Code      string          // as sent
	Message   string          // as sent
	Details   json.RawMessage // compact; nil where Zoho sent none
	Attempts  int             // sent; those answered 429 or with a refused token are not counted
	Uncertain bool            // an earlier attempt's answer was lost: it may have been applied then
}

// Outcome is what became of one contact of a batch.
type Outcome struct {
	Contact string
	Answer  Answer
	Err     *Error // nil: success
	// Known is false when the answer named this contact neither by details.id
	// nor by details.json_path; then only reading the deal tells.
	Known bool
}

// RoleOutcome is what became of one role of a batch, in the order asked.
type RoleOutcome struct {
	// ID is the role that was asked for; of a role to be created the id that
	// Zoho gave it, "" unless it was.
	ID     string
	Answer Answer
	Err    *Error // nil: success
	// Known is false when the answer tells nothing of this role; then only
	// reading the list does, and Err is Uncertain. Of a role to be created, ID and
	// Answer are then the success at its place in the answer, if there is one: its
	// own, if the list has the role under that id.
	Known bool
}

func (k *call) answer(status int, r refusalText) Answer {
	return Answer{
		HTTP:      status,
		Code:      string(r.Code),
		Message:   string(r.Message),
		Details:   compact(r.Details),
		Attempts:  k.sent,
		Uncertain: k.uncertain,
	}
}

// refused makes the error of an answer that refuses.
func (k *call) refused(status int, r refusalText) *Error {
	a := k.answer(status, r)
	return &Error{HTTP: a.HTTP, Code: a.Code, Message: a.Message, Details: a.Details, Attempts: a.Attempts, Uncertain: a.Uncertain}
}

// stopped makes the error of a call that the pacer or the context stopped.
func (k *call) stopped(stop *pace.Stop) *Error {
	e := halted(stop)
	e.Attempts, e.Uncertain = k.sent, k.uncertain
	return e
}

// fail makes the error of a call that the policy stopped.
func (k *call) fail(f *fault, v verdict) *Error {
	if f.stop != nil {
		return k.stopped(f.stop)
	}
	e := k.refused(f.status, f.refusal)
	e.Uncertain = e.Uncertain || f.lost && k.isWrite()
	e.Body, e.Err, e.Ends = f.body, f.err, v.end
	if e.Code == "" {
		e.Message = f.message
	}
	if v.reason != "" {
		// Zoho's message stays as sent: ours goes beside it.
		e.Err = errors.Join(errors.New(v.reason), e.Err)
	}
	return e
}

// unreadable makes the error of an answer whose parts are not what Zoho's
// documents say.
func (k *call) unreadable(r *reply, err error) *Error {
	return &Error{
		HTTP: r.status, Message: "the answer cannot be read", Body: printable(r.list), Attempts: k.sent,
		Uncertain: k.uncertain, Err: err,
	}
}
