package picklist

import (
	"cmp"
	"fmt"
	"slices"

	"rolecall/api"
	"rolecall/csvio/alike"
	"rolecall/job"
)

// takeBack returns the op of a row of undo for the list as it is now. If the row needs no call, it returns the outcome:
// the list is as before the earlier run already, or somebody changed the role since.
func (w *work) takeBack(r *row) (*op, *job.Outcome) {
	role, found := w.takenRole(r)
	switch r.Undo.Do {
	case undoCreate:
		return w.createAgain(r, found)
	case undoDelete:
		switch {
		case !found:
			return nil, w.asBefore(r, "the role is deleted already")
		case role.Name != r.Name:
			return nil, w.since(r, renamedSince(r.Name, role.Name))
		}
		return &op{row: r, Kind: opDelete, Write: api.RoleWrite{ID: role.ID}, Was: role.Name}, nil
	}
	return w.giveNameBack(r, role, found)
}

// takenRole returns the role of a row in the list. If the id of a role that the earlier run created is not known, it
// finds the role by its exact name, among the roles that the org did not have before that run.
func (w *work) takenRole(r *row) (role api.Role, found bool) {
	if r.ID == "" {
		role, err := w.index.Find(Cell{Text: r.Name})
		return role, err == nil && role.Name == r.Name && !slices.Contains(w.Was, role.ID)
	}
	at := w.list.At(r.ID)
	if at == 0 {
		return role, false
	}
	return w.list[at-1], true
}

// createAgain returns the op that creates a deleted role again.
func (w *work) createAgain(r *row, found bool) (*op, *job.Outcome) {
	if found {
		return nil, w.asBefore(r, "the org still has the role")
	}
	o := &op{row: r, Kind: opCreate, Write: api.RoleWrite{Name: alike.Trim(r.Name), Sequence: r.Position}}
	if holder, held := w.holder(o); held && holder.Name == r.Name && !w.givesUp(holder) {
		return nil, w.since(r, fmt.Sprintf("the run deleted the role %q, and now the org has another one of this name "+
			"(%s)", r.Name, holder.ID))
	}
	return o, nil
}

// giveNameBack returns the op that gives a role its earlier name and position.
func (w *work) giveNameBack(r *row, role api.Role, found bool) (*op, *job.Outcome) {
	moved := r.Undo.From != 0 && r.Undo.From != r.Undo.To
	switch at := w.list.At(role.ID); {
	case !found:
		return nil, w.since(r, fmt.Sprintf("the run left the role as %q, and now the org does not have it", r.Undo.Left))
	case role.Name != r.Name && role.Name != r.Undo.Left && role.Name != w.passing[role.ID].While:
		return nil, w.since(r, renamedSince(r.Undo.Left, role.Name))
	case role.Name != r.Name, r.Position != 0 && min(r.Position, len(w.list)) != at:
		return &op{
			row: r, Kind: opUpdate, Was: role.Name, from: at,
			Write: api.RoleWrite{ID: role.ID, Name: r.Name, Sequence: r.Position},
		}, nil
	case moved && r.Position == 0:
		return nil, w.since(r, fmt.Sprintf("the run moved the role from %d to %d, and now the order is different",
			r.Undo.To, r.Undo.From))
	}
	return nil, w.asBefore(r, "the role is as before the run already")
}

// earlierOrder returns the wishes that put the roles back into the order that they had before the earlier run. Newer
// roles keep their positions.
func (w *work) earlierOrder() (wishes []Wish) {
	if w.reordered() {
		return nil
	}
	again := map[string]string{} // the new ids of roles that were created again
	for _, r := range w.rows {
		if r.Undo.Do == undoCreate && r.Done != nil && r.Done.OK() {
			again[r.ID] = roleOf(r.Done)
		}
	}
	var places []int
	for _, id := range w.Was {
		id = cmp.Or(again[id], id)
		if at := w.list.At(id); at > 0 {
			wishes, places = append(wishes, Wish{ID: id}), append(places, at)
		}
	}
	slices.Sort(places)
	for i := range wishes {
		wishes[i].Position = places[i]
	}
	return wishes
}

// asBefore returns the outcome of a row of undo whose role already is as before the earlier run.
func (w *work) asBefore(r *row, message string) *job.Outcome {
	o := about(job.Settle(r.N, job.ActionUnchanged, message, 0), r.ID, "")
	return &o
}

// renamedSince returns the message that somebody gave a role another name.
func renamedSince(left, now string) string {
	return fmt.Sprintf("the run left the role as %q, and now it is called %q", left, now)
}

// since returns the outcome of a row of undo whose role somebody changed since the earlier run.
func (w *work) since(r *row, what string) *job.Outcome {
	o := job.Reject(job.CodeChangedSince, what+": somebody changed it since, so it was not touched", "")
	o.Row = r.N
	return o
}
