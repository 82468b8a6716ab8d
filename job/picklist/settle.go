package picklist

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"rolecall/api"
	"rolecall/csvio/alike"
	"rolecall/job"
)

// mostTries is how often a row is sent if neither the answers nor the list shows its change.
const mostTries = 3

// read reads the list, unless the run is over.
func (w *work) read(ctx context.Context) error {
	if w.desk.Over() {
		return stopped()
	}
	l, err := Read(ctx, w.zoho)
	if err != nil {
		return err
	}
	w.see(l)
	return w.desk.Notebook.Put(keyAfter, l)
}

// look reads the list and returns the outcomes that the list settles.
func (w *work) look(ctx context.Context) ([]job.Outcome, error) {
	if err := w.read(ctx); err != nil {
		return nil, err
	}
	return w.fromList(), nil
}

// fromList returns the outcomes that the list settles: those of rows without a usable answer, and those of rows whose
// earlier outcomes the list contradicts.
func (w *work) fromList() []job.Outcome {
	settled := w.take(w.settle())
	return append(settled, w.take(w.verify())...)
}

// settle returns the outcomes of rows that were sent without a usable answer. A row whose change the list does not show
// stays open until it was sent mostTries times.
func (w *work) settle() (outcomes []job.Outcome) {
	for _, r := range w.rows {
		if r.sent == nil || r.Done != nil {
			continue
		}
		role, shown := w.shows(r)
		switch last := r.tries >= mostTries; {
		case shown:
			outcomes = append(outcomes, w.shown(r, role))
		case r.lost != nil && (last || !r.lost.Temporary()):
			outcomes = append(outcomes, about(job.Refuse(r.N, r.lost), r.sent.Write.ID, ""))
		case last:
			out := job.Reject(job.CodeOutcomeUnknown,
				"no answer settled this row, and the list, read afterwards, does not show its change", "")
			out.Row = r.N
			outcomes = append(outcomes, *out)
		}
	}
	return outcomes
}

// shown returns the outcome of a row whose change the list shows.
func (w *work) shown(r *row, role api.Role) job.Outcome {
	is := "shows the change"
	if r.sent.Kind == opDelete {
		is = "does not have the role"
	}
	attempts := r.tries
	if r.lost != nil {
		attempts = r.lost.Attempts
	}
	message := fmt.Sprintf("no usable answer to the call; the list, read afterwards, %s", is)
	out := job.Settle(r.N, r.sent.Kind.action(), message, attempts)
	if r.sent.Kind == opCreate {
		return about(out, role.ID, "")
	}
	return about(out, r.sent.Write.ID, w.nameBefore(r.sent.Write.ID, r.sent.Was))
}

// shows reports whether the list shows the change that was sent for a row. role is the role that shows it. A role that
// was created or deleted before the run shows nothing.
func (w *work) shows(r *row) (role api.Role, shown bool) {
	o := r.sent
	if o.Kind == opCreate {
		role, shown = w.made(r)
		return role, shown && w.isFree(role)
	}
	at := w.list.At(o.Write.ID)
	if o.Kind == opDelete {
		return role, at == 0 && w.before.At(o.Write.ID) > 0
	}
	if at == 0 {
		return role, false
	}
	role = w.list[at-1]
	return role, (o.Write.Name == "" || o.Write.Name == role.Name) &&
		(o.Write.Sequence == 0 || o.Write.Sequence == role.Sequence)
}

// made returns the role that a row created: a role that the list did not have before the run, with the row's name. If
// only the case of the name differs, the role must not have the exact name that another row created.
func (w *work) made(r *row) (role api.Role, ok bool) {
	role, ok = w.index.Called(r.Name)
	return role, ok && w.before.At(role.ID) == 0 && !w.isOfAnother(r, role)
}

// isOfAnother reports whether another row than r created a role with exactly the name of role, and r did not.
func (w *work) isOfAnother(r *row, role api.Role) bool {
	return role.Name != alike.Trim(r.Name) && slices.ContainsFunc(w.rows, func(other *row) bool {
		return other.sent != nil && other.sent.Kind == opCreate && other.sent.Write.Name == role.Name
	})
}

// isFree reports whether a role belongs to no row yet.
func (w *work) isFree(role api.Role) bool {
	return !slices.ContainsFunc(w.rows, func(r *row) bool {
		return r.Done != nil && r.Done.Action == job.ActionCreated && roleOf(r.Done) == role.ID
	})
}

// verify returns new outcomes for rows whose outcomes the list contradicts. The answer to a creation does not name its
// roles, so only the list shows which role belongs to which row. Somebody else may also delete a role during the run.
func (w *work) verify() (outcomes []job.Outcome) {
	for _, r := range w.rows {
		if r.Done == nil || !r.Done.OK() || w.job == Delete || r.Undo != nil && r.Undo.Do == undoDelete {
			continue
		}
		o, id := *r.Done, roleOf(r.Done)
		at := w.list.At(id)
		created := o.Action == job.ActionCreated
		if at > 0 && (!created || w.isCalled(r, w.list[at-1])) {
			continue
		}
		role, is := w.made(r)
		switch {
		case !created:
			o.Status, o.Action, o.Code, o.Prior = job.Failed, "", job.CodeRoleUnknown, nil
			o.Message = fmt.Sprintf("somebody deleted the role %s during the run", id)
		case is:
			o = about(o, role.ID, "")
		default:
			o.Status, o.Action, o.Code, o.IDs = job.Failed, "", job.CodeOutcomeUnknown, nil
			o.Message = "Zoho said that it created the role, but the list, read afterwards, does not have it"
		}
		outcomes = append(outcomes, o)
	}
	return outcomes
}

// isCalled reports whether the role that a row created has the row's name, or a name that Zoho made from it. If the two
// differ in more than case, isCalled adds a note with Zoho's name.
func (w *work) isCalled(r *row, role api.Role) bool {
	switch alike.Key(role.Name) {
	case alike.Key(r.Name):
		if w.isOfAnother(r, role) {
			return false
		}
	default:
		if !w.renamedByZoho(r, role.ID) {
			return false
		}
	}
	if !strings.EqualFold(role.Name, alike.Trim(r.Name)) {
		w.desk.Say(fmt.Sprintf("Zoho calls the role of line %d %q", r.Line, role.Name))
	}
	return true
}

// renamedByZoho reports whether Zoho created the role of a row with another name: in the list the role has a name that
// no row has, and no role has the row's name.
func (w *work) renamedByZoho(r *row, id string) bool {
	name := w.list[w.list.At(id)-1].Name
	return w.before.At(id) == 0 && w.index.Named(r.Name) == 0 &&
		!slices.ContainsFunc(w.rows, func(other *row) bool { return alike.Key(other.Name) == alike.Key(name) })
}
