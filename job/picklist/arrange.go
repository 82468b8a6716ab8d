package picklist

import (
	"cmp"
	"slices"

	"rolecall/api"
)

// Wish is where a role of a list is to be.
type Wish struct {
	ID       string
	Position int // from 1
}

// Arrange returns the list with the wished roles at their positions, one after the other in the order of those where several want one, and before the end where a position is beyond it. The other
// roles fill the places between, in the order that they have. A wish for a role that is not in the list is none; of two for one role the later counts.
func (l List) Arrange(wishes []Wish) List {
	wished := map[string]Wish{}
	order := map[string]int{}
	for i, w := range wishes {
		if l.At(w.ID) > 0 {
			wished[w.ID], order[w.ID] = w, i
		}
	}
	var placed, others List
	for _, r := range l {
		if _, ok := wished[r.ID]; ok {
			placed = append(placed, r)
		} else {
			others = append(others, r)
		}
	}
	slices.SortStableFunc(placed, func(a, b api.Role) int {
		return cmp.Or(cmp.Compare(wished[a.ID].Position, wished[b.ID].Position), cmp.Compare(order[a.ID], order[b.ID]))
	})
	arranged := make(List, 0, len(l))
	for i, r := range placed {
		last := len(l) - (len(placed) - i) // with as many places behind it as there are wishes left
		for len(arranged) < min(wished[r.ID].Position-1, last) {
			arranged, others = append(arranged, others[0]), others[1:]
		}
		arranged = append(arranged, r)
	}
	return append(arranged, others...)
}

// SameOrder says whether two lists have the same roles in the same order.
func (l List) SameOrder(other List) bool {
	return slices.EqualFunc(l, other, func(a, b api.Role) bool { return a.ID == b.ID })
}

// Moves is the update that gives the list, which has the same roles, the order of target. How Zoho moves the others when it moves one is not documented (Zoho CRM API v8, Update Contact Roles).
// So every role from the first that is misplaced to the last is given its position, from the top down: that comes out right whether Zoho takes a role out and puts it in, or only notes numbers.
func (l List) Moves(target List) []api.RoleWrite {
	first, last := -1, -1
	for i := range target {
		if l[i].ID != target[i].ID {
			if last = i; first < 0 {
				first = i
			}
		}
	}
	if first < 0 {
		return nil
	}
	var moves []api.RoleWrite
	for i := first; i <= last; i++ {
		// Zoho's own sample moves a role without naming it (Zoho CRM SDK 8.0); its OpenAPI file for v8.0 wants the name.
		moves = append(moves, api.RoleWrite{ID: target[i].ID, Name: target[i].Name, Sequence: i + 1})
	}
	return moves
}

// Stay are the roles, among some of the list in the order that they are to have, that need not move: as many as can stay where they are to each other.
func (l List) Stay(wanted []string) map[string]bool {
	// The longest run of rising places, by trying each as an end: a list has a hundred roles at most.
	best, before := make([]int, len(wanted)), make([]int, len(wanted))
	end := -1
	for i, id := range wanted {
		best[i], before[i] = 1, -1
		for k := range i {
			if l.At(wanted[k]) < l.At(id) && best[k] >= best[i] {
				best[i], before[i] = best[k]+1, k
			}
		}
		if end < 0 || best[i] > best[end] {
			end = i
		}
	}
	stay := map[string]bool{}
	for ; end >= 0; end = before[end] {
		stay[wanted[end]] = true
	}
	return stay
}
