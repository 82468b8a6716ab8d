package picklist

import (
	"context"

	"rolecall/api"
	"rolecall/job"
	"rolecall/job/report"
)

// room returns how many roles are to be deleted before others are created, because the org's list would be too long.
func (w *work) room(ops []op) int {
	lacking := len(w.list) - MostRoles
	for i := range ops {
		if ops[i].Kind == opCreate {
			lacking++
		}
	}
	if !w.Prune || w.doomed || !w.noneFailed() {
		return 0
	}
	return min(lacking, len(w.toPrune()))
}

// makeRoom returns the call that deletes so many roles which are to go anyway.
func (w *work) makeRoom(n int) *job.Call {
	return &job.Call{Send: func(ctx context.Context) ([]job.Outcome, error) { return nil, w.prune(ctx, n) }}
}

// toPrune returns the roles that are left to be deleted.
func (w *work) toPrune() (roles []op) {
	for _, role := range w.beyond() {
		if _, tried := w.pruned[role.ID]; !tried {
			roles = append(roles, op{Kind: opDelete, Write: api.RoleWrite{ID: role.ID}, Was: role.Name})
		}
	}
	return roles
}

// prune deletes roles that the table does not name, at most so many, and only while every row is a success: the role of
// a row that failed may be among them.
func (w *work) prune(ctx context.Context, most int) error {
	w.prunedByList()
	ops := w.toPrune()
	if !w.noneFailed() && len(ops) > 0 {
		w.desk.Say(report.Plural(int64(len(ops)), "role") +
			" that the table does not name: not deleted, since rows failed, whose roles may be among them")
		ops = nil
	}
	if ops = ops[:min(len(ops), most, MostInCall)]; len(ops) > 0 {
		if w.desk.Over() {
			return stopped()
		}
		answers, _, err := w.request(ctx, ops)
		if err != nil {
			return err
		}
		for i := range answers {
			w.pruned[ops[i].Write.ID] = prunedAs(&answers[i])
		}
	}
	if err := w.desk.Notebook.Put(keyPruned, w.pruned); err != nil || len(ops) == 0 {
		return err
	}
	if err := w.read(ctx); err != nil {
		return err
	}
	w.prunedByList()
	return w.desk.Notebook.Put(keyPruned, w.pruned)
}

// prunedByList takes the roles as deleted that the list does not have any more, whatever an answer said of them.
func (w *work) prunedByList() {
	for _, role := range w.beyond() {
		if o := w.pruned[role.ID]; !o.OK() && w.list.At(role.ID) == 0 {
			w.pruned[role.ID] = job.Settle(0, job.ActionDeleted, "the list, read afterwards, does not have it",
				o.Attempts)
		}
	}
}

// prunedAs returns what an answer says of a role that was to be deleted.
func prunedAs(a *api.Outcome) job.Outcome {
	if a.Err != nil {
		return job.Refuse(0, a.Err)
	}
	return job.Confirm(0, job.ActionDeleted, a.Answer)
}
