package stakeholder

import (
	"context"
	"net/http"

	"rolecall/api"
	"rolecall/job"
)

// assignOne assigns one row by a call of its own. An error ends the run, and the row stays open.
func (d *deal) assignOne(ctx context.Context, batch []job.Row) ([]job.Outcome, error) {
	r := &batch[0]
	wanted := askOf(r).ref()
	a, err := d.zoho.AssignContactRole(ctx, d.id, r.Item, wanted)
	if err == nil {
		return []job.Outcome{job.Confirm(r.N, job.ActionAssigned, a)}, nil
	}
	e, err := job.OwnError(err)
	if err != nil {
		return nil, err
	}
	o, err := d.settleAssign(ctx, r, wanted, e)
	if err != nil {
		return nil, err
	}
	return []job.Outcome{o}, nil
}

// assignTogether assigns a batch in one call. Rows that are still open go one by one afterwards. Assigning a row twice
// is harmless.
func (d *deal) assignTogether(ctx context.Context, batch []job.Row) ([]job.Outcome, error) {
	outcomes, open, err := d.assignMany(ctx, batch)
	d.alone = append(d.alone, open...)
	return outcomes, err
}

// assignMany sends a batch in one call. It returns the outcomes of its rows and the rows that are still open. An error
// ends the run.
func (d *deal) assignMany(ctx context.Context, batch []job.Row) (done []job.Outcome, open []job.Row, err error) {
	assignments := make([]api.Assignment, len(batch))
	for i := range batch {
		assignments[i] = api.Assignment{Contact: batch[i].Item, Role: askOf(&batch[i]).ref()}
	}
	answers, err := d.zoho.AssignContactRoles(ctx, d.id, assignments)
	if api.NotOffered(err) {
		d.collection.refused(err)
		return nil, batch, nil
	}
	if err != nil {
		e, err := job.OwnError(err)
		if err != nil {
			return nil, nil, err
		}
		if !sharedRefusal(e) {
			return nil, batch, nil // the rows' own calls show which contact Zoho refuses, if any
		}
		for i := range batch {
			done = append(done, job.Refuse(batch[i].N, e))
		}
		return done, nil, nil
	}
	for i := range answers {
		a, row := &answers[i], batch[i].N
		switch {
		case a.Known && a.Err == nil:
			done = append(done, job.Confirm(row, job.ActionAssigned, a.Answer))
		case a.Known && !a.Err.Uncertain && !a.Answer.Uncertain:
			done = append(done, job.Refuse(row, a.Err))
		default:
			open = append(open, batch[i])
		}
	}
	settled, open, err := d.settleTogether(ctx, open)
	return append(done, settled...), open, err
}

// sharedRefusal reports whether the refusal of a whole call holds for each of its rows, because it is about the deal or
// about the user's permissions.
func sharedRefusal(e *api.Error) bool {
	return !e.Uncertain && (pathIndex(string(e.Details)) == 1 || job.Forbids(e))
}

// settleTogether settles rows that the answer to their call leaves open: it reads the deal once. A row whose contact is
// on the deal with the wanted role is a success. The other rows stay open.
func (d *deal) settleTogether(ctx context.Context, rows []job.Row) (done []job.Outcome, open []job.Row, err error) {
	if len(rows) == 0 {
		return nil, nil, nil
	}
	now, err := d.zoho.DealContactRoles(ctx, d.id)
	if err != nil {
		_, err := job.OwnError(err)
		return nil, rows, job.AfterWrite(err)
	}
	on := newDealRoles(now)
	for i := range rows {
		if is, there := on[rows[i].Item]; there && sameRole(is, askOf(&rows[i]).ref()) {
			message := "the answer to the call does not name this contact; the deal, read afterwards, has it with " +
				"this role"
			done = append(done, job.Settle(rows[i].N, job.ActionAssigned, message, 1))
			continue
		}
		open = append(open, rows[i])
	}
	return done, open, nil
}

// settleAssign returns the outcome of a PUT that was refused. If one of its attempts may have taken effect, it reads
// the deal.
func (d *deal) settleAssign(ctx context.Context, r *job.Row, wanted api.RoleRef, e *api.Error) (job.Outcome, error) {
	if !e.Uncertain {
		return job.Refuse(r.N, e), nil
	}
	now, on, err := d.zoho.DealContactRole(ctx, d.id, r.Item)
	if err != nil {
		own, err := job.OwnError(err)
		switch {
		case err != nil:
			return job.Outcome{}, job.AfterWrite(err)
		case sameRefusal(e, own):
			return job.Refuse(r.N, e), nil
		}
		return unknown(r.N, e, own), nil
	}
	if on && sameRole(now.Role, wanted) {
		return job.Settle(r.N, job.ActionAssigned, "no usable answer to the write; the deal, read afterwards, has the "+
			"contact with this role", e.Attempts), nil
	}
	return job.Refuse(r.N, e), nil
}

// sameRefusal reports whether Zoho refuses a read of the deal as it refused the write. Then the deal does not exist,
// and nothing was changed.
func sameRefusal(write, read *api.Error) bool {
	return write.Code != "" && write.Code == read.Code && write.HTTP < http.StatusInternalServerError
}
