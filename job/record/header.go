package record

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"rolecall/api"
	"rolecall/csvio"
	"rolecall/csvio/alike"
	"rolecall/job"
	"rolecall/job/schema"
)

// table is what a run knows of its module and its columns. The notebook stores it, so that resume does the same.
type table struct {
	Module  api.Module `json:"module"`
	Columns []column   `json:"columns"` // of the input; of a deletion and of undo: the fields of the module
	Checks  []column   `json:"checks"`  // whose values find a record, in Zoho's order
	Zone    string     `json:"zone"`    // of the user, for times without one
	Began   time.Time  `json:"began"`   // by Zoho's clock, or a little before; zero: no answer told the time
}

// column is a column of the input that holds a field.
type column struct {
	At    int       `json:"at"` // index in the header
	Field api.Field `json:"field"`
	By    string    `json:"by,omitempty"` // of a lookup: the field of the other module that cells have; "": the id
}

// allows reports whether Zoho lets a job change records of a module.
func allows(m api.Module, name string) bool {
	can := map[string]bool{
		Insert: m.Creatable, Update: m.Editable, Upsert: m.Creatable && m.Editable, Delete: m.Deletable, Undo: true,
	}
	return m.APISupported && can[name]
}

// may reports whether Zoho lets a job write a field.
func may(f *api.Field, name string) bool {
	return f.Create && name != Update || f.Update && name != Insert
}

// header compares the header of an input with the fields of a module.
type header struct {
	job      string
	module   string
	exported bool // records export wrote the table, so that it has columns that nobody can write
	fields   []api.Field
	options  Options
	columns  []column
	problems []string
	notes    []string
}

// read finds the field of each column. The problems name the columns that cannot be written.
func (h *header) read(columns []string) {
	mapped := h.mapped(columns)
	for at, text := range columns {
		switch key := csvio.Fold(text); {
		case mapped[at] != "":
			h.column(at, mapped[at])
		case key != "id" && key != "recordid":
			h.column(at, text)
		case h.job != Update:
			h.notes = append(h.notes, fmt.Sprintf("the column %q is not read: Zoho gives a new record its id", text))
		}
	}
	if len(h.columns)+len(h.problems) == 0 {
		h.problem("no column holds a field of %s", h.module)
	}
	h.mandatory()
}

// mapped returns the field that --map names for a column, by the index of the column.
func (h *header) mapped(columns []string) map[int]string {
	mapped := map[int]string{}
	for _, field := range slices.Sorted(maps.Keys(h.options.Map)) {
		name := csvio.Fold(h.options.Map[field])
		at := slices.IndexFunc(columns, func(c string) bool { return csvio.Fold(c) == name })
		switch {
		case at >= 0 && mapped[at] != "":
			h.problem("--map names the column %q for both %s and %s", columns[at], mapped[at], field)
		case at >= 0:
			mapped[at] = field
		case !slices.Contains(columns, field): // else it is failed.csv of such a run
			h.problem("--map %s=%q names a column that is not there", field, h.options.Map[field])
		}
	}
	return mapped
}

func (h *header) problem(format string, args ...any) {
	h.problems = append(h.problems, fmt.Sprintf(format, args...))
}

// column adds a column that has the name of a field, or of a lookup with a field of the other module.
func (h *header) column(at int, name string) {
	f, err := schema.Field(h.module, h.fields, name)
	by := ""
	if dot := strings.LastIndexByte(name, '.'); err != nil && dot > 0 {
		if of, e := schema.Field(h.module, h.fields, name[:dot]); e == nil && (of.Lookup != "" || isUser(of.Type)) {
			f, by, err = of, alike.Trim(name[dot+1:]), nil
		}
	}
	switch {
	case err != nil:
		h.problem("%s", err)
	case h.exported && isUser(f.Type) && by != "": // the name of the user whose id is in the column of the field
	case !may(&f, h.job) && h.exported:
		h.notes = append(h.notes, f.APIName+" is read-only, so its column is not read")
	case !may(&f, h.job):
		h.problem("%s is read-only in %s: take the column out", f.APIName, h.module)
	case !writable(f.Type):
		h.problem("%s has the type %s, which no cell can hold: take the column out", f.APIName, f.Type)
	default:
		if csvio.Fold(by) == "id" || isUser(f.Type) {
			by = "" // the id, or the e-mail of a user
		}
		h.add(column{At: at, Field: f, By: by})
	}
}

// add adds a column. Of two columns of one lookup that of the id counts, as exports have both.
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

// mandatory adds the mandatory fields that have no column. An upsert needs them only to insert.
func (h *header) mandatory() {
	for _, f := range h.fields {
		switch {
		case !f.Mandatory || !f.Create || h.at(f.APIName) >= 0:
		case h.job == Insert:
			h.problem("%s is mandatory in %s and has no column: add one, or name it with --map %s=\"its name\"",
				f.APIName, h.module, f.APIName)
		case h.job == Upsert:
			h.notes = append(h.notes, f.APIName+" is mandatory and has no column: no row can insert a record")
		}
	}
}

// at returns the index in columns of the column of a field, or -1.
func (h *header) at(field string) int {
	return slices.IndexFunc(h.columns, func(c column) bool { return csvio.Fold(c.Field.APIName) == csvio.Fold(field) })
}

// systemCheck returns the field by which upsert finds a record if the user names none (Zoho CRM API v7, Upsert
// Records). Zoho's settings do not tell it.
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
	names := slices.Clone(h.options.DuplicateCheck)
	if h.job == Upsert && len(names) == 0 {
		names = []string{systemCheck(h.module)}
	}
	for _, f := range h.fields {
		if f.Unique {
			names = append(names, f.APIName)
		}
	}
	for i, name := range names {
		at := h.at(name)
		switch {
		case at < 0 && i < len(h.options.DuplicateCheck):
			h.problem("--duplicate-check %s: the table has no such column", name)
		case at >= 0 && !h.columns[at].Field.Unique && h.columns[at].Field.APIName != systemCheck(h.module):
			h.problem("--duplicate-check %s: Zoho finds records of %s only by %s and by unique fields", name, h.module,
				systemCheck(h.module))
		case at >= 0 && !slices.ContainsFunc(all, func(c column) bool { return c.At == h.columns[at].At }):
			all = append(all, h.columns[at])
		}
	}
	if h.job == Upsert && len(all)+len(h.problems) == 0 {
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
	if err == nil && !allows(m, w.job) {
		err = fmt.Errorf("%s is not possible with %s: Zoho does not let this user do that", w.job, m.APIName)
	}
	if err != nil {
		return &job.UsageError{Err: errors.Join(err, errors.New("nothing was sent"))}
	}
	w.table.Module = m
	all, err := w.zoho.Fields(ctx, m.APIName)
	if err != nil {
		return err
	}
	if w.job == Delete || w.job == Undo {
		for _, f := range all {
			if w.job == Undo || f.Create && writable(f.Type) {
				w.table.Columns = append(w.table.Columns, column{Field: f})
			}
		}
		return nil
	}
	h := &header{job: w.job, module: m.APIName, exported: w.desk.Exported, fields: all, options: w.Options}
	h.read(w.desk.Header)
	w.table.Columns, w.table.Checks = h.columns, h.checks()
	if len(h.problems) > 0 {
		all := strings.Join(h.problems, "; ")
		return &job.UsageError{Err: fmt.Errorf("%s: %s; nothing was sent", w.desk.Input, all)}
	}
	for _, note := range h.notes {
		w.desk.Say(note)
	}
	return w.readZone(ctx)
}
