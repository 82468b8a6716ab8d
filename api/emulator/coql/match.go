package coql

import (
	"slices"
	"strings"

	"rolecall/api/emulator/org"
	"rolecall/api/emulator/wire"
)

// operatorsOf returns the comparators that a kind of field takes. Zoho CRM API v7, Get Records through a COQL Query,
// Field Types and their Comparators.
func operatorsOf(k org.Kind) []string {
	switch k {
	case org.KindLookup, org.KindOwner, org.KindUser:
		return []string{"=", "!=", "in", "not in", "is null", "is not null"}
	case org.KindNumber, org.KindCurrency, org.KindPercent, org.KindInteger, org.KindDate, org.KindDateTime, org.KindID:
		return []string{"=", "!=", ">=", ">", "<=", "<", "between", "not between", "in", "not in",
			"is null", "is not null"}
	case org.KindBoolean:
		return []string{"="}
	}
	return []string{"=", "!=", "like", "not like", "in", "not in", "is null", "is not null"}
}

// A matcher reports whether a record meets criteria.
type matcher func(org.ID) bool

func (r *resolver) matcher(c *criteria, v wire.Version) (matcher, error) {
	if c.join == "" {
		return r.matchOne(&c.one, v)
	}
	left, err := r.matcher(c.left, v)
	if err != nil {
		return nil, err
	}
	right, err := r.matcher(c.right, v)
	if err != nil {
		return nil, err
	}
	if c.join == "and" {
		return func(n org.ID) bool { return left(n) && right(n) }, nil
	}
	return func(n org.ID) bool { return left(n) || right(n) }, nil
}

// matchOne makes the matcher of one criterion.
func (r *resolver) matchOne(c *criterion, v wire.Version) (matcher, error) {
	f, err := r.field(c.column)
	if err != nil {
		return nil, err
	}
	cells, err := checkCriterion(c, f, v)
	if err != nil {
		return nil, err
	}
	operator, negated := strings.CutPrefix(c.operator, "not ")
	fold := func(x Cell) Cell { return x }
	if r.caseless && (operator == "=" || operator == "in") {
		fold = func(x Cell) Cell { x.text = strings.ToLower(x.text); return x }
		for i := range cells {
			cells[i] = fold(cells[i])
		}
	}
	var test func(Cell) bool
	switch operator {
	case "is null", "is not null":
		return func(n org.ID) bool { return f.cell(n).null == (operator == "is null") }, nil
	case "in":
		test = func(x Cell) bool {
			return slices.ContainsFunc(cells, func(y Cell) bool { return CompareCells(x, y) == 0 })
		}
	case "between":
		test = func(x Cell) bool { return CompareCells(x, cells[0]) >= 0 && CompareCells(x, cells[1]) <= 0 }
	case "like":
		test = like(c.values[0].text)
	default:
		test = func(x Cell) bool { return compare(operator, CompareCells(x, cells[0])) }
	}
	return func(n org.ID) bool {
		x := fold(f.cell(n))
		return !x.null && test(x) != negated
	}, nil
}

func compare(operator string, c int) bool {
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

// checkCriterion checks that column, operator and values go together, and makes the values comparable.
func checkCriterion(c *criterion, f *field, v wire.Version) ([]Cell, error) {
	if f.kind == org.KindTextArea {
		// Query API - Limitations: no multi-line fields in criteria.
		text := ""
		if len(c.values) > 0 {
			text = c.values[0].text
		}
		return nil, wire.Bad("INVALID_QUERY", "unsupported column in criteria",
			wire.Details{CVCriteria: new(false), ColumnName: c.column, Value: &text, Operator: c.operator})
	}
	if !slices.Contains(operatorsOf(f.kind), c.operator) {
		return nil, invalidOperator(c.column, c.operator)
	}
	if most := mostValues(v); len(c.values) > most {
		return nil, wire.OverLimit(c.operator, most)
	}
	if strings.HasSuffix(c.operator, "like") {
		if !likeable(c.values[0].text, c.operator == "not like") {
			return nil, invalidValue(c.column, c.values[0].text)
		}
		return nil, nil
	}
	cells := make([]Cell, len(c.values))
	for i, value := range c.values {
		var ok bool
		if cells[i], ok = ParseCell(f.kind, value.text); !ok {
			return nil, invalidValue(c.column, value.text)
		}
	}
	return cells, nil
}

// mostValues returns how many values "in" takes: Kaizen 183, COQL in v7.
func mostValues(v wire.Version) int {
	if v >= wire.V7 {
		return 100
	}
	return 50
}

// likeable reports whether a pattern has its wildcards as on Zoho's page: at the ends, and for "not like" at both ends.
func likeable(pattern string, negated bool) bool {
	inside := strings.TrimSuffix(strings.TrimPrefix(pattern, "%"), "%")
	if inside == "" || strings.Contains(inside, "%") {
		return false
	}
	return !negated || len(inside) == len(pattern)-2
}

func like(pattern string) func(Cell) bool {
	inside, before := strings.CutPrefix(pattern, "%")
	inside, after := strings.CutSuffix(inside, "%")
	return func(x Cell) bool {
		switch {
		case before && after:
			return strings.Contains(x.text, inside)
		case before:
			return strings.HasSuffix(x.text, inside)
		case after:
			return strings.HasPrefix(x.text, inside)
		}
		return x.text == inside
	}
}

// having returns the records that criteria can match, by their conditions on fields with texts or lookups. It returns
// false if the criteria have no such condition. The caller has checked the criteria.
func (r *resolver) having(c *criteria) (list org.List, said bool) {
	switch c.join {
	case "and":
		if list, said = r.having(c.left); said {
			return list, true
		}
		return r.having(c.right)
	case "or":
		left, said := r.having(c.left)
		right, both := r.having(c.right)
		list = slices.Sorted(slices.Values(slices.Concat(left, right)))
		return slices.Compact(list), said && both
	}
	f, _ := r.records.FieldNamed(r.module, c.one.column)
	indexed := slices.Contains([]org.Kind{
		org.KindText, org.KindEmail, org.KindPhone, org.KindWebsite, org.KindLookup,
	}, f.Kind)
	if !indexed || c.one.operator != "=" && c.one.operator != "in" {
		return nil, false
	}
	var texts []string
	for _, v := range c.one.values {
		texts = append(texts, v.text)
	}
	return r.records.Having(r.module, f.API, texts), true
}

// An idRange is the ids from low to high. The criteria match no id outside the range. If exact is true, they match each
// id in it.
type idRange struct {
	low, high org.ID
	exact     bool
}

// idRange returns the range of ids that criteria can match, so that a page by id does not read earlier records. The
// caller has checked the criteria.
func (c *criteria) idRange() idRange {
	all := idRange{high: ^org.ID(0)}
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
	var ids []org.ID
	for _, value := range c.one.values {
		n, _ := org.ParseID(value.text)
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
