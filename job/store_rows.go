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
	deal, contact         string // checked ids; "" where there is none
	role                  int64  // a row of the table roles; 0 where there is none
	code, message, detail string // why the row can never be sent; code is "" for a row that can
}

// rowWriter appends surveyed rows. Nobody else may use the store meanwhile.
type rowWriter struct {
	s       *store
	insert  *sqlite.Stmt
	pending int
}

// writeRows begins to append rows.
func (s *store) writeRows() (*rowWriter, error) {
	insert, err := s.conn.Prepare("INSERT INTO rows VALUES(?, ?, ?, ?, ?, ?, ?, ?)")
	if err != nil {
		return nil, err
	}
	return &rowWriter{s: s, insert: insert}, s.exec("BEGIN")
}

// add appends one row.
func (w *rowWriter) add(r *surveyedRow) error {
	w.insert.BindInt64(1, r.row)
	w.insert.BindInt64(2, r.line)
	bindID(w.insert, 3, r.deal)
	bindID(w.insert, 4, r.contact)
	bindNumber(w.insert, 5, r.role)
	bindText(w.insert, 6, r.code)
	bindText(w.insert, 7, r.message)
	bindText(w.insert, 8, r.detail)
	if err := execute(w.insert); err != nil {
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

// close commits what is left and makes the order by deal.
func (w *rowWriter) close() error {
	if err := w.s.exec("COMMIT"); err != nil {
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
	contact string
	role    int64
	bad     bool // it can never be sent
}

// dealRows is what the input has for one deal, in file order.
type dealRows struct {
	deal string
	rows []dealRow
}

// deals hands out the deals of the run one after the other until yield says no. Only one deal and one chunk of rows are in memory, and the store is free between two chunks.
func (s *store) deals(yield func(dealRows) bool) error {
	cursor := dealCursor{row: math.MaxInt64}
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

// dealCursor is the last row that was read. The zero deal with the greatest row stands before every deal.
type dealCursor struct {
	deal string
	row  int64
}

// nextRows reads the next chunk, grouped by deal.
func (s *store) nextRows(after *dealCursor) (chunk []dealRows, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	st, err := s.conn.Prepare(`SELECT deal, row, contact, role, code IS NOT NULL FROM rows INDEXED BY rows_by_deal
		WHERE contact IS NOT NULL AND (deal, row) > (?, ?) ORDER BY deal, row LIMIT ?`)
	if err != nil {
		return nil, err
	}
	defer func() { _ = st.Reset() }()
	if after.deal == "" {
		st.BindInt64(1, math.MinInt64)
	} else {
		bindID(st, 1, after.deal)
	}
	st.BindInt64(2, after.row)
	st.BindInt64(3, dealChunk)
	for {
		more, err := st.Step()
		if err != nil || !more {
			return chunk, err
		}
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
