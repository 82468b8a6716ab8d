package export

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"rolecall/api"
	"rolecall/job"
	"rolecall/job/report"
)

// byPages lists by Get Records, the records that were not modified for longest first. A token leads no further than the
// 100,000th record (Zoho CRM API v8, Get Records): from there the list goes on in another window, with what was
// modified since. A record that is modified meanwhile comes twice, and counts once.
//
// A record that is deleted or modified meanwhile may move later records to a page that was read already, and the count
// need not tell. The list is made twice: the second has what the first one misses.
func (l *lister) byPages(ctx context.Context) error {
	if err := ownFields(l.module, l.fields); err != nil {
		return err
	}
	if err := l.to.Clear(phaseOf(l.module)); err != nil {
		return err
	}
	if err := l.byWindows(ctx); err != nil {
		return err
	}
	if n, err := l.to.Count(phaseOf(l.module)); err != nil || n <= api.MostPerPage {
		return err
	}
	return l.byWindows(ctx)
}

// ownFields refuses fields of other records, which only COQL returns.
func ownFields(module string, fields []string) error {
	i := slices.IndexFunc(fields, func(f string) bool { return strings.Contains(f, ".") })
	if i < 0 {
		return nil
	}
	return &job.UsageError{Err: fmt.Errorf("--fields %s.%s is a field of another record, which needs COQL, "+
		"and Zoho does not take COQL here: sign in with the scope ZohoCRM.coql.READ as well, or leave the field out",
		module, fields[i])}
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
			return fmt.Errorf("list %s: more than %s of them were modified in one second (%s), "+
				"and Zoho lists no more without COQL: give the scope ZohoCRM.coql.READ",
				l.module, report.Count(int64(l.window)), next.Format(time.RFC3339))
		}
		since = next
	}
}

// windowRows is where Zoho ends a list (Zoho CRM API v8, Get Records).
const windowRows = 100_000

// aSecond is the precision of Zoho's times. If-Modified-Since selects what is newer: going back a second lists what was
// modified in the second in which a window ends, and in the second that the user names.
const aSecond = time.Second

// byTokens lists a window. next is where the next window begins; zero: there is none.
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
			return next, fmt.Errorf("list %s: Zoho gives no token for the page after record %d; "+
				"give the scope ZohoCRM.coql.READ, and the list goes another way", l.module, rows)
		}
		if q.Page == 0 {
			q.Page = 1
		}
	}
}

// modifiedTime is the field that windows go by.
const modifiedTime = "Modified_Time"

// lastPaged is the last record of a page with a number (Zoho CRM API v8, Get Records).
const lastPaged = 2000
