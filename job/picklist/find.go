package picklist

import (
	"fmt"
	"strings"

	"rolecall/api"
)

// Cell is how a table, or somebody at a keyboard, names a role.
type Cell struct {
	Text string // trimmed name, or id
	ByID bool
}

// Index finds the roles of a list.
type Index struct {
	byID, byName map[string]api.Role
	byFolded     map[string][]api.Role
}

// NewIndex makes the index of a list.
func NewIndex(l List) Index {
	x := Index{map[string]api.Role{}, map[string]api.Role{}, map[string][]api.Role{}}
	for _, r := range l {
		x.byID[r.ID] = r
		x.byName[strings.TrimSpace(r.Name)] = r
		folded := Fold(r.Name)
		x.byFolded[folded] = append(x.byFolded[folded], r)
	}
	return x
}

// Fold makes names comparable: spaces around them and case do not count.
func Fold(name string) string { return strings.ToLower(strings.TrimSpace(name)) }

// Find returns the role that a cell names: by id, by the very name, or by the name in any case where that is no two roles. Its errors say what the org has not.
func (x Index) Find(c Cell) (api.Role, error) {
	if c.ByID {
		if r, ok := x.byID[c.Text]; ok {
			return r, nil
		}
		return api.Role{}, fmt.Errorf("the org has no role with the id %s", c.Text)
	}
	if r, ok := x.byName[c.Text]; ok {
		return r, nil
	}
	switch same := x.byFolded[Fold(c.Text)]; len(same) {
	case 1:
		return same[0], nil
	case 0:
		return api.Role{}, fmt.Errorf("the org has no role %q", c.Text)
	default:
		return api.Role{}, fmt.Errorf("%q fits %d roles of the org that differ only in case", c.Text, len(same))
	}
}

// Called returns a role by its name, in any case; where several have it in different cases, the one that has the very name, or none.
func (x Index) Called(name string) (api.Role, bool) {
	r, err := x.Find(Cell{Text: strings.TrimSpace(name)})
	return r, err == nil
}

// Named returns how many roles of the list have a name, in any case.
func (x Index) Named(name string) int { return len(x.byFolded[Fold(name)]) }
