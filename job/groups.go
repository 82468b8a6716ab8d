package job

import (
	"cmp"
	"slices"

	"rolecall/job/report"
)

// maxGroups bounds how many different errors are told apart; past it they are counted by their code alone.
const maxGroups = 1_000

// groups counts failed rows by code and message; those with a code of rolecall's own by the code alone. A group shows the message of its first row.
type groups struct {
	command Command
	by      map[groupKey]*report.Group
}

type groupKey struct{ code, message string }

// add counts a failed row at a line of the input.
func (g groups) add(o *outcome, line int64) {
	key := groupKey{o.code, o.message}
	_, own := ownAdvice(o.code)
	if _, ok := g.by[key]; own || !ok && len(g.by) >= maxGroups {
		key.message = "" // rolecall's own messages name the cell
	}
	e, ok := g.by[key]
	if !ok {
		e = &report.Group{Code: o.code, Message: o.message, Line: line, Advice: Advice(g.command, o.code, o.details)}
		g.by[key] = e
	}
	e.Rows++
	e.Various = e.Various || e.Message != o.message
}

// list returns the groups, the largest first.
func (g groups) list() []report.Group {
	l := make([]report.Group, 0, len(g.by))
	for _, e := range g.by {
		l = append(l, *e)
	}
	slices.SortFunc(l, func(a, b report.Group) int {
		return cmp.Or(cmp.Compare(b.Rows, a.Rows), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Code, b.Code))
	})
	return l
}
