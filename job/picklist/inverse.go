package picklist

import (
	"cmp"
	"slices"
	"strconv"

	"rolecall/api"
	"rolecall/csvio"
	"rolecall/job"
)

// taking is how a row of undo takes a change of an earlier run back.
type taking struct {
	Do   string `json:"do"`             // undoCreate, undoUpdate or undoDelete
	Left string `json:"left,omitempty"` // the name that the earlier run left
	From int    `json:"from,omitempty"` // the position that the earlier run left; 0: not known
	To   int    `json:"to,omitempty"`   // the position before the earlier run; 0: none
}

// The values of taking.Do.
const (
	undoCreate = "create" // a deleted role is created again, with a new id
	undoUpdate = "update" // a role gets its earlier name and position
	undoDelete = "delete" // a created role is deleted
)

// The columns of the input of undo beside those of a table of roles. The column csvio.UndoRow marks the table: no other
// job takes it.
const (
	undoLine     csvio.Field = "undo_line" // the line of the row in the input of the earlier run; 0: it has none
	leftName     csvio.Field = "left_name"
	leftSequence csvio.Field = "left_sequence_number"
)

// taken is a role that an earlier run changed, as a row of the input of undo.
type taken struct {
	row, line int64
	role      api.Role // the role before the run; for undoDelete the role after it
	taking
}

// inverse returns the job that takes a run of the job name back, and its input.
func inverse(name string, earlier *job.Earlier) (*job.Kind, *job.Made, error) {
	i := inverter{job: name, byRole: map[string]int{}}
	pruned, passed, notes := map[string]job.Outcome{}, map[string]passing{}, earlier.Notebook()
	for key, into := range map[string]any{
		keyBefore: &i.before, keyAfter: &i.after, keyPruned: &pruned, keyPassing: &passed,
	} {
		if err := notes.Get(key, into); err != nil {
			return nil, nil, err
		}
	}
	for n := range i.before {
		i.before[n].Sequence = n + 1 // Zoho's numbers may have gaps
	}
	for r, err := range earlier.InOrder() {
		if err != nil {
			return nil, nil, err
		}
		i.row(&r)
	}
	for _, role := range i.before {
		if o, tried := pruned[role.ID]; tried && o.OK() {
			i.add(role.ID, taken{role: role, taking: taking{Do: undoCreate}})
			continue
		}
		_, changed := i.byRole[role.ID]
		at := i.after.At(role.ID)
		if !changed && at > 0 && i.after[at-1].Name == passed[role.ID].While { // it still has its temporary name
			i.add(role.ID, taken{role: role, taking: taking{Do: undoUpdate, Left: passed[role.ID].While, From: at}})
		}
	}
	table, err := tableOf(takenColumns(), false, len(i.all), func(n int) []csvio.Value { return i.all[n].cells() })
	made := earlier.Made(table)
	made.Adapt = func(set *job.Settings) { set.Options = job.Encode(Options{Was: i.before.ids(), Left: i.after.ids()}) }
	return kind(Undo), made, err
}

// inverter collects the roles that a run changed.
type inverter struct {
	job           string
	before, after List
	all           []taken
	byRole        map[string]int // indexes of all, by the role's id
}

// row adds the role that a row changed. It also adds the role of a row whose effect is not known: undo finds it out
// from the list.
func (i *inverter) row(r *job.Row) {
	var sent op
	o := r.Done
	switch {
	case o == nil && r.Sent, o != nil && o.Code == job.CodeOutcomeUnknown:
		sent = job.Decoded[op](r.Prior)
	case o != nil && o.Code == job.CodePositionDiffers: // the role was created or renamed, and is only misplaced
		sent = job.Decoded[op](r.Prior)
		sent.Write.ID = roleOf(o)
	case o == nil || !o.OK() || o.SameAs != 0:
		return
	default:
		a := job.Decoded[ask](r.Ask)
		sent.Write = api.RoleWrite{ID: roleOf(o), Name: a.Name}
		sent.Kind = map[string]opKind{
			job.ActionCreated: opCreate, job.ActionUpdated: opUpdate, job.ActionDeleted: opDelete,
		}[o.Action]
	}
	id := sent.Write.ID
	t := taken{row: r.N, line: r.Line}
	was := i.before.At(id)
	if at := i.after.At(id); at > 0 { // the name in the list counts, not the one that the row asked for
		sent.Write.Name = i.after[at-1].Name
	}
	switch {
	case sent.Kind == "":
		return // it changed nothing
	case sent.Kind == opCreate || sent.Kind != opDelete && was == 0: // created by this row, or by an earlier one
		t.Do, t.role = undoDelete, api.Role{ID: id, Name: sent.Write.Name}
	case was == 0:
		return
	case sent.Kind == opDelete:
		t.Do, t.role = undoCreate, i.before[was-1]
	default:
		t.Do, t.role, t.Left = undoUpdate, i.before[was-1], cmp.Or(sent.Write.Name, i.before[was-1].Name)
		t.From = i.after.At(id)
	}
	i.add(id, t)
}

// add adds a role, or replaces its earlier change: all changes of a role start from the same state before the run.
func (i *inverter) add(id string, t taken) {
	if at, again := i.byRole[id]; again && id != "" {
		i.all[at] = t
		return
	}
	i.byRole[id] = len(i.all)
	i.all = append(i.all, t)
}

// ids returns the ids of the roles in the list's order.
func (l List) ids() (ids []string) {
	for _, r := range l {
		ids = append(ids, r.ID)
	}
	return ids
}

// takenColumns returns the columns of the input of undo.
func takenColumns() []csvio.Column {
	return []csvio.Column{
		{Name: string(csvio.UndoRow), Kind: csvio.PlainColumn}, {Name: string(undoLine), Kind: csvio.PlainColumn},
		{Name: string(csvio.UndoAction)}, {Name: string(ID), Kind: csvio.IDColumn}, {Name: string(Name)},
		{Name: string(Sequence), Kind: csvio.PlainColumn},
		{Name: string(leftName)}, {Name: string(leftSequence), Kind: csvio.PlainColumn},
	}
}

// cells returns the row of the input of undo.
func (t *taken) cells() (cells []csvio.Value) {
	for _, text := range []string{
		strconv.FormatInt(t.row, 10), strconv.FormatInt(t.line, 10), t.Do, t.role.ID, t.role.Name,
		number(t.role.Sequence), t.Left, number(t.From),
	} {
		cells = append(cells, csvio.Value{Text: text})
	}
	return cells
}

// readTaking reads the columns of a row that only undo has.
func readTaking(in *csvio.Reader) *taking {
	from, _ := strconv.Atoi(in.Value(leftSequence)) // "": not known
	to, _ := strconv.Atoi(in.Value(Sequence))
	return &taking{Do: in.Value(csvio.UndoAction), Left: in.Value(leftName), From: from, To: to}
}

// reordered reports whether somebody changed the order of the roles since the earlier run.
func (w *work) reordered() bool {
	var left, now []string
	for _, id := range w.Left {
		if w.before.At(id) > 0 {
			left = append(left, id)
		}
	}
	for _, id := range w.before.ids() {
		if slices.Contains(w.Left, id) {
			now = append(now, id)
		}
	}
	return !slices.Equal(left, now)
}
