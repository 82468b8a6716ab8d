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

// fewRows is up to how many rows looking through them is cheaper than a map of them.
const fewRows = 16

// plan looks at each row beside the latest earlier row of its contact. A row that can never be sent still counts as the latest: what follows it is no repeat.
func (b batcher) plan(d dealRows) []plannedRow {
	planned := make([]plannedRow, len(d.rows))
	latest := b.latest(planned)
	for i, r := range d.rows {
		r.bad = r.bad || !b.knowsRole(r)
		p := plannedRow{dealRow: r}
		if j := latest(i, r.contact); j >= 0 && !r.bad && !planned[j].bad {
			if b.role(r) == b.role(planned[j].dealRow) {
				p.sameAs = planned[j].row
			} else {
				p.contradicts = true
			}
		}
		planned[i] = p
	}
	return planned
}

// latest returns what finds the latest row before row i that has the contact, or -1. It is to be asked for each row in turn.
func (b batcher) latest(planned []plannedRow) func(i int, contact recordID) int {
	if len(planned) <= fewRows {
		return func(i int, contact recordID) int {
			for i--; i >= 0 && planned[i].contact != contact; i-- {
			}
			return i
		}
	}
	seen := make(map[recordID]int, len(planned))
	return func(i int, contact recordID) int {
		j, ok := seen[contact]
		seen[contact] = i
		if !ok {
			return -1
		}
		return j
	}
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

// batches groups the rows that are to be sent, in file order: at most as many to a call as the command allows, and a contact only once in it, so that the effect is that of the rows one by one.
// Rows for which skip is true are already done.
func (b batcher) batches(planned []plannedRow, skip func(row int64) bool) [][]plannedRow {
	size := b.command.batchSize()
	open := make([]plannedRow, 0, len(planned))
	for _, r := range planned {
		if !r.bad && r.sameAs == 0 && !skip(r.row) {
			open = append(open, r)
		}
	}
	all := make([][]plannedRow, 0, (len(open)+size-1)/size)
	for len(open) > 0 {
		n := b.fitting(open[:min(len(open), size)])
		all = append(all, open[:n:n])
		open = open[n:]
	}
	return all
}

// fitting is how many of the rows may go in one call: up to the first contact that comes again.
func (b batcher) fitting(rows []plannedRow) int {
	latest := b.latest(rows)
	for i, r := range rows {
		if latest(i, r.contact) >= 0 {
			return i
		}
	}
	return len(rows)
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
		for _, r := range rows {
			if r.sameAs != 0 {
				p.Repeats++
			}
			if r.contradicts {
				p.Contradictions++
			}
		}
		batches := b.batches(rows, done.has)
		if len(batches) > 0 {
			p.Deals++
		}
		p.Calls += int64(len(batches))
		for _, batch := range batches {
			p.Sent += int64(len(batch))
		}
		return true
	})
	return p, err
}
