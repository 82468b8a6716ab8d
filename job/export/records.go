package export

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"rolecall/api"
	"rolecall/api/gateway"
	"rolecall/job"
	"rolecall/job/report"
	"rolecall/job/schema"
)

// recordWork lists the records of a module, or the users. The list has all that the file needs, so no row needs a call.
type recordWork struct {
	Options

	org     *job.Org
	set     job.Settings
	desk    job.Desk
	columns []column
	sought  sought
	left    int // how many records of Zoho's search do not match and are left out
	to      entrySink

	query []string          // the fields of a query
	rest  []string          // the fields that a query or a page does not have: they are read by id
	users map[string]string // the full names of the users by their ids; nil: not read yet
}

// shape is the module and the columns of the file. The notebook stores it.
type shape struct {
	Module  string   `json:"module"`       // its API name, ModuleUsers or ModuleVoice
	ID      string   `json:"id,omitempty"` // the column of ids; "": "id"
	Columns []column `json:"columns"`
	Sought  sought   `json:"sought"`
}

// keyShape is the key of the shape in the notebook.
const keyShape = "shape"

// beginRecords begins the work of an export of records or users. It reads the fields of the module once per run.
func beginRecords(ctx context.Context, org *job.Org, set job.Settings, desk job.Desk) (job.Work, error) {
	w := &recordWork{org: org, set: set, desk: desk}
	var err error
	if w.Options, err = job.OptionsOf[Options](set); err != nil {
		return nil, err
	}
	var is shape
	if err := desk.Notebook.Get(keyShape, &is); err != nil {
		return nil, err
	}
	switch {
	case is.Module != "": // an earlier process chose the columns
		w.Module, w.columns, w.sought = is.Module, is.Columns, is.Sought
		return w, nil
	case w.Module == ModuleUsers:
		w.columns = userColumns()
	default:
		if err := w.choose(ctx); err != nil {
			return nil, err
		}
	}
	return w, desk.Notebook.Put(keyShape, shape{Module: w.Module, Columns: w.columns, Sought: w.sought})
}

// choose chooses the columns from the fields of the module.
func (w *recordWork) choose(ctx context.Context) error {
	if err := w.findModule(ctx); err != nil {
		return err
	}
	if w.Where != "" && !w.org.Gateway.Has(gateway.COQL) {
		return &job.UsageError{Err: fmt.Errorf("--where needs %s, which the gateway does not forward: select by --search, "+
			"or export without --where; nothing was sent", gateway.COQL)}
	}
	all, _, err := schema.Fields(ctx, w.org.Client, w.Module, w.org.Gateway)
	if err != nil {
		return fmt.Errorf("read the fields of %s: %w", w.Module, err)
	}
	columns, without, err := columnsOf(w.Module, all, w.Fields)
	if err == nil && w.searches() {
		err = w.seek(all)
	}
	if err != nil {
		return &job.UsageError{Err: err}
	}
	if len(without) > 0 {
		w.desk.Say(fmt.Sprintf("left out: %s: Zoho gives these only record by record (rolecall records get)",
			strings.Join(without, ", ")))
	}
	w.columns = columns
	return nil
}

// findModule sets the API name of the module that the user named. It fails if the org has no such module, or if the API
// does not give its records.
func (w *recordWork) findModule(ctx context.Context) error {
	m, err := schema.FindModule(ctx, w.org.Client, w.Module, w.org.Gateway)
	if api.NotOffered(err) {
		return nil // the next calls show whether the module exists
	}
	if _, unknown := errors.AsType[*schema.UnknownError](err); err != nil && !unknown {
		return fmt.Errorf("read the modules of the org: %w", err)
	}
	if err == nil && (!m.APISupported || !m.Viewable) {
		err = fmt.Errorf("the records of %s are not for this user, or not for the API", m.APIName)
	}
	if err != nil {
		return &job.UsageError{Err: err}
	}
	w.Module = m.APIName
	return nil
}

// Resolve implements job.Work.
func (*recordWork) Resolve(context.Context, []job.Row) error { return nil }

// Count implements job.Work.
func (*recordWork) Count(job.Group) error { return nil }

// Together implements job.Work.
func (*recordWork) Together(int) int { return 1 }

// Open implements job.Work.
func (*recordWork) Open(context.Context, []job.Group) ([]job.Steps, error) {
	return nil, errors.New("an export of records has rows that need a call: this is a bug in rolecall")
}

// Finish implements job.Work.
func (*recordWork) Finish(context.Context, job.Results) ([]job.Outcome, error) { return nil, nil }

// Price implements job.Work. It returns the price that was shown after the first page.
func (w *recordWork) Price() (report.Forecast, error) {
	var p report.ExportPlan
	err := w.desk.Notebook.Get(keyPrice, &p)
	return report.Forecast{Export: &p}, err
}

// entrySink makes a complete entry of each record.
type entrySink struct {
	to     job.RowList
	fields []string
}

func (s entrySink) add(records []api.Record) error {
	entries := make([]job.Entry, len(records))
	for i, r := range records {
		all := make(record, len(s.fields))
		for _, f := range s.fields {
			all[f] = r.Fields[f] // null if Zoho left it out
		}
		entries[i] = job.Entry{Key: key(r.ID), Value: job.Encode(all)}
	}
	return s.to.Enter(entries)
}

func (s entrySink) count() (int64, error) { return s.to.Entered() }
func (s entrySink) clear() error          { return s.to.Drop() }

// errPriced ends the list of a dry run after the first page. Nobody sees its text.
var errPriced = errors.New("a dry run lists no more")

// List implements job.Lister.
func (w *recordWork) List(ctx context.Context, to job.RowList) error {
	w.to = entrySink{to, fieldNames(w.columns)}
	l := newLister(w.org, w.desk, w.Module, w.to.fields)
	l.to, l.where, l.since, l.complete, l.priced = w.to, w.Where, w.Since, w.complete, w.price
	var err error
	switch {
	case w.Module == ModuleUsers:
		err = w.pages(ctx, l, func(page int) (api.Page, error) {
			return w.org.Client.Users(ctx, cmp.Or(w.UserType, "AllUsers"), page)
		})
	case w.searches():
		l.fields = w.splitSearch()
		err = w.pages(ctx, l, w.search(ctx, l.fields))
		w.sayLeft()
	default:
		w.splitQuery(l)
		err = l.list(ctx)
	}
	if errors.Is(err, errPriced) {
		return nil
	}
	return explain(&w.Options, w.Module, err)
}

// pages lists all pages of a list that Zoho does not count, and that a resume must begin again.
func (w *recordWork) pages(ctx context.Context, l *lister, page func(n int) (api.Page, error)) error {
	if err := l.to.clear(); err != nil {
		return err
	}
	var progress api.Progress
	for n := 1; ; n++ {
		p, err := page(n)
		if err == nil {
			err = l.take(ctx, p, &progress, way{rows: api.MostPerPage})
		}
		if err != nil || !p.More {
			return cmp.Or(l.stored(), err)
		}
	}
}

// search returns a function that reads a page of the search. It refuses a search that finds more records than Zoho
// returns, because the file would be incomplete.
func (w *recordWork) search(ctx context.Context, fields []string) func(int) (api.Page, error) {
	q := w.sought.Search.Query()
	q.Fields = fields
	return func(n int) (api.Page, error) {
		q.Page = n
		page, err := w.org.Client.Search(ctx, w.Module, q)
		if err == nil && page.More && n*api.MostPerPage >= api.MostFound {
			err = refuse("the search finds more than the %s %s that Zoho gives in a search, so the file would "+
				"be incomplete: search for less, or select by --where, which has no such limit",
				report.Count(api.MostFound), w.Module)
		}
		return page, err
	}
}

// price shows the price of the rest of the list.
func (w *recordWork) price(all counted, by way) error {
	listed, err := w.to.count()
	if err != nil {
		return err
	}
	p := report.ExportPlan{
		Module: w.Module, Records: -1, PageRows: int64(by.rows), PageCredits: 1,
		Before: int64(w.org.Pacer.Stats().Credits), Cost: w.org.Cost(w.set),
	}
	p.InFlight = 1
	if by.query {
		p.PageCredits = int64(api.QueryCredits(by.rows))
	}
	chunks := (int64(len(w.rest)) + mostFields - 1) / mostFields
	if all.known {
		p.Records = max(all.n, listed)
		p.Page(p.Records-listed, chunks*((p.Records-listed+idsTogether-1)/idsTogether))
		if by.pass == 1 && p.Records > api.MostPerPage { // a list by pages is read twice
			p.Page(p.Records, chunks*((p.Records+idsTogether-1)/idsTogether))
		}
	}
	p.Reckon(w.set.Rate, 1)
	if err := w.desk.Notebook.Put(keyPrice, p); err != nil {
		return &job.Stop{Reason: job.Broken, Err: fmt.Errorf("keep the price in run.db: %w", err)}
	}
	w.desk.Price(report.Forecast{Export: &p})
	if w.desk.Dry {
		return errPriced
	}
	return nil
}
