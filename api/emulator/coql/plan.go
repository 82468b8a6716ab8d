package coql

import (
	"encoding/json"
	"slices"
	"strconv"

	"rolecall/api/emulator/org"
	"rolecall/api/emulator/wire"
)

// Zoho CRM API v8, Query API - Limitations.
const (
	maxCriteria  = 25
	maxOrder     = 10
	maxAggregate = 5
)

// A Plan is a query with checked names and values.
type Plan struct {
	// Limit is the most rows of the answer. It decides the price of the query.
	Limit   int
	offset  int
	version wire.Version
	columns []output
	count   bool // the columns are counted, not listed
	match   matcher
	ids     idRange
	among   func() (org.List, bool) // see resolver.having
	order   []sorting
}

// An output is a column and its name in an answer.
type output struct {
	key    string
	quoted json.RawMessage // the key
	field  *field
}

type sorting struct {
	field *field
	desc  bool
}

// Limits depend on the org, the version and the request around a query.
type Limits struct {
	Version wire.Version
	Rows    int // most rows of a call
	Usual   int // rows without a limit clause
	Reach   int // most rows by offset
	// Caseless makes "=" and "in" ignore the case of texts.
	Caseless bool
}

// Plan checks a query on a module. Its errors are refusals.
func (q *Query) Plan(records *org.Records, m org.Module, l Limits) (*Plan, error) {
	r := &resolver{records: records, module: m, relations: make(map[string]bool), caseless: l.Caseless}
	p := &Plan{version: l.Version}
	if err := p.amounts(q, l); err != nil {
		return nil, err
	}
	if q.where.count() > maxCriteria {
		return nil, wire.OverLimit("criteria", maxCriteria)
	}
	if err := p.outputs(r, q); err != nil {
		return nil, err
	}
	var err error
	if p.match, err = r.matcher(q.where, l.Version); err != nil {
		return nil, err
	}
	p.ids = q.where.idRange()
	p.among = func() (org.List, bool) { return r.having(q.where) }
	return p, p.sortings(r, q)
}

// amounts reads limit and offset.
func (p *Plan) amounts(q *Query, l Limits) error {
	var err error
	p.Limit = l.Usual
	if q.limit != "" {
		if p.Limit, err = strconv.Atoi(q.limit); err != nil {
			return invalidAmount("limit", q.limit)
		}
	}
	if q.offset != "" {
		if p.offset, err = strconv.Atoi(q.offset); err != nil || p.offset < 0 {
			return invalidAmount("offset", q.offset)
		}
	}
	switch {
	case p.Limit < 1:
		return wire.Bad("INVALID_DATA", "limit should be greater than 0", wire.Details{})
	case p.Limit > l.Rows:
		return wire.OverLimit("limit", l.Rows)
	case p.offset > l.Reach-p.Limit:
		// The text is that of Zoho CRM API v7, Get Records through a COQL Query.
		return wire.Bad("LIMIT_EXCEEDED", "Max records limit exceeded",
			wire.Details{By: "offset", Limit: json.RawMessage(strconv.Itoa(l.Reach))})
	}
	return nil
}

// outputs checks the select columns.
func (p *Plan) outputs(r *resolver, q *Query) error {
	most := 50
	if p.version >= wire.V7 {
		most = 500 // Kaizen 183, COQL in v7
	}
	if len(q.columns) > most {
		return wire.OverLimit("select", most)
	}
	functions := 0
	for i := range q.columns {
		c := &q.columns[i]
		if err := checkFunction(c, p.version); err != nil {
			return err
		}
		f, err := r.field(c.name)
		if err != nil {
			return err
		}
		if c.function != "" {
			functions++
			if !countable(f.kind) {
				return wire.Bad("INVALID_QUERY", "unsupported column", wire.Details{ColumnName: c.name})
			}
		}
		p.columns = append(p.columns, output{key: c.key(), quoted: wire.Quote(c.key()), field: f})
	}
	p.count = functions > 0
	switch {
	case functions > maxAggregate:
		return wire.OverLimit("aggregate", maxAggregate)
	case p.count && (functions < len(q.columns) || len(q.order) > 0):
		return unsupportedQuery() // it would need grouping
	}
	return checkNames(q.columns)
}

// checkFunction checks an aggregate function. Their names are case-sensitive. The documents have them from v4.
func checkFunction(c *column, v wire.Version) error {
	switch c.function {
	case "":
		return nil
	case "COUNT":
		if v >= wire.V4 {
			return nil
		}
		return unsupportedQuery()
	case "SUM", "MIN", "MAX", "AVG":
		return unsupportedQuery()
	}
	return wire.Bad("INVALID_DATA", "invalid data", wire.Details{
		Reason: "unsupported aggregate function", Column: wire.Quote(c.function + "(" + c.name + ")"),
	})
}

// countable reports whether COUNT takes a field of this kind: "number, lookup, and picklist fields" (Zoho CRM API v7,
// Get Records through a COQL Query). An id is a number.
func countable(k org.Kind) bool {
	return slices.Contains([]org.Kind{
		org.KindNumber, org.KindCurrency, org.KindPercent, org.KindInteger, org.KindLookup, org.KindOwner, org.KindUser,
		org.KindPicklist, org.KindID,
	}, k)
}

// checkNames refuses two columns with one name.
func checkNames(columns []column) error {
	for i := range columns {
		c := &columns[i]
		if c.aliased && c.alias == "" {
			return wire.Bad("INVALID_ALIAS", "alias name cannot be an empty string",
				wire.Details{ColumnName: c.name, Alias: new("")})
		}
		for k := range i {
			if err := checkPair(&columns[k], c); err != nil {
				return err
			}
		}
	}
	return nil
}

func checkPair(a, b *column) error {
	switch {
	case a.name == b.name && a.function == b.function && a.function != "":
		return duplicate("aggregate function", wire.Details{ColumnName: b.name, Aggregate: b.function})
	case a.name == b.name && a.function == b.function:
		return duplicate("select column", wire.Details{ColumnName: b.name})
	case a.key() != b.key():
		return nil
	case a.aliased && b.aliased:
		return wire.Bad("DUPLICATE_ALIAS", "same alias cannot refer more than one column",
			wire.Details{ReferredColumns: []string{a.name, b.name}, Alias: &b.alias})
	case a.aliased:
		a, b = b, a
	}
	return wire.Bad("INVALID_QUERY", "column name or property name given in select columns without alias name "+
		"cannot be an alias name for other select columns", wire.Details{ColumnName: b.name, Alias: &b.alias})
}

// sortings checks the order by clause, which may name aliases.
func (p *Plan) sortings(r *resolver, q *Query) error {
	if len(q.order) > maxOrder {
		return wire.OverLimit("order by", maxOrder)
	}
	for i, o := range q.order {
		if slices.ContainsFunc(q.order[:i], func(before order) bool { return before.column == o.column }) {
			return duplicate("order by column", wire.Details{ColumnName: o.column}) // the text is inferred
		}
		var f *field
		var err error
		at := slices.IndexFunc(q.columns, func(c column) bool { return c.aliased && c.alias == o.column })
		if at >= 0 {
			f = p.columns[at].field
		} else if f, err = r.field(o.column); err != nil {
			return err
		}
		p.order = append(p.order, sorting{f, o.desc})
	}
	return nil
}
