package picklist

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"rolecall/api"
	"rolecall/job"
	"rolecall/job/report"
)

// work does the rows of a run. Its calls go one after the other.
type work struct {
	Options

	job  string
	zoho zoho
	desk job.Desk
	left func() int64                    // the credits that the run may still spend
	hear func(o *op, refusal *api.Error) // hears what becomes of each op; nil: nobody

	rows      []*row
	unsent    int64 // rows that repeat another one
	before    List  // the list before the run
	list      List  // the list as it was read last
	index     Index
	stale     bool   // something was sent since the list was read
	queue     [][]op // calls of the present round
	moved     bool   // sync: the positions were sent
	forbidden bool   // Zoho does not let the user move roles

	matched map[int64]api.Role     // sync: the roles of the rows, as they were before the run
	rank    map[int64]int          // sync: the positions of the rows' roles
	stay    map[string]bool        // sync: the roles that need not move
	doomed  bool                   // sync: rows are foreseen to fail, so that nothing is deleted
	passing map[string]passing     // sync: roles that got another name for a while, by id
	freed   map[string]bool        // sync: those of them that this process gave one
	pruned  map[string]job.Outcome // sync: what became of the roles that the table does not name, by id
}

// row is a row with what this process did about it.
type row struct {
	job.Row
	ask

	sent  *op        // what was sent for it last; nil: nothing
	tries int        // how often it was sent
	lost  *api.Error // why no answer told what became of it
}

// The facts of the notebook.
const (
	keyBefore  = "before"        // List
	keyBeyond  = "beyond"        // List: the roles that roles sync --prune deletes
	keyPassing = "passing"       // work.passing
	keyPruned  = "pruned"        // work.pruned
	keyDiffers = "order differs" // []report.RoleStep
)

// begin begins the work of a run on an org: it reads the list.
func begin(ctx context.Context, name string, org *job.Org, set job.Settings, desk job.Desk) (job.Work, error) {
	w := &work{
		job: name, zoho: org.Client, desk: desk, left: func() int64 { return org.Left(set) },
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

// see takes a list that was read.
func (w *work) see(l List) { w.list, w.index, w.stale = l, NewIndex(l), false }

// syncs reports whether the list is to become the table's.
func (w *work) syncs() bool { return w.job == Sync || w.job == Copy }

// Resolve implements job.Work: it finds the roles that are to be deleted, before any of them is, and the rows of a sync
// that could mean two roles.
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

// Count implements job.Work: it takes all rows of the run, and refuses a sync whose table is no list.
func (w *work) Count(g job.Group) error {
	w.unsent = int64(g.Repeats)
	for _, r := range g.Rows {
		was := &row{Row: r, ask: job.Decoded[ask](r.Ask)}
		if r.Sent { // by an earlier process
			was.sent, was.tries = &op{}, 1
			if err := json.Unmarshal(r.Prior, was.sent); err != nil {
				return fmt.Errorf("what run.db says of row %d that was sent: %w", r.N, err)
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

// Price implements job.Work: it plans the run.
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
		Way: "one call after the other", InFlight: 1, CreditsLeft: roles.CreditsLeft, Fits: roles.Fits,
	}}
	for _, r := range w.rows {
		if w.job == Delete && job.IsOpen(&r.Row) {
			f.Asks++ // also where Zoho will refuse all of it, by a list that may be another one by then
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

// tooMany refuses a table that leaves more roles out than the user allows to be deleted, whether they would all be
// deleted or not.
func (w *work) tooMany(n int64) error {
	if n <= int64(w.MaxDelete) {
		return nil
	}
	return &job.Stop{
		Reason: job.Refused,
		Err: fmt.Errorf("the table leaves %s out, and --max-delete allows %d to be deleted: "+
			"nothing was sent; look at the plan, and give --max-delete %d if it is meant",
			report.Plural(n, "role"), w.MaxDelete, n),
	}
}

// Together implements job.Work: there is one key.
func (*work) Together(int) int { return 1 }

// Open implements job.Work.
func (w *work) Open(context.Context, []job.Group) ([]job.Steps, error) { return []job.Steps{w}, nil }

// take takes outcomes into the rows.
func (w *work) take(outcomes []job.Outcome) []job.Outcome {
	for i := range outcomes {
		o := outcomes[i]
		w.row(o.Row).Done = &o
	}
	return outcomes
}

// row returns the row of a number. Rows are in file order, without those that repeat another one.
func (w *work) row(n int64) *row {
	i, _ := slices.BinarySearchFunc(w.rows, n, func(r *row, n int64) int { return cmp.Compare(r.N, n) })
	return w.rows[i]
}

// noneFailed reports whether no row failed, and every other row can be sent.
func (w *work) noneFailed() bool {
	for _, r := range w.rows {
		if r.Done != nil && !r.Done.OK() {
			return false
		}
	}
	return true
}

// nameBefore returns the name that a role had before the run, or has where it came with the run.
func (w *work) nameBefore(id, now string) string {
	if at := w.before.At(id); at > 0 {
		return w.before[at-1].Name
	}
	return now
}

// about adds to an outcome which role it is about, and the name of that role before the run.
func about(o job.Outcome, role, before string) job.Outcome {
	if role != "" {
		o.IDs = map[string]string{"role": role}
	}
	if before != "" {
		o.Prior = job.Encode(ask{Name: before})
	}
	return o
}

// roleOf returns the id of the role that an outcome is about.
func roleOf(o *job.Outcome) string { return o.IDs["role"] }
