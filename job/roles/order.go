package roles

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"rolecall/api"
	"rolecall/job"
	"rolecall/job/picklist"
	"rolecall/job/report"
)

// order looks at whether the roles are where the table wants them, and mends that once: how an update moves the others is not documented (Zoho CRM API v8, Update Contact Roles).
// What is still elsewhere after that is an error of its row.
func (w *worker) order(ctx context.Context) error {
	updates := 1
	if w.syncs() {
		updates = 2 // its moves are made here
	}
	var refused map[string]*api.Error
	for {
		target := w.list.Arrange(w.wishes())
		if w.list.SameOrder(target) || w.inOrderWhenPruned() {
			break
		}
		if updates == 0 {
			return w.misplaced(target, refused)
		}
		updates--
		if w.stop.Stopped() {
			return errStopped
		}
		var err error
		if refused, err = w.move(ctx, w.list.Moves(target)); err != nil {
			return err
		}
		for _, e := range refused {
			if job.Forbids(e) {
				updates = 0 // it will not be otherwise the second time
			}
		}
		if err := w.look(ctx); err != nil {
			return err
		}
	}
	return w.inPlace()
}

// inOrderWhenPruned says whether the list has the table's order once the roles are deleted that it does not name.
func (s *state) inOrderWhenPruned() bool {
	if !s.set.Prune || !s.noneFailed() {
		return false
	}
	gone := s.beyond()
	left := slices.DeleteFunc(slices.Clone(s.list), func(r api.Role) bool {
		return slices.ContainsFunc(gone, func(g api.Role) bool { return g.ID == r.ID })
	})
	return left.SameOrder(left.Arrange(s.wishes()))
}

// wishes are where the roles of the rows are to be that did not fail. Of two that want one place, the one that comes to it is named first: whoever is there moves down, as when a role is created at
// a position that is taken (Zoho's Kaizen #66, Contact Roles API).
func (s *state) wishes() []picklist.Wish {
	if s.syncs() {
		return s.ranks()
	}
	var come, are []picklist.Wish
	for i := range s.rows {
		r := &s.rows[i]
		o, done := s.done[r.number]
		if !done || !o.ok() || o.position == 0 || r.sameAs != 0 {
			continue
		}
		earlier := func(w picklist.Wish) bool { return w.ID == o.role } // the latest row of a role counts
		come, are = slices.DeleteFunc(come, earlier), slices.DeleteFunc(are, earlier)
		w := picklist.Wish{ID: o.role, Position: o.position}
		if at := s.list.At(o.role); at > 0 && s.list[at-1].Sequence == o.position {
			w.Position = at // Zoho's numbers may leave some out: it is where the table says
		}
		if o.action == job.ActionUnchanged {
			are = append(are, w)
		} else {
			come = append(come, w)
		}
	}
	return append(come, are...)
}

// ranks are the wishes of a table that is a whole list: the roles of its rows, one after the other. That of a row which failed keeps its place among them.
func (s *state) ranks() []picklist.Wish {
	var all []picklist.Wish
	for i := range s.rows {
		r := &s.rows[i]
		o, done := s.done[r.number]
		id := s.matched[r.number].ID
		if done && o.ok() {
			id = o.role
		}
		if r.bad == nil && s.list.At(id) > 0 {
			all = append(all, picklist.Wish{ID: id, Position: s.rank[r.number]})
		}
	}
	slices.SortFunc(all, func(a, b picklist.Wish) int { return a.Position - b.Position })
	for i := range all {
		all[i].Position = i + 1
	}
	return all
}

// move sends positions. refused is what Zoho says of the roles whose positions it does not take.
func (w *worker) move(ctx context.Context, moves []api.RoleWrite) (refused map[string]*api.Error, err error) {
	refused = map[string]*api.Error{}
	if !w.syncs() { // whose moves are made here
		w.say(fmt.Sprintf("the order was not the table's: %d positions were sent once more", len(moves)))
	}
	answers, err := w.zoho.UpdateRoles(ctx, moves)
	if err != nil {
		e, err := job.OwnError(err)
		for _, m := range moves {
			refused[m.ID] = e
		}
		return refused, err
	}
	var outcomes []outcome
	for i := range answers {
		a := &answers[i]
		if a.Err != nil {
			refused[moves[i].ID] = a.Err
		}
		if r := w.moved(moves[i].ID); r != nil && a.Known && a.Err == nil {
			out := succeeded(r, job.ActionUpdated, a.Answer)
			out.role, out.prior, out.position = a.ID, w.nameBefore(a.ID, moves[i].Name), w.wish(r)
			outcomes = append(outcomes, out)
		}
	}
	return refused, w.record(outcomes, true)
}

// moved is the row that asks for nothing but another place for a role.
func (w *worker) moved(id string) *row {
	for number, role := range w.matched {
		if _, done := w.done[number]; role.ID == id && !done {
			return w.row(number)
		}
	}
	return nil
}

// inPlace ends the rows that asked for nothing but another place, which their roles have.
func (w *worker) inPlace() error {
	var outcomes []outcome
	for i := range w.rows {
		r := &w.rows[i]
		if o, done := w.done[r.number]; done {
			if o.ok() && w.list.At(o.role) == 0 {
				outcomes = append(outcomes, vanished(r, o.role))
			}
			continue
		}
		role := w.matched[r.number]
		out := settled(r, job.ActionUpdated, "the list, read afterwards, has it in its place", 0)
		if w.list.At(role.ID) == 0 {
			out = vanished(r, role.ID)
		}
		out.role, out.position = role.ID, w.wish(r)
		outcomes = append(outcomes, out)
	}
	return w.record(outcomes, false)
}

// vanished is the outcome of a row whose role the list does not have any more.
func vanished(r *row, role string) outcome {
	o := rejected(r, reject{code: job.CodeRoleUnknown, message: fmt.Sprintf("the role %s was deleted while the run went on", role)})
	o.role = role
	return o
}

// misplaced makes errors of the rows whose roles are not where they are to be.
func (w *worker) misplaced(target picklist.List, refused map[string]*api.Error) error {
	var outcomes []outcome
	var differs []report.RoleStep
	stay := map[string]bool{}
	if w.syncs() { // of a whole list, those are elsewhere that would have to move
		stay = w.staying(w.list)
	}
	for i, wanted := range target {
		is := w.list.At(wanted.ID)
		r := w.rowOf(wanted.ID)
		there := is == i+1 && (!w.syncs() || !w.set.Prune) // else it may be there only because of roles that are to be deleted
		if there || r == nil || stay[wanted.ID] {
			continue
		}
		differs = append(differs, report.RoleStep{Do: report.MoveRole, Row: r.number, ID: wanted.ID, Name: wanted.Name, From: is, To: i + 1})
		out := w.misplacedRow(r, wanted.ID, is, i+1, refused[wanted.ID])
		outcomes = append(outcomes, out)
		for k := range w.rows {
			if again := &w.rows[k]; again.sameAs == r.number {
				outcomes = append(outcomes, repeatOf(&out, again))
			}
		}
	}
	if err := errors.Join(w.s.Put("differs", differs), w.record(outcomes, true)); err != nil {
		return err
	}
	return w.inPlace()
}

// misplacedRow is the outcome of a row whose role is not where it is to be. Where the row asked for nothing else, Zoho's refusal is its own.
func (w *worker) misplacedRow(r *row, role string, is, want int, refusal *api.Error) outcome {
	out, done := w.done[r.number]
	message := fmt.Sprintf("the role is at %d, and was to be at %d; Zoho took the positions twice", is, want)
	if refusal != nil {
		message = fmt.Sprintf("the role is at %d, and was to be at %d; Zoho does not take the position: %s", is, want, refusal)
	}
	if !done && refusal != nil {
		out = failed(r, refusal)
	} else {
		out.row, out.status, out.action, out.code, out.message = r.number, job.StatusError, "", job.CodePositionDiffers, message
	}
	out.role, out.position = role, w.wish(r)
	return out
}

// rowOf is the latest row that wishes a place for a role.
func (w *worker) rowOf(id string) *row {
	for i := range slices.Backward(w.rows) {
		r := &w.rows[i]
		if r.sameAs != 0 {
			continue
		}
		o, done := w.done[r.number]
		if done && o.ok() && o.position > 0 && o.role == id || !done && w.matched[r.number].ID == id {
			return r
		}
	}
	return nil
}
