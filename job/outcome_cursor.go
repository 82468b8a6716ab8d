package job

import (
	"cmp"
	"fmt"

	"zombiezen.com/go/sqlite"
)

// outcomeCursor hands out the outcomes of rows that are asked for in row order. Where the rows were sent in about that order, it finds each a little ahead in the order of recording; where one is
// too far ahead, it sorts what is left.
type outcomeCursor struct {
	s       *store
	part    int64 // of the table outcomes, read last
	u       unpacker
	ended   bool
	ahead   map[int64]storedOutcome // read already, of rows that were not asked for yet
	sorted  *merge[storedOutcome]   // nil: not needed so far
	next    storedOutcome           // of sorted
	more    bool                    // there is a next
	answers map[int64]answer
}

// outcomesInOrder begins to read the outcomes by row.
func (s *store) outcomesInOrder() *outcomeCursor {
	return &outcomeCursor{s: s, ahead: map[int64]storedOutcome{}, answers: map[int64]answer{}}
}

// take gives the outcome of a row, which is to be larger than the one before; ok is false where it has none.
func (c *outcomeCursor) take(row int64) (o outcome, ok bool, err error) {
	stored, ok := c.ahead[row]
	if ok {
		delete(c.ahead, row)
	} else if stored, ok, err = c.find(row); err != nil || !ok {
		return o, false, err
	}
	a, err := c.answer(stored.number)
	return stored.with(a), true, err
}

// find reads on until it finds the row.
func (c *outcomeCursor) find(row int64) (o storedOutcome, ok bool, err error) {
	for c.sorted == nil {
		if len(c.ahead) >= runRecords {
			err = c.sort()
			break
		}
		if o, ok, err = c.read(); err != nil || !ok || o.row == row {
			return o, ok, err
		}
		if _, twice := c.ahead[o.row]; twice {
			return o, false, fmt.Errorf("row %d has two outcomes", o.row)
		}
		c.ahead[o.row] = o
	}
	if err != nil || !c.more || c.next.row != row {
		return o, false, err
	}
	o = c.next
	c.next, c.more, err = c.sorted.next()
	return o, true, err
}

// read gives the next outcome in the order of recording.
func (c *outcomeCursor) read() (o storedOutcome, ok bool, err error) {
	if !c.u.more() && !c.ended {
		if err := c.fill(); err != nil {
			return o, false, err
		}
	}
	if c.ended {
		return o, false, nil
	}
	o = unpackOutcome(&c.u, nil)
	return o, true, c.u.err
}

// fill reads the next record of run.db.
func (c *outcomeCursor) fill() error {
	c.s.Lock()
	defer c.s.Unlock()
	c.ended = true
	return c.s.Query("SELECT part, packed FROM outcomes WHERE part > ? ORDER BY part LIMIT 1", func(st *sqlite.Stmt) error {
		c.part, c.u.b, c.ended = st.ColumnInt64(0), columnBytes(st, 1), false
		return nil
	}, c.part)
}

// sort puts what was not asked for yet in row order.
func (c *outcomeCursor) sort() error {
	sorter := &sorter[storedOutcome]{
		s: c.s, table: "temp.outcomes_by_row", pack: packOutcome, unpack: unpackOutcome,
		compare: func(a, b storedOutcome) int { return cmp.Compare(a.row, b.row) },
	}
	if err := sorter.makeTemporary(); err != nil {
		return err
	}
	for _, o := range c.ahead {
		if err := sorter.add(o); err != nil {
			return err
		}
	}
	clear(c.ahead)
	for {
		o, ok, err := c.read()
		if err != nil {
			return err
		}
		if !ok {
			break
		}
		if err := sorter.add(o); err != nil {
			return err
		}
	}
	err := sorter.flush()
	if err == nil {
		c.sorted, err = sorter.merged()
	}
	if err == nil {
		c.next, c.more, err = c.sorted.next()
	}
	return err
}

// left names a row whose outcome nobody asked for.
func (c *outcomeCursor) left() (row int64, ok bool, err error) {
	for row := range c.ahead {
		return row, true, nil
	}
	if c.sorted != nil {
		return c.next.row, c.more, nil
	}
	o, ok, err := c.read()
	return o.row, ok, err
}

func (c *outcomeCursor) answer(n int64) (answer, error) {
	if a, ok := c.answers[n]; ok {
		return a, nil
	}
	a, err := c.s.answerNumber(n)
	if len(c.answers) < maxAnswersRemembered {
		c.answers[n] = a
	}
	return a, err
}
