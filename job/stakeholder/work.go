package stakeholder

import (
	"context"
	"sync"

	"rolecall/api"
	"rolecall/csvio"
	"rolecall/job"
	"rolecall/job/deals"
	"rolecall/job/lookup"
	"rolecall/job/picklist"
	"rolecall/job/report"
)

// maxTogether is the most contacts of one deal in one call: 100 in a DELETE ?ids= (Zoho CRM API v6, Remove Contact Role
// from a Specific Deal) and in a collection PUT (Zoho's OpenAPI file for v8.0, upsertContactRoleRelations).
const maxTogether = 100

// zoho is the part of an org's API that the jobs use. *api.Client implements it.
type zoho interface {
	picklist.Reader
	deals.Zoho
	AssignContactRole(ctx context.Context, deal, contact string, role api.RoleRef) (api.Answer, error)
	AssignContactRoles(ctx context.Context, deal string, as []api.Assignment) ([]api.Outcome, error)
	RemoveContactRole(ctx context.Context, deal, contact string) (api.Answer, error)
	RemoveContactRoles(ctx context.Context, deal string, contacts []string) ([]api.Outcome, error)
	lookup.Zoho
	DealContactRole(ctx context.Context, deal, contact string, fields ...string) (api.DealContact, bool, error)
}

// work does the rows of a run.
type work struct {
	Options

	job  string
	org  *job.Org
	zoho zoho
	set  job.Settings
	desk job.Desk

	finder *lookup.Finder
	fields map[string]lookup.Field      // the fields that are looked up, by their names in run.db
	keys   map[csvio.Field]lookup.Field // of --external-id
	tally  tally

	roles      picklist.List       // assign, undo: the org's roles
	unknown    report.UnknownCount // assign: the names of roles that the org does not have
	index      picklist.Index
	price      price
	reads      bool         // each deal is read before the first write to it
	decided    bool         // reads is decided
	by         way          // how the rows are sent
	composes   bool         // the run reads five deals in each call
	taken      report.Taken // undo: what it takes back
	shown      []onDeal     // undo: the first contacts, for the question to the user
	named      names        // undo: their names, if the user is asked
	collection *collection
	reader     *deals.Reader // reads deals before they are written to; nil: the run does not read them

	proofOnce sync.Once // of finishProof
	proofErr  error     // its error
}

// keyRoles is the key of the org's list of roles in the notebook, as it was when the run began.
const keyRoles = "roles"

// begin begins the work of a run on an org.
func begin(name string, org *job.Org, set job.Settings, desk job.Desk) (*work, error) {
	o, err := job.OptionsOf[Options](set)
	if err != nil {
		return nil, err
	}
	w := &work{Options: o, job: name, org: org, zoho: org.Client, set: set, desk: desk}
	w.finder, w.fields = lookup.New(w.zoho, org.Version, desk.Say), fields()
	w.collection = &collection{
		finding: org.Known(findingCollection), say: desk.Say, remember: org.Keep(findingCollection),
	}
	if err := w.takeOverProof(); err != nil {
		return nil, err
	}
	if err := desk.Notebook.Get(keyRoles, &w.roles); err != nil {
		return nil, err
	}
	if err := desk.Notebook.Get(keyTally, &w.tally); err != nil {
		return nil, err
	}
	var reads *bool
	if err := desk.Notebook.Get(keyReads, &reads); err != nil {
		return nil, err
	}
	if w.decided = reads != nil; w.decided { // by an earlier process
		w.reads = *reads
	}
	return w, nil
}

// Resolve implements job.Work. It finds the roles of the input in the org's list, which it reads once per run, and sets
// the ids of the deals and contacts that were looked up.
func (w *work) Resolve(ctx context.Context, rows []job.Row) error {
	if w.job == Undo && len(rows) == 0 && w.desk.Asks && !w.desk.Dry {
		w.named = w.lookUp(ctx, w.shown)
	}
	for i := range rows {
		r := &rows[i]
		if err := w.resolveNamed(r); err != nil {
			return err
		}
		if w.Prune && r.Done != nil && r.Key == "" {
			return &job.UsageError{Err: unprunable(r.Line, r.Done)}
		}
	}
	if err := w.noteTally(rows); err != nil {
		return err
	}
	if len(rows) == 0 || w.job == Remove && w.org.Version.NamesRoles() {
		return nil
	}
	if w.job == Remove {
		return w.nameRoles(ctx)
	}
	if w.roles == nil {
		if err := w.readRoles(ctx); err != nil {
			return err
		}
	}
	for i := range rows {
		w.resolveRole(&rows[i])
	}
	return nil
}

// resolveRole finds the role of a row in the org's list. If the list does not have the role, the row fails.
func (w *work) resolveRole(r *job.Row) {
	if w.job == Undo {
		if len(w.shown) < report.ShownTaken {
			w.shown = append(w.shown, onDeal{deal: r.Key, contact: r.Item})
		}
		w.resolveUndo(r)
		return
	}
	a := askOf(r)
	if a.Left != nil {
		w.resolveSaved(r)
		return
	}
	if a.Cell == "" { // the row names no role
		return
	}
	found, err := w.index.Find(picklist.Cell{Text: a.Cell, ByID: a.ByID})
	if err != nil && w.keepGone(r, a) {
		return
	}
	if err != nil && !a.ByID {
		w.unknown.Add(a.Cell)
	}
	switch {
	case r.Done != nil: // its deal or contact is not known
	case err != nil:
		r.Done = job.Reject(job.CodeRoleUnknown, err.Error()+"; it has "+w.roles.String(), "")
	default:
		a.role, a.Cell, a.ByID = role{found.ID, found.Name}, "", false
		r.Ask = job.Encode(a)
	}
}

// nameRoles reads the list of roles once, only to name the roles that are taken away.
func (w *work) nameRoles(ctx context.Context) error {
	if w.roles != nil {
		return nil
	}
	err := w.readRoles(ctx)
	if api.NotOffered(err) {
		w.roles, err = picklist.List{}, nil
	}
	return err
}

// readRoles reads the org's list of roles and stores it in the notebook.
func (w *work) readRoles(ctx context.Context) error {
	list, err := picklist.Read(ctx, w.zoho)
	if err != nil {
		return err
	}
	w.roles, w.index = append(picklist.List{}, list...), picklist.NewIndex(list)
	if err := w.checkMap(); err != nil {
		return err
	}
	return w.desk.Notebook.Put(keyRoles, w.roles)
}

// Together implements job.Work. It returns the most deals that one call reads.
func (w *work) Together(int) int {
	if w.reader == nil {
		return 1
	}
	return w.reader.Together()
}

// Open implements job.Work. It finishes an open proof first, and reads the deals if the run reads them.
func (w *work) Open(ctx context.Context, groups []job.Group) ([]job.Steps, error) {
	if !w.desk.Dry { // a dry run puts nobody back
		w.proofOnce.Do(func() { w.proofErr = w.finishProof(ctx) })
	}
	if w.proofErr != nil {
		return nil, w.proofErr
	}
	steps, deals := make([]job.Steps, len(groups)), make([]*deal, len(groups))
	for i := range groups {
		deals[i] = w.newDeal(&groups[i])
		steps[i] = deals[i]
	}
	return steps, w.read(ctx, deals)
}

// Finish implements job.Work. It finishes a proof that a stop left open.
func (w *work) Finish(ctx context.Context, _ job.Results) ([]job.Outcome, error) {
	deal, err := openProof(w.desk.Notebook)
	if err != nil || deal == "" {
		return nil, err
	}
	if w.desk.Over() {
		return nil, &job.Stop{Reason: job.Interrupted, Err: job.ErrInterrupted}
	}
	w.proofOnce.Do(func() { w.proofErr = w.finishProof(ctx) })
	return nil, w.proofErr
}
