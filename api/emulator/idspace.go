package emulator

import (
	"slices"
	"sort"
)

// An idSpace is the ids of a module in ascending order. Those that are
// generated are one stretch, and not stored: a million deals cost nothing.
type idSpace struct {
	below, above []id // seeded ones, around the stretch
	first        id   // the stretch is first+1 to first+count
	count        int
}

// newIDSpace puts seeded ids around the generated ones; a seeded one among
// them is there once.
func newIDSpace(seeded []id, first id, count int) idSpace {
	s := idSpace{first: first, count: count}
	for _, n := range slices.Sorted(slices.Values(seeded)) {
		switch {
		case within(n, first, count):
		case n <= first:
			s.below = append(s.below, n)
		default:
			s.above = append(s.above, n)
		}
	}
	return s
}

func (s *idSpace) len() int { return len(s.below) + s.count + len(s.above) }

func (s *idSpace) at(i int) id {
	if i < len(s.below) {
		return s.below[i]
	}
	if i -= len(s.below); i < s.count {
		return s.first + 1 + id(i) //nolint:gosec // not negative
	}
	return s.above[i-s.count]
}

// rank is how many ids are below n.
func (s *idSpace) rank(n id) int {
	below, _ := slices.BinarySearch(s.below, n)
	above, _ := slices.BinarySearch(s.above, n)
	generated := 0
	if n > s.first {
		generated = int(min(uint64(n-s.first-1), uint64(s.count))) //nolint:gosec // at most count
	}
	return below + generated + above
}

func (s *idSpace) has(n id) bool {
	i := s.rank(n)
	return i < s.len() && s.at(i) == n
}

// A deletion is a record that is no more.
type deletion struct {
	ID id    `json:"id"`
	At int64 `json:"time"` // Unix time
}

func byDeleted(d deletion, n id) int {
	switch {
	case d.ID < n:
		return -1
	case d.ID > n:
		return 1
	}
	return 0
}

// A sequence is ids in some order.
type sequence interface {
	len() int
	at(i int) id
}

// An idView is the ids that are there at one moment, ascending.
type idView struct {
	space *idSpace
	gone  []deletion // by id; never changed in place
}

func (v idView) len() int { return v.space.len() - len(v.gone) }

func (v idView) at(i int) id {
	before := sort.Search(len(v.gone), func(j int) bool { return v.space.rank(v.gone[j].ID)-j > i })
	return v.space.at(i + before)
}

func (v idView) rank(n id) int {
	gone, _ := slices.BinarySearchFunc(v.gone, n, byDeleted)
	return v.space.rank(n) - gone
}

func (v idView) has(n id) bool {
	_, gone := slices.BinarySearchFunc(v.gone, n, byDeleted)
	return !gone && v.space.has(n)
}

// An idList is a sequence that was made.
type idList []id

func (l idList) len() int    { return len(l) }
func (l idList) at(i int) id { return l[i] }

// reversed is a sequence from its end.
type reversed struct{ sequence }

func (r reversed) at(i int) id { return r.sequence.at(r.len() - 1 - i) }
