package job

// batcher turns the rows of a deal into calls. It is pure: what it returns depends on the rows alone, so that the price of a run is known before it, and resume finds the same calls.
type batcher struct {
	command Command
	roles   map[int64]orgRole // assign: the roles of the input that the org has
}

// plannedRow is a row with what it is to the rows before it.
type plannedRow struct {
	dealRow

	sameAs      int64 // the latest earlier row of its contact, when this one equals it; 0: send this row
	contradicts bool  // that row gave the contact another role
}

// plan looks at each row beside the latest earlier row of its contact. A row that can never be sent still counts as the latest: what follows it is no repeat.
func (b batcher) plan(d dealRows) []plannedRow {
	planned := make([]plannedRow, len(d.rows))
	latest := make(map[recordID]int, len(d.rows))
	for i, r := range d.rows {
		r.bad = r.bad || !b.knowsRole(r)
		p := plannedRow{dealRow: r}
		if j, ok := latest[r.contact]; ok && !r.bad && !planned[j].bad {
			if b.role(r) == b.role(planned[j].dealRow) {
				p.sameAs = planned[j].row
			} else {
				p.contradicts = true
			}
		}
		latest[r.contact] = i
		planned[i] = p
	}
	return planned
}

// knowsRole says whether the org has the row's role. Remove ignores roles.
func (b batcher) knowsRole(r dealRow) bool {
	if b.command != Assign {
		return true
	}
	_, ok := b.roles[r.role]
	return ok
}

// role is what two rows of a contact must share to be equal: two names of one role are one, and for remove the pair alone decides.
func (b batcher) role(r dealRow) int64 {
	if b.command != Assign {
		return 0
	}
	return b.roles[r.role].same
}

// batches groups the rows that are to be sent, in file order: at most size rows to a call, and a contact only once in it, so that the effect is that of the rows one by one.
// Rows for which skip is true are already done.
func (b batcher) batches(rows []plannedRow, skip func(row int64) bool) [][]plannedRow {
	size := b.command.batchSize()
	var all [][]plannedRow
	var current []plannedRow
	contacts := map[recordID]bool{}
	flush := func() {
		if len(current) > 0 {
			all = append(all, current)
		}
		current = nil
		clear(contacts)
	}
	for _, r := range rows {
		if r.bad || r.sameAs != 0 || skip(r.row) {
			continue
		}
		if len(current) == size || contacts[r.contact] {
			flush()
		}
		current = append(current, r)
		contacts[r.contact] = true
	}
	flush()
	return all
}

// Price is what a run takes, known before the first call.
type Price struct {
	Deals          int64 `json:"deals"`          // with at least one row to send
	Calls          int64 `json:"calls"`          // writes; each costs one credit
	Sent           int64 `json:"sent"`           // rows that travel in them
	Repeats        int64 `json:"repeats"`        // rows that equal the latest earlier row of their deal and contact, and are not sent
	Contradictions int64 `json:"contradictions"` // rows that give a contact another role than the latest earlier row does
}

// price reckons what the rows of the store that are not done will take.
func price(s *store, b batcher, done *rowSet) (Price, error) {
	var p Price
	err := s.deals(func(d dealRows) bool {
		rows := b.plan(d)
		batches := b.batches(rows, done.has)
		if len(batches) > 0 {
			p.Deals++
		}
		p.Calls += int64(len(batches))
		for _, batch := range batches {
			p.Sent += int64(len(batch))
		}
		for _, r := range rows {
			if r.sameAs != 0 {
				p.Repeats++
			}
			if r.contradicts {
				p.Contradictions++
			}
		}
		return true
	})
	return p, err
}
