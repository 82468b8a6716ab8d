package csvio

import (
	"maps"
	"slices"

	"rolecall/csvio/alike"
)

// Field is a column that rolecall understands, by its canonical name.
type Field string

// Vocabulary is the columns that rolecall understands in tables of one kind. Nobody may change it while a Reader
// uses it.
type Vocabulary struct {
	// Columns are in the order in which messages name them.
	Columns []KnownColumn

	// Any lets --map name fields that are not in Columns.
	Any bool

	// Ours are the columns of such a table as rolecall exports it. If a header has all of them, by these very names,
	// the table's texts may be guarded. Empty: only rc_ columns tell that rolecall wrote a table.
	Ours []string

	// Sheet is the name of the visible sheet that is read before any other of a workbook. If it is "" or there is no
	// such sheet, the first visible one is read.
	Sheet string

	// Foreign begins the folded name of a column that only another module's export has. In such an export the column
	// "Record Id" holds that module's ids and is not read.
	Foreign string

	// Recognises makes the Reader recognise a table of another CRM. The ids of such a table are not Zoho's, so the
	// Reader does not read them. The exception are the fields of LooksUp: the caller looks up their ids in a field of
	// Zoho.
	Recognises bool
	LooksUp    []Field
}

// KnownColumn is a column of a Vocabulary.
type KnownColumn struct {
	Field   Field    // what --map, needs and messages call the column, and its first name in a header
	Aliases []string // other names in a header; case, spaces, "_", "-" and "." do not count
	IDs     bool     // the column holds ids: never guarded, and refused where a workbook has them as rounded numbers
}

// VocabularyOf returns the vocabulary of a table that rolecall itself writes with these columns, to read it.
func VocabularyOf(columns []Column) *Vocabulary {
	v := &Vocabulary{}
	for _, c := range columns {
		v.Columns = append(v.Columns, KnownColumn{Field: Field(c.Name), IDs: c.Kind == IDColumn})
	}
	return v
}

// Fields returns the names of the columns in their order, for messages and to check --map.
func (v *Vocabulary) Fields() []Field {
	all := make([]Field, len(v.Columns))
	for i := range v.Columns {
		all[i] = v.Columns[i].Field
	}
	return all
}

// index returns the index of f in Columns, or -1 for a field of another vocabulary.
func (v *Vocabulary) index(f Field) int {
	return slices.IndexFunc(v.Columns, func(c KnownColumn) bool { return c.Field == f })
}

// with returns the vocabulary with the fields of --map that it lacks, if it takes any field.
func (v *Vocabulary) with(mapped map[Field]string) *Vocabulary {
	all := *v
	for _, f := range slices.Sorted(maps.Keys(mapped)) {
		if v.Any && v.index(f) < 0 {
			all.Columns = append(slices.Clip(all.Columns), KnownColumn{Field: f})
		}
	}
	return &all
}

// HasIDs reports whether a column with that header holds ids.
func (v *Vocabulary) HasIDs(header string) bool {
	i, known := v.names()[fold(header)]
	return known && v.Columns[i].IDs
}

// names returns the index in Columns that each folded column name stands for.
func (v *Vocabulary) names() map[string]int {
	names := make(map[string]int, 4*len(v.Columns))
	add := func(name string, i int) {
		if name = fold(name); name == "" {
			return
		}
		if _, taken := names[name]; !taken {
			names[name] = i
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
	return names
}

// isOurs reports whether the header is that of a table that rolecall exported. People may have moved its columns and
// added others.
func (v *Vocabulary) isOurs(header []string) bool {
	names := make(map[string]bool, len(header))
	for _, name := range header {
		names[alike.Trim(name)] = true
	}
	for _, name := range v.Ours {
		if !names[name] {
			return false
		}
	}
	return len(v.Ours) > 0
}
