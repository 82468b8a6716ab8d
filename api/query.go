package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// Rows of a COQL query. Zoho's pages differ: the newest allows 2,000 a call (Zoho CRM API v8, COQL Limitations), and
// the page of the call itself refuses more than 200 with LIMIT_EXCEEDED (Zoho CRM API v7, Get Records through a COQL
// Query). Only a call shows which of the two limits an org has: see QueryLimited.
const (
	MostRows   = 2000 // the highest limit that a query may name
	RowsOfOrgs = 200  // the limit that every org accepts, and the default of a query without a limit
)

// The cost of a query grows with the limit that it names (Zoho CRM API v8, API Limits: 1 credit up to 200 rows, 2 up to
// 1,000, 3 up to 2,000).
const (
	cheapRows = 200
	dearRows  = 1000
)

// QueryCredits returns what a query costs, in credits. rows is the limit that the query names, not the number of rows
// that come.
func QueryCredits(rows int) int {
	switch {
	case rows <= cheapRows:
		return 1
	case rows <= dearRows:
		return 2
	}
	return 3
}

// Query returns the records that a COQL query selects. rows is the limit that the query names, up to MostRows. It costs
// one to three credits, see [QueryCredits], and starts only when the budget has them all. It counts for one call in
// flight. It changes nothing, so it is sent again like a GET, and is never Uncertain. A column of another module has
// its path as its name: "Account_Name.Phone". A lookup is {name,id} from v7 on, {id} before (Zoho CRM API v7, Get
// Records through a COQL Query).
//
// It needs the scope ZohoCRM.coql.READ, and ZohoCRM.modules.ALL or ZohoCRM.modules.{module}.READ. A refusal or failure
// is an *Error. Call QueryLimited first: it is true if Zoho refuses only the number of rows. NotOffered is true if COQL
// is not allowed: Records may work instead. Both are false for a wrong query (SYNTAX_ERROR, INVALID_QUERY).
//
// Zoho CRM API v8, Get Records through a COQL Query.
func (c *Client) Query(ctx context.Context, query string, rows int) (Page, error) {
	page, err := sendQuery(ctx, c, query, rows, decodePage)
	page.Token = ""
	return page, err
}

// QueryCount returns the number in the answer to a COQL query that selects one COUNT and nothing else: "select
// COUNT(id) from Deals where id is not null". Zoho takes the function's name only in capitals. It costs one credit;
// scopes and errors are those of Query.
//
// Zoho CRM API v7, Get Records through a COQL Query, Aggregate Function. The page has COUNT for number, lookup and
// picklist fields, shows it with a group by, and does not say since which version. It does not show COUNT(id), or COUNT
// without a group by. An org without such a COUNT refuses with SYNTAX_ERROR or INVALID_QUERY: CountRecords may work
// instead.
func (c *Client) QueryCount(ctx context.Context, query string) (int64, error) {
	return sendQuery(ctx, c, query, 1, func(r *reply) (int64, error) { return decodeCount(r.list) })
}

func sendQuery[T any](
	ctx context.Context, c *Client, query string, rows int, decode func(*reply) (T, error),
) (T, error) {
	q := request{
		method: http.MethodPost, path: "/coql", due: dueData, reads: true, paged: true,
		credits: QueryCredits(rows), heavy: true,
	}
	q.body, q.invalid = json.Marshal(map[string]string{"select_query": query})
	if rows < 1 || rows > MostRows {
		q.invalid = fmt.Errorf("a query for %d rows; Zoho gives 1 to %d", rows, MostRows)
	}
	value, err := read(ctx, c, q, decode)
	if failed, ok := errors.AsType[*Error](err); ok {
		switch {
		case refusesRows(failed, rows):
			failed.Err = errors.Join(errTooManyRows, failed.Err)
		case failed.Code == "NO_PERMISSION", failed.Code == "AUTHORIZATION_FAILED":
			// A user without the right to query may still have the right to read: try Records.
			failed.Err = errors.Join(errMisfit, failed.Err)
		}
	}
	return value, err
}

// errTooManyRows is the cause of a failure of a query that may work with a lower limit.
var errTooManyRows = errors.New("the query may work with a lower limit")

// QueryLimited reports whether Query failed only because of the number of rows: the same query with a limit of
// RowsOfOrgs may work. It is never true of a query with at most that limit.
func QueryLimited(err error) bool { return errors.Is(err, errTooManyRows) }

// refusesRows reports whether Zoho refuses the number of rows, by the code and the details. Zoho's pages do not show
// them for this case. LIMIT_EXCEEDED also means too many joins or values in a list: then the query with fewer rows
// fails too. For an offset, the limit in the details is larger than any number of rows.
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

// decodeCount takes the only number out of the only row of an aggregate's answer. Zoho names it as it was selected,
// "COUNT(id)", or by its alias. A number in a string counts if there is no other: ids are strings. No row means zero.
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
