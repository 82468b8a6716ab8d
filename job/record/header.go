package record

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"rolecall/api"
	"rolecall/csvio"
	"rolecall/csvio/alike"
	"rolecall/job"
	"rolecall/job/schema"
)

// table is what a run knows of its module and its columns. The notebook stores it, so that resume does the same.
type table struct {
	Module  api.Module `json:"module"`
	Columns []column   `json:"columns"`
	Checks  []column   `json:"checks"` // whose values find a record, in Zoho's order; with the key of the row first
	All     []string   `json:"all"`    // delete: the fields to keep in before.csv
	Zone    string     `json:"zone"`   // of the user, for times without one
}

// column is a column of the input that holds a field.
type column struct {
	At    int       `json:"at"` // index in the header
	Field api.Field `json:"field"`
	By    string    `json:"by,omitempty"` // of a lookup: the field of the other module that finds the record; "": the id
}

// allows reports whether Zoho lets a job change records of a module.
func allows(m api.Module, name string) bool {
	switch name {
	case Insert:
		return m.Creatable
	case Update:
		return m.Editable
	case Upsert:
		return m.Creatable && m.Editable
	}
	return m.Deletable
}

// header compares the header of an input with the fields of a module.
type header struct {
	job      string
	module   string
	exported bool // records export wrote the table, so that it has columns that nobody can write
	fields   []api.Field
	names    map[string]int // indexes of fields, by folded name
	options  Options
	columns  []column
	problems []string
	notes    []string
}

// newHeader finds the field of each column. Its problems name the columns that cannot be written.
func newHeader(name, module string, columns []string, exported bool, all []api.Field, o Options) *header {
	h := &header{job: name, module: module, exported: exported, fields: all, names: map[string]int{}, options: o}
	for _, of := range []func(api.Field) string{
		func(f api.Field) string { return f.APIName },
		func(f api.Field) string { return f.Label }, func(f api.Field) string { return f.DisplayLabel },
	} {
		for i, f := range all {
			if key := csvio.Fold(of(f)); key != "" {
				if _, taken := h.names[key]; !taken {
					h.names[key] = i
				}
			}
		}
	}
	mapped := h.mapped(columns)
	for at, text := range columns {
		switch key := csvio.Fold(text); {
		case mapped[at] != "":
			h.column(at, mapped[at])
		case key == csvio.Fold(string(ID)) || key == "recordid":
			if name == Insert || name == Upsert {
				h.notes = append(h.notes, fmt.Sprintf("the column %q is not read: Zoho gives a new record its id", text))
			}
		case slices.Contains(slices.Collect(maps.Values(o.Map)), text):
		default:
			h.column(at, text)
		}
	}
	if len(h.columns)+len(h.problems) == 0 {
		h.problem("no column holds a field of %s", module)
	}
	h.mandatory()
	return h
}

// mapped returns the field that --map names for a column, by the index of the column.
func (h *header) mapped(columns []string) map[int]string {
	mapped := map[int]string{}
	for _, field := range slices.Sorted(maps.Keys(h.options.Map)) {
		name := h.options.Map[field]
		at := slices.Index(columns, name)
		if at < 0 {
			at = slices.IndexFunc(columns, func(c string) bool { return csvio.Fold(c) == csvio.Fold(name) })
		}
		switch {
		case at < 0 && slices.ContainsFunc(columns, func(c string) bool { return csvio.Fold(c) == csvio.Fold(field) }):
			// failed.csv has the column under the field's own name
		case at < 0:
			h.problem("--map %s=%q names a column that is not there", field, name)
		case mapped[at] != "":
			h.problem("--map names the column %q for both %s and %s", name, mapped[at], field)
		default:
			mapped[at] = field
		}
	}
	return mapped
}

func (h *header) problem(format string, args ...any) {
	h.problems = append(h.problems, fmt.Sprintf(format, args...))
}

// column adds a column that has the name of a field, or of a lookup with a field of the other module.
func (h *header) column(at int, name string) {
	i, found := h.names[csvio.Fold(name)]
	by := ""
	if dot := strings.LastIndexByte(name, '.'); !found && dot > 0 {
		if i, found = h.names[csvio.Fold(name[:dot])]; found && h.fields[i].Lookup == "" && !isUser(h.fields[i].Type) {
			found = false
		}
		by = alike.Trim(name[dot+1:])
	}
	if !found {
		h.unknown(name)
		return
	}
	f := h.fields[i]
	if h.exported && isUser(f.Type) && by != "" {
		return // the name of the user whose id is in the column of the field
	}
	if csvio.Fold(by) == csvio.Fold(string(ID)) || isUser(f.Type) {
		by = "" // the id of a user, or an e-mail
	}
	may := f.Create
	switch h.job {
	case Update:
		may = f.Update
	case Upsert:
		may = f.Create || f.Update
	}
	switch {
	case !may && h.exported:
		h.notes = append(h.notes, f.APIName+" is read-only, so its column is not read")
		return
	case !may:
		h.problem("%s is read-only in %s: take the column out", f.APIName, h.module)
		return
	case !writable(f.Type):
		h.problem("%s has the type %s, which no cell can hold: take the column out", f.APIName, f.Type)
		return
	}
	h.add(column{At: at, Field: f, By: by})
}

// add adds a column. Of two columns of one lookup that of the id counts, as Zoho's own exports have both.
func (h *header) add(c column) {
	same := slices.IndexFunc(h.columns, func(o column) bool { return o.Field.APIName == c.Field.APIName })
	switch {
	case same < 0:
		h.columns = append(h.columns, c)
	case h.columns[same].By == "" && c.By != "":
	case h.columns[same].By != "" && c.By == "":
		h.columns[same] = c
	default:
		h.problem("two columns stand for %s: take one of them out", c.Field.APIName)
	}
}

// unknown adds the problem of a column that has the name of no field, with the nearest name.
func (h *header) unknown(name string) {
	var names []string
	for _, f := range h.fields {
		names = append(names, f.APIName)
	}
	hint := "take the column out, or name its field with --map"
	if near := alike.Nearest(name, names); near != "" {
		hint = "did you mean " + near + "?"
	}
	h.problem("%q is no field of %s: %s", name, h.module, hint)
}

// mandatory adds the mandatory fields of an insert that have no column.
func (h *header) mandatory() {
	for _, f := range h.fields {
		if !f.Mandatory || !f.Create || h.has(f.APIName) {
			continue
		}
		switch h.job {
		case Insert:
			h.problem("%s is mandatory in %s and has no column: add one, or name it with --map %s=\"its name\"",
				f.APIName, h.module, f.APIName)
		case Upsert:
			h.notes = append(h.notes, f.APIName+" is mandatory and has no column: no row can insert a record")
		}
	}
}

func (h *header) has(field string) bool {
	return slices.ContainsFunc(h.columns, func(c column) bool { return c.Field.APIName == field })
}

// err returns the problems as one error, or nil.
func (h *header) err(input string) error {
	if len(h.problems) == 0 {
		return nil
	}
	return &job.UsageError{Err: fmt.Errorf("%s: %s; nothing was sent", input, strings.Join(h.problems, "; "))}
}

// systemChecks are the fields by which upsert finds a record if the user names none (Zoho CRM API v7, Upsert Records).
// Zoho's settings do not tell them.
func systemCheck(module string) string {
	switch module {
	case "Leads", "Contacts":
		return "Email"
	case "Accounts", "Deals", "Campaigns", "Products", "Vendors", "Price_Books", "Solutions":
		return strings.TrimSuffix(module, "s") + "_Name" // Account_Name, Deal_Name, ...
	case "Cases", "Quotes", "Sales_Orders", "Purchase_Orders", "Invoices":
		return "Subject"
	}
	return "Name"
}

// checks returns the columns whose values find the record of a row, in Zoho's order: those that the user names, or else
// the module's own one, and then all unique fields (Zoho CRM API v7, Upsert Records). An insert has only the unique
// fields, which no second record may repeat.
func (h *header) checks() (all []column) {
	var names []string
	switch {
	case h.job == Upsert && len(h.options.DuplicateCheck) > 0:
		names = slices.Clone(h.options.DuplicateCheck)
	case h.job == Upsert:
		names = []string{systemCheck(h.module)}
	}
	for _, f := range h.fields {
		if f.Unique {
			names = append(names, f.APIName)
		}
	}
	for i, name := range names {
		at := slices.IndexFunc(h.columns, func(c column) bool { return csvio.Fold(c.Field.APIName) == csvio.Fold(name) })
		if at >= 0 && !slices.ContainsFunc(all, func(c column) bool { return c.At == h.columns[at].At }) {
			all = append(all, h.columns[at])
		} else if at < 0 && i < len(h.options.DuplicateCheck) {
			h.problem("--duplicate-check %s: the table has no such column", name)
		}
	}
	if h.job == Upsert && len(all) == 0 && len(h.problems) == 0 {
		h.problem("no column finds a record: add %s, or name another with --duplicate-check", names[0])
	}
	return all
}

// readTable reads the module and its fields, and compares them with the header of the input.
func (w *work) readTable(ctx context.Context) error {
	modules, err := w.zoho.Modules(ctx)
	if err != nil {
		return err
	}
	m, err := schema.Module(modules, w.Module)
	if err == nil && w.job != Undo && (!m.APISupported || !allows(m, w.job)) {
		err = fmt.Errorf("Zoho does not let this user %s of %s", strings.ReplaceAll(w.job, "records ", ""), m.APIName)
	}
	if err != nil {
		return &job.UsageError{Err: errors.Join(err, errors.New("nothing was sent"))}
	}
	w.table.Module = m
	all, err := w.zoho.Fields(ctx, m.APIName)
	if err != nil {
		return err
	}
	if w.job == Undo {
		w.table.Columns = nil
		for _, f := range all {
			w.table.Columns = append(w.table.Columns, column{Field: f})
		}
		return nil
	}
	if w.job == Delete {
		for _, f := range all {
			if f.Create && writable(f.Type) {
				w.table.Columns = append(w.table.Columns, column{Field: f})
			}
		}
		return nil
	}
	h := newHeader(w.job, m.APIName, w.desk.Header, w.desk.Exported, all, w.Options)
	w.table.Checks = h.checks()
	if err := h.err(w.desk.Input); err != nil {
		return err
	}
	for _, note := range h.notes {
		w.desk.Say(note)
	}
	w.table.Columns = h.columns
	return w.readZone(ctx)
}
