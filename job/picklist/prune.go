package picklist

import (
	"context"

	"rolecall/api"
	"rolecall/job"
	"rolecall/job/report"
)

// room returns how many roles the run must delete before the ops, because the org's list would become too long. It
// counts only roles that the run deletes anyway.
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

// makeRoom returns the call that deletes n of the roles that the run deletes anyway.
func (w *work) makeRoom(n int) *job.Call {
	return &job.Call{Send: func(ctx context.Context) ([]job.Outcome, error) { return nil, w.prune(ctx, n) }}
}

// toPrune returns the deletions that were not tried yet.
func (w *work) toPrune() (roles []op) {
	for _, role := range w.beyond() {
		if _, tried := w.pruned[role.ID]; !tried {
			roles = append(roles, op{Kind: opDelete, Write: api.RoleWrite{ID: role.ID}, Was: role.Name})
		}
	}
	return roles
}

// prune deletes up to most of the roles that the table does not name. It deletes nothing if a row failed, because the
// role of that row may be among them.
func (w *work) prune(ctx context.Context, most int) error {
	w.prunedByList()
	ops := w.toPrune()
	if !w.noneFailed() && len(ops) > 0 {
		w.desk.Say("kept " + report.Plural(int64(len(ops)), "role") +
			" that the table does not name, because some rows failed, and these may be their roles")
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

// prunedByList records roles as deleted if they are no longer in the list, whatever Zoho answered.
func (w *work) prunedByList() {
	for _, role := range w.beyond() {
		if o := w.pruned[role.ID]; !o.OK() && w.list.At(role.ID) == 0 {
			w.pruned[role.ID] = job.Settle(0, job.ActionDeleted, "the list, read afterwards, does not have the role",
				o.Attempts)
		}
	}
}

// prunedAs returns the outcome of a deletion from its answer.
func prunedAs(a *api.Outcome) job.Outcome {
	if a.Err != nil {
		return job.Refuse(0, a.Err)
	}
	return job.Confirm(0, job.ActionDeleted, a.Answer)
}
