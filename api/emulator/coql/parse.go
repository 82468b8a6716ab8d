package coql

import (
	"slices"
	"strings"
)

// maxBrackets is how deep criteria may be bracketed: 25 of them need 24.
const maxBrackets = 100

// A parser reads a query. After each method, token is the first token that the method did not read.
type parser struct {
	lexer lexer
	token token
	depth int
}

// Parse reads a query. Zoho CRM API v8, Query API - An Overview. Its errors are refusals.
func Parse(text string) (*Query, error) {
	p := &parser{lexer: lexer{rest: text, line: 1, column: 1}}
	p.next()
	if !p.take("select") {
		return nil, unsupportedQuery()
	}
	q := &Query{}
	for _, clause := range []func(*Query) error{p.columns, p.from, p.where, p.tail} {
		if err := clause(q); err != nil {
			return nil, err
		}
	}
	if p.token.kind != tokenEnd {
		return nil, unexpected(p.token)
	}
	return q, nil
}

func (p *parser) next() { p.token = p.lexer.next() }

// take skips a keyword or symbol if it comes next, and reports whether it did.
func (p *parser) take(word string) bool {
	if !p.token.is(word) {
		return false
	}
	p.next()
	return true
}

// expect skips a keyword or symbol, which must come next.
func (p *parser) expect(word string) error {
	if !p.take(word) {
		return unexpected(p.token)
	}
	return nil
}

// reserved reports whether a word is a column only in quotes. Zoho has no list of these words. Here they are the words
// of the language.
func reserved(word string) bool {
	return slices.Contains(
		[]string{"select", "from", "where", "and", "or", "not", "in", "like", "is", "null", "between",
			"group", "order", "by", "limit", "offset", "as", "asc", "desc"},
		strings.ToLower(word),
	)
}

// name reads the name of a column or an alias: a word, or a text in quotes.
func (p *parser) name() (string, error) {
	t := p.token
	if t.kind != tokenText && (t.kind != tokenWord || reserved(t.text)) {
		return "", unexpected(t)
	}
	p.next()
	return t.text, nil
}

// list reads one or more items with commas between them.
func (p *parser) list(item func() error) error {
	for {
		if err := item(); err != nil {
			return err
		}
		if !p.take(",") {
			return nil
		}
	}
}

func (p *parser) columns(q *Query) error {
	return p.list(func() error {
		c, err := p.column()
		q.columns = append(q.columns, c)
		return err
	})
}

func (p *parser) column() (c column, err error) {
	quoted := p.token.kind == tokenText
	if c.name, err = p.name(); err != nil {
		return c, err
	}
	if !quoted && p.take("(") {
		c.function = c.name
		if c.name, err = p.name(); err != nil {
			return c, err
		}
		if err := p.expect(")"); err != nil {
			return c, err
		}
	}
	if p.take("as") {
		c.aliased = true
		c.alias, err = p.name()
	}
	return c, err
}

func (p *parser) from(q *Query) error {
	if p.token.kind == tokenEnd || p.token.is("where") {
		return missingClause("from")
	}
	if err := p.expect("from"); err != nil {
		return err
	}
	if p.token.kind != tokenWord || reserved(p.token.text) {
		return unexpected(p.token)
	}
	q.Module = p.token.text
	p.next()
	return nil
}

// where reads the criteria. They are mandatory: no sample lacks them, and a page lists the clause as mandatory.
func (p *parser) where(q *Query) (err error) {
	switch {
	case p.token.kind == tokenEnd, p.token.is("group"), p.token.is("order"), p.token.is("limit"), p.token.is("offset"):
		return missingClause("where")
	}
	if err = p.expect("where"); err != nil {
		return err
	}
	q.where, err = p.criteria()
	return err
}

// criteria reads one criterion, or two joined ones. More than two need brackets around pairs (Zoho CRM API v7, Query
// API - Limitations).
func (p *parser) criteria() (*criteria, error) {
	left, err := p.operand()
	if err != nil {
		return nil, err
	}
	join := ""
	switch {
	case p.take("and"):
		join = "and"
	case p.take("or"):
		join = "or"
	default:
		return left, nil
	}
	right, err := p.operand()
	if err != nil {
		return nil, err
	}
	return &criteria{join: join, left: left, right: right}, nil
}

func (p *parser) operand() (*criteria, error) {
	if !p.take("(") {
		one, err := p.criterion()
		return &criteria{one: one}, err
	}
	if p.depth++; p.depth > maxBrackets {
		return nil, tooComplex()
	}
	c, err := p.criteria()
	if err != nil {
		return nil, err
	}
	p.depth--
	return c, p.expect(")")
}

func (p *parser) criterion() (c criterion, err error) {
	if c.column, err = p.name(); err != nil {
		return c, err
	}
	if p.take("is") {
		c.operator = "is null"
		if p.take("not") {
			c.operator = "is not null"
		}
		return c, p.expect("null")
	}
	for _, symbol := range []string{"=", "!=", ">=", "<=", ">", "<"} {
		if p.take(symbol) {
			c.operator = symbol
			err = p.value(&c)
			return c, err
		}
	}
	not := ""
	if p.take("not") {
		not = "not "
	}
	switch {
	case p.take("like"):
		c.operator = not + "like"
		err = p.value(&c)
	case p.take("between"):
		c.operator = not + "between"
		if err = p.value(&c); err == nil {
			err = p.expect("and")
		}
		if err == nil {
			err = p.value(&c)
		}
	case p.take("in"):
		c.operator = not + "in"
		if err = p.expect("("); err == nil {
			err = p.list(func() error { return p.value(&c) })
		}
		if err == nil {
			err = p.expect(")")
		}
	default:
		err = unexpected(p.token)
	}
	return c, err
}

// value adds a value to a criterion.
func (p *parser) value(c *criterion) error {
	t := p.token
	if t.kind != tokenText && t.kind != tokenNumber && (t.kind != tokenWord || reserved(t.text)) {
		return unexpected(t)
	}
	p.next()
	c.values = append(c.values, value{text: t.text, number: t.kind == tokenNumber})
	return nil
}

// tail reads the clauses after the criteria.
func (p *parser) tail(q *Query) error {
	if p.token.is("group") {
		return unsupportedQuery()
	}
	if p.take("order") {
		if err := p.expect("by"); err != nil {
			return err
		}
		if err := p.list(func() error { return p.order(q) }); err != nil {
			return err
		}
	}
	if p.take("limit") {
		if err := p.limit(q); err != nil {
			return err
		}
	}
	if q.offset == "" && p.take("offset") {
		return p.amount(&q.offset)
	}
	return nil
}

func (p *parser) order(q *Query) error {
	name, err := p.name()
	if err != nil {
		return err
	}
	o := order{column: name, desc: p.take("desc")}
	if !o.desc {
		p.take("asc")
	}
	q.order = append(q.order, o)
	return nil
}

// limit reads "limit n" or "limit offset, n".
func (p *parser) limit(q *Query) error {
	if err := p.amount(&q.limit); err != nil {
		return err
	}
	if !p.take(",") {
		return nil
	}
	q.offset = q.limit
	return p.amount(&q.limit)
}

// amount reads a number. It also accepts a word, which the plan refuses.
func (p *parser) amount(to *string) error {
	if p.token.kind != tokenNumber && p.token.kind != tokenWord {
		return unexpected(p.token)
	}
	*to = p.token.text
	p.next()
	return nil
}
