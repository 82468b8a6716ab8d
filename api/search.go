package api

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
)

// MostFound is how many records a search gives in all its pages (Zoho CRM API v8, Search Records).
const MostFound = 2000

// SearchQuery selects records by one of Criteria, Email, Phone and Word.
type SearchQuery struct {
	Criteria string // "(Last_Name:equals:Boyle)": see package criteria
	Email    string
	Phone    string
	Word     string
	Fields   []string // by API name; none: all
	Page     int      // from 1; 0: the first
	PerPage  int      // records, MostPerPage at most; 0: as many
}

// Search returns a page of the records of a module that a search finds. The search finds too much: "equals" also finds
// values that contain the given one, or look like it. It finds too little: its index is later than the records. Compare
// each hit, and use Query if no record may be missed. It costs one credit, and needs the scopes
// ZohoSearch.securesearch.READ and ZohoCRM.modules.{module}.READ (or ZohoCRM.modules.ALL). A refusal or failure is an
// *Error: Zoho refuses a page beyond MostFound with LIMIT_REACHED.
//
// Zoho CRM API v8, Search Records.
func (c *Client) Search(ctx context.Context, module string, q SearchQuery) (Page, error) {
	path, err := modulePath(module)
	query, queryErr := q.encode()
	return read(ctx, c, request{
		method: http.MethodGet, path: path + "/search", query: query, due: dueData, paged: true,
		invalid: cmp.Or(err, queryErr),
	}, decodePage)
}

// encode returns the parameters of the search. It refuses several ways to search: Zoho silently uses only the first.
func (q SearchQuery) encode() (string, error) {
	query, ways := "", 0
	for _, way := range []struct{ name, value string }{
		{"criteria", q.Criteria}, {"email", q.Email}, {"phone", q.Phone}, {"word", q.Word},
	} {
		if way.value != "" {
			query, ways = way.name+"="+url.QueryEscape(way.value), ways+1
		}
	}
	switch {
	case ways != 1:
		return "", errors.New("a search takes one of criteria, email, phone and word")
	case q.Page < 0:
		return "", fmt.Errorf("there is no page %d", q.Page)
	case q.PerPage < 0 || q.PerPage > MostPerPage:
		return "", fmt.Errorf("%d records a page; Zoho gives 1 to %d", q.PerPage, MostPerPage)
	}
	if len(q.Fields) > 0 {
		query += "&" + fieldsQuery(q.Fields, "")
	}
	if q.Page > 0 {
		query += "&page=" + strconv.Itoa(q.Page)
	}
	if q.PerPage > 0 {
		query += "&per_page=" + strconv.Itoa(q.PerPage)
	}
	return query, nil
}
