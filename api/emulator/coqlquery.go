package emulator

// A coqlQuery is a query as it was written; what its names and values mean is
// looked at later.
type coqlQuery struct {
	columns []coqlColumn
	module  string
	where   *coqlCriteria
	order   []coqlOrder
	limit   string // "" is none; a number, or a word that is none
	offset  string
}

// A coqlColumn is a select column, perhaps in an aggregate function.
type coqlColumn struct {
	function string // "COUNT"; "" is none
	name     string
	alias    string
	aliased  bool
}

// key is what the column is called in an answer.
func (c *coqlColumn) key() string {
	switch {
	case c.aliased:
		return c.alias
	case c.function != "":
		return c.function + "(" + c.name + ")"
	}
	return c.name
}

// coqlCriteria are one criterion, or two joined by "and" or "or".
type coqlCriteria struct {
	join        string // "" for one
	left, right *coqlCriteria
	one         coqlCriterion
}

// A coqlCriterion compares a column: = != > < >= <= with one value, in and
// not in with some, between and not between with two, like and not like with
// one, is null and is not null with none.
type coqlCriterion struct {
	column   string
	operator string
	values   []coqlValue
}

// A coqlValue is a value as it was written. Zoho's samples have ids and times
// in quotes, numbers without, and single words without.
type coqlValue struct {
	text   string
	number bool // without quotes
}

type coqlOrder struct {
	column string // or alias
	desc   bool
}

// leaves gives the criteria one by one.
func (c *coqlCriteria) leaves(yield func(*coqlCriterion) bool) bool {
	if c.join == "" {
		return yield(&c.one)
	}
	return c.left.leaves(yield) && c.right.leaves(yield)
}
