package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// lastPagedRow is the last row of a page with a number. A page beyond it is named by a token (Zoho CRM API v7, Get
// Related Records; Get Records).
const lastPagedRow = 2000

// errUnpaged is the error for an answer that announces a second page of a list that has one page by Zoho's documents.
var errUnpaged = errors.New("more_records is true, but this list has one page")

// read makes a call that reads, and decodes its answer.
func read[T any](ctx context.Context, c *Client, q request, decode func(*reply) (T, error)) (T, error) {
	var none T
	r, k, failed := c.do(ctx, q)
	if failed != nil {
		return none, failed
	}
	value, err := decode(r)
	if err == nil && !q.paged && r.info != nil && r.info.MoreRecords {
		err = errUnpaged
	}
	if err != nil {
		return none, k.unreadable(r, err)
	}
	return value, nil
}

// relation is a related list: how to decode its records, and what tells one from another.
type relation[T any] struct {
	decode func(json.RawMessage) ([]T, error)
	id     func(T) string
}

// all reads all pages. It follows more_records: the page sizes in Zoho's documents differ (100 and 200), and none is
// promised.
func (l relation[T]) all(ctx context.Context, c *Client, q request) ([]T, error) {
	q.method, q.due, q.paged = http.MethodGet, dueData, true
	query := q.query
	var all []T
	var progress Progress
	for page := 1; ; page++ {
		info, err := read(ctx, c, q, func(r *reply) (*pageInfo, error) {
			some, err := l.decode(r.list)
			for _, d := range some {
				// The list may shift between two pages; a record is on it once.
				if progress.New(l.id(d)) {
					all = append(all, d)
				}
			}
			if err == nil && r.info != nil {
				err = progress.End(r.info.MoreRecords, usedToken(len(all), r.info))
			}
			return r.info, err
		})
		if err != nil {
			return nil, err
		}
		if info == nil || !info.MoreRecords {
			return all, nil
		}
		q.query = query + nextPage(page, len(all), info)
	}
}

// usedToken returns the token that names the page after that many rows, or "" if the page has a number.
func usedToken(rows int, info *pageInfo) string {
	if rows < lastPagedRow {
		return ""
	}
	return string(info.NextPageToken)
}

func nextPage(page, rows int, info *pageInfo) string {
	if token := usedToken(rows, info); token != "" {
		return "&page_token=" + url.QueryEscape(token)
	}
	return "&page=" + strconv.Itoa(page+1)
}

// fieldsQuery returns the parameter fields, with one field if the caller names none: it is mandatory from v3 on (Zoho
// CRM API v3, Get Records; Get Contact Roles of a Specific Deal).
func fieldsQuery(fields []string, otherwise string) string {
	if len(fields) == 0 {
		return "fields=" + otherwise
	}
	escaped := make([]string, len(fields))
	for i, f := range fields {
		escaped[i] = url.QueryEscape(f)
	}
	return "fields=" + strings.Join(escaped, ",")
}

// Progress detects a list that never ends, because each page sends the same records or the same token. Its zero value
// serves one reading of a list whose records come in any order: a record may come twice, because the list may shift
// between two pages, but each page must have a new one. It keeps every id in memory.
type Progress struct {
	// Sorted is for a list that the caller reads by id: each page has the ids above the largest one so far. Then
	// Progress keeps only that id.
	Sorted bool

	page   int    // the current page, from 0
	fresh  int    // records of the current page that no page had before
	last   string // the largest id, if Sorted
	seen   map[string]bool
	tokens map[string]bool
}

// New counts a record of the current page, and reports whether no page had it before.
func (p *Progress) New(id string) bool {
	isNew := false
	if p.Sorted {
		if isNew = len(id) > len(p.last) || len(id) == len(p.last) && id > p.last; isNew {
			p.last = id
		}
	} else {
		if p.seen == nil {
			p.seen = map[string]bool{}
		}
		isNew = !p.seen[id]
		p.seen[id] = true
	}
	if isNew {
		p.fresh++
	}
	return isNew
}

// Last returns the largest id of a Sorted list.
func (p *Progress) Last() string { return p.last }

// End ends the current page. more is Zoho's more_records, and token names the next page, or is "". End returns an error
// if the list would never end.
func (p *Progress) End(more bool, token string) error {
	p.page++
	fresh := p.fresh
	p.fresh = 0
	switch {
	case !more:
		return nil
	case fresh == 0:
		return fmt.Errorf("page %d brings nothing new, but more_records is true", p.page)
	case token == "":
		return nil
	case p.tokens[token]:
		return fmt.Errorf("page %d names a next page that was read before (the same next_page_token)", p.page)
	}
	if p.tokens == nil {
		p.tokens = map[string]bool{}
	}
	p.tokens[token] = true
	return nil
}
