package job

// group is what is committed to run.db together.
type group struct {
	number  int64  // of the journal file that has its outcomes as well
	packed  []byte // outcomes
	size    int64
	answers []newAnswer
	note    []int64 // rows whose DELETE is about to be sent
	forget  []int64 // rows whose DELETE was certainly not applied

	led  bool          // somebody commits it
	done chan struct{} // closed once it is committed, or err says why it is not
	err  error
}

// newAnswer is one that no outcome had before.
type newAnswer struct {
	answer

	number int64
}

func newGroup(number int64) *group { return &group{number: number, done: make(chan struct{})} }

func (g *group) empty() bool { return g.size == 0 && len(g.note)+len(g.forget) == 0 }

// pack takes outcomes into the group, and appends them to b as a frame of the journal has them: the answers that are new, then the outcomes.
func (g *group) pack(b []byte, outcomes []outcome, nums *answerNumbers) []byte {
	known, at := len(g.answers), len(g.packed)
	for i := range outcomes {
		o := &outcomes[i]
		number, isNew := nums.number(o.answer)
		if isNew {
			g.answers = append(g.answers, newAnswer{o.answer, number})
		}
		stored := o.stored(number)
		g.packed = packOutcome(g.packed, &stored, nil)
	}
	g.size += int64(len(outcomes))
	b = packNumber(b, int64(len(g.answers)-known))
	for _, a := range g.answers[known:] {
		b = packNumber(packNumber(b, a.number), int64(a.http))
		b = packText(packText(packText(packText(b, a.status), a.action), a.code), a.message)
	}
	return append(packNumber(b, int64(len(outcomes))), g.packed[at:]...)
}

// unpack takes a frame of the journal into the group.
func (g *group) unpack(frame []byte) error {
	u := unpacker{b: frame}
	for n := u.number(); n > 0 && u.err == nil; n-- {
		a := newAnswer{number: u.number()}
		a.http, a.status, a.action, a.code, a.message = int(u.number()), u.text(), u.text(), u.text(), u.text()
		g.answers = append(g.answers, a)
	}
	g.size += u.number()
	g.packed = append(g.packed, u.b...)
	return u.err
}

// putGroup writes a group, inside a transaction.
func (s *store) putGroup(g *group) error {
	for _, a := range g.answers {
		if err := s.putAnswer(a.number, a.answer); err != nil {
			return err
		}
	}
	for _, row := range g.note {
		if err := s.Exec("INSERT INTO noted VALUES(?)", row); err != nil {
			return err
		}
	}
	for _, row := range g.forget {
		if err := s.Exec("DELETE FROM noted WHERE row = ?", row); err != nil {
			return err
		}
	}
	if g.size > 0 {
		if err := s.Exec("INSERT INTO outcomes(size, packed) VALUES(?, ?)", g.size, g.packed); err != nil {
			return err
		}
	}
	return s.PutLocked("journal", g.number)
}
