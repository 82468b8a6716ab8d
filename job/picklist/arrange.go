package picklist

import (
	"cmp"
	"slices"

	"rolecall/api"
)

// Wish is the wanted position of a role in a list.
type Wish struct {
	ID       string
	Position int // from 1
}

// Arrange returns the list with the wished roles at their positions. Roles with the same wished position follow each
// other there, in the order of the wishes. A position beyond the end means the end. The other roles keep their order
// and fill the positions between. Arrange ignores a wish for a role that is not in the list. If a role has several
// wishes, the last one counts.
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
		last := len(l) - (len(placed) - i) // leaves a position behind it for each wish that is left
		for len(arranged) < min(wished[r.ID].Position-1, last) {
			arranged, others = append(arranged, others[0]), others[1:]
		}
		arranged = append(arranged, r)
	}
	return append(arranged, others...)
}

// SameOrder reports whether two lists have the same roles in the same order.
func (l List) SameOrder(other List) bool {
	return slices.EqualFunc(l, other, func(a, b api.Role) bool { return a.ID == b.ID })
}

// Moves returns the update that gives the list the order of target, which has the same roles. Zoho does not document
// how it moves the other roles when it moves one (Zoho CRM API v8, Update Contact Roles). So the update sets the
// position of every role from the first misplaced role to the last, from the top down. The result is right if Zoho
// shifts the roles between, swaps two roles, or only stores numbers.
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
		// Zoho's own sample moves a role without its name (Zoho CRM SDK 8.0). Its OpenAPI file for v8.0 requires the
		// name.
		moves = append(moves, api.RoleWrite{ID: target[i].ID, Name: target[i].Name, Sequence: i + 1})
	}
	return moves
}

// Stay returns the largest set of roles, as ids, that need not move to put some roles into the order of wanted. wanted
// is the ids of these roles.
func (l List) Stay(wanted []string) map[string]bool {
	// This is the longest increasing subsequence of positions, in quadratic time: a list has at most a hundred roles.
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
