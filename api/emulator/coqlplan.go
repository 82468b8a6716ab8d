package emulator

import (
	"encoding/json"
	"slices"
	"strconv"
)

// Zoho CRM API v8, Query API - Limitations.
const (
	maxCriteria  = 25
	maxOrder     = 10
	maxAggregate = 5
)

// A coqlPlan is a query that was understood.
type coqlPlan struct {
	module        module
	columns       []coqlOutput
	count         bool // columns are counted, not listed
	match         coqlMatch
	ids           idRange
	order         []coqlSort
	limit, offset int
}

// A coqlOutput is a column and what it is called.
type coqlOutput struct {
	key    string
	quoted []byte // the key, as JSON
	field  *coqlField
}

type coqlSort struct {
	field *coqlField
	desc  bool
}

// coqlLimits are what depends on org, version and the request around.
type coqlLimits struct {
	version version
	rows    int // a call
	usual   int // rows without a limit clause
	reach   int // rows by offset
}

// plan understands a query.
func (r *coqlResolver) plan(q *coqlQuery, l coqlLimits) (*coqlPlan, error) {
	p := &coqlPlan{module: r.module}
	if err := p.amounts(q, l); err != nil {
		return nil, err
	}
	criteria := 0
	q.where.leaves(func(*coqlCriterion) bool {
		criteria++
		return true
	})
	if criteria > maxCriteria {
		return nil, overLimit("criteria", maxCriteria)
	}
	if err := p.outputs(r, q, l); err != nil {
		return nil, err
	}
	var err error
	if p.match, err = r.match(q.where, l.version); err != nil {
		return nil, err
	}
	p.ids = q.where.idRange()
	return p, p.sorting(r, q)
}

// amounts reads limit and offset.
func (p *coqlPlan) amounts(q *coqlQuery, l coqlLimits) error {
	var err error
	p.limit = l.usual
	if q.limit != "" {
		if p.limit, err = strconv.Atoi(q.limit); err != nil {
			return invalidAmount("limit", q.limit)
		}
	}
	if q.offset != "" {
		if p.offset, err = strconv.Atoi(q.offset); err != nil || p.offset < 0 {
			return invalidAmount("offset", q.offset)
		}
	}
	switch {
	case p.limit < 1:
		return bad("INVALID_DATA", "limit should be greater than 0", details{})
	case p.limit > l.rows:
		return overLimit("limit", l.rows)
	case p.offset > l.reach-p.limit:
		// The text is that of Zoho CRM API v7, Get Records through a COQL Query.
		return bad("LIMIT_EXCEEDED", "Max records limit exceeded", details{By: "offset", Limit: json.RawMessage(strconv.Itoa(l.reach))})
	}
	return nil
}

// invalidAmount is documented for the limit; that the offset is alike is
// inferred.
func invalidAmount(clause, given string) *refusal {
	return bad("INVALID_QUERY", clause+" given seems to be invalid", details{Limit: text(given)})
}

// outputs understands the select columns.
func (p *coqlPlan) outputs(r *coqlResolver, q *coqlQuery, l coqlLimits) error {
	if most := mostColumns(l.version); len(q.columns) > most {
		return overLimit("select", most)
	}
	functions := 0
	for i := range q.columns {
		c := &q.columns[i]
		if err := checkFunction(c, l.version); err != nil {
			return err
		}
		f, err := r.field(c.name)
		if err != nil {
			return err
		}
		if c.function != "" {
			functions++
			if !countable(f.kind) {
				return coqlRefusal("INVALID_QUERY", "unsupported column", coqlDetails{ColumnName: c.name})
			}
		}
		p.columns = append(p.columns, coqlOutput{key: c.key(), quoted: text(c.key()), field: f})
	}
	p.count = functions > 0
	switch {
	case functions > maxAggregate:
		return overLimit("aggregate", maxAggregate)
	case p.count && (functions < len(q.columns) || len(q.order) > 0):
		return unsupportedQuery() // it would be grouped
	}
	return checkNames(q.columns)
}

// mostColumns is how many columns a query selects: Kaizen 183, COQL in v7.
func mostColumns(v version) int {
	if v >= v7 {
		return 500
	}
	return 50
}

// checkFunction looks at an aggregate function; their names are spelt exactly.
// They are in the documents from v4.
func checkFunction(c *coqlColumn, v version) error {
	switch c.function {
	case "":
		return nil
	case "COUNT":
		if v >= v4 {
			return nil
		}
		return unsupportedQuery()
	case "SUM", "MIN", "MAX", "AVG":
		return unsupportedQuery()
	}
	return coqlRefusal("INVALID_DATA", "invalid data",
		coqlDetails{Reason: "unsupported aggregate function", Column: text(c.function + "(" + c.name + ")")})
}

// countable are "number, lookup, and picklist fields" (Zoho CRM API v7, Get
// Records through a COQL Query); an id is a number.
func countable(k kind) bool {
	return slices.Contains([]kind{kindNumber, kindCurrency, kindLookup, kindOwner, kindPicklist, kindID}, k)
}

// checkNames refuses what would be in an answer twice.
func checkNames(columns []coqlColumn) error {
	for i := range columns {
		c := &columns[i]
		if c.aliased && c.alias == "" {
			return coqlRefusal("INVALID_ALIAS", "alias name cannot be an empty string", coqlDetails{ColumnName: c.name, Alias: new("")})
		}
		for k := range i {
			if err := checkPair(&columns[k], c); err != nil {
				return err
			}
		}
	}
	return nil
}

func checkPair(a, b *coqlColumn) error {
	switch {
	case a.name == b.name && a.function == b.function && a.function != "":
		return coqlRefusal("DUPLICATE_DATA", "duplicate aggregate function", coqlDetails{ColumnName: b.name, Aggregate: b.function})
	case a.name == b.name && a.function == b.function:
		return coqlRefusal("DUPLICATE_DATA", "duplicate select column", coqlDetails{ColumnName: b.name})
	case a.key() != b.key():
		return nil
	case a.aliased && b.aliased:
		return coqlRefusal("DUPLICATE_ALIAS", "same alias cannot refer more than one column",
			coqlDetails{ReferredColumns: []string{a.name, b.name}, Alias: &b.alias})
	case a.aliased:
		a, b = b, a
	}
	return coqlRefusal("INVALID_QUERY",
		"column name or property name given in select columns without alias name cannot be an alias name for other select columns",
		coqlDetails{ColumnName: b.name, Alias: &b.alias})
}

// sorting understands the order by clause, which may name aliases.
func (p *coqlPlan) sorting(r *coqlResolver, q *coqlQuery) error {
	if len(q.order) > maxOrder {
		return overLimit("order by", maxOrder)
	}
	for i, o := range q.order {
		for _, before := range q.order[:i] {
			if before.column == o.column {
				return coqlRefusal("DUPLICATE_DATA", "duplicate order by column", coqlDetails{ColumnName: o.column}) // the text is inferred
			}
		}
		at := slices.IndexFunc(q.columns, func(c coqlColumn) bool { return c.aliased && c.alias == o.column })
		if at >= 0 {
			p.order = append(p.order, coqlSort{p.columns[at].field, o.desc})
			continue
		}
		f, err := r.field(o.column)
		if err != nil {
			return err
		}
		p.order = append(p.order, coqlSort{f, o.desc})
	}
	return nil
}
