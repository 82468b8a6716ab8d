package roles

import (
	"fmt"
	"slices"

	"rolecall/api"
	"rolecall/job"
	"rolecall/job/picklist"
)

// settle decides the rows of which no answer told what became of them: the list does.
func (w *worker) settle() error {
	var outcomes []outcome
	for number, o := range w.noted {
		if _, done := w.done[number]; done {
			continue
		}
		o.row = w.row(number)
		e := w.lost[number]
		role, shown := w.shows(&o)
		switch {
		case shown:
			outcomes = append(outcomes, w.shown(&o, role, e))
		case e != nil && (w.tries[number] >= mostTries || !e.Temporary()):
			outcomes = append(outcomes, failed(o.row, e))
		case w.tries[number] >= mostTries:
			outcomes = append(outcomes, rejected(o.row, reject{code: job.CodeOutcomeUnknown, message: "no answer told of this row, and the list, read afterwards, does not show its change"}))
		}
	}
	return w.record(outcomes, true)
}

// shown is the outcome of a row whose change the list shows.
func (w *worker) shown(o *op, role api.Role, e *api.Error) outcome {
	is := "has it so"
	if o.kind == opDelete {
		is = "does not have it"
	}
	out := settled(o.row, o.kind.action(), fmt.Sprintf("no usable answer to the call; the list, read afterwards, %s", is), w.tries[o.row.number])
	if e != nil {
		out.attempts = e.Attempts
	}
	if claim := w.claims[o.row.number]; o.kind == opCreate && claim.ID == role.ID && claim.Answer.Code == codeSuccess {
		out = succeeded(o.row, o.kind.action(), claim.Answer) // the list shows whose it is
	}
	out.role, out.prior, out.position = o.write.ID, w.nameBefore(o.write.ID, o.prior), w.wish(o.row)
	if o.kind == opCreate {
		out.role = role.ID
	}
	return out
}

// shows says whether the list is as an op wants it, and was not so before the run; role is the one that tells.
func (w *worker) shows(o *op) (role api.Role, shown bool) {
	switch o.kind {
	case opCreate:
		role, shown = w.index.Called(o.write.Name)
		return role, shown && w.isNew(role)
	case opDelete:
		return role, w.list.At(o.write.ID) == 0 && w.before.At(o.write.ID) > 0
	case opUpdate:
	}
	at := w.list.At(o.write.ID)
	if at == 0 {
		return role, false
	}
	role = w.list[at-1]
	return role, (o.write.Name == "" || o.write.Name == role.Name) && (o.write.Sequence == 0 || o.write.Sequence == role.Sequence)
}

// calledOtherwise says whether the list has a created role under the id that Zoho told of it, by a name that is not the row's and no other row's either: Zoho changed it.
func (w *worker) calledOtherwise(r *row, id string) bool {
	at := w.list.At(id)
	if at == 0 || w.before.At(id) > 0 || w.index.Named(r.name) > 0 {
		return false
	}
	return !slices.ContainsFunc(w.rows, func(o row) bool { return picklist.Fold(o.name) == picklist.Fold(w.list[at-1].Name) })
}

// isNew says whether a role came with this run, and is nobody's yet.
func (w *worker) isNew(r api.Role) bool {
	if w.before.At(r.ID) > 0 {
		return false
	}
	for _, o := range w.done {
		if o.role == r.ID && o.action == job.ActionCreated {
			return false
		}
	}
	return true
}

// verify looks at the ids that Zoho told of created roles: an answer does not name the roles that it is about, so that only the list shows whose is whose.
func (w *worker) verify() error {
	var outcomes []outcome
	for number, o := range w.done {
		if !o.claimed {
			continue
		}
		r := w.row(number)
		o.claimed = false
		if w.calledOtherwise(r, o.role) {
			w.say(fmt.Sprintf("Zoho calls the role of line %d %q", r.line, w.list[w.list.At(o.role)-1].Name))
		} else if at := w.list.At(o.role); at == 0 || picklist.Fold(w.list[at-1].Name) != picklist.Fold(r.name) {
			role, is := w.index.Called(r.name)
			if is = is && w.before.At(role.ID) == 0; !is {
				o = outcome{row: number, status: job.StatusError, code: job.CodeOutcomeUnknown, details: o.details, http: o.http, attempts: o.attempts,
					message: "Zoho said that the role was created, and the list, read afterwards, does not have it"}
			}
			o.role = role.ID
		}
		outcomes = append(outcomes, o)
	}
	return w.record(outcomes, false)
}
