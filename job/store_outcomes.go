package job

import (
	"cmp"
	"errors"

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

// storedOutcome is an outcome as run.db keeps it: its answer is a number of the table answers.
type storedOutcome struct {
	row, number, attempts, sameAs int64
	details, prior                string
}

func (o *outcome) stored(number int64) storedOutcome {
	return storedOutcome{o.row, number, int64(o.attempts), o.sameAs, o.details, o.prior}
}

func (o *storedOutcome) with(a answer) outcome {
	return outcome{answer: a, row: o.row, details: o.details, attempts: int(o.attempts), sameAs: o.sameAs, prior: o.prior}
}

// packOutcome packs an outcome. What nearly no outcome has is left out of nearly all.
func packOutcome(b []byte, o, _ *storedOutcome) []byte {
	more := int64(0)
	if o.sameAs != 0 || o.prior != "" {
		more = 1
	}
	b = packNumber(packNumber(b, o.row), o.number)
	b = packText(packNumber(b, o.attempts<<1|more), o.details)
	if more == 1 {
		b = packText(packNumber(b, o.sameAs), o.prior)
	}
	return b
}

func unpackOutcome(u *unpacker, _ *storedOutcome) (o storedOutcome) {
	o.row, o.number = u.number(), u.number()
	n := u.number()
	o.attempts, o.details = n>>1, u.text()
	if n&1 == 1 {
		o.sameAs, o.prior = u.number(), u.text()
	}
	return o
}

// answerNumbers numbers the different answers of a run.
type answerNumbers struct {
	known map[answer]int64
	last  int64
}

func (s *store) answerNumbers() (a *answerNumbers, err error) {
	a = &answerNumbers{known: map[answer]int64{}}
	a.last, err = s.number("SELECT coalesce(max(answer), 0) FROM answers")
	return a, err
}

// number returns the number of an answer; isNew says that it is to be stored.
func (a *answerNumbers) number(of answer) (n int64, isNew bool) {
	if n, ok := a.known[of]; ok {
		return n, false
	}
	a.last++
	if len(a.known) < maxAnswersRemembered {
		a.known[of] = a.last
	}
	return a.last, true
}

// putAnswer stores an answer under its number.
func (s *store) putAnswer(n int64, a answer) error {
	return s.exec("INSERT INTO answers VALUES(?, ?, ?, ?, ?, ?)", n, a.status, a.action, a.code, a.message, a.http)
}

// eachOutcome hands out the recorded outcomes in the order of their recording, without their answers.
func (s *store) eachOutcome(each func(*storedOutcome) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.query("SELECT packed FROM outcomes ORDER BY part", func(st *sqlite.Stmt) error {
		u := unpacker{b: columnBytes(st, 0)}
		for u.more() {
			o := unpackOutcome(&u, nil)
			if u.err != nil {
				break
			}
			if err := each(&o); err != nil {
				return err
			}
		}
		return u.err
	})
}

// answerNumber returns an answer by its number.
func (s *store) answerNumber(n int64) (a answer, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	err = s.query("SELECT status, action, code, message, http FROM answers WHERE answer = ?", func(st *sqlite.Stmt) error {
		a = answer{st.ColumnText(0), st.ColumnText(1), st.ColumnText(2), st.ColumnText(3), st.ColumnInt(4)}
		return nil
	}, n)
	return a, err
}

// outcomesOf returns the recorded outcomes of the rows that wanted says. It reads all outcomes for it: to be asked for many rows at once.
func (s *store) outcomesOf(wanted func(row int64) bool) (map[int64]outcome, error) {
	var stored []storedOutcome
	err := s.eachOutcome(func(o *storedOutcome) error {
		if wanted(o.row) {
			stored = append(stored, *o)
		}
		return nil
	})
	found := map[int64]outcome{}
	for i := range stored {
		a, e := s.answerNumber(stored[i].number)
		err = errors.Join(err, e)
		found[stored[i].row] = stored[i].with(a)
	}
	return found, err
}

// recorded returns the rows that have an outcome, and how many outcomes there are.
func (s *store) recorded() (*rowSet, int64, error) {
	set, n := &rowSet{}, int64(0)
	last, err := s.number("SELECT coalesce(max(first), 0) FROM rows")
	if err != nil {
		return nil, 0, err
	}
	err = s.eachOutcome(func(o *storedOutcome) error {
		if o.row < 1 || o.row >= last+rowsPerRecord {
			return errPacked
		}
		set.add(o.row)
		n++
		return nil
	})
	return set, n, err
}

// noted returns the rows whose DELETE was about to be sent.
func (s *store) noted() (*rowSet, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	set := &rowSet{}
	err := s.query("SELECT row FROM noted", func(st *sqlite.Stmt) error {
		set.add(st.ColumnInt64(0))
		return nil
	})
	return set, err
}

// outcomeCursor hands out the outcomes in row order.
type outcomeCursor struct {
	s       *store
	sorted  *merge[storedOutcome]
	next    outcome
	more    bool
	answers map[int64]answer
}

// outcomesInOrder begins to read the outcomes by row.
func (s *store) outcomesInOrder() (*outcomeCursor, error) {
	sorter := &sorter[storedOutcome]{
		s: s, table: "temp.outcomes_by_row", pack: packOutcome, unpack: unpackOutcome,
		compare: func(a, b storedOutcome) int { return cmp.Compare(a.row, b.row) },
	}
	if err := s.exec("DROP TABLE IF EXISTS temp.outcomes_by_row"); err != nil {
		return nil, err
	}
	if err := s.exec("CREATE TABLE temp.outcomes_by_row(part INTEGER PRIMARY KEY, packed BLOB NOT NULL)"); err != nil {
		return nil, err
	}
	if err := s.eachOutcome(func(o *storedOutcome) error { return sorter.add(*o) }); err != nil {
		return nil, err
	}
	if err := sorter.flush(); err != nil {
		return nil, err
	}
	c := &outcomeCursor{s: s, answers: map[int64]answer{}}
	var err error
	if c.sorted, err = sorter.merged(); err != nil {
		return nil, err
	}
	return c, c.advance()
}

// advance reads the next outcome.
func (c *outcomeCursor) advance() error {
	o, ok, err := c.sorted.next()
	if c.more = ok; err != nil || !ok {
		return err
	}
	a, err := c.answer(o.number)
	c.next = o.with(a)
	return err
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

func (c *outcomeCursor) close() error { return c.s.exec("DROP TABLE temp.outcomes_by_row") }
