package csvio

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"rolecall/csvio/alike"
)

// ownPrefix begins the columns that rolecall adds to a table. They are dropped on reading, so that every file that
// rolecall writes can be read back.
const ownPrefix = "rc_"

// isOwn reports whether rolecall itself added the column.
func isOwn(name string) bool {
	name = alike.Trim(name)
	return len(name) >= len(ownPrefix) && strings.EqualFold(name[:len(ownPrefix)], ownPrefix)
}

// fold makes a column name comparable: names that look the same are equal, and spaces, "_", "-" and "." do not count.
func fold(name string) string {
	if len(name) > mostFolded {
		return name
	}
	return separators.Replace(alike.Key(name))
}

// Fold returns a column name as headers are compared: without case, spaces, "_", "-" and ".".
func Fold(name string) string { return fold(name) }

// mostFolded is the longest name, in bytes, that fold changes. The longest known name is less than a tenth as long.
// fold gets the cells of each line that may be the header, so its cost must have a bound.
const mostFolded = 512

var separators = strings.NewReplacer(" ", "", "_", "", "-", "", ".", "")

// columns is the meaning of a header: which columns are the input's own, and which column stands for which field.
type columns struct {
	known *Vocabulary
	all   []string       // every column name, as read
	own   []int          // indexes of the input's own columns, without rc_ columns
	at    []int          // for each column of the vocabulary, its index in all, or -1
	ours  bool           // rolecall wrote the table: a result, or a table with all columns of an export
	other *system        // another CRM that the table is of; nil: none
	sure  bool           // the columns of ids of that CRM certainly hold no ids of Zoho's
	marks map[string]int // the index of each column of rolecall's, by its name in lower case
}

// readHeader finds the columns of a header, and checks that the needed ones are there.
func readHeader(header []string, line int, o Options, d Dialect) (*columns, error) {
	if problem := headerTooWide(len(header)); problem != nil {
		problem.Line = line
		return nil, problem
	}
	cols, problem := matchHeader(cleanHeader(header), o.Vocabulary, o.Map)
	if refusal := cols.recordsChanges(); refusal != nil {
		problem = refusal
	}
	missing := cols.missing(o.Needs, d)
	if refusal := cols.foreignIDs(missing != nil, o.Command); refusal != nil {
		problem = refusal
	}
	if problem == nil {
		problem = missing
	}
	if problem != nil {
		problem.Line = line
		return nil, problem
	}
	return cols, nil
}

// cleanHeader copies the column names, without a byte order mark that an editor left inside the first one.
func cleanHeader(cells []string) []string {
	header := make([]string, len(cells))
	for i, cell := range cells {
		header[i] = strings.Clone(withoutFormula(cell))
	}
	header[0] = strings.TrimLeft(header[0], "\uFEFF")
	return header
}

// recordsChanges returns an error for a table that records what a run changed, unless the job takes such a table.
func (c *columns) recordsChanges() *FileError {
	if c.known.index(PlanAction) < 0 && len(c.named(string(PlanAction))) > 0 {
		return &FileError{
			Problem: fmt.Sprintf("the column %s marks a plan: this command does not take it", PlanAction),
			Hint:    "to do what the plan says, give: rolecall apply FILE",
		}
	}
	if c.known.index(UndoRow) >= 0 || len(c.named(string(UndoRow))) == 0 {
		return nil
	}
	e := &FileError{
		Problem: fmt.Sprintf("the column %s marks a record of what a run changed: "+
			"no command takes it as its input", UndoRow),
		Hint: "to take the run back, give its folder: rolecall undo RUN", Undo: true,
	}
	if len(c.named(string(UndoAction))) > 0 {
		e.Undo = false
		e.Hint = "these are rows of an undo: to try them again, give the same undo again, with the folder of the run " +
			"that it takes back: rolecall undo RUN"
	}
	return e
}

// names returns the input's own column names.
func (c *columns) names() []string {
	names := make([]string, len(c.own))
	for i, column := range c.own {
		names[i] = c.all[column]
	}
	return names
}

// results reports whether the table carries rc_ columns.
func (c *columns) results() bool { return len(c.own) < len(c.all) }

func (c *columns) has(f Field) bool {
	i := c.known.index(f)
	return i >= 0 && c.at[i] >= 0
}

// ids reports for each column of the header whether it holds ids.
func (c *columns) ids() []bool {
	ids := make([]bool, len(c.all))
	for i, column := range c.at {
		if column >= 0 {
			ids[column] = c.known.Columns[i].IDs
		}
	}
	return ids
}

// countMet counts the needs that the header meets.
func (c *columns) countMet(needs [][]Field) int {
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

// matchHeader finds the columns of a header. Also with an error, the columns can be used to count needs.
func matchHeader(header []string, known *Vocabulary, mapped map[Field]string) (*columns, *FileError) {
	known = known.with(mapped)
	c := &columns{known: known, all: header, marks: map[string]int{}, ours: known.isOurs(header)}
	c.at = slices.Repeat([]int{-1}, len(known.Columns))
	for i, name := range header {
		if !isOwn(name) {
			c.own = append(c.own, i)
			continue
		}
		c.ours = true
		c.marks[strings.ToLower(alike.Trim(name))] = i
	}
	mapped = maps.Clone(mapped)
	if _, looked := c.marks[ExternalColumn]; known.Recognises && !looked && !known.isOurs(header) {
		c.other, c.sure = systemOf(c.names())
	}
	if c.other != nil && len(known.LooksUp) > 0 {
		mapped = c.other.mapped(c.names(), mapped, known.LooksUp)
	}
	taken, problem := c.matchMapped(mapped)
	if p := c.matchNamed(mapped, taken); problem == nil {
		problem = p
	}
	return c, problem
}

// matchMapped finds the columns that the user named for a field. It returns the field that takes each of them, and
// deletes from mapped the fields whose own names failed.csv uses instead.
func (c *columns) matchMapped(mapped map[Field]string) (map[int]Field, *FileError) {
	taken := make(map[int]Field)
	for _, f := range slices.Sorted(maps.Keys(mapped)) {
		if c.known.index(f) < 0 {
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
		matches := c.named(name)
		switch {
		case len(matches) == 0 && c.results() && !isOwn(name) && c.isFieldName(f):
			delete(mapped, f) // failed.csv calls the column by the field's own name
			continue
		case len(matches) == 0:
			return taken, c.noColumn(f, name)
		case len(matches) > 1:
			return taken, &FileError{
				Problem: fmt.Sprintf("%d columns are called %s, which --map names for %s",
					len(matches), shown(name), f),
				Hint: "give the columns different names",
			}
		}
		if other, twice := taken[matches[0]]; twice {
			return taken, &FileError{
				Problem: fmt.Sprintf("--map names the column %s for both %s and %s", shown(name), other, f),
				Hint:    "name one column for each field",
			}
		}
		taken[matches[0]] = f
		c.at[i] = matches[0]
	}
	return taken, nil
}

// isFieldName reports whether a column has exactly the name of the field.
func (c *columns) isFieldName(f Field) bool {
	return slices.ContainsFunc(c.own, func(i int) bool { return c.all[i] == string(f) })
}

// named returns the indexes of the columns with that name. Columns with exactly that name win over columns whose name
// differs in case or spaces.
func (c *columns) named(name string) []int {
	var same, alike []int
	for _, i := range c.own {
		switch have := c.all[i]; {
		case have == name:
			same = append(same, i)
		case fold(have) == fold(name):
			alike = append(alike, i)
		}
	}
	if len(same) > 0 {
		return same
	}
	return alike
}

// noColumn returns the error for a table that lacks a column that the user named.
func (c *columns) noColumn(f Field, name string) *FileError {
	e := &FileError{
		Problem: fmt.Sprintf("--map %s=%q names a column that is not there; found: %s", f, name, shownList(c.names())),
		Hint:    "give --map the column's name as the file has it",
	}
	if isOwn(name) {
		e.Hint = "columns that begin with " + ownPrefix + " are rolecall's own and are not read"
	}
	return e
}

// matchNamed finds the columns that have a name of the vocabulary. Two columns for one field are an error, because
// rolecall does not guess which of them counts.
func (c *columns) matchNamed(mapped map[Field]string, taken map[int]Field) *FileError {
	var problem *FileError
	names, foreign := c.known.names(), c.isForeign()
	for _, column := range c.own {
		name := fold(c.all[column])
		which, known := names[name]
		if !known || (foreign && name == recordID) {
			continue
		}
		f := c.known.Columns[which].Field
		if c.refuses(column, f) {
			continue
		}
		if _, byMap := mapped[f]; byMap {
			continue
		}
		if _, byMap := taken[column]; byMap {
			continue
		}
		at := &c.at[which]
		if *at < 0 {
			*at = column
		} else if problem == nil {
			problem = twoColumns(f, c.all[*at], c.all[column])
		}
	}
	return problem
}

// refuses reports whether a column holds ids of another CRM, and such ids are not read as the field.
func (c *columns) refuses(column int, f Field) bool {
	return c.other != nil && c.sure && c.other.owns(c.all[column]) && !slices.Contains(c.known.LooksUp, f)
}

// foreignIDs returns an error if the job would have to read ids of another CRM as Zoho's: the table lacks the needed
// columns, or the user named a column with such ids. Otherwise it returns nil.
func (c *columns) foreignIDs(lacks bool, command string) *FileError {
	if c.other == nil {
		return nil
	}
	for _, f := range []Field{DealID, ContactID} {
		named := c.has(f) && c.refuses(c.at[c.known.index(f)], f)
		if named || lacks && (c.sure || !c.has(f)) && !slices.Contains(c.known.LooksUp, f) {
			return c.other.refusal(c.names(), command)
		}
	}
	return nil
}

// isForeign reports whether the header is that of another module's export.
func (c *columns) isForeign() bool {
	return c.known.Foreign != "" && slices.ContainsFunc(c.own, func(i int) bool {
		return strings.HasPrefix(fold(c.all[i]), c.known.Foreign)
	})
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

// Meets reports whether a header has a column for each need, by the names of a vocabulary.
func Meets(header []string, known *Vocabulary, needs ...[]Field) bool {
	c, _ := matchHeader(header, known, nil)
	return !slices.ContainsFunc(needs, func(need []Field) bool { return !c.meets(need) })
}

// missing returns an error that names the needs that the header does not meet, or nil.
func (c *columns) missing(needs [][]Field, d Dialect) *FileError {
	var lacks, hints []string
	var missing []Field
	for _, need := range needs {
		if c.meets(need) {
			continue
		}
		lacks = append(lacks, "a column "+anyOf(need))
		if len(need) > 0 {
			missing = append(missing, need[0])
			hints = append(hints, fmt.Sprintf("--map %s=\"its name\"", need[0]))
		}
	}
	if lacks == nil {
		return nil
	}
	e := &FileError{
		Problem: fmt.Sprintf("the header lacks %s; found %s: %s",
			strings.Join(lacks, ", and "), d.where(), shownList(c.names())),
		Hint:    "rename a column, or name it with " + strings.Join(hints, " "),
		Missing: missing, Header: c.names(),
	}
	if d.Format != FormatJSONL && d.HeaderLine == 0 {
		e.Hint += "; if the header is another line, name it with --header-row"
	}
	if len(c.all) == 1 && d.Format == FormatCSV {
		e.Hint += "; if the delimiter is another one, give it with --delimiter"
	}
	return e
}
