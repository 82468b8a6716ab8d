package report

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"rolecall/csvio/alike"
)

// Bounds on UnknownRoles, so that a table of a million names costs no memory. A name in Zoho has at most 50 characters,
// so a longer text is no name that somebody would translate.
const (
	mostUnknown    = 1_000
	longestUnknown = 200
	shownUnknown   = 10 // names that WriteText shows
	shownNear      = 3
)

// UnknownRoles are the names of roles in an input that the org does not have.
type UnknownRoles struct {
	Names []UnknownRole `json:"names"`               // those of the most rows first
	More  int64         `json:"more_rows,omitempty"` // rows with further names, which Names does not have
	Org   []string      `json:"org_roles"`           // the roles that the org has
}

// UnknownRole is a name that the org does not have.
type UnknownRole struct {
	Name    string   `json:"name"`
	Rows    int64    `json:"rows"`
	Nearest []string `json:"nearest,omitempty"` // the names of the org that are like it, the nearest first
}

// UnknownCount counts rows by the unknown names of their roles. Names that look the same count as one.
type UnknownCount struct {
	names map[string]*UnknownRole
	more  int64
}

// Add counts a row.
func (c *UnknownCount) Add(name string) {
	key := alike.Key(name)
	one := c.names[key]
	switch {
	case one != nil:
	case len(c.names) == mostUnknown || utf8.RuneCountInString(name) > longestUnknown:
		c.more++
		return
	default:
		if c.names == nil {
			c.names = map[string]*UnknownRole{}
		}
		one = &UnknownRole{Name: alike.Shown(name)}
		c.names[key] = one
	}
	one.Rows++
}

// List returns the counted names, or nil if there are none. org is the names of the org's roles.
func (c *UnknownCount) List(org []string) *UnknownRoles {
	if len(c.names) == 0 && c.more == 0 {
		return nil
	}
	u := &UnknownRoles{Names: []UnknownRole{}, More: c.more, Org: org}
	for _, one := range c.names {
		one.Nearest = alike.Near(one.Name, org, shownNear)
		u.Names = append(u.Names, *one)
	}
	slices.SortFunc(u.Names, func(a, b UnknownRole) int {
		return cmp.Or(cmp.Compare(b.Rows, a.Rows), cmp.Compare(a.Name, b.Name))
	})
	return u
}

// rows returns the number of rows with unknown roles.
func (u *UnknownRoles) rows() int64 {
	n := u.More
	for _, one := range u.Names {
		n += one.Rows
	}
	return n
}

// String returns the names with their rows, the first few.
func (u *UnknownRoles) String() string {
	texts := []string{}
	for i, one := range u.Names {
		if i == shownUnknown {
			texts = append(texts, Count(int64(len(u.Names)-i))+" more names")
			break
		}
		texts = append(texts, one.String())
	}
	if u.More > 0 {
		texts = append(texts, Plural(u.More, "row")+" with other names")
	}
	return strings.Join(texts, ", ")
}

// String returns the name with its rows and the nearest names.
func (r UnknownRole) String() string {
	text := fmt.Sprintf("%q in %s", r.Name, Plural(r.Rows, "row"))
	if len(r.Nearest) > 0 {
		text += fmt.Sprintf(" (nearest: %s)", strings.Join(r.Nearest, ", "))
	}
	return text
}

// UnknownAdvice is what to do about unknown roles.
const UnknownAdvice = "--save-role-map FILE writes them to a table to fill in, and --map-role FILE takes it"

// writeText writes the names, each on its own line, with the lines of the input that the groups of errors have.
func (u *UnknownRoles) writeText(w io.Writer, errors []Group) {
	where := map[string][]int64{}
	for _, g := range errors {
		if g.Code != codeRoleUnknown {
			continue
		}
		values := g.Values
		if len(values) == 0 {
			values = []GroupValue{{Value: valueIn(g.Message), Lines: g.Lines}}
		}
		for _, v := range values {
			name, _ := strconv.Unquote(v.Value) // a message without a name has no lines here
			key := alike.Key(name)
			where[key] = slices.Sorted(slices.Values(slices.Concat(where[key], v.Lines)))
		}
	}
	_ = Printf(w, "  unknown  %s that the org does not have, in %s\n",
		Plural(int64(len(u.Names)), "role"), Plural(u.rows(), "row"))
	for i, one := range u.Names {
		if i == shownUnknown {
			_ = Printf(w, "    and %s more\n", Count(int64(len(u.Names)-i)))
			break
		}
		lines := where[alike.Key(one.Name)]
		if len(lines) > 0 {
			_ = Printf(w, "    %s: %s\n", one, linesText(lines[:min(len(lines), mostLines)], one.Rows))
			continue
		}
		_ = Printf(w, "    %s\n", one)
	}
	if u.More > 0 {
		_ = Printf(w, "    and other names in %s\n", Plural(u.More, "row"))
	}
	_ = Printf(w, "    -> %s\n", UnknownAdvice)
}
