package job

import (
	"zombiezen.com/go/sqlite"
)

// maxAnswersRemembered bounds what is remembered of the different answers: nearly all rows get one of a few, and past the bound one is only stored twice.
const maxAnswersRemembered = 4_096

// answer is what the rows of many outcomes share.
type answer struct {
	status, action, code, message string
	http                          int
}

// outcome is what became of one row.
type outcome struct {
	answer

	row      int64
	details  string // compact JSON
	attempts int
	sameAs   int64 // the row whose outcome this is; 0: its own
	prior    string
}

// ok says whether the row's wish is fulfilled.
func (o outcome) ok() bool { return o.status == StatusSuccess }

// outcomeWriter appends outcomes inside a transaction of its caller's.
type outcomeWriter struct {
	s        *store
	own, any *sqlite.Stmt // for an outcome that is only the row's own, as nearly all are, and for any
	known    map[answer]int64
	last     int64
}

func newOutcomeWriter(s *store) (w *outcomeWriter, err error) {
	w = &outcomeWriter{s: s, known: map[answer]int64{}}
	if w.own, err = s.conn.Prepare("INSERT INTO outcomes(row, answer, details, attempts) VALUES(?, ?, ?, ?)"); err != nil {
		return nil, err
	}
	if w.any, err = s.conn.Prepare("INSERT INTO outcomes VALUES(?, ?, ?, ?, ?, ?)"); err != nil {
		return nil, err
	}
	w.last, err = s.number("SELECT coalesce(max(answer), 0) FROM answers")
	return w, err
}

// add appends one outcome.
func (w *outcomeWriter) add(o *outcome) error {
	a, err := w.answer(o.answer)
	if err != nil {
		return err
	}
	insert := w.own
	if o.sameAs != 0 || o.prior != "" {
		insert = w.any
		bindNumber(insert, 5, o.sameAs)
		bindText(insert, 6, o.prior)
	}
	insert.BindInt64(1, o.row)
	insert.BindInt64(2, a)
	bindText(insert, 3, o.details)
	insert.BindInt64(4, int64(o.attempts))
	return execute(insert)
}

// answer returns the number of an answer, and stores it when it is new.
func (w *outcomeWriter) answer(a answer) (int64, error) {
	if n, ok := w.known[a]; ok {
		return n, nil
	}
	w.last++
	if err := w.s.exec("INSERT INTO answers VALUES(?, ?, ?, ?, ?, ?)", w.last, a.status, a.action, a.code, a.message, a.http); err != nil {
		return 0, err
	}
	if len(w.known) < maxAnswersRemembered {
		w.known[a] = w.last
	}
	return w.last, nil
}

const selectOutcomes = `SELECT o.row, a.status, a.action, a.code, a.message, a.http, o.details, o.attempts, o.same_as, o.prior
	FROM outcomes o JOIN answers a USING (answer)`

func columnOutcome(st *sqlite.Stmt) outcome {
	return outcome{
		row:     st.ColumnInt64(0),
		answer:  answer{st.ColumnText(1), st.ColumnText(2), st.ColumnText(3), st.ColumnText(4), st.ColumnInt(5)},
		details: st.ColumnText(6), attempts: st.ColumnInt(7), sameAs: st.ColumnInt64(8), prior: st.ColumnText(9),
	}
}

// outcomeOf returns the recorded outcome of one row.
func (s *store) outcomeOf(row int64) (o outcome, found bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.exec("CREATE INDEX IF NOT EXISTS outcomes_by_row ON outcomes(row)"); err != nil {
		return o, false, err
	}
	err = s.query(selectOutcomes+" WHERE o.row = ?", func(st *sqlite.Stmt) error {
		o, found = columnOutcome(st), true
		return nil
	}, row)
	return o, found, err
}

// recorded returns the rows that have an outcome.
func (s *store) recorded() (*rowSet, int64, error) { return s.rowsIn("outcomes") }

// noted returns the rows whose DELETE was about to be sent.
func (s *store) noted() (*rowSet, error) {
	set, _, err := s.rowsIn("noted")
	return set, err
}

func (s *store) rowsIn(table string) (*rowSet, int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	set, n := &rowSet{}, int64(0)
	err := s.query("SELECT row FROM "+table, func(st *sqlite.Stmt) error {
		set.add(st.ColumnInt64(0))
		n++
		return nil
	})
	return set, n, err
}

// outcomeCursor hands out the outcomes in row order. It takes no lock: only the write stage uses it, when nobody else uses the store.
type outcomeCursor struct {
	st      *sqlite.Stmt
	next    outcome
	more    bool
	answers map[int64]answer
}

// outcomesInOrder begins to read the outcomes by row.
func (s *store) outcomesInOrder() (*outcomeCursor, error) {
	c := &outcomeCursor{answers: map[int64]answer{}}
	var err error
	if c.st, err = s.conn.Prepare("SELECT row, answer, details, attempts, same_as, prior FROM outcomes ORDER BY row"); err != nil {
		return nil, err
	}
	return c, c.advance(s)
}

// advance reads the next outcome.
func (c *outcomeCursor) advance(s *store) (err error) {
	if c.more, err = c.st.Step(); err != nil || !c.more {
		return err
	}
	c.next = outcome{
		row: c.st.ColumnInt64(0), details: c.st.ColumnText(2), attempts: c.st.ColumnInt(3), sameAs: c.st.ColumnInt64(4), prior: c.st.ColumnText(5),
	}
	c.next.answer, err = c.answer(s, c.st.ColumnInt64(1))
	return err
}

func (c *outcomeCursor) answer(s *store, n int64) (answer, error) {
	if a, ok := c.answers[n]; ok {
		return a, nil
	}
	var a answer
	err := s.query("SELECT status, action, code, message, http FROM answers WHERE answer = ?", func(st *sqlite.Stmt) error {
		a = answer{st.ColumnText(0), st.ColumnText(1), st.ColumnText(2), st.ColumnText(3), st.ColumnInt(4)}
		return nil
	}, n)
	if len(c.answers) < maxAnswersRemembered {
		c.answers[n] = a
	}
	return a, err
}

func (c *outcomeCursor) close() { _ = c.st.Reset() }
