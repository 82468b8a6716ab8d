package report

import (
	"cmp"
	"regexp"
	"slices"
)

// maxGroups is the most groups by code and message. Further errors count by their code alone.
const maxGroups = 1_000

// Bounds on the values and lines of a group, so that a million failed rows cost no memory.
const (
	mostValues = 100
	mostLines  = 5
)

// Groups counts failed rows by code and message. It counts rows with rolecall's own codes by the code alone. A group
// shows the message of its first row.
type Groups struct {
	own    func(code string) bool
	grave  func(code string) bool
	advice func(code, details string) string
	by     map[groupKey]*Group
}

type groupKey struct{ code, message string }

// NewGroups returns empty Groups. own reports whether a code is rolecall's own. advice returns what to do about a code
// with its details, or "". grave reports whether people must see a code even if few rows have it.
func NewGroups(own, grave func(code string) bool, advice func(code, details string) string) *Groups {
	return &Groups{own, grave, advice, map[groupKey]*Group{}}
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
	e.addLine(line)
	e.addValue(valueIn(message), line)
}

// quoted is a text in quotes, as %q writes it.
var quoted = regexp.MustCompile(`"(?:[^"\\]|\\.)*"`)

// valueIn returns the value that a message is about: the first text in quotes, or the message.
func valueIn(message string) string { return cmp.Or(quoted.FindString(message), oneLine(message)) }

// addLine stores the line of a row if it is one of the first mostLines.
func (g *Group) addLine(line int64) {
	if len(g.Lines) < mostLines {
		g.Lines = append(g.Lines, line)
	}
}

// addValue counts a row with a value.
func (g *Group) addValue(value string, line int64) {
	i := slices.IndexFunc(g.Values, func(v GroupValue) bool { return v.Value == value })
	if i < 0 && len(g.Values) == mostValues {
		g.OtherRows++
		return
	}
	if i < 0 {
		i = len(g.Values)
		g.Values = append(g.Values, GroupValue{Value: value})
	}
	v := &g.Values[i]
	v.Rows++
	if len(v.Lines) < mostLines {
		v.Lines = append(v.Lines, line)
	}
}

// List returns the groups, the grave ones first and then the largest first. Groups of one size come in the order of
// their first lines. Only groups with several values list them.
func (g *Groups) List() []Group {
	l := make([]Group, 0, len(g.by))
	for _, e := range g.by {
		one := *e
		slices.SortStableFunc(one.Values, func(a, b GroupValue) int { return cmp.Compare(b.Rows, a.Rows) })
		if len(one.Values) == 1 {
			one.Values = nil
		}
		l = append(l, one)
	}
	rank := func(code string) int {
		if g.grave(code) {
			return 0
		}
		return 1
	}
	slices.SortFunc(l, func(a, b Group) int {
		return cmp.Or(rank(a.Code)-rank(b.Code), cmp.Compare(b.Rows, a.Rows), cmp.Compare(a.Line, b.Line),
			cmp.Compare(a.Code, b.Code))
	})
	return l
}
