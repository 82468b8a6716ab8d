package job

import (
	"rolecall/job/picklist"

	"zombiezen.com/go/sqlite"
)

// A record of run.db holds so many surveyed rows or bytes, and a transaction takes so many records: neither is then what is waited for, nor what memory goes to.
const (
	rowsPerRecord    = 500
	bytesPerRecord   = 64 << 10
	recordsPerCommit = 100
)

// surveyedRow is one row of the input as run.db keeps it.
type surveyedRow struct {
	row, line             int64
	deal, contact         recordID      // checked; none where there is none
	cell                  picklist.Cell // how the input names the role, on the way in
	role                  int64         // a row of the table roles; 0 where there is none
	code, message, detail string        // why the row can never be sent; code is "" for a row that can
}

// packSurveyed packs a row after the one before it, whose number is one less.
func packSurveyed(b []byte, r, before *surveyedRow) []byte {
	bad := int64(0)
	if r.code != "" {
		bad = 1
	}
	b = packNumber(b, (r.line-before.line)<<1|bad)
	b = packID(b, r.deal, before.deal)
	b = packID(b, r.contact, before.contact)
	b = packNumber(b, r.role)
	if bad == 1 {
		b = packText(packText(packText(b, r.code), r.message), r.detail)
	}
	return b
}

func unpackSurveyed(u *unpacker, before *surveyedRow) surveyedRow {
	n := u.number()
	r := surveyedRow{row: before.row + 1, line: before.line + n>>1, deal: u.id(before.deal), contact: u.id(before.contact), role: u.number()}
	if n&1 == 1 {
		r.code, r.message, r.detail = u.text(), u.text(), u.text()
	}
	return r
}

// rowWriter appends surveyed rows. Nobody else may use the store meanwhile.
type rowWriter struct {
	s      *store
	insert *sqlite.Stmt
	roles  *roleCells
	found  surveyFacts

	packed  []byte // the record at hand
	rows    int64  // in it
	before  surveyedRow
	records int   // in the transaction at hand
	last    int64 // deal of the latest row with a contact
}

// writeRows begins to append rows.
func (s *store) writeRows() (w *rowWriter, err error) {
	w = &rowWriter{s: s, roles: newRoleCells(s), found: surveyFacts{InDealOrder: true}}
	if w.insert, err = s.Conn.Prepare("INSERT INTO rows VALUES(?, ?)"); err != nil {
		return nil, err
	}
	return w, s.Exec("BEGIN")
}

// add appends one row: number 1 first, each number one more than the one before.
func (w *rowWriter) add(r *surveyedRow) (err error) {
	if r.cell.Text != "" {
		if r.role, err = w.roles.number(r.cell); err != nil {
			return err
		}
	}
	w.count(r)
	w.packed = packSurveyed(w.packed, r, &w.before)
	w.before = *r
	if w.rows++; w.rows < rowsPerRecord && len(w.packed) < bytesPerRecord {
		return nil
	}
	return w.put()
}

// put appends the record at hand.
func (w *rowWriter) put() error {
	w.insert.BindInt64(1, w.found.Rows-w.rows+1)
	w.insert.BindBytes(2, w.packed)
	if err := execute(w.insert); err != nil {
		return err
	}
	w.packed, w.rows, w.before = w.packed[:0], 0, surveyedRow{}
	if w.records++; w.records < recordsPerCommit {
		return nil
	}
	w.records = 0
	if err := w.s.Exec("COMMIT"); err != nil {
		return err
	}
	return w.s.Exec("BEGIN")
}

// count takes a row into what the survey found.
func (w *rowWriter) count(r *surveyedRow) {
	w.found.Rows++
	if r.code == CodeNoStakeholder {
		w.found.NoStakeholder++
	}
	if !r.onDeal() {
		return
	}
	w.found.InDealOrder = w.found.InDealOrder && r.deal.n >= w.last && r.deal.n != 0
	w.last = r.deal.n
}

// onDeal says whether the row names a deal and a contact, both well formed.
func (r *surveyedRow) onDeal() bool { return r.deal != (recordID{}) && r.contact != (recordID{}) }

// close commits what is left and, unless the rows stand in it already, makes the order by deal.
func (w *rowWriter) close() error {
	if w.rows > 0 {
		if err := w.put(); err != nil {
			return err
		}
	}
	if err := w.s.Exec("COMMIT"); err != nil || w.found.InDealOrder {
		return err
	}
	return w.s.orderByDeal()
}

// execute runs an insert whose values are bound.
func execute(st *sqlite.Stmt) error {
	if _, err := st.Step(); err != nil {
		_ = st.Reset()
		return err
	}
	return st.Reset()
}

func bindText(st *sqlite.Stmt, param int, text string) {
	if text == "" {
		st.BindNull(param)
		return
	}
	st.BindText(param, text)
}

// rowCursor hands out the surveyed rows in input order. Between two records of run.db the store is free.
type rowCursor struct {
	s     *store
	first int64 // row number that the next record begins with
	u     unpacker
	at    surveyedRow
}

// rowsInOrder begins to read the surveyed rows.
func (s *store) rowsInOrder() *rowCursor { return &rowCursor{s: s, first: 1} }

// next gives the next row, which is valid until it is called again; nil is the end.
func (c *rowCursor) next() (*surveyedRow, error) {
	if !c.u.more() {
		if err := c.fill(); err != nil || !c.u.more() {
			return nil, err
		}
	}
	c.at = unpackSurveyed(&c.u, &c.at)
	c.first = c.at.row + 1
	return &c.at, c.u.err
}

// fill reads the next record.
func (c *rowCursor) fill() error {
	c.s.Lock()
	defer c.s.Unlock()
	c.at = surveyedRow{row: c.first - 1}
	return c.s.Query("SELECT packed FROM rows WHERE first = ?", func(st *sqlite.Stmt) error {
		c.u.b = columnBytes(st, 0)
		return nil
	}, c.first)
}
