package doctor

import (
	"fmt"

	"rolecall/csvio"
)

// contradictions finds rows that give one contact of one deal different roles.
type contradictions struct {
	pairs map[[2]string]*pair // by the ids of deal and contact
	shown []string            // the pairs of lines that a message names
}

// pair is the roles in the rows of one contact of one deal.
type pair struct {
	role   string // of the last row
	line   int    // of the last row
	rows   int    // how many rows at the end give this role
	before int    // how many rows before those give any role
}

// compare compares the role of a row with the role in the previous row of the same contact and deal.
func (c *contradictions) compare(table *csvio.Reader, line int, role string) {
	deal, badDeal := csvio.ParseID(table.Value(csvio.DealID))
	contact, badContact := csvio.ParseID(table.Value(csvio.ContactID))
	if badDeal != nil || badContact != nil {
		return
	}
	if c.pairs == nil {
		c.pairs = map[[2]string]*pair{}
	}
	p := c.pairs[[2]string{deal, contact}]
	if p == nil {
		p = &pair{role: role}
		c.pairs[[2]string{deal, contact}] = p
	}
	if p.role != role {
		c.shown = named(c.shown, fmt.Sprintf("lines %d and %d", p.line, line))
		p.before, p.rows = p.before+p.rows, 0
	}
	p.role, p.line, p.rows = role, line, p.rows+1
}

// superseded returns how many rows assign would not send.
func (c *contradictions) superseded() (n int) {
	for _, p := range c.pairs {
		n += p.before
	}
	return n
}
