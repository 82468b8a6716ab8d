package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"rolecall/api/pace"
)

// Answer is Zoho's answer to one write.
type Answer struct {
	HTTP    int
	Code    string          // as sent
	Message string          // as sent
	Details json.RawMessage // compact; nil where Zoho sent none
	// Action is what an upsert did with a record: "insert" or "update". Empty for other writes.
	Action string
	// DuplicateField is the field by which an upsert found the record, as sent. Empty where Zoho does not say.
	DuplicateField string
	Attempts       int  // sent; those answered 429 or with a refused token are not counted
	Uncertain      bool // the answer to an earlier attempt was lost: it may have been applied then
}

// Outcome is what became of one item of a call: a contact of a deal, a role, a record. Outcomes are in the order asked.
type Outcome struct {
	// ID is the id of the item. If the call creates the item, it is the id that Zoho gave, or "" if it was not created.
	ID     string
	Answer Answer
	Err    *Error // nil: success
	// Known is false if the answer does not say what became of this item. Then only reading tells, and Err is
	// Uncertain. If the call creates the item, ID and Answer are those of the success at its position in the answer, if
	// there is one: it is the item's own if Zoho has the item under that id. For records, Answer may also be that of a
	// refusal at the item's position.
	Known bool
}

// write makes a call that changes the items of a list, and returns what became of each. asked holds their ids, empty
// for those that it creates; items is the list in the body, nil for no body.
func (c *Client) write(ctx context.Context, q request, l list, asked []string, items any) ([]Outcome, error) {
	q.due = due{l.name, resultList}
	if items != nil && q.invalid == nil {
		q.body, q.invalid = json.Marshal(map[string]any{l.name: items})
	}
	r, k, failed := c.do(ctx, q)
	if failed != nil {
		return nil, failed
	}
	return k.outcomes(l, asked, r), nil
}

// writeOne is write for one item. An item that Zoho refuses is an *Error.
func (c *Client) writeOne(ctx context.Context, q request, l list, id string, item any) (Answer, error) {
	var items any
	if item != nil {
		items = []any{item}
	}
	outcomes, err := c.write(ctx, q, l, []string{id}, items)
	if err != nil {
		return Answer{}, err
	}
	if o := outcomes[0]; o.Err != nil {
		return Answer{}, o.Err
	}
	return outcomes[0].Answer, nil
}

// outcomes returns what became of each item that was asked for.
func (k *call) outcomes(l list, asked []string, r *reply) []Outcome {
	out := make([]Outcome, len(asked))
	matched, inOrder := l.match(asked, r.items)
	for i, id := range asked {
		o, result := &out[i], matched[i]
		o.ID, o.Known = id, result != nil
		o.Answer, o.Err = k.settle(l, r.status, result)
		switch {
		case id != "":
		case result != nil && result.ok():
			o.ID = string(result.details().ID)
		case result == nil && inOrder && r.items[i].ok():
			o.ID, o.Answer = string(r.items[i].details().ID), k.answer(r.status, r.items[i])
		case result == nil && inOrder && l.ordered:
			o.Answer = k.answer(r.status, r.items[i])
		}
	}
	return out
}

// settle returns what a result means for its item; nil: there is none.
func (k *call) settle(l list, status int, result *refusalText) (Answer, *Error) {
	switch {
	case result == nil:
		return Answer{HTTP: status, Attempts: k.sent, Uncertain: true}, &Error{
			HTTP: status, Attempts: k.sent, Uncertain: true,
			Err: fmt.Errorf("the answer does not say what became of this %s", l.item),
		}
	case result.ok():
		return k.answer(status, *result), nil
	}
	e := k.refused(status, *result)
	if isThrottle(0, string(result.Code)) || isServerFault(0, string(result.Code)) {
		e.Uncertain = true // this is no refusal of the item, and does not say what Zoho did
	}
	return k.answer(status, *result), e
}

func (k *call) answer(status int, r refusalText) Answer {
	return Answer{
		HTTP:      status,
		Code:      string(r.Code),
		Message:   string(r.Message),
		Details:   compact(r.Details),
		Attempts:  k.sent,
		Uncertain: k.uncertain,

		Action: looseText(r.Action), DuplicateField: looseText(r.DuplicateField),
	}
}

// refused makes the error of an answer that refuses.
func (k *call) refused(status int, r refusalText) *Error {
	return &Error{
		HTTP: status, Code: string(r.Code), Message: string(r.Message), Details: compact(r.Details),
		Attempts: k.sent, Uncertain: k.uncertain,
	}
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
		// Zoho's message stays as sent; ours goes beside it.
		e.Err = errors.Join(errors.New(v.reason), e.Err)
	}
	return e
}

// unreadable makes the error of an answer whose parts are not as documented.
func (k *call) unreadable(r *reply, err error) *Error {
	return &Error{
		HTTP: r.status, Message: "the answer cannot be read", Body: printable(r.list), Attempts: k.sent,
		Uncertain: k.uncertain, Err: err,
	}
}
