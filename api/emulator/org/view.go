package org

import (
	"slices"
	"sort"
)

// An idSpace is the ids of a module in ascending order. Generated ids are one range, and not stored.
type idSpace struct {
	below, above []ID // seeded ones, around the range
	first        ID   // the range is first+1 to first+count
	count        int
}

// newIDSpace puts seeded ids around the generated ones. A seeded id inside the range counts once.
func newIDSpace(seeded []ID, first ID, count int) idSpace {
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

func within(n, first ID, count int) bool {
	return n > first && uint64(n-first) <= uint64(max(count, 0))
}

func (s *idSpace) len() int { return len(s.below) + s.count + len(s.above) }

func (s *idSpace) at(i int) ID {
	if i < len(s.below) {
		return s.below[i]
	}
	if i -= len(s.below); i < s.count {
		return s.first + 1 + ID(i) //nolint:gosec // an index is never negative
	}
	return s.above[i-s.count]
}

// rank returns how many ids are below n.
func (s *idSpace) rank(n ID) int {
	below, _ := slices.BinarySearch(s.below, n)
	above, _ := slices.BinarySearch(s.above, n)
	generated := 0
	if n > s.first {
		//nolint:gosec // the result is at most count, which is an int
		generated = int(min(uint64(n-s.first-1), uint64(s.count)))
	}
	return below + generated + above
}

func (s *idSpace) has(n ID) bool {
	i := s.rank(n)
	return i < s.len() && s.at(i) == n
}

// A Sequence is ids in some order.
type Sequence interface {
	Len() int
	At(i int) ID
}

// add adds an id. Copies of the space do not see it.
func (s *idSpace) add(n ID) {
	at, exists := slices.BinarySearch(s.above, n)
	switch {
	case exists || s.has(n):
	case n <= s.first:
		at, _ = slices.BinarySearch(s.below, n)
		s.below = slices.Insert(slices.Clone(s.below), at, n)
	case at == len(s.above):
		s.above = append(s.above, n)
	default:
		s.above = slices.Insert(slices.Clone(s.above), at, n)
	}
}

// A View is the ids of a module's records at one moment, ascending. It is a Sequence.
type View struct {
	space   idSpace
	deleted []Deletion // by id; never changed in place
}

// Len returns the number of records.
func (v View) Len() int { return v.space.len() - len(v.deleted) }

// At returns the id of record i.
func (v View) At(i int) ID {
	before := sort.Search(len(v.deleted), func(j int) bool { return v.space.rank(v.deleted[j].ID)-j > i })
	return v.space.at(i + before)
}

// Rank returns how many ids are below n.
func (v View) Rank(n ID) int {
	deleted, _ := slices.BinarySearchFunc(v.deleted, n, byDeleted)
	return v.space.rank(n) - deleted
}

// Has reports whether there is a record n.
func (v View) Has(n ID) bool {
	_, deleted := slices.BinarySearchFunc(v.deleted, n, byDeleted)
	return !deleted && v.space.has(n)
}

// Deleted returns the deleted records, by id.
func (v View) Deleted() []Deletion { return v.deleted }

// Only returns the given ids that have a record, ascending, each once.
func (v View) Only(ids []string) List {
	var list List
	for _, s := range ids {
		if n, isID := ParseID(s); isID && v.Has(n) {
			list = append(list, n)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// A List is a sequence in memory.
type List []ID

// Len returns the number of ids.
func (l List) Len() int { return len(l) }

// At returns id i.
func (l List) At(i int) ID { return l[i] }

// Reversed is a sequence from its end.
type Reversed struct{ Sequence }

// At returns id i from the end.
func (r Reversed) At(i int) ID { return r.Sequence.At(r.Len() - 1 - i) }
