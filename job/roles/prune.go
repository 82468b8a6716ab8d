package roles

import (
	"context"
	"fmt"

	"rolecall/api"
	"rolecall/job"
	"rolecall/job/picklist"
	"rolecall/job/report"
)

// prune deletes the roles that the table does not name, up to so many, and only while every row is a success: where one failed, its role may be among them.
func (w *worker) prune(ctx context.Context, most int) error {
	if err := w.pruneKnown(); err != nil {
		return err
	}
	ops := w.toPrune()
	if !w.noneFailed() && len(ops) > 0 {
		w.say(fmt.Sprintf("%s that the table does not name: not deleted, since rows failed, whose roles may be among them", report.Plural(int64(len(ops)), "role")))
		return nil
	}
	ops = ops[:min(len(ops), most, picklist.MostInCall)]
	if len(ops) == 0 {
		return nil
	}
	if w.stop.Stopped() {
		return errStopped
	}
	answers, err := w.remove(ctx, ops)
	if err != nil {
		e, err := job.OwnError(err)
		if err != nil {
			return err
		}
		answers = make([]api.Outcome, len(ops))
		for i := range answers {
			answers[i] = api.Outcome{Err: e, Answer: api.Answer{Uncertain: e.Uncertain}, Known: true}
		}
	}
	if err := w.keepCertain(ops, answers); err != nil {
		return err
	}
	if err := w.look(ctx); err != nil {
		return err
	}
	return w.keepUncertain(ops, answers)
}

// pruneKnown records the roles that the list does not have any more: the call that deleted them was the last of a process, and nobody read the list after it.
func (w *worker) pruneKnown() error {
	var all []outcome
	for _, o := range w.toPrune() {
		if w.list.At(o.write.ID) == 0 {
			out := settled(&row{}, job.ActionDeleted, "the list does not have it any more", 0)
			out.role = o.write.ID
			all = append(all, out)
		}
	}
	return w.recordPruned(all)
}

// toPrune are the roles that are left to be deleted.
func (w *worker) toPrune() []op {
	var ops []op
	for _, role := range w.beyond() {
		if _, tried := w.gone[role.ID]; !tried {
			ops = append(ops, op{kind: opDelete, write: api.RoleWrite{ID: role.ID}, prior: role.Name})
		}
	}
	return ops
}

// keepCertain records what an answer tells of the roles.
func (w *worker) keepCertain(ops []op, answers []api.Outcome) error {
	var all []outcome
	for i := range ops {
		a := &answers[i]
		o := succeeded(&row{}, job.ActionDeleted, a.Answer)
		switch {
		case isOpen(a):
			continue
		case a.Err != nil:
			o = failed(&row{}, a.Err)
		}
		o.role = ops[i].write.ID
		all = append(all, o)
	}
	return w.recordPruned(all)
}

// keepUncertain records what the list tells of those of which the answer does not.
func (w *worker) keepUncertain(ops []op, answers []api.Outcome) error {
	var all []outcome
	for i := range ops {
		a := &answers[i]
		if !isOpen(a) {
			continue
		}
		o := settled(&row{}, job.ActionDeleted, "no usable answer to the call; the list, read afterwards, does not have it", a.Answer.Attempts)
		if w.list.At(ops[i].write.ID) > 0 {
			o = rejected(&row{}, reject{code: job.CodeOutcomeUnknown, message: "no usable answer to the call, and the list, read afterwards, still has the role"})
		}
		if w.list.At(ops[i].write.ID) > 0 && a.Err != nil {
			o = failed(&row{}, a.Err)
		}
		o.role = ops[i].write.ID
		all = append(all, o)
	}
	return w.recordPruned(all)
}

// recordPruned writes down what became of roles that the table does not name.
func (w *worker) recordPruned(all []outcome) error {
	err := w.s.InTransaction(func() error { return w.s.putPruned(all...) })
	for _, o := range all {
		w.gone[o.role] = o
	}
	return err
}
