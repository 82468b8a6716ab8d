package export

import (
	"context"
	"fmt"
	"sync"

	"rolecall/api"
	"rolecall/job"
	"rolecall/job/deals"
	find "rolecall/job/lookup"
	"rolecall/job/picklist"
)

// work does the rows of an export.
type work struct {
	Options

	org     *job.Org
	set     job.Settings
	desk    job.Desk
	roles   picklist.List
	lookup  *lookup
	finder  *find.Finder
	key     find.Field // of --external-id
	missing missing
	reader  *deals.Reader
	counts  counts
}

// The keys of an export's facts in the notebook.
const (
	keyRoles = "roles" // the org's list of roles
	keyPrice = "price" // the report.ExportPlan of the last process
)

// begin begins the work of an export on an org. It reads the org's list of roles once per run.
func begin(ctx context.Context, org *job.Org, set job.Settings, desk job.Desk) (job.Work, error) {
	w := &work{org: org, set: set, desk: desk}
	var err error
	if w.Options, err = job.OptionsOf[Options](set); err != nil {
		return nil, err
	}
	w.lookup, w.finder = newLookup(org, &w.Options), find.New(org.Client, org.Version, desk.Say)
	if err := w.checkKey(ctx); err != nil {
		return nil, err
	}
	if err := desk.Notebook.Get(keyRoles, &w.roles); err != nil || w.roles != nil {
		return w, err
	}
	list, err := picklist.Read(ctx, org.Client)
	if err != nil {
		return nil, err
	}
	w.roles = append(picklist.List{}, list...)
	return w, desk.Notebook.Put(keyRoles, w.roles)
}

// Together implements job.Work. It returns the most deals or contacts that one call reads.
func (w *work) Together(phase int) int {
	switch {
	case phase == phaseContacts:
		return 1
	case w.ViaContacts:
		return w.org.Version.MostInQuery()
	}
	return w.reader.Together()
}

// Open implements job.Work.
func (w *work) Open(_ context.Context, groups []job.Group) ([]job.Steps, error) {
	read := w.readDeals
	switch {
	case groups[0].Phase == phaseContacts:
		read = w.readContact
	case w.ViaContacts:
		read = w.lookForGone
	}
	return newSteps(groups, read), nil
}

// readDeals reads the contacts on some deals.
func (w *work) readDeals(ctx context.Context, groups []job.Group) ([][]job.Outcome, error) {
	ids := make([]string, len(groups))
	for i := range groups {
		ids[i] = unkey(groups[i].Key)
	}
	readings, err := w.reader.Read(ctx, ids)
	if err != nil {
		return nil, err
	}
	all := make([][]job.Outcome, len(groups))
	for i, id := range ids {
		switch r := readings[i]; {
		case r.Read:
			got, err := w.contacts(id, r.Contacts)
			if err != nil {
				return nil, fmt.Errorf("deal %s: %w", id, err)
			}
			all[i] = outcomes(&groups[i], actionRead, got)
		case r.Err != nil && api.DealGone(r.Err):
			all[i] = goneOutcomes(&groups[i], r.Err)
		case r.Err != nil:
			return nil, fmt.Errorf("deal %s cannot be read: %w", id, r.Err)
		}
	}
	return all, nil
}

// contacts returns the entries of the contacts on a deal.
func (w *work) contacts(deal string, on []api.DealContact) ([]job.Entry, error) {
	got := make([]job.Entry, len(on))
	for i, c := range on {
		if err := checkID(c.ID); err != nil {
			return nil, err
		}
		got[i] = entry(deal, c.ID, w.role(c.Role), pick(w.reader.Fields, c.Fields))
	}
	return got, nil
}

// role returns a role with its id and name. Zoho may have sent only one of them.
func (w *work) role(r api.RoleRef) role {
	id, name := w.roles.Both(r)
	return role{id, name}
}

// readContact reads the deals of one contact.
func (w *work) readContact(ctx context.Context, groups []job.Group) ([][]job.Outcome, error) {
	g := &groups[0]
	id := unkey(g.Key)
	on, err := w.org.Client.ContactDeals(ctx, id)
	if err != nil {
		if refusal, ends := job.OwnError(err); ends == nil && api.DealGone(err) {
			return [][]job.Outcome{goneOutcomes(g, refusal)}, nil
		}
		return nil, fmt.Errorf("contact %s cannot be read: %w", id, err)
	}
	var fields record
	if err := decode(g.Rows[0].Ask, &fields); err != nil {
		return nil, err
	}
	got := make([]job.Entry, len(on))
	for i, d := range on {
		if err := checkID(d.Deal); err != nil {
			return nil, fmt.Errorf("contact %s: %w", id, err)
		}
		got[i] = entry(d.Deal, id, w.role(d.Role), fields)
	}
	return [][]job.Outcome{outcomes(g, actionRead, got)}, nil
}

// lookForGone checks which deals still exist after the contacts were read one by one. The export leaves out a deal that
// was deleted, because some of its stakeholders may be missing.
func (w *work) lookForGone(ctx context.Context, groups []job.Group) ([][]job.Outcome, error) {
	keys := make([]string, len(groups))
	for i := range groups {
		keys[i] = groups[i].Key
	}
	there, err := w.lookup.byKeys(ctx, keys)
	if err != nil {
		return nil, err
	}
	all := make([][]job.Outcome, len(groups))
	for i := range groups {
		action := actionGone
		if _, is := there[groups[i].Key]; is {
			action = actionRead
		}
		all[i] = outcomes(&groups[i], action, nil)
	}
	return all, nil
}

// reading reads some deals or contacts, and returns the outcomes of each.
type reading func(ctx context.Context, groups []job.Group) ([][]job.Outcome, error)

// batch is a group of deals or contacts that are read together. The first of their Steps that is sent reads all of
// them.
type batch struct {
	groups []job.Group
	read   reading

	once     sync.Once
	outcomes [][]job.Outcome // by group; none for a group that was not read because the run is over
	err      error
}

// send returns the outcomes of one group. The first send reads all groups.
func (b *batch) send(ctx context.Context, group int) ([]job.Outcome, error) {
	b.once.Do(func() { b.outcomes, b.err = b.read(ctx, b.groups) })
	if b.err != nil {
		return nil, b.err
	}
	return b.outcomes[group], nil
}

// steps is the Steps of one deal or contact.
type steps struct {
	call *job.Call // the read; nil after Next returned it
}

// newSteps returns the Steps of groups that are read together.
func newSteps(groups []job.Group, read reading) []job.Steps {
	b := &batch{groups: groups, read: read}
	all := make([]job.Steps, len(groups))
	for i := range groups {
		all[i] = &steps{&job.Call{Send: func(ctx context.Context) ([]job.Outcome, error) { return b.send(ctx, i) }}}
	}
	return all
}

// Next implements job.Steps.
func (s *steps) Next() ([]job.Outcome, *job.Call) {
	call := s.call
	s.call = nil
	return nil, call
}
