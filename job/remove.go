package job

import (
	"context"
	"errors"
	"slices"

	"rolecall/api"
)

// remove takes the contacts of a batch off the deal. The rows are noted first: after a kill that is how resume knows that the change may have been made.
func (c *caller) remove(ctx context.Context, deal string, batch []plannedRow) ([]outcome, error) {
	contacts, rows := make([]string, len(batch)), make([]int64, len(batch))
	for i, r := range batch {
		contacts[i], rows[i] = r.contact.String(), r.row
	}
	if err := c.rec.note(rows); err != nil {
		return nil, err
	}
	answers, err := c.zoho.RemoveContactRoles(ctx, deal, contacts)
	if err != nil {
		var e *api.Error
		if errors.As(err, &e) && !e.Uncertain {
			// A note of an earlier process stays: its DELETE may have been applied.
			if err := c.rec.forget(slices.DeleteFunc(rows, c.noted.has)); err != nil {
				return nil, err
			}
		}
		if e, err = OwnError(err); err != nil {
			return nil, err
		}
		answers = make([]api.Outcome, len(batch))
		for i := range answers {
			answers[i] = api.Outcome{ID: contacts[i], Known: true, Err: e, Answer: api.Answer{Attempts: e.Attempts, Uncertain: e.Uncertain}}
		}
		// One contact's refusal may come for the whole call: the same text arrives in either shape.
		return c.settleRemove(ctx, deal, batch, answers, len(batch) == 1 && e.Code == codeMandatoryNotFound)
	}
	return c.settleRemove(ctx, deal, batch, answers, true)
}
