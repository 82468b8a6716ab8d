package picklist

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"rolecall/api"
	"rolecall/job"
	"rolecall/job/report"
)

// work does the rows of a run, one call after the other.
type work struct {
	Options

	job       string
	zoho      zoho
	desk      job.Desk
	left      func() int64                    // returns the credits that the run may still spend
	maxDelete job.Threshold                   // Settings.MaxDelete
	hear      func(o *op, refusal *api.Error) // called with the answer to each op; nil: not called

	rows      []*row
	unsent    int64  // number of rows that repeat another row
	before    List   // the list before the run
	list      List   // the list as the run read it last
	index     Index  // of list
	stale     bool   // something was sent since the list was read
	queue     [][]op // the next calls of the current round
	moved     bool   // sync: the positions were sent
	forbidden bool   // Zoho does not let the user move roles

	matched map[int64]api.Role     // sync: the roles of the rows, as they were before the run
	rank    map[int64]int          // sync: the positions of the rows' roles
	stay    map[string]bool        // sync: the roles that need not move
	doomed  bool                   // sync: the plan expects rows to fail, so the run deletes nothing
	passing map[string]passing     // sync: temporary names, by role id
	freed   map[string]bool        // sync: the roles to which this process gave a temporary name
	pruned  map[string]job.Outcome // sync: the outcomes of deletions, by role id
}

// row is a row with what this process knows about it.
type row struct {
	job.Row
	ask

	sent  *op        // the last op that was sent for the row; nil: none
	tries int        // how often this row was sent
	lost  *api.Error // why the last call had no usable answer
}

// The keys of the facts in the notebook.
const (
	keyBefore  = "before"        // List
	keyAfter   = "after"         // List: as the run read it last, after something was sent
	keyBeyond  = "beyond"        // List: the roles that roles sync --prune deletes
	keyPassing = "passing"       // work.passing
	keyPruned  = "pruned"        // work.pruned
	keyDiffers = "order differs" // []report.RoleStep
)

// begin begins the work of a run on an org. It reads the list.
func begin(ctx context.Context, name string, org *job.Org, set job.Settings, desk job.Desk) (job.Work, error) {
	w := &work{
		job: name, zoho: org.Client, desk: desk, left: func() int64 { return org.Left(set) }, maxDelete: set.MaxDelete,
		passing: map[string]passing{}, freed: map[string]bool{}, pruned: map[string]job.Outcome{},
	}
	var err error
	if w.Options, err = job.OptionsOf[Options](set); err != nil {
		return nil, err
	}
	list, err := Read(ctx, w.zoho)
	if err != nil {
		return nil, err
	}
	w.see(list)
	for key, into := range map[string]any{keyBefore: &w.before, keyPassing: &w.passing, keyPruned: &w.pruned} {
		if err := desk.Notebook.Get(key, into); err != nil {
			return nil, err
		}
	}
	if w.before == nil {
		w.before = append(List{}, list...)
		return w, desk.Notebook.Put(keyBefore, w.before)
	}
	return w, nil
}

// see sets the list to l, which was just read.
func (w *work) see(l List) { w.list, w.index, w.stale = l, NewIndex(l), false }

// syncs reports whether the job makes the whole list equal to the table.
func (w *work) syncs() bool { return w.job == Sync || w.job == Copy }

// trades reports whether rows may go in any order, so that a row waits for a name that another row gives up.
func (w *work) trades() bool { return w.syncs() || w.job == Undo }

// Resolve implements job.Work. It finds the roles to delete before the first deletion. It rejects rows of a sync whose
// names fit several roles.
func (w *work) Resolve(_ context.Context, rows []job.Row) error {
	for i := range rows {
		switch r := &rows[i]; {
		case w.job == Delete:
			w.resolveDelete(r)
		case w.syncs():
			_, _, r.Done = lookUp(job.Decoded[ask](r.Ask), w.index)
		}
	}
	return nil
}

// Count implements job.Work. It stores all rows of the run, and refuses a sync whose table contradicts itself.
func (w *work) Count(g job.Group) error {
	w.unsent = int64(g.Repeats)
	for _, r := range g.Rows {
		was := &row{Row: r, ask: job.Decoded[ask](r.Ask)}
		if was.Undo != nil && w.reordered() {
			was.Position = 0 // somebody changed the order, so undo leaves the order alone
		}
		if r.Sent { // by an earlier process
			was.sent, was.tries = &op{}, 1
			if err := json.Unmarshal(r.Prior, was.sent); err != nil {
				return fmt.Errorf("read in run.db what was sent for row %d: %w", r.N, err)
			}
		}
		w.rows = append(w.rows, was)
	}
	if !w.syncs() {
		return nil
	}
	if err := w.match(); err != nil {
		return &job.UsageError{Err: fmt.Errorf("%s: %w", w.desk.Input, err)}
	}
	return nil
}

// Price implements job.Work. It makes the plan of the run.
func (w *work) Price() (report.Forecast, error) {
	roles, err := w.plan()
	if err != nil {
		return report.Forecast{}, err
	}
	roles.CreditsLeft = w.left()
	roles.Fits = roles.CreditsLeft < 0 || roles.Calls <= roles.CreditsLeft
	w.doomed = len(roles.Refusals) > 0 || roles.Unusable > 0
	f := report.Forecast{Roles: roles, Plan: report.Plan{
		Calls: roles.Calls, Reads: roles.Reads, Sent: int64(len(w.rows)) + w.unsent - roles.Unusable,
		Way:  "one call after the other",
		Cost: report.Cost{InFlight: 1, CreditsLeft: roles.CreditsLeft, Fits: roles.Fits},
	}}
	f.Ask(w.deletions(roles))
	if w.job == Undo {
		f.Question = "Take this back?"
	}
	for _, r := range w.rows {
		if w.job == Undo && job.IsOpen(&r.Row) {
			f.Asks++ // even if the plan expects refusals, because the list may change before
		}
		if r.Undo != nil && r.Undo.Do == undoCreate {
			f.Question = "Take this back? A deleted role gets a new id, and deals that used it are not given it back."
			w.desk.Say("a deleted role comes back with a new id: deals that used it are not given it back")
		}
	}
	if !w.syncs() || !w.Prune {
		return f, nil
	}
	beyond := w.beyond()
	if err := w.desk.Notebook.Put(keyBeyond, beyond); err != nil {
		return f, err
	}
	return f, w.tooMany(int64(len(beyond)))
}

// namedRoles is the most roles that the question before a deletion names.
const namedRoles = 3

// deletions returns the roles that the run deletes, or nil. It also counts roles that Zoho will probably refuse to
// delete, because the list may change before the deletion.
func (w *work) deletions(plan *report.Roles) *report.Deletions {
	d := &report.Deletions{Of: "role", Warning: "Zoho does not say what happens to deals that use such a role"}
	var names []string
	switch {
	case w.job == Delete:
		for _, r := range w.rows {
			if job.IsOpen(&r.Row) {
				d.Count++
			}
		}
		for _, s := range plan.Steps {
			names = append(names, s.Name)
		}
	case w.syncs() && w.Prune:
		for _, role := range w.beyond() {
			d.Count++
			names = append(names, role.Name)
		}
	}
	if d.Count == 0 {
		return nil
	}
	for _, name := range names[:min(len(names), namedRoles)] {
		d.First = append(d.First, strconv.Quote(name))
	}
	return d
}

// maxDelete is the default of --max-delete for a sync that deletes the roles its table leaves out (design.md, Deletions
// ask).
const maxDelete = 10

// tooMany returns an error if the table leaves out n roles and the user allows fewer deletions. It also counts roles
// that the run might not delete.
func (w *work) tooMany(n int64) error {
	most := int64(maxDelete)
	if w.maxDelete.Set {
		most = w.maxDelete.Of(int64(len(w.before)))
	}
	if n <= most {
		return nil
	}
	return &job.Stop{
		Reason: job.Refused,
		Err: fmt.Errorf("the table leaves %s out, and --max-delete allows %d deletions: "+
			"nothing was sent; look at the plan, and if this is meant, give --max-delete %d",
			report.Plural(n, "role"), most, n),
	}
}

// Together implements job.Work. There is only one key.
func (*work) Together(int) int { return 1 }

// Open implements job.Work.
func (w *work) Open(context.Context, []job.Group) ([]job.Steps, error) { return []job.Steps{w}, nil }

// take stores outcomes in their rows, and returns them.
func (w *work) take(outcomes []job.Outcome) []job.Outcome {
	for i := range outcomes {
		o := outcomes[i]
		w.row(o.Row).Done = &o
	}
	return outcomes
}

// row returns the row with number n. w.rows is in file order, without the rows that repeat another row.
func (w *work) row(n int64) *row {
	i, _ := slices.BinarySearchFunc(w.rows, n, func(r *row, n int64) int { return cmp.Compare(r.N, n) })
	return w.rows[i]
}

// noneFailed reports whether no row has failed or can never be sent.
func (w *work) noneFailed() bool {
	for _, r := range w.rows {
		if r.Done != nil && !r.Done.OK() {
			return false
		}
	}
	return true
}

// nameBefore returns the name of a role before the run, or now if the list did not have the role then.
func (w *work) nameBefore(id, now string) string {
	if at := w.before.At(id); at > 0 {
		return w.before[at-1].Name
	}
	return now
}

// about returns the outcome with the id of its role, and with the name of the role before the run.
func about(o job.Outcome, role, before string) job.Outcome {
	if role != "" {
		o.IDs = map[string]string{"role": role}
	}
	if before != "" {
		o.Prior = job.Encode(ask{Name: before})
	}
	return o
}

// roleOf returns the id of the role of an outcome, or "".
func roleOf(o *job.Outcome) string { return o.IDs["role"] }
