package picklist

import (
	"cmp"
	"slices"

	"rolecall/api"
	"rolecall/csvio/alike"
	"rolecall/job"
)

// Next implements job.Steps. It returns the calls of a round, then the call that reads the list, then the next round.
func (w *work) Next() (outcomes []job.Outcome, call *job.Call) {
	for {
		if len(w.queue) > 0 {
			ops := w.queue[0]
			w.queue = w.queue[1:]
			return outcomes, w.call(ops)
		}
		if w.stale {
			return outcomes, &job.Call{Send: w.look}
		}
		outcomes = append(outcomes, w.fromList()...)
		ops, local, blocker := w.round()
		outcomes = append(outcomes, w.take(local)...)
		switch {
		case len(ops) > 0:
			if n := w.room(ops); n > 0 {
				return outcomes, w.makeRoom(n)
			}
			w.queue = w.batches(ops)
		case len(local) > 0: // other rows may have waited for these rows
		default:
			if blocker != nil { // the role waits as well, or is deleted only at the end
				return outcomes, w.free(*blocker)
			}
			inPlace, moves := w.lastMoves()
			if outcomes = append(outcomes, w.take(inPlace)...); moves == nil {
				return outcomes, nil
			}
			w.queue = [][]op{moves}
		}
	}
}

// round returns the ops of the next round: the ops of the open rows, in file order. It ends before the first row about
// a role or a name that an earlier row of the round changes, because that row must see the list after the earlier row.
// local is the outcomes of rows that need no call. blocker is the first role whose name a row waits for, or nil.
func (w *work) round() (ops []op, local []job.Outcome, blocker *api.Role) {
	touched := map[string]bool{}
	for _, r := range w.rows {
		if !job.IsOpen(&r.Row) {
			continue
		}
		if len(ops) == MostInCall {
			break
		}
		o, out := w.decide(r)
		keys := w.keys(r, o)
		switch {
		case slices.ContainsFunc(keys, func(k string) bool { return touched[k] }):
			if !w.trades() {
				return ops, local, nil
			}
		case o == nil && w.waitsForOrder(r, out):
		case o == nil:
			local = append(local, *out)
		default:
			if holder, waits := w.waitsFor(o); waits {
				blocker = cmp.Or(blocker, &holder)
				continue
			}
			ops = append(ops, *o)
			for _, k := range keys {
				touched[k] = true
			}
		}
	}
	return ops, local, blocker
}

// keys returns keys for the roles and the names of a row and its op. Two rows that share a key depend on each other.
func (w *work) keys(r *row, o *op) []string {
	ids, names := []string{r.ID}, []string{r.Name}
	if o != nil {
		ids, names = append(ids, o.Write.ID), append(names, o.Write.Name, o.Was)
	} else if role, found, _ := w.find(r); found {
		ids = append(ids, role.ID)
	}
	var keys []string
	for _, id := range ids {
		if id != "" {
			keys = append(keys, "id "+id)
		}
	}
	for _, name := range names {
		switch {
		case name == "":
		case w.job == Undo: // the org had names that differ only in case beside each other
			keys = append(keys, "name "+name)
		default:
			keys = append(keys, "name "+alike.Key(name))
		}
	}
	return keys
}

// find finds the role of a row.
func (w *work) find(r *row) (role api.Role, found bool, bad *job.Outcome) {
	if !w.syncs() {
		return lookUp(r.ask, w.index)
	}
	if role, found = w.matched[r.N]; found && w.list.At(role.ID) > 0 {
		role = w.list[w.list.At(role.ID)-1]
	}
	return role, found, nil
}

// isNewName reports whether a row gives a role another name. A name that looks like the old one is not another name,
// unless it is clean and the old one is not: it has no unusual white space or invisible characters.
func isNewName(name, old string) bool {
	shown := alike.Shown(name)
	return shown != "" && name != old && (name == shown || shown != alike.Shown(old))
}

// decide returns the op of a row for the list as it is now, or the outcome of a row that needs no call.
func (w *work) decide(r *row) (*op, *job.Outcome) {
	if w.job == Delete {
		return &op{row: r, Kind: opDelete, Write: api.RoleWrite{ID: r.ID}, Was: w.nameBefore(r.ID, "")}, nil
	}
	if r.Undo != nil {
		return w.takeBack(r)
	}
	role, found, bad := w.find(r)
	write := api.RoleWrite{ID: r.ID, Name: alike.Trim(r.Name), Sequence: r.Position}
	switch {
	case bad != nil:
		bad.Row = r.N
		return nil, bad
	case !found && r.ID == "":
		if w.syncs() {
			write.Sequence = w.rank[r.N]
		}
		return &op{row: r, Kind: opCreate, Write: write}, nil
	case found && w.list.At(role.ID) == 0: // somebody else deleted the role: Zoho says so
		write = api.RoleWrite{ID: role.ID, Name: cmp.Or(r.Name, role.Name)}
		return &op{row: r, Kind: opUpdate, Write: write, Was: role.Name}, nil
	case !found: // Zoho says what is wrong with the id
		return &op{row: r, Kind: opUpdate, Write: write}, nil
	case w.syncs():
		write.Sequence = 0 // the roles are moved at the end
	}
	renames := isNewName(r.Name, role.Name) && (r.ID != "" || w.syncs())
	at := w.list.At(role.ID)
	moves := write.Sequence != 0 && write.Sequence != role.Sequence && min(write.Sequence, len(w.list)) != at
	if !renames && !moves {
		out := about(job.Settle(r.N, job.ActionUnchanged, "the list has the role so already", 0), role.ID, "")
		return nil, &out
	}
	write.ID = role.ID
	if !renames {
		write.Name = role.Name // Zoho's OpenAPI file for v8.0 requires the name; its samples omit it
	}
	return &op{row: r, Kind: opUpdate, Write: write, Was: role.Name, from: role.Sequence}, nil
}
