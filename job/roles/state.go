package roles

import (
	"cmp"
	"slices"

	"rolecall/api"
	"rolecall/job"
	"rolecall/job/picklist"
)

// state is the rows of a run beside the list as it was read last. What follows from them is pure, so that the plan is made by what does the work.
type state struct {
	command job.Command
	set     *Settings
	rows    []row
	done    map[int64]outcome

	before picklist.List // before the run
	list   picklist.List // now
	index  picklist.Index

	matched map[int64]api.Role // Delete, Sync: the roles of the rows, before the run
	rank    map[int64]int      // Sync: where the role of a row is to be
	stay    map[string]bool    // Sync: the roles that need not be moved for it
	doomed  bool               // Sync: it is foreseen that rows fail, so that nothing will be deleted
	forced  bool               // Sync: names that are taken are no reason to wait any more
}

// newState makes the state of a run that has done some rows.
func newState(command job.Command, set *Settings, rows []row, before picklist.List, done map[int64]outcome) (*state, error) {
	s := &state{command: command, set: set, rows: slices.Clone(rows), done: done, before: before}
	s.see(before)
	var err error
	switch {
	case command == Delete:
		s.matchDeleted()
	case s.syncs():
		err = s.matchSynced()
	}
	return s, err
}

// syncs says whether the list is to become the table's.
func (s *state) syncs() bool { return s.command == Sync || s.command == Copy }

// see takes a list that was read.
func (s *state) see(l picklist.List) { s.list, s.index = l, picklist.NewIndex(l) }

// find looks the role of a row up; found is false for one that is to be created, and for an id that the org does not have.
func (s *state) find(r *row) (role api.Role, found bool, bad *reject) {
	if s.syncs() {
		if role, found = s.matched[r.number]; found {
			role = s.present(role)
		}
		return role, found, nil
	}
	return lookUp(r, s.index)
}

// lookUp finds the role of a row in a list.
func lookUp(r *row, index picklist.Index) (role api.Role, found bool, bad *reject) {
	cell := picklist.Cell{Text: r.name}
	if r.id != "" {
		cell = picklist.Cell{Text: r.id, ByID: true}
	}
	role, err := index.Find(cell)
	if err != nil && !cell.ByID && index.Named(r.name) > 1 {
		return role, false, &reject{code: job.CodeRoleUnknown, message: err.Error()}
	}
	return role, err == nil, nil
}

// decide says what a row asks of the list as it is. Without an op the outcome tells why there is none.
func (s *state) decide(r *row) (o op, local outcome, sends bool) {
	if s.command == Delete {
		return op{row: r, kind: opDelete, write: api.RoleWrite{ID: s.matched[r.number].ID}, prior: s.matched[r.number].Name}, outcome{}, true
	}
	role, found, bad := s.find(r)
	write := api.RoleWrite{ID: r.id, Name: r.name, Sequence: r.position}
	switch {
	case bad != nil:
		return o, rejected(r, *bad), false
	case !found && r.id == "":
		if s.syncs() {
			write.Sequence = s.rank[r.number]
		}
		return op{row: r, kind: opCreate, write: write}, outcome{}, true
	case found && s.list.At(role.ID) == 0: // somebody else deleted it: Zoho says so
		return op{row: r, kind: opUpdate, write: api.RoleWrite{ID: role.ID, Name: cmp.Or(r.name, role.Name)}, prior: role.Name}, outcome{}, true
	case !found: // Zoho says what is wrong with the id
		return op{row: r, kind: opUpdate, write: write}, outcome{}, true
	case s.syncs():
		write.Sequence = 0 // the order is made at the end
	}
	renames := r.name != "" && r.name != role.Name && (r.id != "" || s.syncs())
	moves := write.Sequence != 0 && write.Sequence != role.Sequence && min(write.Sequence, len(s.list)) != s.list.At(role.ID) // beyond the end is the end
	if !renames && !moves {
		local = settled(r, job.ActionUnchanged, "the list has it so already", 0)
		local.role, local.position = role.ID, s.wish(r)
		return o, local, false
	}
	write.ID = role.ID
	if !renames {
		write.Name = role.Name // Zoho's OpenAPI file for v8.0 wants it; its samples move a role without
	}
	return op{row: r, kind: opUpdate, write: write, prior: role.Name, from: role.Sequence}, outcome{}, true
}

// present is a role as the list has it now, or as it was where the list does not have it any more.
func (s *state) present(role api.Role) api.Role {
	if at := s.list.At(role.ID); at > 0 {
		return s.list[at-1]
	}
	return role
}

// nameBefore is the name that a role had before the run, or has where it came with it.
func (s *state) nameBefore(id, now string) string {
	if at := s.before.At(id); at > 0 {
		return s.before[at-1].Name
	}
	return now
}

// wish is where the role of a row is to be, 0 where that is all the same.
func (s *state) wish(r *row) int {
	if s.syncs() {
		return s.rank[r.number]
	}
	return r.position
}
