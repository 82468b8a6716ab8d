package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// Rows of a COQL query. Zoho's pages differ: the newest text has 2,000 a call
// (Zoho CRM API v8, COQL Limitations), while the page of the call itself refuses
// more than 200 with LIMIT_EXCEEDED (Zoho CRM API v7, Get Records through a COQL
// Query). Which of them an org has only asking tells: see QueryLimited.
const (
	MostRows   = 2000 // that a query may name as its limit
	RowsOfOrgs = 200  // that every org gives; a query that names no limit gets as many
)

// cheapRows and dearRows: what a query costs grows with the limit it names (Zoho
// CRM API v8, API Limits: 1 credit up to 200 rows, 2 up to 1,000, 3 up to
// 2,000).
const (
	cheapRows = 200
	dearRows  = 1000
)

// QueryCredits is what a query costs that names so many rows as its limit, in
// credits, however many rows come (Zoho CRM API v8, API Limits).
func QueryCredits(rows int) int {
	switch {
	case rows <= cheapRows:
		return 1
	case rows <= dearRows:
		return 2
	}
	return 3
}

// Query gives the records that a COQL query selects; rows is the limit that the
// query names, up to MostRows. It costs QueryCredits(rows), none of which is
// spent before the budget has them all, and counts for one call in flight. It
// changes nothing, and so it is sent again like a GET, and never Uncertain. A
// column of another module has its path as its name: "Account_Name.Phone". What
// a lookup gives depends on the version: {name,id} from v7 on, {id} before (Zoho
// CRM API v7, Get Records through a COQL Query).
//
// It needs the scope ZohoCRM.coql.READ beside ZohoCRM.modules.ALL or
// ZohoCRM.modules.{module}.READ. A refusal or failure is an *Error: where COQL is
// not allowed NotOffered is true of it, and Records may do as well; where only
// the number of rows is refused QueryLimited is, which is to be asked first. A
// query that is wrong is refused with SYNTAX_ERROR or INVALID_QUERY, and neither
// is true.
//
// Zoho CRM API v8, Get Records through a COQL Query.
func (c *Client) Query(ctx context.Context, query string, rows int) (Page, error) {
	r, k, err := c.query(ctx, query, rows)
	if err != nil {
		return Page{}, err
	}
	page, err := decodePage(r)
	if err != nil {
		return Page{}, k.unreadable(r, err)
	}
	page.Token = ""
	return page, nil
}

// QueryCount gives the number in the answer to a COQL query that selects one
// COUNT and nothing else: "select COUNT(id) from Deals where id is not null".
// Zoho takes the function's name only in capitals. It costs one credit; scopes
// and errors are those of Query.
//
// Zoho CRM API v7, Get Records through a COQL Query, Aggregate Function. The
// page has COUNT for number, lookup and picklist fields, shows it with a group
// by, and does not say since which version; that COUNT(id) works, and without a
// group by, it shows nowhere. An org that does not take it refuses with
// SYNTAX_ERROR or INVALID_QUERY: CountRecords may do as well.
func (c *Client) QueryCount(ctx context.Context, query string) (int64, error) {
	r, k, err := c.query(ctx, query, 1)
	if err != nil {
		return 0, err
	}
	n, err := decodeCount(r.list)
	if err != nil {
		return 0, k.unreadable(r, err)
	}
	return n, nil
}

func (c *Client) query(ctx context.Context, query string, rows int) (*reply, *call, error) {
	if rows < 1 || rows > MostRows {
		return nil, nil, notSent(fmt.Errorf("a query for %d rows; Zoho gives 1 to %d", rows, MostRows))
	}
	body, err := json.Marshal(map[string]string{"select_query": query})
	if err != nil {
		return nil, nil, notSent(err)
	}
	r, k, failed := c.do(ctx, request{
		method: http.MethodPost, path: "/coql", body: body, due: dueData, reads: true, credits: QueryCredits(rows),
	})
	if failed == nil {
		return r, k, nil
	}
	switch {
	case refusesRows(failed, rows):
		failed.Err = errors.Join(errTooManyRows, failed.Err)
	case failed.Code == "NO_PERMISSION":
		// Whoever may not query may still read: Records tells.
		failed.Err = errors.Join(errMisfit, failed.Err)
	}
	return nil, nil, failed
}

// errTooManyRows is the cause of a query's failure that fewer rows would mend.
var errTooManyRows = errors.New("fewer rows a query may do")

// QueryLimited reports that Query failed for the number of rows alone: the same
// query with a limit of RowsOfOrgs may do. It is never true of a query that
// asked for no more than that.
func QueryLimited(err error) bool { return errors.Is(err, errTooManyRows) }

// refusesRows decides by the code and the details, which Zoho's pages do not
// show for this case: LIMIT_EXCEEDED is also said of joins and of values in a
// list, which the smaller query tells, and of an offset, whose limit is larger
// than any number of rows.
func refusesRows(e *Error, rows int) bool {
	if rows <= RowsOfOrgs {
		return false
	}
	var d struct {
		Limit  json.RawMessage `json:"limit"`
		Clause text            `json:"clause"`
		Column text            `json:"column_name"`
		By     text            `json:"by"`
	}
	named := len(e.Details) > 0 && json.Unmarshal(e.Details, &d) == nil
	limit, numbered := parseCount(d.Limit)
	switch e.Code {
	case "LIMIT_EXCEEDED":
		return !named || !numbered || limit < int64(rows)
	case "INVALID_QUERY", "SYNTAX_ERROR":
		about := func(t text) bool { return strings.EqualFold(string(t), "limit") }
		return named && (numbered && limit < int64(rows) || about(d.Clause) || about(d.Column) || about(d.By))
	case "":
		return errors.Is(e.Err, errTooLarge)
	}
	return false
}

// decodeCount takes the only number out of the only row of an aggregate's
// answer. Zoho names it as it was selected, "COUNT(id)", or by its alias. A
// number in a string counts where there is no other: ids come so. No row is a
// count of nothing.
func decodeCount(list json.RawMessage) (int64, error) {
	if len(list) == 0 {
		return 0, nil
	}
	var rows []map[string]json.RawMessage
	if err := json.Unmarshal(list, &rows); err != nil {
		return 0, notJSON(err)
	}
	if len(rows) == 0 {
		return 0, nil
	}
	var bare, quoted []int64
	for _, value := range rows[0] {
		switch n, ok := parseCount(value); {
		case !ok:
		case value[0] == '"':
			quoted = append(quoted, n)
		default:
			bare = append(bare, n)
		}
	}
	if len(bare) == 0 {
		bare = quoted
	}
	if len(rows) != 1 || len(bare) != 1 {
		return 0, fmt.Errorf("%d rows and %d numbers in place of a count", len(rows), len(bare))
	}
	return bare[0], nil
}
