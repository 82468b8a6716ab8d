package emulator

import (
	"slices"
	"strings"
)

// maxBrackets is how deep criteria may be bracketed: 25 of them need 24.
const maxBrackets = 100

// A coqlParser reads a query. Its methods leave the first token of what comes
// next in token.
type coqlParser struct {
	lexer coqlLexer
	token coqlToken
	depth int
}

// parseCOQL reads a query. Zoho CRM API v8, Query API - An Overview.
func parseCOQL(text string) (*coqlQuery, error) {
	p := &coqlParser{lexer: coqlLexer{rest: text, line: 1, column: 1}}
	p.next()
	if !p.take("select") {
		return nil, unsupportedQuery()
	}
	q := &coqlQuery{}
	for _, clause := range []func(*coqlQuery) error{p.columns, p.from, p.where, p.tail} {
		if err := clause(q); err != nil {
			return nil, err
		}
	}
	if p.token.kind != tokenEnd {
		return nil, unexpected(p.token)
	}
	return q, nil
}

func (p *coqlParser) next() { p.token = p.lexer.next() }

// take goes past a keyword or symbol, if it is there.
func (p *coqlParser) take(word string) bool {
	if !p.token.is(word) {
		return false
	}
	p.next()
	return true
}

// expect goes past one that must be there.
func (p *coqlParser) expect(word string) error {
	if !p.take(word) {
		return unexpected(p.token)
	}
	return nil
}

// reserved are the words that are columns only in quotes. Which ones Zoho
// reserves is not listed anywhere: here it is those of the language.
func reserved(word string) bool {
	return slices.Contains([]string{"select", "from", "where", "and", "or", "not", "in", "like", "is", "null", "between",
		"group", "order", "by", "limit", "offset", "as", "asc", "desc"}, strings.ToLower(word))
}

// name reads the name of a column or an alias: a word, or a text in quotes.
func (p *coqlParser) name() (string, error) {
	t := p.token
	if t.kind != tokenText && (t.kind != tokenWord || reserved(t.text)) {
		return "", unexpected(t)
	}
	p.next()
	return t.text, nil
}

func (p *coqlParser) columns(q *coqlQuery) error {
	for {
		c, err := p.column()
		if err != nil {
			return err
		}
		q.columns = append(q.columns, c)
		if !p.take(",") {
			return nil
		}
	}
}

func (p *coqlParser) column() (c coqlColumn, err error) {
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

func (p *coqlParser) from(q *coqlQuery) error {
	if p.token.kind == tokenEnd || p.token.is("where") {
		return missingClause("from")
	}
	if err := p.expect("from"); err != nil {
		return err
	}
	if p.token.kind != tokenWord || reserved(p.token.text) {
		return unexpected(p.token)
	}
	q.module = p.token.text
	p.next()
	return nil
}

// where reads the criteria, which there must be: no sample is without, and a
// page has the clause among what a query must contain.
func (p *coqlParser) where(q *coqlQuery) (err error) {
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

// criteria reads one criterion, or two joined: of more than two, pairs are in
// brackets (Zoho CRM API v7, Query API - Limitations).
func (p *coqlParser) criteria() (*coqlCriteria, error) {
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
	return &coqlCriteria{join: join, left: left, right: right}, nil
}

func (p *coqlParser) operand() (*coqlCriteria, error) {
	if !p.take("(") {
		one, err := p.criterion()
		return &coqlCriteria{one: one}, err
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

func (p *coqlParser) criterion() (c coqlCriterion, err error) {
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
			c.values, err = p.values(1, "")
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
		c.values, err = p.values(1, "")
	case p.take("between"):
		c.operator = not + "between"
		c.values, err = p.values(2, "and")
	case p.take("in"):
		c.operator = not + "in"
		c.values, err = p.valueList()
	default:
		err = unexpected(p.token)
	}
	return c, err
}

// values reads so many values with a word between them.
func (p *coqlParser) values(count int, between string) ([]coqlValue, error) {
	var list []coqlValue
	for i := range count {
		if i > 0 {
			if err := p.expect(between); err != nil {
				return nil, err
			}
		}
		t := p.token
		if t.kind != tokenText && t.kind != tokenNumber && (t.kind != tokenWord || reserved(t.text)) {
			return nil, unexpected(t)
		}
		p.next()
		list = append(list, coqlValue{text: t.text, number: t.kind == tokenNumber})
	}
	return list, nil
}

func (p *coqlParser) valueList() ([]coqlValue, error) {
	if err := p.expect("("); err != nil {
		return nil, err
	}
	var list []coqlValue
	for {
		one, err := p.values(1, "")
		if err != nil {
			return nil, err
		}
		list = append(list, one...)
		if !p.take(",") {
			return list, p.expect(")")
		}
	}
}

// tail reads what may follow the criteria.
func (p *coqlParser) tail(q *coqlQuery) error {
	if p.token.is("group") {
		return unsupportedQuery()
	}
	if p.take("order") {
		if err := p.expect("by"); err != nil {
			return err
		}
		if err := p.order(q); err != nil {
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

func (p *coqlParser) order(q *coqlQuery) error {
	for {
		name, err := p.name()
		if err != nil {
			return err
		}
		o := coqlOrder{column: name}
		if p.take("desc") {
			o.desc = true
		} else {
			p.take("asc")
		}
		q.order = append(q.order, o)
		if !p.take(",") {
			return nil
		}
	}
}

// limit reads "limit n" or "limit offset, n".
func (p *coqlParser) limit(q *coqlQuery) error {
	if err := p.amount(&q.limit); err != nil {
		return err
	}
	if !p.take(",") {
		return nil
	}
	q.offset = q.limit
	return p.amount(&q.limit)
}

// amount reads a number, or a word in its place, which is refused later.
func (p *coqlParser) amount(to *string) error {
	if p.token.kind != tokenNumber && p.token.kind != tokenWord {
		return unexpected(p.token)
	}
	*to = p.token.text
	p.next()
	return nil
}
