package crm

import (
	"bytes"
	"net/http"

	"rolecall/api/emulator/coql"
	"rolecall/api/emulator/wire"
)

// queryInfo is "info" of COQL.
type queryInfo struct {
	Count       int  `json:"count"`
	MoreRecords bool `json:"more_records"`
}

// postCOQL answers a query. Zoho CRM API v7, Get Records through a COQL Query.
func (a *API) postCOQL(c *wire.Call) (wire.Answer, error) {
	switch a.Coql {
	case "unscoped":
		return wire.Answer{}, wire.ScopeMismatch()
	case "off":
		// The code is documented with this status. The text is ours.
		return wire.Answer{}, wire.Refuse(http.StatusForbidden, "NOT_SUPPORTED", "COQL is off in this emulator",
			wire.Details{})
	}
	q, err := readQuery(c)
	if err != nil {
		return wire.Answer{}, err
	}
	m, known := a.store.ModuleNamed(q.Module)
	switch {
	case !known:
		return wire.Answer{}, wire.Bad("INVALID_MODULE", "the given module is not supported in api", wire.Details{})
	case !c.Allows(a.store.Scope(m, "READ")):
		return wire.Answer{}, wire.ScopeMismatch()
	}
	p, err := q.Plan(a.store.Records, m, a.queryLimits(c))
	if err != nil {
		return wire.Answer{}, err
	}
	c.Charge(moreCredits(p.Limit)) // none for a sub-request, whose limit is low
	rows, more := p.Run(a.store.View(m))
	if len(rows) == 0 {
		return wire.NoContent(), nil
	}
	return wire.List(len(rows), func(b *bytes.Buffer, i int) { b.Write(rows[i]) },
		&queryInfo{Count: len(rows), MoreRecords: more})
}

// readQuery reads the query of a request.
func readQuery(c *wire.Call) (*coql.Query, error) {
	body, err := c.ReadBody()
	if err != nil {
		return nil, err
	}
	if _, given := body.Get("include_meta"); given {
		// Documented, and not emulated.
		return nil, wire.NotEmulated("field metadata in COQL",
			wire.Details{APIName: "include_meta", JSONPath: "$.include_meta"})
	}
	raw, given := body.Get("select_query")
	if !given {
		return nil, wire.Bad("MANDATORY_NOT_FOUND", "mandatory key not found", wire.Details{APIName: "select_query"})
	}
	query, isText := wire.Unquote(raw)
	if !isText {
		return nil, &wire.Refusal{
			Status: http.StatusBadRequest, Result: *wire.Invalid("select_query", "$.select_query", "text"),
		}
	}
	return coql.Parse(query)
}

// usualRows is the limit of a query without one. Zoho CRM API v8, Query API - An Overview.
const usualRows = 200

func (a *API) queryLimits(c *wire.Call) coql.Limits {
	l := coql.Limits{Version: c.Version, Rows: a.CoqlRows, Usual: usualRows, Reach: 100_000, Caseless: a.CoqlCaseless}
	if a.CoqlRows < 2000 {
		l.Reach = 10_000
	}
	if c.Composed {
		l.Rows, l.Usual = wire.ComposedPage, wire.ComposedPage
	}
	return l
}

// moreCredits returns what a limit costs above one credit. Query API - An Overview: the limit clause decides, not the
// rows of the answer.
func moreCredits(limit int) int {
	switch {
	case limit <= 200:
		return 0
	case limit <= 1000:
		return 1
	}
	return 2
}
