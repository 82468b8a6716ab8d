// Package coql is Zoho's query language: tokens, the parser, the plan of a query, and its rows. It knows no HTTP.
//
// A query is select ... from (a module) where ..., then order by, limit n or limit offset, n, and offset n. Columns are
// fields. Dots follow at most two lookups: Account_Name.(a field of accounts), Contact_Name.(a field of contacts),
// Owner.last_name, first_name, full_name, email, and .id of each. Columns may have aliases. Criteria are = != > >= < <=
// in, between, like, each also with not, is null and is not null, if the field's type takes them. More than two
// criteria need brackets around pairs. COUNT(column) counts from v4 on. The package refuses other aggregates, group by,
// explicit joins, subqueries and custom views.
//
// Zoho does not document the following: empty fields match only "is null" and come first, and texts are compared
// exactly, case included, unless [Limits.Caseless] is set.
package coql

// A Query is a parsed query. A [Plan] gives its names and values a meaning.
type Query struct {
	Module  string
	columns []column
	where   *criteria
	order   []order
	limit   string // a number, or a word in its place; "" is none
	offset  string
}

// A column is a select column, perhaps in an aggregate function.
type column struct {
	function string // "COUNT"; "" is none
	name     string
	alias    string
	aliased  bool
}

// key returns the name of the column in an answer.
func (c *column) key() string {
	switch {
	case c.aliased:
		return c.alias
	case c.function != "":
		return c.function + "(" + c.name + ")"
	}
	return c.name
}

// criteria are one criterion, or two sides joined by "and" or "or".
type criteria struct {
	join        string // "" for one
	left, right *criteria
	one         criterion
}

// A criterion compares a column: = != > < >= <= and like with one value, in with a list, between with two values, is
// null with none. The operator of a negated criterion begins with "not ".
type criterion struct {
	column   string
	operator string
	values   []value
}

// A value is a value as the query has it. Zoho's samples have ids and times in quotes, and numbers and single words
// without.
type value struct {
	text   string
	number bool // without quotes
}

type order struct {
	column string // or alias
	desc   bool
}

// count returns the number of criteria.
func (c *criteria) count() int {
	if c.join == "" {
		return 1
	}
	return c.left.count() + c.right.count()
}
