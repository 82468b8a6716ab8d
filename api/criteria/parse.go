package criteria

import (
	"errors"
	"fmt"
	"strings"
)

// Parse reads criteria in one of two forms. Zoho's own form is "((A:equals:x)and(B:in:y,z))", with a backslash before
// each parenthesis, comma and backslash of a value. The other form is one condition without parentheses and
// backslashes, "A:equals:x, y (z)". There only "in" and "between" have several values, with commas between them.
// Parse returns an error that shows the right form if the text has neither form.
func Parse(text string) (Criteria, error) {
	text = strings.TrimSpace(text)
	if !strings.HasPrefix(text, "(") {
		c, err := parseBare(text)
		if err == nil {
			err = c.Check()
		}
		return c, err
	}
	p := parser{text}
	c, err := p.joined()
	if err == nil && p.rest != "" {
		err = fmt.Errorf("%q is left at the end of the criteria", p.rest)
	}
	if err == nil {
		err = c.Check()
	}
	return c, err
}

// parseBare reads a condition without parentheses.
func parseBare(text string) (Criteria, error) {
	return cutCondition(text, func(op, value string) []string {
		if op == opIn || op == opBetween {
			return split(value)
		}
		return []string{value}
	})
}

// cutCondition reads a condition. A value may have colons: times do.
func cutCondition(text string, values func(op, value string) []string) (Criteria, error) {
	field, rest, ok := strings.Cut(text, ":")
	op, value, more := strings.Cut(rest, ":")
	if !ok || !more {
		return Criteria{}, fmt.Errorf(
			"%q is no condition; write FIELD:OPERATOR:VALUE, such as Last_Name:equals:Boyle", text)
	}
	op = strings.TrimSpace(op)
	return Is(strings.TrimSpace(field), op, values(op, value)...), nil
}

// split cuts values at their commas, and removes the backslashes of escapes.
func split(text string) []string {
	var values []string
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == '\\' && i+1 < len(text):
			i++
			b.WriteByte(text[i])
		case text[i] == ',':
			values = append(values, b.String())
			b.Reset()
		default:
			b.WriteByte(text[i])
		}
	}
	return append(values, b.String())
}

// parser reads Zoho's own form.
type parser struct{ rest string }

var errUnclosed = errors.New("a ) is missing in the criteria; a ( or ) inside a value has a \\ before it")

// group reads what is in one pair of parentheses.
func (p *parser) group() (Criteria, error) {
	if !strings.HasPrefix(p.rest, "(") {
		return Criteria{}, fmt.Errorf("the criteria has no ( before %q; a condition is (FIELD:OPERATOR:VALUE)", p.rest)
	}
	p.rest = strings.TrimLeft(p.rest[1:], " ")
	if !strings.HasPrefix(p.rest, "(") {
		return p.condition()
	}
	c, err := p.joined()
	if err != nil {
		return c, err
	}
	var ok bool
	if p.rest, ok = strings.CutPrefix(p.rest, ")"); !ok {
		return c, errUnclosed
	}
	p.skip()
	return c, nil
}

func (p *parser) skip() { p.rest = strings.TrimLeft(p.rest, " ") }

// joined reads groups with "and" between them, or with "or".
func (p *parser) joined() (Criteria, error) {
	first, err := p.group()
	if err != nil {
		return first, err
	}
	c := Criteria{Parts: []Criteria{first}}
	for p.rest != "" && p.rest[0] != ')' {
		word, _, _ := strings.Cut(p.rest, "(")
		p.rest = p.rest[len(word):]
		join := strings.ToLower(strings.TrimSpace(word))
		switch {
		case join != "and" && join != "or":
			return c, fmt.Errorf("between two conditions stands %q, not and or or", word)
		case c.Join != "" && c.Join != join:
			return c, errors.New("the criteria mixes and with or; put those that belong together in parentheses")
		}
		c.Join = join
		next, err := p.group()
		if err != nil {
			return c, err
		}
		c.Parts = append(c.Parts, next)
	}
	if c.Join == "" {
		return first, nil
	}
	return c, nil
}

// condition reads a condition up to its parenthesis.
func (p *parser) condition() (Criteria, error) {
	for i := 0; i < len(p.rest); i++ {
		switch p.rest[i] {
		case '\\':
			i++
		case '(':
			return Criteria{}, fmt.Errorf("a ( stands inside the condition %q; write \\( in a value", p.rest[:i])
		case ')':
			text := p.rest[:i]
			p.rest = p.rest[i+1:]
			p.skip()
			return cutCondition(text, func(_, value string) []string { return split(value) })
		}
	}
	return Criteria{}, errUnclosed
}
