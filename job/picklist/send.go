package picklist

import (
	"cmp"
	"context"
	"math"
	"slices"

	"rolecall/api"
	"rolecall/job"
)

// Zoho's codes that these jobs act on (Zoho CRM API v8, Insert and Update Contact Roles).
const (
	codeDuplicate   = "DUPLICATE_DATA" // another role has the name
	codeInvalidData = "INVALID_DATA"
)

// opKind is a kind of change to a role.
type opKind string

const (
	opCreate opKind = "create"
	opUpdate opKind = "update" // rename, move, or both
	opMove   opKind = "move"   // set the position in the whole list
	opDelete opKind = "delete"
)

// action returns the action of a kind in results.csv.
func (k opKind) action() string {
	switch k {
	case opCreate:
		return job.ActionCreated
	case opDelete:
		return job.ActionDeleted
	case opUpdate, opMove:
	}
	return job.ActionUpdated
}

// op is a change to a role. run.db stores the exported fields before the op is sent.
type op struct {
	Kind  opKind
	Write api.RoleWrite
	Was   string `json:",omitempty"` // the name that the role had

	row   *row // nil: no row asks for the op
	from  int  // the position of the role before the op
	alone bool // Zoho refused a call for several roles, so this role is sent alone
}

// batches returns the calls of a round: creations, updates, deletions. Each goes from the first position to the last,
// so that the next roles of the call do not move a role that is in place.
func (w *work) batches(ops []op) (calls [][]op) {
	for _, kind := range []opKind{opCreate, opUpdate, opDelete} {
		of := slices.DeleteFunc(slices.Clone(ops), func(o op) bool { return o.Kind != kind })
		if kind != opCreate || len(w.list)+len(of) <= MostRoles { // else the first rows get the room that is left
			place := func(o op) int { return cmp.Or(o.Write.Sequence, math.MaxInt) }
			slices.SortStableFunc(of, func(a, b op) int { return cmp.Compare(place(a), place(b)) })
		}
		if len(of) > 0 {
			calls = append(calls, of)
		}
	}
	return calls
}

// call returns the call for some ops of one kind.
func (w *work) call(ops []op) *job.Call {
	c := &job.Call{Force: ops[0].Kind == opCreate || ops[0].Kind == opDelete}
	for i := range ops {
		o := &ops[i]
		if o.row == nil {
			continue
		}
		c.Rows, c.Prior = append(c.Rows, o.row.Row), append(c.Prior, job.Encode(o))
	}
	c.Send = func(ctx context.Context) ([]job.Outcome, error) { return w.send(ctx, ops) }
	return c
}

// send makes the call and returns the outcomes in its answer. The list settles the other rows. If Zoho refuses the
// whole call, and one of the rows may be the reason, send queues a call of its own for each row.
func (w *work) send(ctx context.Context, ops []op) ([]job.Outcome, error) {
	for i := range ops {
		if r := ops[i].row; r != nil {
			r.Sent, r.sent, r.lost = true, &ops[i], nil
			r.tries++
		}
	}
	answers, whole, err := w.request(ctx, ops)
	if err != nil {
		return nil, err
	}
	moves, forbids := ops[0].Kind == opMove, whole != nil && job.Forbids(whole)
	w.forbidden = w.forbidden || moves && forbids
	if whole == nil || len(ops) == 1 || moves || forbids || whole.Uncertain {
		return w.heard(ops, answers), nil
	}
	alone := make([][]op, len(ops))
	for i := range ops {
		ops[i].alone = true
		alone[i] = ops[i : i+1]
	}
	w.queue = append(alone, w.queue...)
	return nil, nil
}

// request sends ops of one kind. If Zoho refuses the whole call, whole is the refusal, and the answer to each op has it
// too. An error ends the run.
func (w *work) request(ctx context.Context, ops []op) (answers []api.Outcome, whole *api.Error, err error) {
	w.stale = true
	if answers, err = w.write(ctx, ops); err == nil {
		return answers, nil, nil
	}
	if whole, err = job.OwnError(err); err != nil {
		return nil, nil, err
	}
	answers = make([]api.Outcome, len(ops))
	for i := range answers {
		answers[i] = api.Outcome{Err: whole, Answer: api.Answer{Attempts: whole.Attempts}, Known: true}
	}
	return answers, whole, nil
}

// write makes the API call for ops of one kind.
func (w *work) write(ctx context.Context, ops []op) ([]api.Outcome, error) {
	writes, ids := make([]api.RoleWrite, len(ops)), make([]string, len(ops))
	for i := range ops {
		writes[i], ids[i] = ops[i].Write, ops[i].Write.ID
	}
	one := func(a api.Answer, err error) ([]api.Outcome, error) {
		return []api.Outcome{{ID: ids[0], Answer: a, Known: true}}, err
	}
	switch o := &ops[0]; {
	case o.Kind == opCreate:
		return w.zoho.CreateRoles(ctx, writes)
	case o.Kind == opUpdate && len(ops) == 1:
		return one(w.zoho.UpdateRole(ctx, o.Write))
	case o.Kind == opDelete && o.alone:
		return one(w.zoho.DeleteRole(ctx, o.Write.ID))
	case o.Kind == opDelete:
		return w.zoho.DeleteRoles(ctx, ids)
	}
	return w.zoho.UpdateRoles(ctx, writes)
}

// isOpen reports whether an answer leaves the outcome of an op open.
func isOpen(a *api.Outcome) bool {
	return !a.Known || a.Err != nil && (a.Err.Uncertain || a.Answer.Uncertain)
}

// heard returns the outcomes of the rows that the answers settle.
func (w *work) heard(ops []op, answers []api.Outcome) (outcomes []job.Outcome) {
	for i := range ops {
		o, a := &ops[i], &answers[i]
		r := o.row
		switch {
		case r == nil:
			continue
		case isOpen(a), o.Kind == opCreate && r.tries > 1 && a.Err != nil && a.Err.Code == codeDuplicate:
			r.lost = a.Err // an earlier call, whose answer was lost, may have created the role
			continue
		case a.Err != nil:
			outcomes = append(outcomes, about(job.Refuse(r.N, a.Err), o.Write.ID, ""))
		default:
			out := job.Confirm(r.N, o.Kind.action(), a.Answer)
			outcomes = append(outcomes, about(out, cmp.Or(o.Write.ID, a.ID), w.nameBefore(o.Write.ID, o.Was)))
		}
		if w.hear != nil {
			w.hear(o, a.Err)
		}
	}
	return w.take(outcomes)
}
