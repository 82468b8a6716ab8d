// Package criteria writes and reads the criteria of Zoho's record search, and checks what the search found. Zoho's
// search is loose: "equals" also finds values that contain the one asked for, or look like it.
package criteria

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// Criteria is one condition, or several that are joined.
type Criteria struct {
	Field  string // of a condition: by API name when it is sent; people may type a label
	Op     string // "equals"
	Values []string
	Join   string // "and" or "or"; of Parts
	Parts  []Criteria
}

// The bounds of a search (Zoho CRM API v8, Search Records; the text of an error has 15 conditions).
const (
	mostConditions = 10
	longest        = 3000 // characters
	mostValues     = 100  // of "in"
)

// The operators that take several values.
const (
	opIn      = "in"
	opBetween = "between"
)

// OpContains is the operator that only the page of the PinkConnect gateway names (docs.pinkfish.ai,
// slash-commands/zoho).
const OpContains = "contains"

// Has reports whether a condition has an operator.
func (c Criteria) Has(op string) (has bool) {
	c.each(func(one Criteria) { has = has || one.Op == op })
	return has
}

// Operators returns the operators that Zoho documents (Zoho CRM API v8, Search Records), and OpContains. Version 2 of
// the API has only equals and starts_with. The type of a field decides which operators it takes: Zoho refuses the
// others with INVALID_QUERY.
func Operators() []string {
	return []string{
		"equals", "not_equal", OpContains, "starts_with", opIn,
		"greater_than", "greater_equal", "less_than", "less_equal", opBetween,
	}
}

// Is returns a condition. It removes the white space around each value, because no field of Zoho has any there.
func Is(field, op string, values ...string) Criteria {
	c := Criteria{Field: field, Op: op, Values: make([]string, len(values))}
	for i, v := range values {
		c.Values[i] = strings.TrimSpace(v)
	}
	return c
}

// String returns the criteria as Zoho takes it, before it becomes part of a URL: "(Last_Name:equals:Burns\,B)".
func (c Criteria) String() string {
	if c.Join == "" {
		values := make([]string, len(c.Values))
		for i, v := range c.Values {
			values[i] = escape(v)
		}
		return "(" + c.Field + ":" + c.Op + ":" + strings.Join(values, ",") + ")"
	}
	parts := make([]string, len(c.Parts))
	for i, p := range c.Parts {
		parts[i] = p.String()
	}
	return "(" + strings.Join(parts, c.Join) + ")"
}

// escape puts a backslash before each character with a meaning in criteria (Zoho CRM API v8, Search Records).
func escape(value string) string {
	return strings.NewReplacer(`\`, `\\`, "(", `\(`, ")", `\)`, ",", `\,`).Replace(value)
}

// Fields returns the fields of all conditions, each once.
func (c Criteria) Fields() []string {
	var fields []string
	c.each(func(one Criteria) {
		if !slices.Contains(fields, one.Field) {
			fields = append(fields, one.Field)
		}
	})
	return fields
}

// each calls f with every condition.
func (c Criteria) each(f func(Criteria)) {
	if c.Join == "" {
		f(c)
	}
	for _, p := range c.Parts {
		p.each(f)
	}
}

// Check returns why Zoho would refuse the criteria whatever the module is, or nil.
func (c Criteria) Check() error {
	conditions := 0
	var err error
	c.each(func(one Criteria) {
		conditions++
		if err == nil {
			err = one.check()
		}
	})
	switch n := utf8.RuneCountInString(c.String()); {
	case err != nil:
		return err
	case conditions > mostConditions:
		return fmt.Errorf("the criteria has %d conditions; Zoho takes at most %d", conditions, mostConditions)
	case n > longest:
		return fmt.Errorf("the criteria has %d characters; Zoho takes at most %d", n, longest)
	}
	return nil
}

func (c Criteria) check() error {
	want := 1
	switch c.Op {
	case opIn:
		want = min(max(len(c.Values), 1), mostValues)
	case opBetween:
		want = 2
	}
	switch {
	case c.Field == "" || strings.ContainsAny(c.Field, `:(),\`):
		return fmt.Errorf("%q is not a field; a condition is FIELD:OPERATOR:VALUE", c.Field)
	case !slices.Contains(Operators(), c.Op):
		return fmt.Errorf("%s: there is no operator %q; Zoho has %s", c.Field, c.Op, strings.Join(Operators(), ", "))
	case len(c.Values) != want:
		return fmt.Errorf("%s: %s takes %d values, not %d", c.Field, c.Op, want, len(c.Values))
	case slices.Contains(c.Values, ""):
		return fmt.Errorf("%s: a value is empty; Zoho's search finds no empty fields", c.Field)
	}
	return nil
}
