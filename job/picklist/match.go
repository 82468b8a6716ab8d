package picklist

import (
	"cmp"
	"fmt"
	"slices"

	"rolecall/api"
	"rolecall/job"
)

// lookUp finds the role of a row in a list. found is false for a role that is to be created, and for an id that the org
// does not have.
func lookUp(a ask, index Index) (role api.Role, found bool, bad *job.Outcome) {
	cell := Cell{Text: a.Name}
	if a.ID != "" {
		cell = Cell{Text: a.ID, ByID: true}
	}
	role, err := index.Find(cell)
	if err != nil && !cell.ByID && index.Named(a.Name) > 1 {
		return role, false, job.Reject(job.CodeRoleUnknown, err.Error(), "")
	}
	return role, err == nil, nil
}

// resolveDelete finds the role that a row deletes. An id that the org does not have is Zoho's to refuse.
func (w *work) resolveDelete(r *job.Row) {
	a := job.Decoded[ask](r.Ask)
	role, found, bad := lookUp(a, w.index)
	switch {
	case a == ask{Position: a.Position}:
		bad = job.Reject(job.CodeRoleMissing, "the row names no role", "")
	case bad != nil:
	case !found && a.ID == "":
		bad = job.Reject(job.CodeRoleUnknown, fmt.Sprintf("the org has no role %q; it has %s", a.Name, w.list), "")
	case !found:
		role.ID = a.ID
	case a.ID != "" && a.Name != "" && Fold(a.Name) != Fold(role.Name):
		bad = job.Reject(job.CodeRoleMismatch,
			fmt.Sprintf("the id is that of %q, and the name is %q", role.Name, a.Name), "")
	}
	r.Item, r.Ask, r.Done = role.ID, job.Encode(ask{ID: role.ID}), bad
}

// match finds the roles of the rows of a sync, and the position of each. A table that names a role twice, or gives two
// roles one name, is no list: an error.
func (w *work) match() error {
	w.matched, w.rank = map[int64]api.Role{}, map[int64]int{}
	index := NewIndex(w.before)
	byRole, byName := map[string]*row{}, map[string]*row{}
	for _, r := range w.idsFirst() {
		role, found, _ := lookUp(r.ask, index)
		found = found && !givesAway(byRole[role.ID], r, role)
		id, name := r.ID, r.Name
		if found {
			w.matched[r.N] = role
			id, name = role.ID, cmp.Or(name, role.Name)
		}
		if earlier := byRole[id]; earlier != nil && id != "" {
			return twice(r, earlier, "names the role of")
		}
		if earlier := byName[Fold(name)]; earlier != nil && name != "" && !w.bothThere(r, earlier) {
			what := "gives the name of"
			if r.ID == "" && earlier.ID == "" {
				what = "names the role of"
			}
			return twice(r, earlier, what)
		}
		byRole[id], byName[Fold(name)] = r, r
	}
	for i, r := range w.inOrder() {
		w.rank[r.N] = i + 1
	}
	w.stay = w.staying(w.before)
	return nil
}

// idsFirst returns the rows that can be sent, those with ids before the others: what an id says of a role goes before
// what a name says.
func (w *work) idsFirst() []*row {
	var with, without []*row
	for _, r := range w.rows {
		switch {
		case r.Unsendable:
		case r.ID != "":
			with = append(with, r)
		default:
			without = append(without, r)
		}
	}
	return append(with, without...)
}

// givesAway reports whether a row, which has the role's id, gives the role another name than the one that r is about:
// then r is about a new role.
func givesAway(earlier, r *row, role api.Role) bool {
	return earlier != nil && earlier.ID != "" && r.ID == "" && earlier.Name != "" &&
		Fold(earlier.Name) != Fold(role.Name)
}

// bothThere reports whether the org has the roles of two rows whose names differ only in case.
func (w *work) bothThere(a, b *row) bool {
	_, hasA := w.matched[a.N]
	_, hasB := w.matched[b.N]
	return hasA && hasB && a.Name != b.Name
}

// twice returns the error of two rows that cannot both be.
func twice(a, b *row, what string) error {
	if a.Line < b.Line {
		a, b = b, a
	}
	return fmt.Errorf("line %d %s line %d again: a list has each role once, so nothing was sent; "+
		"take one of the rows out", a.Line, what, b.Line)
}

// inOrder returns the rows that can be sent, in the order that the list is to have: by position, each with the rows
// without one that follow it. Of two rows that want one position, the one whose role comes there is first, and the
// other role moves down, as when a role is created at a position that is taken (Zoho's Kaizen #66, Contact Roles API).
func (w *work) inOrder() []*row {
	var blocks [][]*row
	for _, r := range w.rows {
		switch {
		case r.Unsendable:
		case r.Position == 0 && len(blocks) > 0:
			blocks[len(blocks)-1] = append(blocks[len(blocks)-1], r)
		default:
			blocks = append(blocks, []*row{r})
		}
	}
	stays := func(r *row) int {
		if w.matched[r.N].Sequence == r.Position {
			return 1
		}
		return 0
	}
	slices.SortStableFunc(blocks, func(a, b []*row) int {
		return cmp.Or(cmp.Compare(a[0].Position, b[0].Position), cmp.Compare(stays(a[0]), stays(b[0])))
	})
	return slices.Concat(blocks...)
}

// staying returns the roles of the table that need not move for the table's order. Roles that the table does not name
// stay behind those of the table, unless they are deleted: so none of the table's that is behind them can stay.
func (w *work) staying(l List) map[string]bool {
	var wanted []string
	for _, wish := range w.ranks(l) {
		wanted = append(wanted, wish.ID)
	}
	first := slices.IndexFunc(l, func(r api.Role) bool { return !slices.Contains(wanted, r.ID) })
	if first >= 0 && !w.Prune {
		wanted = slices.DeleteFunc(wanted, func(id string) bool { return l.At(id) > first })
	}
	return l.Stay(wanted)
}

// beyond returns the roles of the org that the table does not name.
func (w *work) beyond() List {
	named := map[string]bool{}
	for _, role := range w.matched {
		named[role.ID] = true
	}
	return slices.DeleteFunc(slices.Clone(w.before), func(r api.Role) bool { return named[r.ID] })
}
