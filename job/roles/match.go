package roles

import (
	"cmp"
	"fmt"
	"slices"

	"rolecall/api"
	"rolecall/job"
	"rolecall/job/picklist"
)

// matchDeleted finds the roles that are to be deleted, before any of them is.
func (s *state) matchDeleted() {
	s.matched = map[int64]api.Role{}
	first := map[string]int64{} // the row of a role
	for i := range s.rows {
		r := &s.rows[i]
		if r.bad != nil {
			continue
		}
		role, bad := s.toDelete(r)
		if bad != nil {
			r.bad = bad
			continue
		}
		s.matched[r.number] = role
		if before, twice := first[role.ID]; twice {
			r.sameAs = before
		} else {
			first[role.ID] = r.number
		}
	}
}

// toDelete finds the role that a row names. An id that the org does not have is Zoho's to refuse.
func (s *state) toDelete(r *row) (api.Role, *reject) {
	if r.id == "" && r.name == "" {
		return api.Role{}, &reject{code: job.CodeRoleMissing, message: "the row names no role"}
	}
	role, found, bad := lookUp(r, s.index)
	switch {
	case bad != nil:
		return role, bad
	case !found && r.id == "":
		return role, &reject{code: job.CodeRoleUnknown, message: fmt.Sprintf("the org has no role %q; it has %s", r.name, s.list)}
	case !found:
		return api.Role{ID: r.id, Name: r.name}, nil
	case r.id != "" && r.name != "" && picklist.Fold(r.name) != picklist.Fold(role.Name):
		return role, &reject{code: job.CodeRoleMismatch, message: fmt.Sprintf("the id is that of %q, and the name is %q", role.Name, r.name)}
	}
	return role, nil
}

// matchSynced finds the roles of the rows, and where each is to be. A table that names a role twice, or gives two roles one name, is no list: a *job.UsageError.
func (s *state) matchSynced() error {
	s.matched, s.rank = map[int64]api.Role{}, map[int64]int{}
	byRole, byName := map[string]*row{}, map[string]*row{}
	for _, r := range s.idsFirst() {
		if r.bad != nil {
			continue
		}
		if r.sameAs != 0 {
			return twice(r, s.row(r.sameAs), "names the role of")
		}
		role, found, bad := lookUp(r, s.index)
		if bad != nil {
			r.bad = bad
			continue
		}
		found = found && !givesAway(byRole[role.ID], r, role)
		name := r.name
		if found {
			if before := byRole[role.ID]; before != nil {
				return twice(r, before, "names the role of")
			}
			s.matched[r.number], byRole[role.ID] = role, r
			name = cmp.Or(name, role.Name)
		}
		if before := byName[picklist.Fold(name)]; before != nil && name != "" && !s.bothThere(r, before) {
			return twice(r, before, "gives the name of")
		}
		byName[picklist.Fold(name)] = r
	}
	for i, r := range s.inOrder() {
		s.rank[r.number] = i + 1
	}
	s.stay = s.staying(s.before)
	return nil
}

// staying are the roles of the table that need not move in a list to come to the table's order. Roles that the table does not name stay behind it, so that none of its own may be behind them,
// unless they are to be deleted.
func (s *state) staying(l picklist.List) map[string]bool {
	var wanted []string
	for _, w := range s.ranks() {
		wanted = append(wanted, w.ID)
	}
	first := slices.IndexFunc(l, func(r api.Role) bool { return !slices.Contains(wanted, r.ID) })
	if first >= 0 && !s.set.Prune {
		wanted = slices.DeleteFunc(wanted, func(id string) bool { return l.At(id) > first })
	}
	return l.Stay(wanted)
}

// bothThere says whether the org has the roles of two rows that give names which differ only in case.
func (s *state) bothThere(a, b *row) bool {
	_, hasA := s.matched[a.number]
	_, hasB := s.matched[b.number]
	return hasA && hasB && a.name != b.name
}

// idsFirst are the rows, those with ids before those that go by names: what an id says of a role goes before what its name does.
func (s *state) idsFirst() []*row {
	var with, without []*row
	for i := range s.rows {
		if r := &s.rows[i]; r.id != "" {
			with = append(with, r)
		} else {
			without = append(without, r)
		}
	}
	return append(with, without...)
}

// givesAway says whether a row, which has the role's id, gives it another name than the one that r is about: then r is about a new role.
func givesAway(before, r *row, role api.Role) bool {
	return before != nil && before.id != "" && r.id == "" && before.name != "" && picklist.Fold(before.name) != picklist.Fold(role.Name)
}

// twice says that two rows cannot both be.
func twice(a, b *row, what string) error {
	if a.line < b.line {
		a, b = b, a
	}
	return &job.UsageError{Err: fmt.Errorf("line %d %s line %d again: a list has each role once, so nothing was sent; take one of the rows out", a.line, what, b.line)}
}

func (s *state) row(number int64) *row { return &s.rows[number-1] }

// inOrder are the rows that can be sent, in the order that the list is to have: by position, each with those without one that follow it. Of two that want one place, the one that comes to it is
// first: whoever is there moves down, as when a role is created at a position that is taken (Zoho's Kaizen #66, Contact Roles API).
func (s *state) inOrder() []*row {
	var blocks [][]*row
	for i := range s.rows {
		r := &s.rows[i]
		switch {
		case r.bad != nil:
		case r.position == 0 && len(blocks) > 0:
			blocks[len(blocks)-1] = append(blocks[len(blocks)-1], r)
		default:
			blocks = append(blocks, []*row{r})
		}
	}
	stays := func(r *row) int {
		if s.matched[r.number].Sequence == r.position {
			return 1
		}
		return 0
	}
	slices.SortStableFunc(blocks, func(a, b []*row) int {
		return cmp.Or(cmp.Compare(a[0].position, b[0].position), cmp.Compare(stays(a[0]), stays(b[0])))
	})
	return slices.Concat(blocks...)
}

// beyond are the roles of the org that the table does not name.
func (s *state) beyond() []api.Role {
	named := map[string]bool{}
	for _, role := range s.matched {
		named[role.ID] = true
	}
	return slices.DeleteFunc(slices.Clone(s.before), func(r api.Role) bool { return named[r.ID] })
}
