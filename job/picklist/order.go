package picklist

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"rolecall/api"
	"rolecall/job"
	"rolecall/job/report"
)

// waitsForOrder reports whether a row of a sync only moves its role. Such roles move together at the end.
func (w *work) waitsForOrder(r *row, out *job.Outcome) bool {
	id := roleOf(out)
	return w.syncs() && out.OK() && !w.stay[id] && w.matched[r.N].ID == id
}

// lastMoves returns the moves that a sync sends after everything else, and the outcomes of rows whose roles are in
// place already.
func (w *work) lastMoves() (inPlace []job.Outcome, moves []op) {
	if !w.syncs() {
		return nil, nil
	}
	target := w.target()
	ordered, waiting := w.ordered(target), map[string]*row{}
	for _, r := range w.rows {
		id := w.matched[r.N].ID
		switch {
		case !job.IsOpen(&r.Row):
		case ordered || w.list.At(id) == target.At(id):
			out := job.Settle(r.N, job.ActionUpdated, "the list, read afterwards, has the role at its position", 0)
			inPlace = append(inPlace, about(out, id, w.nameBefore(id, "")))
		default:
			waiting[id] = r
		}
	}
	if ordered || len(waiting) == 0 && w.moved {
		return inPlace, nil
	}
	w.moved = true
	return inPlace, w.moves(target, waiting)
}

// moves returns the ops that put the list in the order of the target. waiting holds the rows that wait for a move, by
// role.
func (w *work) moves(target List, waiting map[string]*row) (moves []op) {
	for _, m := range w.list.Moves(target) {
		moves = append(moves, op{row: waiting[m.ID], Kind: opMove, Write: m, Was: m.Name})
	}
	return moves
}

// Finish implements job.Work. It settles the order, deletes the roles that the table does not name, and gives back
// names.
func (w *work) Finish(ctx context.Context, rows job.Results) ([]job.Outcome, error) {
	if w.job == Delete {
		return nil, nil
	}
	changed, err := w.finish(ctx)
	repeats, e := repeatsOf(changed, rows)
	return append(changed, repeats...), errors.Join(err, e)
}

// finish does what Finish does, without the rows that repeat others.
func (w *work) finish(ctx context.Context) ([]job.Outcome, error) {
	changed, err := w.settleOrder(ctx)
	if err == nil && w.Prune {
		err = w.prune(ctx, len(w.list))
	}
	if err == nil {
		err = w.giveBack(ctx)
	}
	return changed, err
}

// repeatsOf returns the outcomes of the rows that repeat a row whose outcome changed.
func repeatsOf(changed []job.Outcome, rows job.Results) (repeats []job.Outcome, err error) {
	if len(changed) == 0 {
		return nil, nil
	}
	now := map[int64]*job.Outcome{}
	for i := range changed {
		now[changed[i].Row] = &changed[i]
	}
	for r, err := range rows.InOrder() {
		if err != nil {
			return nil, err
		}
		if r.Done == nil || now[r.Done.SameAs] == nil {
			continue
		}
		o := job.RepeatOf(now[r.Done.SameAs], r.N)
		repeats, now[r.N] = append(repeats, o), &o
	}
	return repeats, nil
}

// settleOrder compares the order of the list with that of the table, and corrects it once. Zoho does not document how
// an update moves the other roles (Zoho CRM API v8, Update Contact Roles). If a role is still elsewhere, its row fails.
func (w *work) settleOrder(ctx context.Context) (changed []job.Outcome, err error) {
	if w.stale {
		if changed, err = w.look(ctx); err != nil {
			return changed, err
		}
	}
	var refused map[string]*api.Error
	if target := w.target(); !w.ordered(target) && !w.forbidden {
		if refused, err = w.moveAgain(ctx, w.moves(target, nil)); err != nil {
			return changed, err
		}
		found, err := w.look(ctx)
		if changed = append(changed, found...); err != nil {
			return changed, err
		}
	}
	target := w.target()
	if w.ordered(target) {
		return changed, w.desk.Notebook.Forget(keyDiffers)
	}
	outcomes, differs := w.misplaced(target, refused)
	return append(changed, w.take(outcomes)...), w.desk.Notebook.Put(keyDiffers, differs)
}

// target returns the list in the order that the rows ask for.
func (w *work) target() List { return w.list.Arrange(w.wishes()) }

// ordered reports whether the list has the order of the target, or will have it after the deletions of the run.
func (w *work) ordered(target List) bool { return w.lasting(w.list).SameOrder(w.lasting(target)) }

// lasting returns a list without the roles that the run deletes at its end.
func (w *work) lasting(l List) List {
	if !w.Prune || !w.noneFailed() {
		return l
	}
	gone := w.beyond()
	return slices.DeleteFunc(slices.Clone(l), func(r api.Role) bool { return gone.At(r.ID) > 0 })
}

// wishes returns the wanted positions of the roles of rows that did not fail. If two rows ask for the same position,
// the row that moves its role there wins, and the other role moves down one. Zoho does the same when it creates a role
// at a taken position (Zoho's Kaizen #66, Contact Roles API).
func (w *work) wishes() []Wish {
	switch {
	case w.syncs():
		return w.ranks(w.list)
	case w.job == Undo:
		return w.earlierOrder()
	}
	var come, are []Wish
	for _, r := range w.rows {
		if r.Done == nil || !r.Done.OK() || r.Position == 0 {
			continue
		}
		id := roleOf(r.Done)
		earlier := func(w Wish) bool { return w.ID == id } // the last row of a role counts
		come, are = slices.DeleteFunc(come, earlier), slices.DeleteFunc(are, earlier)
		wish := Wish{ID: id, Position: r.Position}
		if at := w.list.At(id); at > 0 && w.list[at-1].Sequence == r.Position {
			wish.Position = at // Zoho's numbers may have gaps: the role is where the table wants it
		}
		if r.Done.Action == job.ActionUnchanged {
			are = append(are, wish)
		} else {
			come = append(come, wish)
		}
	}
	return append(come, are...)
}

// ranks returns the wanted positions in l of the roles of a sync. The role of a failed row counts as if it succeeded.
func (w *work) ranks(l List) (all []Wish) {
	for _, r := range w.rows {
		id := w.matched[r.N].ID
		if r.Done != nil && r.Done.OK() {
			id = roleOf(r.Done)
		}
		if !r.Unsendable && l.At(id) > 0 {
			all = append(all, Wish{ID: id, Position: w.rank[r.N]})
		}
	}
	slices.SortFunc(all, func(a, b Wish) int { return a.Position - b.Position })
	for i := range all {
		all[i].Position = i + 1
	}
	return all
}

// moveAgain sends moves once more. refused is Zoho's refusals, by role.
func (w *work) moveAgain(ctx context.Context, moves []op) (refused map[string]*api.Error, err error) {
	if w.desk.Over() {
		return nil, stopped()
	}
	if !w.trades() { // a sync sends all positions at its end, and undo puts all roles back
		w.desk.Say(fmt.Sprintf("the order was not the table's: %d positions were sent once more", len(moves)))
	}
	answers, _, err := w.request(ctx, moves)
	refused = map[string]*api.Error{}
	for i := range answers {
		if answers[i].Err != nil {
			refused[moves[i].Write.ID] = answers[i].Err
		}
	}
	return refused, err
}

// misplaced returns the failures of the rows whose roles are at wrong positions, and those roles. In a sync only the
// roles that would have to move count as misplaced.
func (w *work) misplaced(target List, refused map[string]*api.Error) (failed []job.Outcome, differs []report.RoleStep) {
	list, stay := w.lasting(w.list), map[string]bool{}
	if w.syncs() {
		stay = w.staying(list)
	}
	for i, role := range w.lasting(target) {
		is, rows := list.At(role.ID), w.rowsOf(role.ID)
		if is == i+1 || len(rows) == 0 || stay[role.ID] {
			continue
		}
		differs = append(differs, report.RoleStep{
			Do: report.MoveRole, Row: rows[0].N, ID: role.ID, Name: role.Name, From: is, To: i + 1,
		})
		message := fmt.Sprintf("the role is at %d instead of %d, although Zoho accepted the positions twice", is, i+1)
		if refusal := refused[role.ID]; refusal != nil {
			message = fmt.Sprintf("the role is at %d instead of %d, because Zoho refused the position: %s",
				is, i+1, refusal)
		}
		for _, r := range rows {
			if o := *r.Done; o.OK() {
				o.Status, o.Action, o.Code, o.Message = job.Failed, "", job.CodePositionDiffers, message
				failed = append(failed, o)
			}
		}
	}
	return failed, differs
}

// rowsOf returns the last row that asks for a position of a role, and the earlier rows that ask for the same position.
func (w *work) rowsOf(id string) (rows []*row) {
	for _, r := range slices.Backward(w.rows) {
		switch {
		case r.Done == nil || roleOf(r.Done) != id || !w.syncs() && (r.Position == 0 || !r.Done.OK()):
		case len(rows) == 0 || r.Position == rows[0].Position:
			rows = append(rows, r)
		}
	}
	return rows
}
