package job

// batcher says which rows of a deal are sent, and which of them may travel together. It is pure: what it returns depends on the rows alone, so that the price of a run is known before it, and
// resume finds the same rows.
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

// sendable says whether a row is to be sent at all. Those for which done is true are already.
func (r plannedRow) sendable(done func(row int64) bool) bool {
	return !r.bad && r.sameAs == 0 && !done(r.row)
}

// among says whether a contact is in a batch: it may be there only once, so that the effect of the batch is that of its rows one by one.
func among(contact recordID, batch []plannedRow) bool {
	for i := range batch {
		if batch[i].contact == contact {
			return true
		}
	}
	return false
}
