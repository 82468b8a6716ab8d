package records

import (
	"encoding/json"
	"slices"
	"strings"
	"unicode/utf8"

	"rolecall/api/emulator/coql"
	"rolecall/api/emulator/org"
	"rolecall/api/emulator/wire"
)

// A matcher reports whether a search finds a record.
type matcher func(org.Row) bool

// Zoho CRM API v7, Search Records, has ten criteria; a text of OpenAPI v8.0 has 15. The length and the number of values
// of "in" are those of OpenAPI v8.0.
const (
	mostCriteria    = 10
	longestCriteria = 3000
	mostValues      = 100
)

// textKinds are the fields in which a word is searched, and which take starts_with.
func textKinds() []org.Kind {
	return []org.Kind{
		org.KindText, org.KindEmail, org.KindPhone, org.KindWebsite, org.KindTextArea, org.KindMultiSelect,
	}
}

// operatorsOf returns the operators of a kind of field. OpenAPI v8.0, Search Records.
func operatorsOf(k org.Kind) []string {
	list := []string{"equals", "not_equal"}
	if k != org.KindBoolean && k != org.KindTextArea {
		list = append(list, "in")
	}
	if slices.Contains(textKinds(), k) {
		list = append(list, "starts_with")
	}
	if k.IsNumber() || k == org.KindDate || k == org.KindDateTime || k == org.KindID {
		list = append(list, "greater_than", "greater_equal", "less_than", "less_equal", "between")
	}
	return list
}

const opContains = "contains"

// badQuery refuses criteria with the details of the examples in OpenAPI v8.0. The reasons are ours.
func badQuery(reason string, d wire.Details) error {
	d.Reason = reason
	return wire.Bad("INVALID_QUERY", "Invalid query formed", d)
}

// A parser reads criteria: (Field:operator:value), joined by and, or, in brackets.
type parser struct {
	api      *API
	module   org.Module
	rest     string
	count    int
	contains bool // texts take contains, which only the page of the PinkConnect gateway names
}

func (a *API) readCriteria(m org.Module, text string, contains bool) (matcher, error) {
	if utf8.RuneCountInString(text) > longestCriteria {
		wrong := wire.InvalidParam("criteria", "")
		wrong.Result.Details.MaximumLength = longestCriteria
		return nil, wrong
	}
	p := &parser{api: a, module: m, rest: text, contains: contains}
	match, err := p.expression(0)
	switch {
	case err != nil:
		return nil, err
	case p.rest != "":
		return nil, badQuery("unexpected text after the criteria", wire.Details{})
	case p.count > mostCriteria:
		return nil, wire.Bad("CRITERIA_LIMIT_EXCEEDED", "criteria limit exceeded",
			wire.Details{Limit: json.RawMessage(`"10"`)})
	}
	return match, nil
}

// deepest is how deep brackets may be nested. No criteria need so many.
const deepest = 30

// expression reads criteria that are joined from left to right.
func (p *parser) expression(depth int) (matcher, error) {
	left, err := p.side(depth)
	for err == nil {
		rest := strings.TrimLeft(p.rest, " ")
		word := ""
		for _, w := range []string{"and", "or"} {
			if len(rest) >= len(w) && strings.EqualFold(rest[:len(w)], w) {
				word = w
			}
		}
		if word == "" {
			return left, nil
		}
		p.rest = rest[len(word):]
		var right matcher
		if right, err = p.side(depth); err == nil {
			left = join(word, left, right)
		}
	}
	return nil, err
}

func join(word string, left, right matcher) matcher {
	if word == "and" {
		return func(w org.Row) bool { return left(w) && right(w) }
	}
	return func(w org.Row) bool { return left(w) || right(w) }
}

// side reads what is in a pair of brackets: one criterion, or an expression.
func (p *parser) side(depth int) (matcher, error) {
	rest, opens := strings.CutPrefix(strings.TrimLeft(p.rest, " "), "(")
	if !opens || depth > deepest {
		return nil, badQuery("a bracket is missing", wire.Details{})
	}
	p.rest = rest
	var match matcher
	var err error
	if strings.HasPrefix(strings.TrimLeft(rest, " "), "(") {
		match, err = p.expression(depth + 1)
	} else {
		match, err = p.criterion()
	}
	if err != nil {
		return nil, err
	}
	rest, closes := strings.CutPrefix(strings.TrimLeft(p.rest, " "), ")")
	if !closes {
		return nil, badQuery("a bracket is not closed", wire.Details{})
	}
	p.rest = rest
	return match, nil
}

// criterion reads Field:operator:value, up to the closing bracket.
func (p *parser) criterion() (matcher, error) {
	p.count++
	name, rest, hasOperator := strings.Cut(p.rest, ":")
	operator, rest, hasValue := strings.Cut(rest, ":")
	if !hasOperator || !hasValue || strings.ContainsAny(name+operator, "()") {
		return nil, badQuery("a criterion is field:operator:value", wire.Details{})
	}
	values, rest, wrong := splitValues(rest)
	if wrong != "" {
		return nil, badQuery(wrong, wire.Details{})
	}
	p.rest = rest
	f, known := p.api.store.FieldNamed(p.module, strings.TrimSuffix(name, ".id"))
	if !known {
		return nil, badQuery("the field is not available in the module", wire.Details{})
	}
	contains := p.contains && operator == opContains && slices.Contains(textKinds(), f.Kind)
	if !contains && !slices.Contains(operatorsOf(f.Kind), operator) {
		return nil, badQuery("invalid operator found", wire.Details{Operator: operator})
	}
	wanted := map[string]int{"in": mostValues, "between": 2}[operator]
	if len(values) > max(wanted, 1) || operator == "between" && len(values) != 2 {
		return nil, badQuery("the operator does not take so many values",
			wire.Details{Operator: operator})
	}
	for _, v := range values {
		if utf8.RuneCountInString(v) < shortestWord && slices.Contains(textKinds(), f.Kind) {
			return nil, wire.Bad("INVALID_DATA", "the search value needs at least two characters",
				wire.Details{ParamName: "criteria"}) // the text is ours
		}
	}
	return test(f, operator, values)
}

// splitValues reads values up to a closing bracket, which stays in rest. A bracket, comma or backslash after a
// backslash is part of a value. Zoho CRM API v7, Search Records, Note.
func splitValues(text string) (values []string, rest, wrong string) {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\' && i+1 < len(text):
			i++
			b.WriteByte(text[i])
		case c == '(':
			return nil, "", "a bracket in a value is not escaped"
		case c == ')':
			return append(values, b.String()), text[i:], ""
		case c == ',':
			values = append(values, b.String())
			b.Reset()
		default:
			b.WriteByte(c)
		}
	}
	return nil, "", "a bracket is not closed"
}

// test makes the matcher of one criterion. Empty fields match nothing. (inferred)
func test(f org.Field, operator string, values []string) (matcher, error) {
	if f.Kind == org.KindLookup || f.Kind.IsUser() {
		return testLookup(f.API, operator, values), nil
	}
	if f.Kind == org.KindPicklist || slices.Contains(textKinds(), f.Kind) {
		return testText(f, operator, values), nil
	}
	cells := make([]coql.Cell, len(values))
	for i, v := range values {
		var fits bool
		if cells[i], fits = coql.ParseCell(f.Kind, v); !fits {
			return nil, badQuery("invalid value found", wire.Details{ExpectedDataType: string(f.Kind)})
		}
	}
	return func(w org.Row) bool {
		value, _ := w.Value(f.API)
		x := coql.CellOf(f.Kind, value)
		if x.IsNull() {
			return false
		}
		c := coql.CompareCells(x, cells[0])
		switch operator {
		case "not_equal":
			return c != 0
		case "in":
			return slices.ContainsFunc(cells, func(y coql.Cell) bool { return coql.CompareCells(x, y) == 0 })
		case "greater_than":
			return c > 0
		case "greater_equal":
			return c >= 0
		case "less_than":
			return c < 0
		case "less_equal":
			return c <= 0
		case "between":
			return c >= 0 && coql.CompareCells(x, cells[1]) <= 0
		}
		return c == 0
	}, nil
}

// testLookup compares the id of the record behind a lookup, or its name as a text. Which of them is not documented.
func testLookup(name, operator string, values []string) matcher {
	var tests []func(org.Lookup) bool
	for _, v := range values {
		n, isID := org.ParseID(v)
		byName := alike(v)
		tests = append(tests, func(to org.Lookup) bool {
			text, _ := wire.Unquote(to.Name)
			return isID && to.ID == n || !isID && byName(text)
		})
	}
	return func(w org.Row) bool {
		value, _ := w.Value(name)
		to := org.ReadLookup(value)
		found := slices.ContainsFunc(tests, func(t func(org.Lookup) bool) bool { return t(to) })
		return to.ID != 0 && found == (operator != "not_equal")
	}
}

// testText compares texts. Equals is like contains, except on picklists (Zoho CRM API v7, Search Records, Note).
func testText(f org.Field, operator string, values []string) matcher {
	var tests []func(string) bool
	for _, v := range values {
		switch {
		case f.Kind == org.KindPicklist:
			tests = append(tests, func(text string) bool { return strings.EqualFold(text, v) })
		case operator == "starts_with":
			prefix := fold(v)
			tests = append(tests, func(text string) bool { return strings.HasPrefix(fold(text), prefix) })
		default:
			tests = append(tests, alike(v))
		}
	}
	return func(w org.Row) bool {
		texts := []string{w.Text(f.API)}
		if f.Kind == org.KindMultiSelect {
			value, _ := w.Value(f.API)
			_ = json.Unmarshal(value, &texts) // null: no text
		}
		texts = slices.DeleteFunc(texts, func(s string) bool { return s == "" })
		found := slices.ContainsFunc(texts, func(text string) bool {
			return slices.ContainsFunc(tests, func(t func(string) bool) bool { return t(text) })
		})
		return len(texts) > 0 && found == (operator != "not_equal")
	}
}

// alike returns a function that reports whether a text has a part that looks like the value.
func alike(value string) func(string) bool {
	part := fold(value)
	return func(text string) bool { return text != "" && strings.Contains(fold(text), part) }
}

// fold makes look-alikes equal: "a-b@x.com" finds "a_b@x.com". OpenAPI v8.0, Search Records, lists the characters.
func fold(s string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune("{}[]^:-/!?*_@ ", r) {
			return ' '
		}
		return r
	}, strings.ToLower(s))
}
