package picklist

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"unicode/utf8"

	"rolecall/api"
	"rolecall/csvio/alike"
	"rolecall/job"
)

// passing is a temporary name of a role.
type passing struct {
	Was   string `json:"was"`
	While string `json:"while"`
}

// waitsFor returns the role that now has the name of an op of a sync, if that role will give the name up. The op must
// wait, because an org cannot have a name twice.
func (w *work) waitsFor(o *op) (holder api.Role, waits bool) {
	if !w.trades() || o.Kind == opUpdate && w.list.At(o.Write.ID) == 0 { // Zoho refuses the op anyway
		return holder, false
	}
	holder, held := w.holder(o)
	return holder, held && w.givesUp(holder)
}

// holder returns the other role that has the name of an op: a role with exactly that name, or else one whose name
// differs only in case.
func (w *work) holder(o *op) (api.Role, bool) {
	i := slices.IndexFunc(w.list, func(r api.Role) bool { return r.ID != o.Write.ID && r.Name == o.Write.Name })
	if i < 0 {
		i = slices.IndexFunc(w.list, func(r api.Role) bool {
			return r.ID != o.Write.ID && alike.Key(r.Name) == alike.Key(o.Write.Name)
		})
	}
	if i < 0 || o.Write.Name == "" {
		return api.Role{}, false
	}
	return w.list[i], true
}

// givesUp reports whether a role will give up its name: its open row renames the role, or the run deletes the role at
// the end. It returns false if the run has already tried a temporary name for the role: then Zoho's refusal shows the
// problem.
func (w *work) givesUp(role api.Role) bool {
	if w.freed[role.ID] {
		return false
	}
	for _, r := range w.rows {
		switch {
		case r.Undo != nil && r.ID == role.ID: // undo gives names back to the letter
			return job.IsOpen(&r.Row) && (r.Undo.Do == undoDelete || r.Name != role.Name)
		case w.matched[r.N].ID == role.ID:
			return job.IsOpen(&r.Row) && r.Name != "" && alike.Key(r.Name) != alike.Key(role.Name)
		}
	}
	return w.Prune && w.before.At(role.ID) > 0 && w.noneFailed() && !w.doomed
}

// free returns the call that gives a role a temporary name, so that another role can get its name.
func (w *work) free(role api.Role) *job.Call {
	w.freed[role.ID] = true
	return &job.Call{Send: func(ctx context.Context) ([]job.Outcome, error) {
		name := w.unusedName(role.Name)
		w.passing[role.ID] = passing{role.Name, name}
		if err := w.desk.Notebook.Put(keyPassing, w.passing); err != nil {
			return nil, err
		}
		w.desk.Say(fmt.Sprintf("%q was temporarily called %q, because another role got its name", role.Name, name))
		refusal, err := w.rename(ctx, role.ID, name)
		if refusal != nil {
			w.desk.Say(fmt.Sprintf("could not give %q a temporary name: %s", role.Name, refusal))
		}
		return nil, err
	}}
}

// rename gives a role a name. refusal is Zoho's refusal of this name. err ends the run.
func (w *work) rename(ctx context.Context, id, name string) (refusal *api.Error, err error) {
	_, refusal, err = w.request(ctx, []op{{Kind: opUpdate, Write: api.RoleWrite{ID: id, Name: name}}})
	return refusal, err
}

// unusedName returns a name similar to name that neither the list nor the table has.
func (w *work) unusedName(name string) string {
	for n := 1; ; n++ {
		ending := "~"
		if n > 1 {
			ending += strconv.Itoa(n)
		}
		unused := cut(name, LongestName-len(ending)) + ending
		inTable := slices.ContainsFunc(w.rows, func(r *row) bool { return alike.Key(r.Name) == alike.Key(unused) })
		if !inTable && w.index.Named(unused) == 0 {
			return unused
		}
	}
}

// cut returns the first characters of a text, up to most of them.
func cut(text string, most int) string {
	if utf8.RuneCountInString(text) <= most {
		return text
	}
	return string([]rune(text)[:most])
}

// giveBack gives roles their old names back if they still have a temporary name because their row failed.
func (w *work) giveBack(ctx context.Context) error {
	for id, p := range w.passing {
		at := w.list.At(id)
		if at == 0 || w.list[at-1].Name != p.While {
			continue
		}
		if w.desk.Over() {
			return stopped()
		}
		refusal, err := w.rename(ctx, id, p.Was)
		if err != nil {
			return err
		}
		if refusal != nil {
			w.desk.Say(fmt.Sprintf("the role %s is still called %q and could not be called %q again (%s): "+
				"give it a name by rolecall roles import with its id", id, p.While, p.Was, refusal))
		}
	}
	return nil
}

// stopped returns the error of work that must not go on, because the run is over. The run knows the real reason.
func stopped() error { return &job.Stop{Reason: job.Interrupted, Err: job.ErrInterrupted} }
