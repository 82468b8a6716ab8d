package api

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// lastPagedRow is the last row of a page with a number. A page beyond it is named by a token (Zoho CRM API v7, Get
// Related Records; Get Records).
const lastPagedRow = 2000

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

// usedToken returns the token that names the page after so many rows, or "" if the page has a number.
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
