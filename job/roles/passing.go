package roles

import (
	"context"
	"fmt"

	"rolecall/api"
	"rolecall/job"
)

// passedName is what a role was called before it got another name for a while.
type passedName struct {
	Was   string `json:"was"`
	While string `json:"while"`
}

// freeName gives a role another name for a while where others wait for the one that it has and it does not give that up before them: two roles that change names, or one that goes only at the end.
func (w *worker) freeName(ctx context.Context) (freed bool, err error) {
	role, found := w.circle()
	if !found {
		return false, nil
	}
	if w.stop.Stopped() {
		return false, errStopped
	}
	if w.freed[role.ID]++; w.freed[role.ID] > mostTries { // Zoho says that it has the other name, and the list does not
		w.forced = true
		return true, nil
	}
	name := w.passing(role.Name)
	w.passed[role.ID] = passedName{role.Name, name}
	if err := w.s.Put("passed", w.passed); err != nil {
		return false, err
	}
	w.say(fmt.Sprintf("%q was called %q for a while, since another role got its name", role.Name, name))
	_, err = w.zoho.UpdateRole(ctx, api.RoleWrite{ID: role.ID, Name: name})
	if err != nil {
		e, err := job.OwnError(err)
		if err != nil {
			return false, err
		}
		w.forced = true // Zoho says of each row what is in its way
		w.say(fmt.Sprintf("%q could not be given another name for a while: %s", role.Name, e))
	}
	return true, w.look(ctx)
}

// giveBack gives roles their names back that still have one for a while.
func (w *worker) giveBack(ctx context.Context) error {
	for id, p := range w.passed {
		at := w.list.At(id)
		if at == 0 || w.list[at-1].Name != p.While {
			continue
		}
		if w.stop.Stopped() {
			return errStopped
		}
		if _, err := w.zoho.UpdateRole(ctx, api.RoleWrite{ID: id, Name: p.Was}); err != nil {
			e, err := job.OwnError(err)
			if err != nil {
				return err
			}
			w.say(fmt.Sprintf("the role %s is still called %q and could not be called %q again (%s): give it a name by rolecall roles import with its id", id, p.While, p.Was, e))
		}
	}
	return nil
}
