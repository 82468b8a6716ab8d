package stakeholder

import (
	"context"
	"errors"
	"fmt"

	"rolecall/api"
	"rolecall/job"
)

// remove takes the contacts of a batch off the deal.
func (d *deal) remove(ctx context.Context, batch []job.Row) ([]job.Outcome, error) {
	answers, err := d.takeOff(ctx, batch)
	if err == nil {
		return d.settleRemove(ctx, batch, answers, true)
	}
	e, err := job.OwnError(err)
	if err != nil {
		return nil, err
	}
	answers = make([]api.Outcome, len(batch))
	for i := range answers {
		answers[i] = api.Outcome{Known: true, Err: e, Answer: api.Answer{Attempts: e.Attempts, Uncertain: e.Uncertain}}
	}
	// The refusal of a call for one contact is that contact's, in either shape, unless it names a part of the path.
	return d.settleRemove(ctx, batch, answers, len(batch) == 1)
}

// takeOff makes the call. The path names one contact, as in Zoho's own samples. A parameter names several.
func (d *deal) takeOff(ctx context.Context, batch []job.Row) ([]api.Outcome, error) {
	if len(batch) == 1 {
		a, err := d.zoho.RemoveContactRole(ctx, d.id, batch[0].Item)
		return []api.Outcome{{ID: batch[0].Item, Answer: a, Known: true}}, err
	}
	contacts := make([]string, len(batch))
	for i := range batch {
		contacts[i] = batch[i].Item
	}
	return d.zoho.RemoveContactRoles(ctx, d.id, contacts)
}

// settleRemove returns the outcomes of the rows of a DELETE. named reports whether the answer has an item for each
// contact. If not, Zoho refused the whole call.
//
// If Zoho refuses a row, an earlier DELETE of the row may have taken effect without an answer, in this process or in
// one that was killed. So settleRemove then reads the deal: a row whose contact is gone is a success.
func (d *deal) settleRemove(
	ctx context.Context, batch []job.Row, answers []api.Outcome, named bool,
) ([]job.Outcome, error) {
	var on dealRoles   // read at most once
	var why *api.Error // why the deal cannot be read
	outcomes := make([]job.Outcome, len(batch))
	for i := range batch {
		r, a := &batch[i], &answers[i]
		if !openAfter(r, a) {
			outcomes[i] = d.removed(r.N, a, named)
			continue
		}
		if on == nil && why == nil {
			now, err := d.zoho.DealContactRoles(ctx, d.id)
			if err != nil {
				if why, err = job.OwnError(err); err != nil {
					return nil, job.AfterWrite(err)
				}
			}
			on = newDealRoles(now)
		}
		if why != nil {
			outcomes[i] = unsettled(r.N, a, why)
			continue
		}
		_, is := on[r.Item]
		outcomes[i] = settledRemove(r.N, a, is)
	}
	return outcomes, nil
}

// openAfter reports whether the outcome of a row is still open after the answer.
func openAfter(r *job.Row, a *api.Outcome) bool {
	return !a.Known || a.Err != nil && (a.Answer.Uncertain || a.Err.Uncertain || r.Sent)
}

// removed returns the outcome of a contact that the answer settles.
func (d *deal) removed(row int64, a *api.Outcome, named bool) job.Outcome {
	if a.Err == nil {
		return job.Confirm(row, job.ActionRemoved, a.Answer)
	}
	o := job.Refuse(row, a.Err)
	if named && (d.IgnoreNotFound || d.judges()) && absent(a.Err.Code, string(a.Err.Details)) {
		o.Status, o.Action = job.Success, job.ActionUnchanged
	}
	return o
}

// absent reports whether Zoho's code for one contact of a DELETE means that the contact is not on the deal. "Relation
// not found" comes as MANDATORY_NOT_FOUND (Zoho CRM API v6, Remove Contact Role from a Specific Deal) or as
// INVALID_DATA (Zoho's OpenAPI file for v8, related records). A refusal that names a part of the path is about the
// deal.
func absent(code, details string) bool {
	return (code == codeMandatoryNotFound || code == codeInvalidData) && pathIndex(details) < 0
}

// settledRemove returns the outcome of a contact after a read of the deal. on reports whether the contact is still on
// it.
func settledRemove(row int64, a *api.Outcome, on bool) job.Outcome {
	switch {
	case !on:
		return job.Settle(row, job.ActionRemoved, "an earlier call may have removed the contact and its answer was "+
			"lost; the deal, read afterwards, does not have it", a.Answer.Attempts)
	case a.Err != nil:
		return job.Refuse(row, a.Err)
	}
	return job.Refuse(row, silent(a, "the answer does not name this contact, "+
		"and the deal, read afterwards, still has it"))
}

// unsettled returns the outcome of a contact if Zoho also refuses to let the deal be read. why is that refusal.
func unsettled(row int64, a *api.Outcome, why *api.Error) job.Outcome {
	if a.Err != nil && sameRefusal(a.Err, why) {
		return job.Refuse(row, a.Err)
	}
	e := a.Err
	if e == nil {
		e = silent(a, "the answer does not name this contact")
	}
	return unknown(row, e, why)
}

// silent returns the error of an answer that has no item for a contact.
func silent(a *api.Outcome, text string) *api.Error {
	return &api.Error{HTTP: a.Answer.HTTP, Attempts: a.Answer.Attempts, Err: errors.New(text)}
}

// unknown returns the outcome of a row if neither the answer nor the deal shows whether the change was made.
func unknown(row int64, e *api.Error, why error) job.Outcome {
	o := job.Refuse(row, e)
	o.Code = job.CodeOutcomeUnknown
	o.Message = fmt.Sprintf("%s; reading the deal did not settle it: %s", e.Error(), why)
	return o
}
