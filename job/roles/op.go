package roles

import (
	"cmp"
	"math"
	"slices"

	"rolecall/api"
	"rolecall/job"
)

// opKind is what a call does with a role.
type opKind string

const (
	opCreate opKind = "create"
	opUpdate opKind = "update" // rename, move, or both
	opDelete opKind = "delete"
)

// action is what the results say of it.
func (k opKind) action() string {
	switch k {
	case opCreate:
		return job.ActionCreated
	case opDelete:
		return job.ActionDeleted
	case opUpdate:
	}
	return job.ActionUpdated
}

// op is what a row asks of the list, as it is sent.
type op struct {
	row   *row
	kind  opKind
	write api.RoleWrite
	prior string // the name that the role has
	from  int    // the position that it has
}

// ofKind picks ops, from the first position to the last, and those without one at the end: so a role that is put at a position stays there when the next ones come.
func ofKind(ops []op, kind opKind) []op {
	picked := slices.DeleteFunc(slices.Clone(ops), func(o op) bool { return o.kind != kind })
	slices.SortStableFunc(picked, func(a, b op) int { return cmp.Compare(a.place(), b.place()) })
	return picked
}

// place is the position that the op sends, or one behind all others.
func (o *op) place() int { return cmp.Or(o.write.Sequence, math.MaxInt) }
