package roles

import (
	"fmt"
	"slices"

	"rolecall/job"
	"rolecall/job/picklist"
)

// round is what is done before the list is read again.
type round struct {
	ops   []op
	local []outcome // of rows that are not sent
}

// next makes the next round: the rows that are left, in file order, up to the first that is about a role or a name that an earlier one of the round changes. So it finds the list as that leaves it.
func (s *state) next() round {
	var rd round
	touched := map[picklist.Cell]bool{}
	for i := range s.rows {
		r := &s.rows[i]
		if _, ok := s.done[r.number]; ok {
			continue
		}
		if len(rd.ops) == picklist.MostInCall {
			break
		}
		switch original, waits := s.original(r); {
		case waits:
			continue
		case original != nil:
			rd.local = append(rd.local, repeatOf(original, r))
			continue
		case r.bad != nil:
			rd.local = append(rd.local, rejected(r, *r.bad))
			continue
		}
		o, local, sends := s.decide(r)
		keys := s.keys(r, &o, sends)
		if slices.ContainsFunc(keys, func(k picklist.Cell) bool { return touched[k] }) {
			if s.syncs() {
				continue
			}
			break
		}
		switch {
		case !sends && s.waitsForOrder(r, &local):
		case !sends:
			rd.local = append(rd.local, local)
		case s.waitsForName(&o):
		default:
			rd.ops = append(rd.ops, o)
			for _, k := range keys {
				touched[k] = true
			}
		}
	}
	return rd
}

// keys are the role and the names that a row is about.
func (s *state) keys(r *row, o *op, sends bool) []picklist.Cell {
	keys := []picklist.Cell{r.subject(), {Text: picklist.Fold(r.name)}}
	if sends {
		keys = append(keys, picklist.Cell{Text: o.write.ID, ByID: true}, picklist.Cell{Text: picklist.Fold(o.write.Name)}, picklist.Cell{Text: picklist.Fold(o.prior)})
	} else if role, found, _ := s.find(r); found {
		keys = append(keys, picklist.Cell{Text: role.ID, ByID: true})
	}
	return slices.DeleteFunc(keys, func(k picklist.Cell) bool { return k.Text == "" })
}

// original is the outcome of the row that a row repeats; waits says that it has none yet.
func (s *state) original(r *row) (of *outcome, waits bool) {
	if r.sameAs == 0 {
		return nil, false
	}
	o, ok := s.done[r.sameAs]
	return &o, !ok
}

// repeatOf is the outcome of a row that says what an earlier one said, and is not sent.
func repeatOf(original *outcome, r *row) outcome {
	o := *original
	o.row, o.attempts, o.prior, o.claimed = r.number, 0, "", false
	o.details = job.WithSameAs(original.details, original.row)
	if o.ok() {
		o.action, o.http, o.message = job.ActionUnchanged, 0, fmt.Sprintf("same as row %d", original.row)
	}
	return o
}
