package roles

import (
	"slices"
	"strconv"
	"unicode/utf8"

	"rolecall/api"
	"rolecall/job"
	"rolecall/job/picklist"
)

// waitsForOrder says whether a row asks for nothing but another place, which it gets with all others at the end.
func (s *state) waitsForOrder(r *row, local *outcome) bool {
	return s.syncs() && local.ok() && !s.stay[local.role] && s.matched[r.number].ID == local.role
}

// waitsForName says whether the name that an op gives is that of another role which will give it up: an org has no name twice.
func (s *state) waitsForName(o *op) bool {
	holder, held := s.holder(o)
	unknown := o.kind == opUpdate && s.list.At(o.write.ID) == 0 // Zoho refuses it anyway
	return s.syncs() && !s.forced && !unknown && held && s.givesUp(holder)
}

// holder is the role that has the name an op gives to another.
func (s *state) holder(o *op) (api.Role, bool) {
	same := func(r api.Role) bool { return r.ID != o.write.ID && r.Name == o.write.Name }
	alike := func(r api.Role) bool {
		return r.ID != o.write.ID && picklist.Fold(r.Name) == picklist.Fold(o.write.Name)
	}
	i := slices.IndexFunc(s.list, same)
	if i < 0 {
		i = slices.IndexFunc(s.list, alike)
	}
	if i < 0 || o.write.Name == "" {
		return api.Role{}, false
	}
	return s.list[i], true
}

// givesUp says whether a role will not keep its name: its row renames it and is not done, or it is to be deleted.
func (s *state) givesUp(role api.Role) bool {
	for number, matched := range s.matched {
		if matched.ID != role.ID {
			continue
		}
		r := s.row(number)
		_, done := s.done[number]
		return !done && r.bad == nil && r.name != "" && picklist.Fold(r.name) != picklist.Fold(role.Name)
	}
	return s.set.Prune && s.before.At(role.ID) > 0 && s.noneFailed() && !s.doomed
}

// circle is a role whose name others wait for, and which waits itself or goes only at the end: it needs another name for a while.
func (s *state) circle() (role api.Role, found bool) {
	for i := range s.rows {
		r := &s.rows[i]
		if _, done := s.done[r.number]; done || r.bad != nil {
			continue
		}
		if o, _, sends := s.decide(r); sends && s.waitsForName(&o) {
			return s.holder(&o)
		}
	}
	return role, false
}

// passing is a name that a role can have for a while: one that neither the list nor the table has.
func (s *state) passing(name string) string {
	taken := func(name string) bool {
		return s.index.Named(name) > 0 || slices.ContainsFunc(s.rows, func(r row) bool { return picklist.Fold(r.name) == picklist.Fold(name) })
	}
	for n := 1; ; n++ {
		ending := "~"
		if n > 1 {
			ending += strconv.Itoa(n)
		}
		if with := cut(name, picklist.LongestName-len(ending)) + ending; !taken(with) {
			return with
		}
	}
}

// cut shortens a text to so many characters.
func cut(text string, most int) string {
	if utf8.RuneCountInString(text) <= most {
		return text
	}
	return string([]rune(text)[:most])
}

// noneFailed says whether every row that is done is a success, and every other can be sent.
func (s *state) noneFailed() bool {
	for i := range s.rows {
		if s.rows[i].bad != nil {
			return false
		}
	}
	for _, o := range s.done {
		if o.status == job.StatusError {
			return false
		}
	}
	return true
}
