package picklist

import (
	"cmp"
	"fmt"
	"slices"

	"rolecall/api"
	"rolecall/csvio/alike"
	"rolecall/job"
)

// lookUp finds the role of a row in a list. found is false if the row creates a role, or if the org does not have the
// row's id. bad is set if the name fits several roles.
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

// resolveDelete finds the role that a row deletes. It leaves it to Zoho to refuse an id that the org does not have.
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
	case a.ID != "" && a.Name != "" && alike.Key(a.Name) != alike.Key(role.Name):
		bad = job.Reject(job.CodeRoleMismatch,
			fmt.Sprintf("the id is that of %q, and the name is %q", role.Name, a.Name), "")
	}
	r.Item, r.Ask, r.Done = role.ID, job.Encode(ask{ID: role.ID}), bad
}

// match finds the role and the position of each row of a sync. It fails if the table names a role twice, or gives two
// roles the same name.
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
		if earlier := byName[alike.Key(name)]; earlier != nil && name != "" && !w.bothThere(r, earlier) {
			what := "gives the name of"
			if r.ID == "" && earlier.ID == "" {
				what = "names the role of"
			}
			return twice(r, earlier, what)
		}
		byRole[id], byName[alike.Key(name)] = r, r
	}
	for i, r := range w.inOrder() {
		w.rank[r.N] = i + 1
	}
	w.stay = w.staying(w.before)
	return nil
}

// idsFirst returns the rows that can be sent, those with ids first, because an id wins over a name.
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

// givesAway reports whether an earlier row renames the role that row r names. Then r stands for a new role.
func givesAway(earlier, r *row, role api.Role) bool {
	return earlier != nil && earlier.ID != "" && r.ID == "" && earlier.Name != "" &&
		alike.Key(earlier.Name) != alike.Key(role.Name)
}

// bothThere reports whether the org has the roles of both rows, with names that differ only in case.
func (w *work) bothThere(a, b *row) bool {
	_, hasA := w.matched[a.N]
	_, hasB := w.matched[b.N]
	return hasA && hasB && a.Name != b.Name
}

// twice returns the error for two rows that contradict each other.
func twice(a, b *row, what string) error {
	if a.Line < b.Line {
		a, b = b, a
	}
	return fmt.Errorf("line %d %s line %d again: a list has each role once, so nothing was sent; "+
		"take one of the rows out", a.Line, what, b.Line)
}

// inOrder returns the rows that can be sent, in the order that the list should get. It sorts them by position. A row
// without a position follows the row before it. If two rows ask for the same position, the row that moves its role
// there is first, and the other role moves down one. Zoho does the same when it creates a role at a taken position
// (Zoho's Kaizen #66, Contact Roles API).
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

// staying returns the roles of the table that need not move to reach the table's order. Roles that the table does not
// name go behind those of the table, unless the run deletes them. So a role of the table that is behind them must move.
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
