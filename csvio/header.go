package csvio

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// columns is what a header means: which of its columns are the input's own,
// and which column stands for which field.
type columns struct {
	known *Vocabulary
	all   []string // every column name, as read
	own   []int    // places of the input's own columns; rc_ columns are not among them
	at    []int    // place of the column of each that the vocabulary knows, or -1
	ours  bool     // rolecall wrote the table: it is a result, or has all columns of an export
	code  int      // place of rc_code, or -1
}

// names gives the input's own column names.
func (c *columns) names() []string {
	names := make([]string, len(c.own))
	for i, place := range c.own {
		names[i] = c.all[place]
	}
	return names
}

// results tells a table that carries rc_ columns.
func (c *columns) results() bool { return len(c.own) < len(c.all) }

func (c *columns) has(f Field) bool {
	i := c.known.place(f)
	return i >= 0 && c.at[i] >= 0
}

// met counts the needs that the header meets.
func (c *columns) met(needs [][]Field) int {
	n := 0
	for _, need := range needs {
		if c.meets(need) {
			n++
		}
	}
	return n
}

func (c *columns) meets(need []Field) bool {
	return slices.ContainsFunc(need, c.has)
}

// matchHeader finds the columns of a header. The columns are usable for
// counting also when an error comes with them.
func matchHeader(header []string, known *Vocabulary, mapped map[Field]string) (*columns, *FileError) {
	c := &columns{known: known, all: header, at: slices.Repeat([]int{-1}, len(known.Columns)), code: -1, ours: known.isOurs(header)}
	for i, name := range header {
		if isOwn(name) {
			c.ours = true
			if strings.EqualFold(strings.TrimSpace(name), codeColumn) {
				c.code = i
			}
		} else {
			c.own = append(c.own, i)
		}
	}
	taken, problem := c.matchMapped(mapped)
	if p := c.matchNamed(mapped, taken); problem == nil {
		problem = p
	}
	return c, problem
}

// matchMapped places the fields that the user named a column for, and gives
// the columns they take.
func (c *columns) matchMapped(mapped map[Field]string) (map[int]Field, *FileError) {
	taken := make(map[int]Field)
	for _, f := range slices.Sorted(maps.Keys(mapped)) {
		if c.known.place(f) < 0 {
			return taken, &FileError{
				Problem: fmt.Sprintf("--map %s=... names no field", f),
				Hint:    "the fields are " + anyOf(c.known.Fields()),
			}
		}
	}
	for i, f := range c.known.Fields() {
		name, ok := mapped[f]
		if !ok {
			continue
		}
		places := c.named(name)
		switch {
		case len(places) == 0:
			return taken, c.notThere(f, name)
		case len(places) > 1:
			return taken, &FileError{
				Problem: fmt.Sprintf("%d columns are called %s, which --map names for %s", len(places), shown(name), f),
				Hint:    "give the columns different names",
			}
		}
		if other, twice := taken[places[0]]; twice {
			return taken, &FileError{
				Problem: fmt.Sprintf("--map names the column %s for both %s and %s", shown(name), other, f),
				Hint:    "name one column for each field",
			}
		}
		taken[places[0]] = f
		c.at[i] = places[0]
	}
	return taken, nil
}

// named gives the places of the columns of that name: the very same name
// before one that differs in case or spaces.
func (c *columns) named(name string) []int {
	var same, alike []int
	for _, place := range c.own {
		switch have := c.all[place]; {
		case have == name:
			same = append(same, place)
		case fold(have) == fold(name):
			alike = append(alike, place)
		}
	}
	if len(same) > 0 {
		return same
	}
	return alike
}

func (c *columns) notThere(f Field, name string) *FileError {
	e := &FileError{
		Problem: fmt.Sprintf("--map %s=%q names a column that is not there; found: %s", f, name, shownList(c.names())),
		Hint:    "give --map the column's name as the file has it",
	}
	if isOwn(name) {
		e.Hint = "columns that begin with " + ownPrefix + " are rolecall's own and are not read"
	}
	return e
}

// matchNamed places the fields whose columns go by a known name. Two columns
// for one field is an error: taking either would be a guess.
func (c *columns) matchNamed(mapped map[Field]string, taken map[int]Field) *FileError {
	var problem *FileError
	folded := make([]string, len(c.own))
	foreign := false
	for i, place := range c.own {
		folded[i] = fold(c.all[place])
		foreign = foreign || c.known.foreign != "" && strings.HasPrefix(folded[i], c.known.foreign)
	}
	names := c.known.names()
	for i, place := range c.own {
		which, known := names[folded[i]]
		if !known || (foreign && folded[i] == recordID) {
			continue
		}
		f := c.known.Columns[which].Field
		if _, byMap := mapped[f]; byMap {
			continue
		}
		if _, byMap := taken[place]; byMap {
			continue
		}
		at := &c.at[which]
		if *at < 0 {
			*at = place
		} else if problem == nil {
			problem = twoColumns(f, c.all[*at], c.all[place])
		}
	}
	return problem
}

func twoColumns(f Field, first, second string) *FileError {
	e := &FileError{
		Problem: fmt.Sprintf("the columns %s and %s both stand for %s", shown(first), shown(second), f),
		Hint:    fmt.Sprintf("choose one: --map %s=%q", f, first),
	}
	if first == second {
		e.Hint = "rename or remove one of them"
	}
	return e
}

// missing says which needs a header does not meet, or gives nil.
func (c *columns) missing(needs [][]Field, d Dialect) *FileError {
	var lacks []string
	var missing []Field
	for _, need := range needs {
		if !c.meets(need) {
			lacks = append(lacks, "a column "+anyOf(need))
			if len(need) > 0 {
				missing = append(missing, need[0])
			}
		}
	}
	if lacks == nil {
		return nil
	}
	e := &FileError{
		Problem: fmt.Sprintf("the header lacks %s; found %s: %s",
			strings.Join(lacks, ", and "), d.where(), shownList(c.names())),
		Missing: missing,
	}
	var maps []string
	for _, f := range missing {
		maps = append(maps, fmt.Sprintf("--map %s=\"its name\"", f))
	}
	e.Hint = "rename a column, or name it with " + strings.Join(maps, " ")
	if len(c.all) == 1 && d.Format == FormatCSV {
		e.Hint += "; another delimiter is given with --delimiter"
	}
	return e
}
