package job

import (
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

	prior, priorID string // the role before, where it was read
}

// ok says whether the row's wish is fulfilled.
func (o *outcome) ok() bool { return o.status == StatusSuccess }

// storedOutcome is an outcome as run.db keeps it: its answer is a number of the table answers.
type storedOutcome struct {
	row, number, attempts, sameAs int64
	details, prior, priorID       string
}

func (o *outcome) stored(number int64) storedOutcome {
	return storedOutcome{o.row, number, int64(o.attempts), o.sameAs, o.details, o.prior, o.priorID}
}

func (o *storedOutcome) with(a answer) outcome {
	return outcome{answer: a, row: o.row, details: o.details, attempts: int(o.attempts), sameAs: o.sameAs, prior: o.prior, priorID: o.priorID}
}

// packOutcome packs an outcome. What nearly no outcome has is left out of nearly all.
func packOutcome(b []byte, o, _ *storedOutcome) []byte {
	more := int64(0)
	if o.sameAs != 0 || o.prior != "" || o.priorID != "" {
		more = 1
	}
	b = packNumber(packNumber(b, o.row), o.number)
	b = packText(packNumber(b, o.attempts<<1|more), o.details)
	if more == 1 {
		b = packText(packText(packNumber(b, o.sameAs), o.prior), o.priorID)
	}
	return b
}

func unpackOutcome(u *unpacker, _ *storedOutcome) (o storedOutcome) {
	o.row, o.number = u.number(), u.number()
	n := u.number()
	o.attempts, o.details = n>>1, u.text()
	if n&1 == 1 {
		o.sameAs, o.prior, o.priorID = u.number(), u.text(), u.text()
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
	a.last, err = s.Number("SELECT coalesce(max(answer), 0) FROM answers")
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
	return s.Exec("INSERT INTO answers VALUES(?, ?, ?, ?, ?, ?)", n, a.status, a.action, a.code, a.message, a.http)
}

// eachOutcome hands out the recorded outcomes in the order of their recording, without their answers.
func (s *store) eachOutcome(each func(*storedOutcome) error) error {
	s.Lock()
	defer s.Unlock()
	return s.Query("SELECT packed FROM outcomes ORDER BY part", func(st *sqlite.Stmt) error {
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
	s.Lock()
	defer s.Unlock()
	err = s.Query("SELECT status, action, code, message, http FROM answers WHERE answer = ?", func(st *sqlite.Stmt) error {
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
	last, err := s.Number("SELECT coalesce(max(first), 0) FROM rows")
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
	s.Lock()
	defer s.Unlock()
	set := &rowSet{}
	err := s.Query("SELECT row FROM noted", func(st *sqlite.Stmt) error {
		set.add(st.ColumnInt64(0))
		return nil
	})
	return set, err
}
