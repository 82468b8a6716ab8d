package picklist

import (
	"fmt"
	"strings"

	"rolecall/api"
)

// Cell names a role, as a table or the command line does.
type Cell struct {
	Text string // the trimmed name, or the id
	ByID bool   // Text is an id
}

// Index finds the roles of a list by id or name.
type Index struct {
	byID, byName map[string]api.Role
	byFolded     map[string][]api.Role
}

// NewIndex returns the index of a list.
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

// Fold returns name in lower case without spaces around it, so that names can be compared.
func Fold(name string) string { return strings.ToLower(strings.TrimSpace(name)) }

// Find returns the role that a cell names: by id, by the exact name, or by the name in any case if only one role has
// it. Its error says what the org lacks.
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

// Called returns a role by its name in any case. If several roles have the name in different cases, it returns the
// role with the exact name, or none. ok is false if there is no such role.
func (x Index) Called(name string) (role api.Role, ok bool) {
	r, err := x.Find(Cell{Text: strings.TrimSpace(name)})
	return r, err == nil
}

// Named returns how many roles of the list have a name in any case.
func (x Index) Named(name string) int { return len(x.byFolded[Fold(name)]) }
