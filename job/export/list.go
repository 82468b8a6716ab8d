package export

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"rolecall/api"
	"rolecall/job"
	"rolecall/job/report"
)

// lister lists the records of a module into the store.
type lister struct {
	zoho    job.Zoho
	version api.Version
	s       store
	module  string
	fields  []string // of each record
	where   string   // a condition of COQL; "" is none
	since   time.Time
	say     func(text string)
	seen    func(records int)
	window  int  // records of a list without COQL, after which another begins
	noQuery bool // COQL is not taken here
	counted bool // Zoho has told how many there are
	told    *told
}

// listTries is how often a list is made that does not agree with Zoho's count: records come and go, and one made while another was deleted looks like one that was missed.
const listTries = 2

// list lists everything that the lister selects, and holds that to the org's own count.
func (l *lister) list(ctx context.Context) error {
	var counts, listed int64
	for range listTries {
		whole := false
		var err error
		if whole, counts, listed, err = l.once(ctx); err != nil || whole {
			return err
		}
	}
	return &job.Stop{Reason: job.Refused, Err: fmt.Errorf("the list is not whole: Zoho counts %s %s, and %s were listed; start the export again, in ten minutes if many were deleted just now",
		report.Count(counts), l.module, report.Count(listed))}
}

// once lists everything once. A count on either side, or a number between them, is right. One that may be some minutes old (Zoho CRM API v7, Record Count in a Module: 1 to 10) only tells that a list
// is too short.
func (l *lister) once(ctx context.Context) (whole bool, counts, listed int64, err error) {
	before, err := l.count(ctx)
	if err != nil {
		return false, 0, 0, err
	}
	if before.known {
		l.counted = true
	} else if l.counted { // it was known before: nothing tells that the list is whole
		return false, 0, 0, nil
	}
	listed, err = l.all(ctx)
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

// all lists everything by COQL, or by Get Records where COQL is not allowed.
func (l *lister) all(ctx context.Context) (int64, error) {
	err := l.byQuery(ctx)
	if api.NotOffered(err) && l.where == "" {
		l.say(fmt.Sprintf("Zoho does not take COQL here (%s): %s are listed 200 to a call", code(err), l.module))
		err = l.byPages(ctx)
	}
	if err != nil && api.NotOffered(err) && l.where != "" {
		err = fmt.Errorf("--where needs COQL, which Zoho does not take here: sign in with the scope ZohoCRM.coql.READ as well, or export without --where: %w", err)
	}
	if err != nil {
		return 0, err
	}
	return l.s.listed(l.module)
}

// code is an error of Zoho's in as few words as tell it.
func code(err error) string {
	if e, ok := errors.AsType[*api.Error](err); ok && e.Code != "" {
		return e.Code
	}
	return err.Error()
}

// byQuery lists by COQL. Each page begins after the last id of the one before, since an offset ends at 100,000 (Zoho CRM API v8, COQL Limitations).
func (l *lister) byQuery(ctx context.Context) error {
	if err := l.s.clear(l.module); err != nil {
		return err
	}
	rows, last := api.MostRows, ""
	for {
		page, err := l.zoho.Query(ctx, l.query(last, rows), rows)
		if api.QueryLimited(err) {
			rows = api.RowsOfOrgs
			continue
		}
		if err != nil {
			return err
		}
		joinNames(page.Records, l.fields, l.version)
		if err := l.take(page.Records); err != nil {
			return err
		}
		if !page.More {
			return nil
		}
		next := page.Records[len(page.Records)-1].ID
		if key(next) <= key(last) {
			return fmt.Errorf("list %s: the page after id %s ends with id %s", l.module, last, next)
		}
		last = next
	}
}

// query selects the page after an id.
func (l *lister) query(last string, rows int) string {
	return fmt.Sprintf("select %s from %s where %s order by id asc limit %d", queryColumns(l.fields, l.version), l.module, l.condition(last), rows)
}

// condition is what the records after an id must meet. More than two criteria must stand in pairs of brackets (Zoho CRM API v7, Get Records through a COQL Query).
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

// coqlTime is a time as COQL takes it (Zoho CRM API v8, Get Records through a COQL Query: '2019-02-12T11:00:00+05:30').
const coqlTime = "2006-01-02T15:04:05-07:00"

// take keeps the records of a page.
func (l *lister) take(records []api.Record) error {
	ids, fields := make([]string, len(records)), make([]string, len(records))
	for i, r := range records {
		if err := checkID(r.ID); err != nil {
			return fmt.Errorf("list %s: %w", l.module, err)
		}
		ids[i], fields[i] = r.ID, pack(l.fields, r.Fields)
	}
	l.seen(len(records))
	return l.s.list(l.module, ids, fields)
}

// count asks how many records there are. A count that fails for another reason than that the org does not tell fails the list.
func (l *lister) count(ctx context.Context) (counted, error) {
	n, err := l.zoho.QueryCount(ctx, "select COUNT(id) from "+l.module+" where "+l.condition(""))
	if err == nil {
		return counted{n: n, known: true, exact: true}, nil
	}
	if !untold(err) {
		return counted{}, err
	}
	if l.where == "" && l.since.IsZero() {
		n, err = l.zoho.CountRecords(ctx, l.module, "")
		if err == nil {
			return counted{n: n, known: true}, nil
		}
		if !untold(err) {
			return counted{}, err
		}
	}
	l.say(fmt.Sprintf("Zoho does not tell here how many %s there are (%s): the list ends where Zoho says that nothing follows", l.module, code(err)))
	return counted{}, nil
}

// untold says of the failure of a count that this way of counting is not there: that a COUNT without a group works stands in no document of Zoho's.
func untold(err error) bool {
	return api.NotOffered(err) || slices.Contains([]string{"SYNTAX_ERROR", "INVALID_QUERY", "NO_PERMISSION"}, code(err))
}

// counted is how many records Zoho says that there are.
type counted struct {
	n            int64
	known, exact bool
}

// byPages lists by Get Records, the longest unchanged first, in windows: a token leads no further than the 100,000th record (Zoho CRM API v8, Get Records), and from there the list goes on with
// what was modified since. A record that is modified meanwhile comes twice, and counts once.
//
// A record that is deleted or modified meanwhile may move those after it to a page that was read already, and the count need not tell: what one time round misses, the second has.
func (l *lister) byPages(ctx context.Context) error {
	if err := l.ownFields(); err != nil {
		return err
	}
	if err := l.s.clear(l.module); err != nil {
		return err
	}
	if err := l.byWindows(ctx); err != nil {
		return err
	}
	if n, err := l.s.listed(l.module); err != nil || n <= api.MostPerPage {
		return err
	}
	seen := l.seen
	defer func() { l.seen = seen }()
	l.seen = func(int) {}
	return l.byWindows(ctx)
}

// ownFields refuses fields of other records, which only COQL tells.
func (l *lister) ownFields() error {
	if i := slices.IndexFunc(l.fields, func(f string) bool { return strings.Contains(f, ".") }); i >= 0 {
		return &job.UsageError{Err: fmt.Errorf("--fields %s.%s is a field of another record, which needs COQL, and Zoho does not take that here: sign in with the scope ZohoCRM.coql.READ as well, or leave it out", l.module, l.fields[i])}
	}
	return nil
}

// byWindows lists once, beside what is listed.
func (l *lister) byWindows(ctx context.Context) error {
	since := l.since
	if !since.IsZero() {
		since = since.Add(-aSecond)
	}
	for {
		next, err := l.byTokens(ctx, since)
		if err != nil || next.IsZero() {
			return err
		}
		if !next.After(since) {
			return fmt.Errorf("list %s: more than %s of them were modified in one second (%s), and Zoho lists no more without COQL: give the scope ZohoCRM.coql.READ", l.module, report.Count(int64(l.window)), next.Format(time.RFC3339))
		}
		since = next
	}
}

// windowRows is where Zoho ends a list.
const windowRows = 100_000

// aSecond is how fine Zoho's times are. If-Modified-Since is for what is newer: what was modified in the second of a window's end is listed again in the next, and what was in the very second that a user names is listed.
const aSecond = time.Second

// byTokens lists a window. next is where the one after it begins; zero: there is none.
func (l *lister) byTokens(ctx context.Context, since time.Time) (next time.Time, err error) {
	q := api.RecordsQuery{Fields: l.fields, ModifiedSince: since, SortBy: modifiedTime, SortOrder: "asc"}
	if !slices.Contains(q.Fields, modifiedTime) {
		q.Fields = append(slices.Clone(q.Fields), modifiedTime)
	}
	for rows := 0; ; q.Page++ {
		page, err := l.zoho.Records(ctx, l.module, q)
		if err != nil {
			return next, err
		}
		if err := l.take(page.Records); err != nil {
			return next, err
		}
		if !page.More {
			return time.Time{}, nil
		}
		if rows += len(page.Records); rows >= l.window {
			next, err = time.Parse(time.RFC3339, text(page.Records[len(page.Records)-1].Fields[modifiedTime]))
			return next.Add(-aSecond), err
		}
		if q.Token = page.Token; page.Token != "" {
			q.Page = -1
		} else if l.version.HasPageTokens() && rows >= lastPaged {
			return next, fmt.Errorf("list %s: Zoho gives no token for the page after record %d; give the scope ZohoCRM.coql.READ, and the list goes another way", l.module, rows)
		}
		if q.Page == 0 {
			q.Page = 1
		}
	}
}

// modifiedTime is the field by which windows go.
const modifiedTime = "Modified_Time"

// lastPaged is the last record of a page with a number (Zoho CRM API v8, Get Records).
const lastPaged = 2000
