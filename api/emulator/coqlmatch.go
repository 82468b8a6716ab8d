package emulator

import (
	"slices"
	"strings"
)

// operators are the comparators that a kind of field takes. Zoho CRM API v7,
// Get Records through a COQL Query, Field Types and their Comparators.
func (k kind) operators() []string {
	switch k {
	case kindLookup, kindOwner:
		return []string{"=", "!=", "in", "not in", "is null", "is not null"}
	case kindNumber, kindCurrency, kindDate, kindDateTime, kindID:
		return []string{"=", "!=", ">=", ">", "<=", "<", "between", "not between", "in", "not in", "is null", "is not null"}
	case kindBoolean:
		return []string{"="}
	}
	return []string{"=", "!=", "like", "not like", "in", "not in", "is null", "is not null"}
}

// A coqlMatch says whether a record meets criteria.
type coqlMatch func(id) bool

// match makes a test of criteria.
func (r *coqlResolver) match(c *coqlCriteria, v version) (coqlMatch, error) {
	if c.join == "" {
		return r.matchOne(&c.one, v)
	}
	left, err := r.match(c.left, v)
	if err != nil {
		return nil, err
	}
	right, err := r.match(c.right, v)
	if err != nil {
		return nil, err
	}
	if c.join == "and" {
		return func(n id) bool { return left(n) && right(n) }, nil
	}
	return func(n id) bool { return left(n) || right(n) }, nil
}

// matchOne makes a test of one criterion. Empty fields meet "is null" only, as
// in SQL; texts are compared exactly, case included. Neither is documented.
func (r *coqlResolver) matchOne(c *coqlCriterion, v version) (coqlMatch, error) {
	f, err := r.field(c.column)
	if err != nil {
		return nil, err
	}
	cells, err := checkCriterion(c, f, v)
	if err != nil {
		return nil, err
	}
	operator, negated := strings.CutPrefix(c.operator, "not ")
	var test func(coqlCell) bool
	switch operator {
	case "is null", "is not null":
		return func(n id) bool { return f.cell(n).null == (operator == "is null") }, nil
	case "in":
		test = func(x coqlCell) bool {
			return slices.ContainsFunc(cells, func(y coqlCell) bool { return compareCells(f.kind, x, y) == 0 })
		}
	case "between":
		test = func(x coqlCell) bool {
			return compareCells(f.kind, x, cells[0]) >= 0 && compareCells(f.kind, x, cells[1]) <= 0
		}
	case "like":
		test = like(c.values[0].text)
	default:
		test = func(x coqlCell) bool { return ordered(operator, compareCells(f.kind, x, cells[0])) }
	}
	return func(n id) bool {
		x := f.cell(n)
		return !x.null && test(x) != negated
	}, nil
}

func ordered(operator string, c int) bool {
	switch operator {
	case "=":
		return c == 0
	case "!=":
		return c != 0
	case ">":
		return c > 0
	case ">=":
		return c >= 0
	case "<":
		return c < 0
	}
	return c <= 0
}

// checkCriterion says whether column, operator and values go together, and
// makes the values comparable.
func checkCriterion(c *coqlCriterion, f *coqlField, v version) ([]coqlCell, error) {
	if f.kind == kindTextArea {
		// Query API - Limitations: no multi-line fields in criteria.
		value := ""
		if len(c.values) > 0 {
			value = c.values[0].text
		}
		return nil, coqlRefusal("INVALID_QUERY", "unsupported column in criteria",
			coqlDetails{CVCriteria: new(false), ColumnName: c.column, Value: &value, Operator: c.operator})
	}
	if !slices.Contains(f.kind.operators(), c.operator) {
		return nil, invalidOperator(c.column, c.operator)
	}
	if most := mostValues(v); len(c.values) > most {
		return nil, overLimit(c.operator, most)
	}
	if strings.HasSuffix(c.operator, "like") {
		if !likeable(c.values[0].text, c.operator == "not like") {
			return nil, invalidValue(c.column, c.values[0].text)
		}
		return nil, nil
	}
	cells := make([]coqlCell, len(c.values))
	for i, value := range c.values {
		var fine bool
		if cells[i], fine = writtenCell(f.kind, value.text); !fine {
			return nil, invalidValue(c.column, value.text)
		}
	}
	return cells, nil
}

// mostValues is how many values "in" takes: Kaizen 183, COQL in v7.
func mostValues(v version) int {
	if v >= v7 {
		return 100
	}
	return 50
}

// likeable says whether a pattern has its wildcards where Zoho's page has
// them: at the ends, and for "not like" at both.
func likeable(pattern string, negated bool) bool {
	inside := strings.TrimSuffix(strings.TrimPrefix(pattern, "%"), "%")
	if inside == "" || strings.Contains(inside, "%") {
		return false
	}
	return !negated || len(inside) == len(pattern)-2
}

func like(pattern string) func(coqlCell) bool {
	inside, open := strings.CutPrefix(pattern, "%")
	inside, more := strings.CutSuffix(inside, "%")
	return func(x coqlCell) bool {
		switch {
		case open && more:
			return strings.Contains(x.text, inside)
		case open:
			return strings.HasSuffix(x.text, inside)
		case more:
			return strings.HasPrefix(x.text, inside)
		}
		return x.text == inside
	}
}

// An idRange is the ids that criteria leave, from low to high. Exact says that
// they leave all of these.
type idRange struct {
	low, high id
	exact     bool
}

// idRange finds what criteria say of the id, so that a page by id looks at
// nothing before it. It is asked after the criteria were checked.
func (c *coqlCriteria) idRange() idRange {
	all := idRange{high: ^id(0)}
	switch c.join {
	case "and":
		l, r := c.left.idRange(), c.right.idRange()
		return idRange{max(l.low, r.low), min(l.high, r.high), l.exact && r.exact}
	case "or":
		return all
	}
	if c.one.column != "id" {
		return all
	}
	all.exact = true
	var ids []id
	for _, value := range c.one.values {
		n, _ := parseID(value.text)
		ids = append(ids, n)
	}
	switch c.one.operator {
	case "is not null":
	case "=":
		all.low, all.high = ids[0], ids[0]
	case ">":
		all.low = ids[0] + 1
		if all.low == 0 {
			return idRange{low: 1, exact: true}
		}
	case ">=":
		all.low = ids[0]
	case "<":
		all.high = ids[0] - 1
	case "<=":
		all.high = ids[0]
	case "between":
		all.low, all.high = ids[0], ids[1]
	case "in":
		return idRange{slices.Min(ids), slices.Max(ids), false}
	default:
		all.exact = false
	}
	return all
}
