package csvio

import (
	"slices"
	"strings"
)

// Field is a column that rolecall understands, by its canonical name.
type Field string

// Vocabulary is the columns that rolecall understands in tables of one kind.
// nil is that of deals' stakeholders, whose tables are read fastest. It must
// not be changed while a Reader uses it.
type Vocabulary struct {
	// Columns are in the order in which messages name them.
	Columns []KnownColumn

	// Ours are the columns of such a table as rolecall exports it. With all of
	// them in the header, by these very names, its texts may be guarded. Empty:
	// rc_ columns alone tell that rolecall wrote a table.
	Ours []string

	// Sheet is the name of the visible sheet of a workbook that is read before
	// any other; "" is none, and the first visible one is read.
	Sheet string

	// foreign begins the folded name of a column that only another module's
	// export has: its recordID is none of a record that is meant here.
	foreign string
}

// KnownColumn is a column of a Vocabulary.
type KnownColumn struct {
	Field   Field    // what --map, needs and messages call it, and its first name in a header
	Aliases []string // its other names there; case, spaces, "_", "-" and "." do not count
	IDs     bool     // it holds ids: never guarded, and refused where a workbook has them as rounded numbers
}

// Fields gives the names of the columns in their order, for messages and to
// check --map by. nil gives those of deals' stakeholders.
func (v *Vocabulary) Fields() []Field {
	if v == nil {
		v = stakeholders()
	}
	all := make([]Field, len(v.Columns))
	for i := range v.Columns {
		all[i] = v.Columns[i].Field
	}
	return all
}

// place is where f is in Columns, or -1 for a field of another vocabulary.
func (v *Vocabulary) place(f Field) int {
	return slices.IndexFunc(v.Columns, func(c KnownColumn) bool { return c.Field == f })
}

// names gives the place in Columns that each folded column name stands for.
func (v *Vocabulary) names() map[string]int {
	places := make(map[string]int, 4*len(v.Columns))
	add := func(name string, place int) {
		if name = fold(name); name == "" {
			return
		}
		if _, there := places[name]; !there {
			places[name] = place
		}
	}
	for i := range v.Columns {
		add(string(v.Columns[i].Field), i) // before any alias: a field's own name is never another's
	}
	for i := range v.Columns {
		for _, alias := range v.Columns[i].Aliases {
			add(alias, i)
		}
	}
	return places
}

// isOurs tells the header of a table that rolecall has exported: people may
// have moved its columns, and added others.
func (v *Vocabulary) isOurs(header []string) bool {
	names := make(map[string]bool, len(header))
	for _, name := range header {
		names[strings.TrimSpace(name)] = true
	}
	for _, name := range v.Ours {
		if !names[name] {
			return false
		}
	}
	return len(v.Ours) > 0
}
