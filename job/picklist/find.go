package picklist

import (
	"fmt"
	"strings"

	"rolecall/api"
	"rolecall/csvio/alike"
)

// Cell names a role, as a table or the command line does.
type Cell struct {
	Text string // the trimmed name, or the id
	ByID bool   // Text is an id
}

// Index finds the roles of a list by id or name.
type Index struct {
	byID, byName   map[string]api.Role
	byShown, byKey map[string][]api.Role // by the visible characters of the name: in its own case, and in any case
}

// NewIndex returns the index of a list.
func NewIndex(l List) Index {
	x := Index{map[string]api.Role{}, map[string]api.Role{}, map[string][]api.Role{}, map[string][]api.Role{}}
	for _, r := range l {
		x.byID[r.ID] = r
		x.byName[r.Name] = r
		shown, key := alike.Shown(r.Name), alike.Key(r.Name)
		x.byShown[shown], x.byKey[key] = append(x.byShown[shown], r), append(x.byKey[key], r)
	}
	return x
}

// Find returns the role that a cell names. It tries the id or the exact name first, then a name that looks the same,
// then one that looks the same in any case. It fails if no role, or more than one, has the name.
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
	if same := x.byShown[alike.Shown(c.Text)]; len(same) == 1 {
		return same[0], nil
	}
	switch same := x.byKey[alike.Key(c.Text)]; len(same) {
	case 1:
		return same[0], nil
	case 0:
		return api.Role{}, fmt.Errorf("the org has no role %q", c.Text)
	default:
		return api.Role{}, fmt.Errorf("%q fits %d roles of the org that differ only in case "+
			"or in invisible characters: give the id of one", c.Text, len(same))
	}
}

// Called returns a role by its name in any case. If several roles have the name in different cases, it returns the
// role with the exact name, or none. ok is false if there is no such role.
func (x Index) Called(name string) (role api.Role, ok bool) {
	r, err := x.Find(Cell{Text: strings.TrimSpace(name)})
	return r, err == nil
}

// Named returns how many roles of the list have a name in any case.
func (x Index) Named(name string) int { return len(x.byKey[alike.Key(name)]) }
