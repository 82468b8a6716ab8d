package export

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"rolecall/api"
	"rolecall/job"
	"rolecall/job/deals"
	"rolecall/job/report"
)

// zoho is the part of an org's API that listing uses. *api.Client implements it.
type zoho interface {
	Query(ctx context.Context, query string, rows int) (api.Page, error)
	QueryCount(ctx context.Context, query string) (int64, error)
	Records(ctx context.Context, module string, q api.RecordsQuery) (api.Page, error)
	CountRecords(ctx context.Context, module, criteria string) (int64, error)
}

// sink stores the records that a lister lists. A record with the id of an earlier one replaces that one.
type sink interface {
	add(records []api.Record) error
	count() (int64, error)
	clear() error
}

// rowSink makes a row of each record.
type rowSink struct {
	to     job.RowList
	module string
	fields []string
}

func (s rowSink) add(records []api.Record) error {
	rows := make([]job.Row, len(records))
	for i, r := range records {
		rows[i] = job.Row{Phase: phaseOf(s.module), Key: key(r.ID), Ask: job.Encode(pick(s.fields, r.Fields))}
	}
	return s.to.Add(rows)
}

func (s rowSink) count() (int64, error) { return s.to.Count(phaseOf(s.module)) }
func (s rowSink) clear() error          { return s.to.Clear(phaseOf(s.module)) }

// lister lists the records of a module.
type lister struct {
	zoho    zoho
	version api.Version
	desk    job.Desk
	to      sink
	module  string
	fields  []string // of each record
	columns string   // of a query for the fields
	where   string   // a condition of COQL; "" is none
	since   time.Time
	window  int  // most records of one list without COQL
	counted bool // Zoho has returned the number of records before

	// complete completes the records of a page. It leaves out records that were deleted meanwhile.
	complete func(ctx context.Context, records []api.Record, byQuery bool) ([]api.Record, error)
	// refused removes a column that made Zoho refuse the query, and reports whether it removed one. nil: it never does.
	refused func(err error) bool
	// priced is called once, after the first page, with the number of all records. nil: it is not called.
	priced func(all counted, by way) error
	all    counted

	storing chan error // gets the error of storing the last page; nil: nothing is stored
}

// way is how a list is read.
type way struct {
	query bool // by COQL, else by Get Records
	rows  int  // records of a page
	pass  int  // of Get Records: 1 or 2

	since time.Time // of Get Records: records modified before this time are listed with this page; zero: not known
}

// position is the progress of a list. The notebook stores it, so that resume can continue the list.
type position struct {
	Query bool      `json:"query,omitempty"` // the list is read by COQL
	Last  string    `json:"last,omitempty"`  // COQL: the last id
	Pass  int       `json:"pass,omitempty"`  // Get Records: 1 or 2; 0: the list has not begun
	Since time.Time `json:"since,omitzero"`  // Get Records: records modified before this time are listed in this pass
}

// keyPosition returns the key of the position in the notebook.
func (l *lister) keyPosition() string { return "list of " + l.module }

// position returns the position that an earlier process reached.
func (l *lister) position() (at position, err error) {
	err = l.desk.Notebook.Get(l.keyPosition(), &at)
	return at, err
}

func newLister(org *job.Org, desk job.Desk, module string, fields []string) *lister {
	return &lister{
		zoho: org.Client, version: org.Version, desk: desk, module: module, fields: fields, window: windowRows,
	}
}

// listTries is how often list lists the records if their number differs from Zoho's count. A record that is deleted
// during the listing causes such a difference.
const listTries = 2

// list lists all records that the lister selects, and compares their number with the org's own count.
func (l *lister) list(ctx context.Context) error {
	var counts, listed int64
	for try := range listTries {
		whole := false
		var err error
		if try > 0 {
			if err := l.desk.Notebook.Forget(l.keyPosition()); err != nil {
				return err
			}
		}
		if whole, counts, listed, err = l.once(ctx); err != nil || whole {
			return err
		}
	}
	return refuse("the list is incomplete: Zoho counts %s %s, and %s were listed; "+
		"start the export again, in ten minutes if many were deleted just now",
		report.Count(counts), l.module, report.Count(listed))
}

// once lists all records once. The list is whole if its number is the count before, the count after, or between them.
// Get Records' count may be 1 to 10 minutes old (Zoho CRM API v7, Record Count in a Module), so it can only show that a
// list is too short.
func (l *lister) once(ctx context.Context) (whole bool, counts, listed int64, err error) {
	before, err := l.count(ctx)
	if err != nil {
		return false, 0, 0, err
	}
	if before.known {
		l.counted = true
	} else if l.counted { // Zoho counted before, and without a count the list may not be whole
		return false, 0, 0, nil
	}
	l.all = before
	listed, err = l.read(ctx)
	if err != nil || !before.known || listed == before.n || listed > before.n && !before.exact {
		return err == nil, before.n, listed, err
	}
	after, err := l.count(ctx)
	if err != nil || !after.known {
		return false, before.n, listed, err
	}
	whole = listed >= min(before.n, after.n) && (listed <= max(before.n, after.n) || !after.exact)
	return whole, after.n, listed, err
}

// read lists all records by COQL, or by Get Records if COQL is not allowed. It returns their number.
func (l *lister) read(ctx context.Context) (int64, error) {
	err := l.byQuery(ctx)
	if api.NotOffered(err) && l.where == "" {
		l.desk.Say(fmt.Sprintf("Zoho does not take COQL here (%s): %s are listed 200 to a call",
			deals.RefusalText(err), l.module))
		err = l.byPages(ctx)
	}
	if err != nil && api.NotOffered(err) && l.where != "" {
		err = fmt.Errorf("--where needs COQL, which Zoho does not take here: "+
			"sign in with the scope ZohoCRM.coql.READ as well, or export without --where: %w", err)
	}
	if err != nil {
		return 0, err
	}
	return l.to.count()
}

// byQuery lists by COQL. Each page begins after the last id of the page before, because offsets end at 100,000 (Zoho
// CRM API v8, COQL Limitations).
func (l *lister) byQuery(ctx context.Context) error {
	err := l.queries(ctx)
	return cmp.Or(l.stored(), err)
}

func (l *lister) queries(ctx context.Context) error {
	at, err := l.position()
	if err != nil {
		return err
	}
	rows := api.MostRows
	progress := api.Progress{Sorted: true}
	for {
		page, err := l.zoho.Query(ctx, l.query(at.Last, rows), rows)
		if api.QueryLimited(err) {
			rows = api.RowsOfOrgs
			continue
		}
		if err != nil && l.refused != nil && l.refused(err) {
			continue
		}
		if err != nil {
			return err
		}
		if !at.Query { // now it is known that Zoho takes COQL
			if err := l.to.clear(); err != nil {
				return err
			}
		}
		if err := l.take(ctx, page, &progress, way{query: true, rows: rows}); err != nil || !page.More {
			return err
		}
		at = position{Query: true, Last: progress.Last()}
	}
}

// query returns the query for the page after an id.
func (l *lister) query(last string, rows int) string {
	return fmt.Sprintf("select %s from %s where %s order by id asc limit %d",
		l.columns, l.module, l.condition(last), rows)
}

// condition returns the condition of the query for the records after an id. Zoho wants more than two criteria in pairs
// of brackets (Zoho CRM API v7, Get Records through a COQL Query).
func (l *lister) condition(last string) string {
	var all []string
	if l.where != "" {
		all = append(all, "("+l.where+")")
	}
	if !l.since.IsZero() {
		all = append(all, "Modified_Time >= '"+l.since.Format(coqlTime)+"'")
	}
	if last != "" {
		all = append(all, "id > '"+last+"'")
	}
	switch len(all) {
	case 0:
		return "id is not null"
	case 1:
		return all[0]
	}
	return "(" + strings.Join(all, " and ") + ")"
}

// coqlTime is the layout of a time in COQL (Zoho CRM API v8, Get Records through a COQL Query:
// '2019-02-12T11:00:00+05:30').
const coqlTime = "2006-01-02T15:04:05-07:00"

// take adds the records of a page, which are stored while the next page is fetched. It refuses a page that shows that
// the list would never end.
func (l *lister) take(ctx context.Context, page api.Page, progress *api.Progress, by way) error {
	for _, r := range page.Records {
		if err := checkID(r.ID); err != nil {
			return fmt.Errorf("list %s: %w", l.module, err)
		}
		progress.New(r.ID)
	}
	if err := progress.End(page.More, page.Token); err != nil {
		return refuse("list %s: %w; export again", l.module, err)
	}
	records, err := l.complete(ctx, page.Records, by.query)
	if err = cmp.Or(l.stored(), err); err != nil {
		return err
	}
	at := position{Query: by.query, Last: progress.Last(), Pass: by.pass, Since: by.since}
	goesOn := page.More && (by.query || !by.since.IsZero())
	done := make(chan error, 1)
	l.storing = done
	go func() {
		err := l.to.add(records)
		if err == nil && goesOn {
			err = l.desk.Notebook.Put(l.keyPosition(), at)
		}
		done <- err
	}()
	if l.priced == nil {
		return nil
	}
	priced := l.priced
	l.priced = nil
	return cmp.Or(l.stored(), priced(l.all, by))
}

// stored waits until the records of the last page are stored.
func (l *lister) stored() (err error) {
	if l.storing != nil {
		err = <-l.storing
		l.storing = nil
	}
	return err
}

// count asks Zoho for the number of records. If Zoho does not offer that, the count is unknown and there is no error.
func (l *lister) count(ctx context.Context) (counted, error) {
	n, err := l.zoho.QueryCount(ctx, "select COUNT(id) from "+l.module+" where "+l.condition(""))
	if err == nil {
		return counted{n: n, known: true, exact: true}, nil
	}
	if !noCount(err) {
		return counted{}, err
	}
	if l.where == "" && l.since.IsZero() {
		n, err = l.zoho.CountRecords(ctx, l.module, "")
		if err == nil {
			return counted{n: n, known: true}, nil
		}
		if !noCount(err) {
			return counted{}, err
		}
	}
	l.desk.Say(fmt.Sprintf("Zoho does not count the %s here (%s), so the number of listed records cannot be checked",
		l.module, deals.RefusalText(err)))
	return counted{}, nil
}

// noCount reports whether an error means that Zoho does not offer this way of counting. No document of Zoho says that a
// COUNT without a GROUP BY works.
func noCount(err error) bool {
	refusals := []string{"SYNTAX_ERROR", "INVALID_QUERY", "NO_PERMISSION", "AUTHORIZATION_FAILED"}
	return api.NotOffered(err) || slices.Contains(refusals, deals.RefusalText(err))
}

// counted is Zoho's count of the records.
type counted struct {
	n            int64
	known, exact bool
}
