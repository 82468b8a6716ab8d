package export

import (
	"cmp"
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
	at, err := l.position()
	if err != nil {
		return err
	}
	if at.Pass == 0 {
		if err := l.to.clear(); err != nil {
			return err
		}
		at = position{Pass: 1}
	}
	for ; at.Pass <= passes; at = (position{Pass: at.Pass + 1}) {
		if n, err := l.to.count(); err != nil || at.Pass > 1 && n <= api.MostPerPage {
			return err
		}
		err := l.byWindows(ctx, at)
		if err = cmp.Or(l.stored(), err); err != nil {
			return err
		}
	}
	return nil
}

// passes is how often byPages lists the records.
const passes = 2

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

// byWindows lists all records once, window by window, from a position on. It keeps the records that are already listed.
func (l *lister) byWindows(ctx context.Context, at position) error {
	since := l.since
	if !since.IsZero() {
		since = since.Add(-aSecond)
	}
	if at.Since.After(since) {
		since = at.Since
	}
	for {
		next, err := l.byTokens(ctx, since, at.Pass)
		if err != nil || next.IsZero() {
			return err
		}
		if !next.After(since) {
			return fmt.Errorf("list %s: more than %s of them were modified in one second (%s), "+
				"and Zoho lists no more without COQL: sign in with the scope ZohoCRM.coql.READ as well",
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
func (l *lister) byTokens(ctx context.Context, since time.Time, pass int) (next time.Time, err error) {
	q := api.RecordsQuery{Fields: l.fields, ModifiedSince: since, SortBy: modifiedTime, SortOrder: "asc"}
	if !slices.Contains(q.Fields, modifiedTime) {
		q.Fields = append(slices.Clone(q.Fields), modifiedTime)
	}
	var progress api.Progress // it keeps the ids of one window, which ends at windowRows
	for rows := 0; ; q.Page++ {
		var page api.Page
		if page, err = l.zoho.Records(ctx, l.module, q); pastLastPage(err) && !next.IsZero() {
			l.window = rows
			return next, nil
		}
		if err != nil {
			return next, err
		}
		by := way{rows: api.MostPerPage, pass: pass}
		if page.More && len(page.Records) > 0 {
			last, e := time.Parse(time.RFC3339, text(page.Records[len(page.Records)-1].Fields[modifiedTime]))
			if next, err = last.Add(-aSecond), e; err == nil && next.After(since) {
				by.since = next
			}
		}
		if err := l.take(ctx, page, &progress, by); err != nil {
			return next, err
		}
		if !page.More {
			return time.Time{}, nil
		}
		if rows += len(page.Records); rows >= l.window {
			return next, err
		}
		if q.Token = page.Token; page.Token != "" {
			q.Page = -1
		} else if l.version.HasPageTokens() && rows >= lastPaged {
			return next, fmt.Errorf("list %s: Zoho gives no token for the page after record %d; "+
				"sign in with the scope ZohoCRM.coql.READ as well, so that rolecall can list by COQL", l.module, rows)
		}
		if q.Page == 0 {
			q.Page = 1
		}
	}
}

// pastLastPage reports whether Zoho refuses a page because its number is too high. No document says which page is the
// last one in v2. Later versions continue by tokens.
func pastLastPage(err error) bool {
	refused, ok := errors.AsType[*api.Error](err)
	return ok && (refused.Code == "DISCRETE_PAGINATION_LIMIT_EXCEEDED" || refused.Code == "PAGINATION_LIMIT_EXCEEDED")
}

// modifiedTime is the field that the windows are sorted by.
const modifiedTime = "Modified_Time"

// lastPaged is the last record that a page number reaches (Zoho CRM API v8, Get Records).
const lastPaged = 2000
