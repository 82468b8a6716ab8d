package criteria

import (
	"encoding/json"
	"math/big"
	"slices"
	"strings"
	"time"
)

// Excludes reports whether a record certainly does not meet the criteria. fields are the record's fields as Zoho sent
// them. A condition that cannot be compared excludes nothing: its field was not read, belongs to a related record, or
// has a value of another type. Texts are equal whatever the case of their letters and the white space around them.
func (c Criteria) Excludes(fields map[string]json.RawMessage) bool {
	switch c.Join {
	case "and":
		return slices.ContainsFunc(c.Parts, func(p Criteria) bool { return p.Excludes(fields) })
	case "or":
		return !slices.ContainsFunc(c.Parts, func(p Criteria) bool { return !p.Excludes(fields) })
	}
	raw, read := fields[c.Field]
	if !read {
		return false
	}
	meets, known := c.meets(raw)
	return known && !meets
}

// meets compares the value of one field. known is false if it cannot be compared.
func (c Criteria) meets(raw json.RawMessage) (meets, known bool) {
	if c.Op == "not_equal" {
		c.Op = "equals"
		meets, known = c.meets(raw)
		return !meets, known
	}
	values, known := decode(raw)
	for _, v := range values {
		is, ok := c.compare(v)
		meets, known = meets || is, known && ok
	}
	return meets, known
}

func (c Criteria) compare(v value) (meets, known bool) {
	if c.Op == "starts_with" {
		t, prefix := []rune(strings.TrimSpace(v.text)), []rune(c.Values[0])
		return len(t) >= len(prefix) && strings.EqualFold(string(t[:len(prefix)]), string(prefix)), true
	}
	if c.Op == OpContains {
		return strings.Contains(strings.ToLower(v.text), strings.ToLower(c.Values[0])), true
	}
	known = true
	orders := make([]int, len(c.Values))
	for i, asked := range c.Values {
		var ok bool
		orders[i], ok = v.against(asked)
		known = known && ok
	}
	switch c.Op {
	case "equals", opIn:
		return slices.Contains(orders, 0), known
	case opBetween:
		return orders[0] >= 0 && orders[1] <= 0, known && v.sorts
	}
	order := orders[0]
	return map[string]bool{
		"greater_than": order > 0, "greater_equal": order >= 0, "less_than": order < 0, "less_equal": order <= 0,
	}[c.Op], known && v.sorts
}

// value is a value of a record, to compare.
type value struct {
	text   string
	number bool
	sorts  bool // it has an order that Zoho's search knows: a number, a date or a time
}

// decode returns the values of a field: none if the field is empty, the name and the id of a lookup, or each of several
// values. ok is false for any other JSON.
func decode(raw json.RawMessage) (values []value, ok bool) {
	if len(raw) == 0 {
		return nil, false
	}
	switch raw[0] {
	case 'n':
		return nil, true
	case '"':
		var s string
		ok = json.Unmarshal(raw, &s) == nil
		_, _, isTime := parseTime(s)
		if s == "" {
			return nil, ok
		}
		return []value{{text: s, sorts: isTime}}, ok
	case '{':
		var o struct{ ID, Name string }
		ok = json.Unmarshal(raw, &o) == nil && o.ID != ""
		return []value{{text: o.Name}, {text: o.ID}}, ok
	case '[':
		var list []string
		ok = json.Unmarshal(raw, &list) == nil
		for _, s := range append(list, strings.Join(list, ";")) {
			values = append(values, value{text: s})
		}
		return values, ok
	case 't', 'f':
		return []value{{text: string(raw)}}, true
	}
	return []value{{text: string(raw), number: true, sorts: true}}, true
}

// against compares the value with the wanted one: order is below, equal to or above zero. known is false if the two are
// of different types.
func (v value) against(asked string) (order int, known bool) {
	if v.number {
		return compareNumbers(v.text, asked)
	}
	have, haveDay, ok := parseTime(v.text)
	if want, wantDay, too := parseTime(asked); ok && too {
		return have.Compare(want), haveDay == wantDay
	}
	if strings.EqualFold(strings.TrimSpace(v.text), asked) {
		return 0, true
	}
	return 1, true
}

// parseTime reads a date or a time with its offset. day reports whether it is a date.
func parseTime(s string) (t time.Time, day, ok bool) {
	t, err := time.Parse(time.DateOnly, s)
	if err == nil {
		return t, true, true
	}
	t, err = time.Parse(time.RFC3339, s)
	return t, false, err == nil
}

// mostDigits bounds the numbers that are compared: a number of Zoho has at most 25 digits (Zoho CRM API v8, Insert
// Records: 16 before the point and 9 after it).
const mostDigits = 64

func compareNumbers(a, b string) (order int, known bool) {
	if len(a)+len(b) > mostDigits || strings.ContainsAny(a+b, "eEpPxX_/") {
		return 0, false
	}
	x, okA := new(big.Rat).SetString(a)
	y, okB := new(big.Rat).SetString(b)
	if !okA || !okB {
		return 0, false
	}
	return x.Cmp(y), true
}
