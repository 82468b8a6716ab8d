package report

import (
	"cmp"
	"slices"
)

// maxGroups is the most groups by code and message. Further errors are counted by their code alone.
const maxGroups = 1_000

// Groups counts failed rows by code and message. It counts rows with rolecall's own codes by the code alone. A group
// shows the message of its first row.
type Groups struct {
	own    func(code string) bool
	advice func(code, details string) string
	by     map[groupKey]*Group
}

type groupKey struct{ code, message string }

// NewGroups returns empty Groups. own reports whether a code is rolecall's own. advice returns what to do about a code
// with its details, or "".
func NewGroups(own func(code string) bool, advice func(code, details string) string) *Groups {
	return &Groups{own, advice, map[groupKey]*Group{}}
}

// Add counts a failed row. line is its line in the input.
func (g *Groups) Add(code, message, details string, line int64) {
	key := groupKey{code, message}
	if _, ok := g.by[key]; g.own(code) || !ok && len(g.by) >= maxGroups {
		key.message = "" // rolecall's own messages name the cell
	}
	e, ok := g.by[key]
	if !ok {
		e = &Group{Code: code, Message: message, Line: line, Advice: g.advice(code, details)}
		g.by[key] = e
	}
	e.Rows++
	e.Various = e.Various || e.Message != message
}

// List returns the groups, the largest first. Groups of one size come in the order of their first lines.
func (g *Groups) List() []Group {
	l := make([]Group, 0, len(g.by))
	for _, e := range g.by {
		l = append(l, *e)
	}
	slices.SortFunc(l, func(a, b Group) int {
		return cmp.Or(cmp.Compare(b.Rows, a.Rows), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Code, b.Code))
	})
	return l
}
