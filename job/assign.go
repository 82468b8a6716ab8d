package job

import (
	"context"
	"net/http"

	"rolecall/api"
)

// assign makes the call of one row and returns its outcome. An error ends the run: nothing is known of the row, and it stays open.
func (c *caller) assign(ctx context.Context, deal string, r plannedRow) (outcome, error) {
	role := c.roles[r.role].RoleRef
	a, err := c.zoho.AssignContactRole(ctx, deal, r.contact.String(), role)
	if err == nil {
		return success(r.row, ActionAssigned, a), nil
	}
	e, err := OwnError(err)
	if err != nil {
		return outcome{}, err
	}
	return c.settleAssign(ctx, deal, r, role, e)
}

// assignTogether makes one call of a batch and returns the outcomes of its rows, beside the rows that are still open: they are to be sent one by one, which is harmless also where the call did
// something for them. An error ends the run.
func (c *caller) assignTogether(ctx context.Context, deal string, batch []plannedRow) (outcomes []outcome, open []plannedRow, err error) {
	assignments := make([]api.Assignment, len(batch))
	for i, r := range batch {
		assignments[i] = api.Assignment{Contact: r.contact.String(), Role: c.roles[r.role].RoleRef}
	}
	answers, err := c.zoho.AssignContactRoles(ctx, deal, assignments)
	if api.NotOffered(err) {
		c.collection.refused(err)
		return nil, batch, nil
	}
	if err != nil {
		e, err := OwnError(err)
		if err != nil {
			return nil, nil, err
		}
		if !sharedRefusal(e) {
			return nil, batch, nil // whose contact it is that Zoho does not take, or whether it is any, tell their own calls
		}
		for _, r := range batch {
			outcomes = append(outcomes, failure(r.row, e))
		}
		return outcomes, nil, nil
	}
	outcomes = make([]outcome, 0, len(batch))
	for i := range answers {
		a := &answers[i]
		switch {
		case a.Known && a.Err == nil:
			outcomes = append(outcomes, success(batch[i].row, ActionAssigned, a.Answer))
		case a.Known && !a.Err.Uncertain && !a.Answer.Uncertain:
			outcomes = append(outcomes, failure(batch[i].row, a.Err))
		default:
			open = append(open, batch[i])
		}
	}
	settled, open, err := c.settleTogether(ctx, deal, open)
	return append(outcomes, settled...), open, err
}

// sharedRefusal says whether the refusal of a whole call is that of each of its rows: it is about the deal, or about what the user may do.
func sharedRefusal(e *api.Error) bool {
	return !e.Uncertain && (pathIndex(string(e.Details)) == 1 || Forbids(e))
}

// Forbids says whether a refusal is about what the user may do, whatever was asked for (Zoho CRM API v8, Status Codes: NO_PERMISSION with 403, AUTHORIZATION_FAILED with 400).
func Forbids(e *api.Error) bool {
	return e.HTTP == http.StatusForbidden || e.Code == "AUTHORIZATION_FAILED"
}

// settleTogether settles rows of which the answer to their call does not tell: where the deal, read afterwards, has a contact with its role, that is a success. The others stay open.
func (c *caller) settleTogether(ctx context.Context, deal string, rows []plannedRow) (outcomes []outcome, open []plannedRow, err error) {
	if len(rows) == 0 {
		return nil, nil, nil
	}
	now, err := c.zoho.DealContactRoles(ctx, deal)
	if err != nil {
		_, err := OwnError(err)
		return nil, rows, err
	}
	on := newDealRoles(now)
	for _, r := range rows {
		if role, is := on[r.contact]; is && sameRole(role, c.roles[r.role].RoleRef) {
			outcomes = append(outcomes, readBack(r.row, ActionAssigned, "the answer to the call does not tell of this contact; the deal, read afterwards, has it with this role", 1))
			continue
		}
		open = append(open, r)
	}
	return outcomes, open, nil
}
