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

// byPages lists by Get Records, in the order of Modified_Time. Page tokens end at the 100,000th record (Zoho CRM API
// v8, Get Records). From there the list goes on in another window, with the records that were modified since. A record
// that is modified during the listing comes twice and counts once.
//
// A record that is deleted or modified during the listing may move later records to a page that was already read, and
// the count may not show that. So byPages lists twice: the second list has the records that the first one misses.
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

// ownFields returns an error if a field belongs to another record, because only COQL returns such fields.
func ownFields(module string, fields []string) error {
	i := slices.IndexFunc(fields, func(f string) bool { return strings.Contains(f, ".") })
	if i < 0 {
		return nil
	}
	return &job.UsageError{Err: fmt.Errorf("--fields %s.%s is a field of another record, which needs COQL, "+
		"and Zoho does not take COQL here: sign in with the scope ZohoCRM.coql.READ as well, or leave the field out",
		module, fields[i])}
}

// byWindows lists all records once, window by window. It keeps the rows that are listed already.
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

// windowRows is the number of records at which Zoho ends a list (Zoho CRM API v8, Get Records).
const windowRows = 100_000

// aSecond is the precision of Zoho's times. If-Modified-Since selects newer records only. So a window begins a second
// earlier, to include records of the second in which the last window ended, or of the second that the user gave.
const aSecond = time.Second

// byTokens lists one window. next is the time at which the next window begins, or zero if there is none.
func (l *lister) byTokens(ctx context.Context, since time.Time) (next time.Time, err error) {
	q := api.RecordsQuery{Fields: l.fields, ModifiedSince: since, SortBy: modifiedTime, SortOrder: "asc"}
	if !slices.Contains(q.Fields, modifiedTime) {
		q.Fields = append(slices.Clone(q.Fields), modifiedTime)
	}
	var progress api.Progress // it keeps the ids of one window, which ends at windowRows
	for rows := 0; ; q.Page++ {
		page, err := l.zoho.Records(ctx, l.module, q)
		if err != nil {
			return next, err
		}
		if err := l.take(page, &progress); err != nil {
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

// modifiedTime is the field that the windows are sorted by.
const modifiedTime = "Modified_Time"

// lastPaged is the last record that a page number reaches (Zoho CRM API v8, Get Records).
const lastPaged = 2000
