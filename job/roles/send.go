package roles

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"rolecall/api"
	"rolecall/job"
	"rolecall/job/picklist"
)

// send sends the ops of a round, up to a hundred to a call. What the answers do not tell is left to the list.
func (w *worker) send(ctx context.Context, ops []op) error {
	if creates := ofKind(ops, opCreate); len(creates) > 0 {
		if err := w.makeRoom(ctx, len(creates)); err != nil {
			return err
		}
		if len(w.list)+len(creates) > picklist.MostRoles { // not all find a place: those of the first rows do, and the order is mended afterwards
			slices.SortFunc(creates, func(a, b op) int { return cmp.Compare(a.row.number, b.row.number) })
		}
		if err := w.call(ctx, creates, w.create); err != nil {
			return err
		}
	}
	if err := w.call(ctx, ofKind(ops, opUpdate), w.update); err != nil {
		return err
	}
	return w.call(ctx, ofKind(ops, opDelete), w.remove)
}

// sender makes one call for some ops, and returns what became of each.
type sender func(ctx context.Context, ops []op) ([]api.Outcome, error)

func (w *worker) create(ctx context.Context, ops []op) ([]api.Outcome, error) {
	return w.zoho.CreateRoles(ctx, writes(ops))
}

func (w *worker) update(ctx context.Context, ops []op) ([]api.Outcome, error) {
	if len(ops) > 1 {
		return w.zoho.UpdateRoles(ctx, writes(ops))
	}
	a, err := w.zoho.UpdateRole(ctx, ops[0].write)
	return alone(ops[0].write.ID, a, err)
}

func (w *worker) remove(ctx context.Context, ops []op) ([]api.Outcome, error) {
	ids := make([]string, len(ops))
	for i := range ops {
		ids[i] = ops[i].write.ID
	}
	return w.zoho.DeleteRoles(ctx, ids)
}

// removeAlone deletes one role by the call for one.
func (w *worker) removeAlone(ctx context.Context, ops []op) ([]api.Outcome, error) {
	a, err := w.zoho.DeleteRole(ctx, ops[0].write.ID)
	return alone(ops[0].write.ID, a, err)
}

// alone is the answer to a call for one role as one of several.
func alone(id string, a api.Answer, err error) ([]api.Outcome, error) {
	if err != nil {
		return nil, err
	}
	return []api.Outcome{{ID: id, Answer: a, Known: true}}, nil
}

func writes(ops []op) []api.RoleWrite {
	all := make([]api.RoleWrite, len(ops))
	for i := range ops {
		all[i] = ops[i].write
	}
	return all
}

// call makes one call for some ops and records what became of their rows. A refusal of the whole that may be about one of them sends each by itself, which tells whose it is.
func (w *worker) call(ctx context.Context, ops []op, send sender) error {
	if len(ops) == 0 {
		return nil
	}
	if w.stop.Stopped() {
		return errStopped
	}
	first := slices.DeleteFunc(slices.Clone(ops), func(o op) bool { _, again := w.noted[o.row.number]; return again })
	if err := w.note(ops); err != nil {
		return err
	}
	outcomes, err := send(ctx, ops)
	if err == nil {
		return w.take(ops, outcomes)
	}
	e, ends := job.OwnError(err)
	switch {
	case ends != nil:
		if refused, ok := errors.AsType[*api.Error](err); ok && !refused.Uncertain {
			return errors.Join(ends, w.s.forget(first)) // nothing of it was done: what the list shows later is somebody else's
		}
		return ends
	case e.Uncertain:
		w.open(ops, e)
		return nil
	case len(ops) == 1 || job.Forbids(e):
		all := make([]outcome, len(ops))
		for i := range ops {
			all[i] = w.refused(&ops[i], e)
		}
		return w.record(all, true)
	}
	if ops[0].kind == opDelete {
		send = w.removeAlone
	}
	for i := range ops {
		if err := w.call(ctx, ops[i:i+1], send); err != nil {
			return err
		}
	}
	return nil
}

// note writes down what is about to be sent: after a kill that is how resume knows that the changes may have been made.
func (w *worker) note(ops []op) error {
	for i := range ops {
		w.noted[ops[i].row.number] = ops[i]
		w.tries[ops[i].row.number]++
	}
	return w.s.note(ops)
}

// open leaves it to the list what became of rows.
func (w *worker) open(ops []op, e *api.Error) {
	for i := range ops {
		w.lost[ops[i].row.number] = e
	}
}

// codeDuplicate is Zoho's refusal of a name that another role has (Zoho CRM API v8, Insert Contact Roles).
const codeDuplicate = "DUPLICATE_DATA"

// isOpen says whether only the list can tell what became of a role.
func isOpen(a *api.Outcome) bool {
	return !a.Known || a.Err != nil && (a.Err.Uncertain || a.Answer.Uncertain)
}

// take records what an answer tells of each row.
func (w *worker) take(ops []op, answers []api.Outcome) error {
	var all []outcome
	for i := range ops {
		o, a := &ops[i], &answers[i]
		switch {
		case isOpen(a), o.kind == opCreate && a.Err != nil && a.Err.Code == codeDuplicate && w.tries[o.row.number] > 1: // it may be the one whose answer was lost
			w.open(ops[i:i+1], a.Err)
			w.claims[o.row.number] = *a
		case a.Err != nil:
			all = append(all, w.refused(o, a.Err))
		default:
			out := succeeded(o.row, o.kind.action(), a.Answer)
			out.role, out.prior, out.position = o.write.ID, w.nameBefore(o.write.ID, o.prior), w.wish(o.row)
			if o.kind == opCreate {
				out.role, out.claimed = a.ID, true
			}
			all = append(all, out)
		}
	}
	return w.record(all, true)
}

// refused is the outcome of a row that Zoho refused.
func (w *worker) refused(o *op, e *api.Error) outcome {
	out := failed(o.row, e)
	out.role = o.write.ID
	return out
}

// makeRoom deletes roles that are to go anyway before others come for which the org has no place.
func (w *worker) makeRoom(ctx context.Context, coming int) error {
	lacking := len(w.list) + coming - picklist.MostRoles
	if lacking <= 0 || !w.set.Prune || w.doomed {
		return nil
	}
	return w.prune(ctx, lacking)
}
