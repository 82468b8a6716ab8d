package job

import (
	"math"

	"zombiezen.com/go/sqlite"
)

// rowsPerCommit is how many surveyed rows one transaction takes, and dealChunk how many rows one read by deal brings: thousands, so that neither the commit nor the query is what is waited for.
const (
	rowsPerCommit = 10_000
	dealChunk     = 2_000
)

// surveyedRow is one row of the input as run.db keeps it.
type surveyedRow struct {
	row, line             int64
	deal, contact         recordID // checked; none where there is none
	cell                  roleCell // how the input names the role, on the way in
	role                  int64    // a row of the table roles; 0 where there is none
	code, message, detail string   // why the row can never be sent; code is "" for a row that can
}

// rowWriter appends surveyed rows. Nobody else may use the store meanwhile.
type rowWriter struct {
	s         *store
	good, bad *sqlite.Stmt // for a row that can be sent, and for any
	roles     *roleCells
	found     surveyFacts
	last      int64 // deal of the latest row with a contact
	pending   int
}

// writeRows begins to append rows.
func (s *store) writeRows() (w *rowWriter, err error) {
	w = &rowWriter{s: s, roles: newRoleCells(s), found: surveyFacts{InDealOrder: true}}
	if w.good, err = s.conn.Prepare("INSERT INTO rows(row, line, deal, contact, role) VALUES(?, ?, ?, ?, ?)"); err != nil {
		return nil, err
	}
	if w.bad, err = s.conn.Prepare("INSERT INTO rows VALUES(?, ?, ?, ?, ?, ?, ?, ?)"); err != nil {
		return nil, err
	}
	return w, s.exec("BEGIN")
}

// add appends one row.
func (w *rowWriter) add(r *surveyedRow) (err error) {
	if r.cell.text != "" {
		if r.role, err = w.roles.number(r.cell); err != nil {
			return err
		}
	}
	w.count(r)
	insert := w.good
	if r.code != "" {
		insert = w.bad
		bindText(insert, 6, r.code)
		bindText(insert, 7, r.message)
		bindText(insert, 8, r.detail)
	}
	insert.BindInt64(1, r.row)
	insert.BindInt64(2, r.line)
	r.deal.bind(insert, 3)
	r.contact.bind(insert, 4)
	bindNumber(insert, 5, r.role)
	if err := execute(insert); err != nil {
		return err
	}
	if w.pending++; w.pending < rowsPerCommit {
		return nil
	}
	w.pending = 0
	if err := w.s.exec("COMMIT"); err != nil {
		return err
	}
	return w.s.exec("BEGIN")
}

// count takes a row into what the survey found.
func (w *rowWriter) count(r *surveyedRow) {
	w.found.Rows++
	if r.code == CodeNoStakeholder {
		w.found.NoStakeholder++
	}
	if r.contact == (recordID{}) || r.deal == (recordID{}) {
		return
	}
	w.found.InDealOrder = w.found.InDealOrder && r.deal.n >= w.last && r.deal.n != 0
	w.last = r.deal.n
}

// close commits what is left and, unless the rows stand in it already, makes the order by deal.
func (w *rowWriter) close() error {
	if err := w.s.exec("COMMIT"); err != nil || w.found.InDealOrder {
		return err
	}
	return w.s.exec(rowsByDeal)
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

func bindNumber(st *sqlite.Stmt, param int, n int64) {
	if n == 0 {
		st.BindNull(param)
		return
	}
	st.BindInt64(param, n)
}

// dealRow is one row of a deal.
type dealRow struct {
	row     int64
	contact recordID
	role    int64
	bad     bool // it can never be sent
}

// dealRows is what the input has for one deal, in file order.
type dealRows struct {
	deal recordID
	rows []dealRow
}

// deals hands out the deals of the run one after the other until yield says no. Only one deal and one chunk of rows are in memory, and the store is free between two chunks.
func (s *store) deals(yield func(dealRows) bool) error {
	var cursor dealCursor
	var current dealRows
	for {
		chunk, err := s.nextRows(&cursor)
		if err != nil {
			return err
		}
		for _, d := range chunk {
			if d.deal != current.deal && len(current.rows) > 0 {
				if !yield(current) {
					return nil
				}
				current = dealRows{}
			}
			current.deal = d.deal
			current.rows = append(current.rows, d.rows...)
		}
		if len(chunk) == 0 {
			break
		}
	}
	if len(current.rows) > 0 {
		yield(current)
	}
	return nil
}

// dealCursor is the last row that was read.
type dealCursor struct {
	deal recordID
	row  int64
}

// The rows that have a deal and a contact, as they are sent: from the index, the rest of a deal first and then the deals after it; or from the table, where the input stands in that
// order already. A bound on the pair (deal, row) would read a large deal from its start each time.
const (
	columnsByDeal = `SELECT deal, row, contact, role, code IS NOT NULL FROM rows `
	restOfDeal    = columnsByDeal + `INDEXED BY rows_by_deal WHERE contact IS NOT NULL AND deal = ?1 AND row > ?2 ORDER BY row LIMIT ?3`
	nextDeals     = columnsByDeal + `INDEXED BY rows_by_deal WHERE contact IS NOT NULL AND deal > ?1 ORDER BY deal, row LIMIT ?3`
	nextByRow     = columnsByDeal + `WHERE contact IS NOT NULL AND deal IS NOT NULL AND row > ?2 ORDER BY row LIMIT ?3`
)

// nextRows reads the next chunk, grouped by deal.
func (s *store) nextRows(after *dealCursor) (chunk []dealRows, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	queries := []string{restOfDeal, nextDeals}
	if s.inDealOrder {
		queries = []string{nextByRow}
	}
	left := dealChunk
	for _, query := range queries {
		if chunk, err = s.readRows(query, after, chunk, &left); err != nil || left == 0 {
			break
		}
	}
	return chunk, err
}

// readRows appends what a query brings to a chunk, and moves the cursor.
func (s *store) readRows(query string, after *dealCursor, chunk []dealRows, left *int) ([]dealRows, error) {
	st, err := s.conn.Prepare(query)
	if err != nil {
		return nil, err
	}
	defer func() { _ = st.Reset() }()
	if after.deal == (recordID{}) {
		st.BindInt64(1, math.MinInt64) // before every deal
	} else {
		after.deal.bind(st, 1)
	}
	st.BindInt64(2, after.row)
	st.BindInt64(3, int64(*left))
	for {
		more, err := st.Step()
		if err != nil || !more {
			return chunk, err
		}
		*left--
		after.deal, after.row = columnID(st, 0), st.ColumnInt64(1)
		if n := len(chunk); n == 0 || chunk[n-1].deal != after.deal {
			chunk = append(chunk, dealRows{deal: after.deal})
		}
		d := &chunk[len(chunk)-1]
		d.rows = append(d.rows, dealRow{row: after.row, contact: columnID(st, 2), role: st.ColumnInt64(3), bad: st.ColumnInt64(4) != 0})
	}
}

// allRows hands out every surveyed row in input order. The store is locked meanwhile, and the row is only valid during the call.
func (s *store) allRows(each func(*surveyedRow) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var r surveyedRow
	return s.query("SELECT row, line, deal, contact, role, code, message, details FROM rows ORDER BY row", func(st *sqlite.Stmt) error {
		r = surveyedRow{
			row: st.ColumnInt64(0), line: st.ColumnInt64(1), deal: columnID(st, 2), contact: columnID(st, 3), role: st.ColumnInt64(4),
			code: st.ColumnText(5), message: st.ColumnText(6), detail: st.ColumnText(7),
		}
		return each(&r)
	})
}
