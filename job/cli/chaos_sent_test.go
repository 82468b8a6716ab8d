package cli_test

import "slices"

// sent finds out which rows a process sent, and in which of its writes first, and holds it to the first promise: a row
// that had an outcome before is not sent again, and the rows of a pair go in file order. One row may be sent several
// times by one process: when its answer was lost on the way, or when a write of several did not tell of it.
//
// Beside rows only this is written: whom a collection PUT took off its deal is put back with the role that it had.
func (r *chaosRound) sent(writes []chaosWrite) map[int]int {
	pending, most := r.pending()
	rows, begun := map[int]int{}, map[[2]string]bool{}
	for n, w := range writes {
		r.takesOff(w)
		for _, item := range w.items {
			pair := [2]string{w.deal, item.contact}
			at := r.next(pending[pair], item.role, begun[pair])
			if r.putsBack(w, item) {
				begun[pair] = begun[pair] || at == 0 // or it was that row: they cannot be told apart
				continue
			}
			if at < 0 {
				r.t.Fatalf("deal %s, contact %s, role %q was sent, but the rows to send are %v", w.deal, item.contact,
					item.role, add1(pending[pair]))
			}
			key := chaosTriple{w.deal, item.contact, item.role}
			if most[key]--; most[key] < 0 && r.answered {
				r.t.Errorf("deal %s, contact %s, role %q was sent more often than rows ask for it, "+
					"though each call was answered", w.deal, item.contact, item.role)
			}
			pending[pair], begun[pair] = pending[pair][at:], true
			row := pending[pair][0]
			if _, again := rows[row]; !again {
				rows[row] = n
			}
			r.sends[row]++
		}
	}
	return rows
}

// pending is the rows that a process may send, by deal and contact in file order, and how often they ask for each
// triple.
func (r *chaosRound) pending() (rows map[[2]string][]int, most map[chaosTriple]int) {
	rows, most = map[[2]string][]int{}, map[chaosTriple]int{}
	for i, w := range r.wants {
		if !w.travels || r.done[i] || r.way.skips && w.action == "unchanged" ||
			r.file.command == "remove" && w.action != "removed" {
			continue
		}
		row := r.file.rows[i]
		pair, key := [2]string{row.deal, row.contact}, chaosTriple{row.deal, row.contact, row.role}
		if r.file.command == "remove" {
			key.role = ""
		}
		rows[pair] = append(rows[pair], i)
		most[key]++
	}
	return rows, most
}

// chaosTriple is who plays which role on which deal.
type chaosTriple struct{ deal, contact, role string }

// takesOff takes note of whom a collection PUT may take off its deal.
func (r *chaosRound) takesOff(w chaosWrite) {
	if !w.together {
		return
	}
	r.counts.together.Add(1)
	if !r.way.batch {
		r.t.Errorf("deal %s: several contacts in one call, though --batch off was asked for", w.deal)
	}
	for contact, role := range w.before {
		if !slices.ContainsFunc(w.items, func(item chaosItem) bool { return item.contact == contact }) {
			r.off[chaosTriple{w.deal, contact, role.Name}] = true
		}
	}
}

// putsBack says whether a write puts such a contact back.
func (r *chaosRound) putsBack(w chaosWrite, item chaosItem) bool {
	if w.together || !r.off[chaosTriple{w.deal, item.contact, item.role}] {
		return false
	}
	r.counts.putBack.Add(1)
	return true
}

// next is which of a pair's rows a write belongs to: the one that the write before belonged to, or the one after it.
// Two rows of one role that follow each other cannot be told apart, and count as one.
func (r *chaosRound) next(pending []int, role string, begun bool) int {
	role0 := func(at int) string {
		if r.file.command == "remove" {
			return ""
		}
		return r.file.rows[pending[at]].role
	}
	for at := range pending {
		if role0(at) == role {
			return at
		}
		if r.way.skips && r.lost[pending[at]] {
			continue // it may have been found in place
		}
		if !begun || role0(at) != role0(0) {
			break
		}
		if at+1 < len(pending) && role0(at+1) != role0(0) && role0(at+1) != role {
			break
		}
	}
	return -1
}

func add1(rows []int) []int {
	rows = slices.Clone(rows)
	for i := range rows {
		rows[i]++
	}
	return rows
}

// inFlight counts the calls of rows that a process sent and that are not recorded. A call may carry several rows.
func (r *chaosRound) inFlight(sent map[int]int) int {
	calls := map[int]bool{}
	for row, call := range sent {
		if !r.done[row] {
			calls[call] = true
		}
	}
	return len(calls)
}
