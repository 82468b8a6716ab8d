// Package rolemap translates the role names of an input into names of the org's roles. It reads the translations from
// the command line and from tables, and writes a table of the names that have no translation yet.
package rolemap

import (
	"fmt"
	"slices"
	"strings"

	"rolecall/csvio/alike"
)

// Map is the translations of a run, in the order in which the user gave them.
type Map []Pair

// Pair is one translation.
type Pair struct {
	From string `json:"from"`         // a name in the input
	To   string `json:"to,omitempty"` // a role of the org; "": the user has not chosen one yet
	At   string `json:"at,omitempty"` // where the user gave the pair: file:line, or the flag
}

// Flag is the flag that gives a Map.
const Flag = "--map-role"

// Parse reads the values of [Flag]: NAME=ROLE, or the path of a table. It compares names as role names, so case does
// not count. A name with two different roles is an error.
func Parse(values []string) (Map, error) {
	var all []Pair
	for _, value := range values {
		from, to, isPair := strings.Cut(value, "=")
		switch {
		case !isPair:
			pairs, err := read(value)
			if err != nil {
				return nil, err
			}
			all = append(all, pairs...)
		case alike.Trim(from) == "" || alike.Trim(to) == "":
			return nil, fmt.Errorf("%s %s: it is NAME=ROLE, a name in the file and a role of the org", Flag, value)
		default:
			all = append(all, Pair{From: from, To: to, At: Flag + " " + value})
		}
	}
	return Join(all)
}

// Join returns the map of some pairs. A name with two different roles is an error.
func Join(pairs []Pair) (Map, error) {
	var m Map
	at := map[string]int{} // the indexes in m, by the keys of the names
	for _, p := range pairs {
		p.From, p.To = alike.Shown(p.From), alike.Trim(p.To)
		key := alike.Key(p.From)
		i, known := at[key]
		switch {
		case !known:
			at[key] = len(m)
			m = append(m, p)
		case m[i].To == "": // a later pair with a role replaces one without
			m[i] = p
		case p.To != "" && alike.Key(p.To) != alike.Key(m[i].To):
			return nil, fmt.Errorf("%s maps the role %q to %q, and %s to %q: give it one of them",
				p.At, p.From, p.To, m[i].At, m[i].To)
		}
	}
	return m, nil
}

// Over returns m with the pairs of other for names that m does not have.
func (m Map) Over(other Map) Map {
	all, has := slices.Clone(m), map[string]bool{}
	for _, p := range m {
		has[alike.Key(p.From)] = true
	}
	for _, p := range other {
		if !has[alike.Key(p.From)] {
			all = append(all, p)
		}
	}
	return all
}

// Translator returns a function that translates a name. The function returns a name without a translation as it is.
func (m Map) Translator() func(name string) string {
	roles := map[string]string{}
	for _, p := range m {
		if p.To != "" {
			roles[alike.Key(p.From)] = p.To
		}
	}
	return func(name string) string {
		if to, ok := roles[alike.Key(name)]; ok {
			return to
		}
		return name
	}
}

// Open returns the names for which the user has not chosen a role yet.
func (m Map) Open() (names []string) {
	for _, p := range m {
		if p.To == "" {
			names = append(names, p.From)
		}
	}
	return names
}

// shownWrong is the most wrong roles that a message names.
const shownWrong = 3

// shownNear is the most similar roles that a message names.
const shownNear = 3

// Check returns an error that names the roles of m that the org does not have. find returns an error for such a role.
// roles is the names of the org's roles.
func (m Map) Check(find func(role string) error, roles []string) error {
	var wrong []string
	for _, p := range m {
		if p.To == "" {
			continue
		}
		if err := find(p.To); err != nil {
			near := "it has " + strings.Join(alike.Ranked(p.To, roles), ", ")
			if names := alike.Near(p.To, roles, shownNear); len(names) > 0 {
				near = "did you mean " + quoted(names, " or ") + "?"
			}
			wrong = append(wrong, fmt.Sprintf("%s: %v; %s", p.At, err, near))
		}
	}
	if more := len(wrong) - shownWrong; more > 0 {
		wrong = append(wrong[:shownWrong], fmt.Sprintf("and %d more", more))
	}
	if wrong == nil {
		return nil
	}
	return fmt.Errorf("%s (nothing was sent)", strings.Join(wrong, "; "))
}

// quoted returns names for a message.
func quoted(names []string, join string) string {
	all := make([]string, len(names))
	for i, name := range names {
		all[i] = fmt.Sprintf("%q", name)
	}
	return strings.Join(all, join)
}

// OpenText returns the note that some names of a map have no role yet.
func OpenText(names []string) string {
	shown := names[:min(len(names), shownWrong)]
	text := quoted(shown, ", ")
	if more := len(names) - len(shown); more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return fmt.Sprintf("the role map leaves %d of its names without a role, and they stay as they are: %s",
		len(names), text)
}
