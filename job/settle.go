package job

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"rolecall/api"
)

// OwnError gives the *api.Error of a refusal that is only the row's own, or the error that ends the run.
func OwnError(err error) (*api.Error, error) {
	if StopOf(err) != nil {
		return nil, err
	}
	var e *api.Error
	errors.As(err, &e) // StopOf found one
	return e, nil
}

// success is the outcome of a row that Zoho confirmed.
func success(row int64, action string, a api.Answer) outcome {
	return outcome{row: row, answer: answer{StatusSuccess, action, a.Code, a.Message, a.HTTP}, details: string(a.Details), attempts: a.Attempts}
}

// failure is the outcome of a row that Zoho refused, with its code and message as sent; or of one that it gave no usable answer to.
func failure(row int64, e *api.Error) outcome {
	code, message := e.Code, e.Message
	if code == "" {
		code, message = CodeNoAnswer, e.Error()
	}
	return outcome{row: row, answer: answer{StatusError, "", code, message, e.HTTP}, details: string(e.Details), attempts: e.Attempts}
}

// readBack is the outcome of a row that was settled by reading the deal.
func readBack(row int64, action, message string, attempts int) outcome {
	return outcome{row: row, answer: answer{StatusSuccess, action, codeSuccess, message, 0}, attempts: attempts}
}

// unknown is the outcome of a row of which nothing tells whether the change was made.
func unknown(row int64, e *api.Error, why error) outcome {
	return outcome{row: row, answer: answer{StatusError, "", CodeOutcomeUnknown, fmt.Sprintf("%s; reading the deal did not settle it: %s", e.Error(), why), e.HTTP}, details: string(e.Details), attempts: e.Attempts}
}

// repeatOf is the outcome of a row that equals an earlier one and was not sent.
func repeatOf(original outcome, row int64) outcome {
	o := original
	o.row, o.sameAs, o.attempts, o.prior, o.priorID = row, original.row, 0, "", ""
	o.details = WithSameAs(original.details, original.row)
	if o.ok() {
		o.action = ActionUnchanged
		o.message = fmt.Sprintf("same as row %d", original.row)
		o.http = 0
	}
	return o
}

// WithSameAs adds the row that is repeated to details that are a JSON object, and stands alone where they are not.
func WithSameAs(details string, row int64) string {
	object := map[string]json.RawMessage{}
	if details != "" && json.Unmarshal([]byte(details), &object) != nil {
		object = map[string]json.RawMessage{}
	}
	object["same_as_row"] = fmt.Append(nil, row)
	b, err := json.Marshal(object)
	if err != nil {
		return details
	}
	return string(b)
}

// settleAssign decides a PUT that was refused. When one of its attempts may have been applied, the deal itself tells.
func (c *caller) settleAssign(ctx context.Context, deal string, r plannedRow, role api.RoleRef, e *api.Error) (outcome, error) {
	if !e.Uncertain {
		return failure(r.row, e), nil
	}
	now, on, err := c.zoho.DealContactRole(ctx, deal, r.contact.String())
	if err != nil {
		own, err := OwnError(err)
		if err != nil {
			return outcome{}, err
		}
		if sameRefusal(e, own) {
			return failure(r.row, e), nil
		}
		return unknown(r.row, e, own), nil
	}
	if on && (now.Role.ID == role.ID || now.Role.ID == "" && now.Role.Name == role.Name) {
		return readBack(r.row, ActionAssigned, "no usable answer to the write; the deal, read afterwards, has the contact with this role", e.Attempts), nil
	}
	return failure(r.row, e), nil
}

// settleRemove gives each row of a DELETE its outcome. named says whether the answer had an item for each contact; without it the whole call was refused.
//
// A refusal is not the last word where an earlier DELETE of the row may have been applied and its answer lost, in this process or in one that was killed: then the contact's
// absence from the deal is what was asked for.
func (c *caller) settleRemove(ctx context.Context, deal string, batch []plannedRow, answers []api.Outcome, named bool) ([]outcome, error) {
	var onDeal map[string]bool // read at most once, when it is needed
	outcomes := make([]outcome, len(batch))
	for i, r := range batch {
		a := answers[i]
		open := !a.Known || a.Err != nil && (a.Answer.Uncertain || a.Err.Uncertain || c.noted.has(r.row))
		if !open {
			outcomes[i] = c.removed(r.row, a, named)
			continue
		}
		if onDeal == nil {
			var why *api.Error
			var err error
			if onDeal, why, err = c.contactsOn(ctx, deal); err != nil {
				return nil, err
			}
			if why != nil {
				return c.unsettled(batch, answers, outcomes[:i], named, why), nil
			}
		}
		outcomes[i] = c.settledRemove(r, a, onDeal[r.contact.String()])
	}
	return outcomes, nil
}

// removed is the outcome of a contact that the answer speaks of and that no earlier call may have removed.
func (c *caller) removed(row int64, a api.Outcome, named bool) outcome {
	switch {
	case a.Err == nil:
		return success(row, ActionRemoved, a.Answer)
	case named && c.ignoreNotFound && absent(a.Err.Code, string(a.Err.Details)):
		o := failure(row, a.Err)
		o.status, o.action = StatusSuccess, ActionUnchanged
		return o
	}
	return failure(row, a.Err)
}

// absent says whether a code that Zoho gives for one contact of a DELETE means that the contact is not on the deal: "relation not found" comes as MANDATORY_NOT_FOUND
// (Zoho CRM API v6, Remove Contact Role from a Specific Deal) or as INVALID_DATA (Zoho's OpenAPI file for v8, related records).
//
// A refusal that points at a part of the path is about the deal, not about the relation.
func absent(code, details string) bool {
	return (code == codeMandatoryNotFound || code == codeInvalidData) && pathIndex(details) < 0
}

// settledRemove is the outcome of a contact whose removal the deal itself had to tell.
func (c *caller) settledRemove(r plannedRow, a api.Outcome, on bool) outcome {
	switch {
	case !on:
		return readBack(r.row, ActionRemoved, "an earlier call may have removed the contact and its answer was lost; the deal, read afterwards, does not have it", a.Answer.Attempts)
	case a.Err != nil:
		return failure(r.row, a.Err)
	}
	return failure(r.row, &api.Error{HTTP: a.Answer.HTTP, Attempts: a.Answer.Attempts, Err: errors.New("the answer does not speak of this contact, and the deal, read afterwards, still has it")})
}

// unsettled gives what is left of a batch its outcomes when the deal could not be read.
func (c *caller) unsettled(batch []plannedRow, answers []api.Outcome, settled []outcome, named bool, why *api.Error) []outcome {
	for i := len(settled); i < len(batch); i++ {
		a := answers[i]
		switch {
		case a.Known && a.Err == nil, a.Known && !a.Answer.Uncertain && !a.Err.Uncertain && !c.noted.has(batch[i].row):
			settled = append(settled, c.removed(batch[i].row, a, named))
		case a.Err != nil && sameRefusal(a.Err, why):
			settled = append(settled, failure(batch[i].row, a.Err))
		default:
			e := a.Err
			if e == nil {
				e = &api.Error{HTTP: a.Answer.HTTP, Attempts: a.Answer.Attempts, Err: errors.New("the answer does not speak of this contact")}
			}
			settled = append(settled, unknown(batch[i].row, e, why))
		}
	}
	return settled
}

// sameRefusal says whether reading a deal is refused as the write to it was: then there is no such deal, and nothing was changed.
func sameRefusal(write, read *api.Error) bool {
	return write.Code != "" && write.Code == read.Code && write.HTTP < http.StatusInternalServerError
}

// contactsOn reads which contacts a deal has. why is the refusal where it cannot be read; err ends the run.
func (c *caller) contactsOn(ctx context.Context, deal string) (on map[string]bool, why *api.Error, err error) {
	now, err := c.zoho.DealContactRoles(ctx, deal)
	if err != nil {
		why, err := OwnError(err)
		return nil, why, err
	}
	on = make(map[string]bool, len(now))
	for _, d := range now {
		on[d.ID] = true
	}
	return on, nil, nil
}
