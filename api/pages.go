package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// lastPagedRow: beyond it a page is named by a token, not by its number (Zoho
// CRM API v7, Get Related Records; Get Records).
const lastPagedRow = 2000

// relation is a related list: how its records are read, and what tells one from
// another.
type relation[T any] struct {
	decode func(json.RawMessage) ([]T, error)
	id     func(T) string
}

// all follows more_records: the page sizes of Zoho's documents differ (100 and
// 200), and none is promised.
func (l relation[T]) all(ctx context.Context, c *Client, path, query string) ([]T, error) {
	var all []T
	seen := map[string]bool{}
	next := ""
	for page := 1; ; page++ {
		r, k, failed := c.do(ctx, request{method: http.MethodGet, path: path, query: query + next, due: dueData})
		if failed != nil {
			return nil, failed
		}
		some, err := l.decode(r.list)
		if err != nil {
			return nil, k.unreadable(r, err)
		}
		before := len(all)
		for _, d := range some {
			// The list may shift between two pages; a record is on it once.
			if id := l.id(d); !seen[id] {
				seen[id] = true
				all = append(all, d)
			}
		}
		if r.info == nil || !r.info.MoreRecords {
			return all, nil
		}
		if len(all) == before {
			return nil, k.unreadable(r, fmt.Errorf("page %d brings nothing new, and more is said to follow", page))
		}
		next = nextPage(page, len(all), r.info)
	}
}

func nextPage(page, rows int, info *pageInfo) string {
	if rows >= lastPagedRow && info.NextPageToken != "" {
		return "&page_token=" + url.QueryEscape(string(info.NextPageToken))
	}
	return "&page=" + strconv.Itoa(page+1)
}

// fieldsQuery names the fields to read, or one in their place: fields is
// mandatory from v3 on (Zoho CRM API v3, Get Records; Get Contact Roles of a
// Specific Deal).
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
