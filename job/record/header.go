package record

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"rolecall/api"
	"rolecall/csvio"
	"rolecall/csvio/alike"
	"rolecall/job"
	"rolecall/job/export"
	"rolecall/job/schema"
)

// table is what a run knows of its module and its columns. The notebook stores it, so that resume does the same.
type table struct {
	Module   api.Module `json:"module"`
	Columns  []column   `json:"columns"`            // of the input; of a deletion and of undo: the fields of the module
	Checks   []column   `json:"checks"`             // whose values find a record, in Zoho's order
	Unlisted []string   `json:"unlisted,omitempty"` // of a deletion: the fields that no list of records has
	Zone     string     `json:"zone"`               // of the user, for times without one
	Began    time.Time  `json:"began"`              // by Zoho's clock, or a little before; zero: not known
}

// column is a column of the input that holds a field.
type column struct {
	At    int       `json:"at"` // index in the header
	Field api.Field `json:"field"`
	By    string    `json:"by,omitempty"` // of a lookup: byName if cells have names; "": they have ids
	ID    *int      `json:"id,omitempty"` // of a lookup with By: the column of ids, which count before names
}

// cell returns the cell of a row for the column, and whether it names a record.
func (c *column) cell(cells []string) (text string, names bool) {
	if c.ID != nil && alike.Trim(cells[*c.ID]) != "" {
		return cells[*c.ID], false
	}
	text = cells[c.At]
	return text, c.By != "" && alike.Trim(text) != "" || isUser(c.Field.Type) && strings.Contains(text, "@")
}

// byName is the column.By of names.
const byName = "name"

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
	names    []string
	exported bool // records export wrote the table, so read-only columns are no mistake
	fields   []api.Field
	seen     bool // the fields are those that records have: there may be more
	options  Options
	columns  []column
	problems []string
	notes    []string
}

// read finds the field of each column. It adds a problem for each column that cannot be written.
func (h *header) read(columns []string) {
	h.names = columns
	for at, text := range columns {
		switch key := csvio.Fold(text); {
		case strings.HasSuffix(text, csvio.NotRead): // --map names another column for the field
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

func (h *header) problem(format string, args ...any) {
	h.problems = append(h.problems, fmt.Sprintf(format, args...))
}

// column adds a column whose name is a field, or a lookup with a field of its module, such as Account_Name.name.
func (h *header) column(at int, name string) {
	f, err := schema.Field(h.module, h.fields, name)
	by, hasID := "", err == nil && isLink(f.Type) && h.hasID(name)
	if hasID {
		by = byName
	}
	if dot := strings.LastIndexByte(name, '.'); err != nil && dot > 0 {
		if of, e := schema.Field(h.module, h.fields, name[:dot]); e == nil && isLink(of.Type) {
			f, by, err = of, csvio.Fold(name[dot+1:]), nil
		}
	}
	if err != nil && h.seen {
		f, err = schema.Typed(name)
	}
	switch {
	case err != nil:
		h.problem("%s", err)
	case (h.exported || hasID) && by == byName && (isUser(f.Type) || f.Lookup == ""): // the name beside the id
	case h.exported && !export.Listed(f.Type):
		h.notes = append(h.notes, fmt.Sprintf("%s is not written: rolecall writes no %s", f.APIName, f.Type))
	case !may(&f, h.job) && h.exported:
		h.notes = append(h.notes, f.APIName+" is read-only, so its column is not read")
	case !may(&f, h.job):
		h.problem("%s is read-only in %s: take the column out", f.APIName, h.module)
	case !writable(f.Type):
		h.problem("%s has the type %s, which no cell can hold: take the column out", f.APIName, f.Type)
	case by != "" && by != string(ID) && !isUser(f.Type) && (by != byName || f.Lookup == ""):
		h.problem("%s: a lookup takes an id, or the name of a record in a column %s.name", name, f.APIName)
	default:
		if by != byName || isUser(f.Type) {
			by = "" // the id, or the e-mail of a user
		}
		h.add(column{At: at, Field: f, By: by})
	}
}

// hasID reports whether the table has another column with the ids of a lookup. Then the lookup's own column has names,
// as in Zoho's own exports.
func (h *header) hasID(name string) bool {
	return slices.ContainsFunc(h.names, func(other string) bool {
		of, is := strings.CutSuffix(strings.ToLower(alike.Trim(other)), ".id")
		return is && csvio.Fold(of) == csvio.Fold(name)
	})
}

// add adds a column. A lookup may have two columns, as in exports. Its name counts only in rows without an id.
func (h *header) add(c column) {
	same := slices.IndexFunc(h.columns, func(o column) bool { return o.Field.APIName == c.Field.APIName })
	switch {
	case same < 0:
		h.columns = append(h.columns, c)
	case (h.columns[same].By == "") == (c.By == "") || h.columns[same].ID != nil:
		h.problem("two columns stand for %s: take one of them out", c.Field.APIName)
	default:
		ids := h.columns[same]
		if c.By == "" {
			c, ids = ids, c
		}
		c.ID = &ids.At
		h.columns[same] = c
		h.notes = append(h.notes, fmt.Sprintf("%s is read only in rows without an id in %s",
			h.names[c.At], h.names[ids.At]))
	}
}

// mandatory adds a problem for each mandatory field without a column. For an upsert it adds a note, because an upsert
// needs the field only to insert.
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
// Records). Zoho's settings do not have it.
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

// checks returns the columns whose values find the record of a row, in Zoho's order: the columns that the user names,
// or else the module's own one, and then all unique fields (Zoho CRM API v7, Upsert Records). For an insert, it returns
// only the unique fields, because no second record may have the same value.
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
	m, err := schema.FindModule(ctx, w.zoho, w.Module, w.org.Gateway)
	if _, unknown := errors.AsType[*schema.UnknownError](err); err != nil && !unknown {
		return err
	}
	if err == nil && !allows(m, w.job) {
		err = fmt.Errorf("%s is not possible with %s: Zoho does not let this user do that", w.job, m.APIName)
	}
	if err != nil {
		return &job.UsageError{Err: errors.Join(err, errors.New("nothing was sent"))}
	}
	w.table.Module = m
	all, seen, err := schema.Fields(ctx, w.zoho, m.APIName, w.org.Gateway)
	if err != nil {
		return err
	}
	if w.job == Delete || w.job == Undo {
		w.takeAll(all)
		return nil
	}
	h := &header{job: w.job, module: m.APIName, exported: w.desk.Exported, fields: all, options: w.Options}
	h.seen = seen
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

// apart is the types whose values are not in the record: the record has only a name (zoho-api-records.md 1.4).
var apart = []string{"profileimage", "territories", "consent_lookup"}

// takeAll makes a column of each field of the module, for undo. For a deletion, it takes only the fields of before.csv.
func (w *work) takeAll(all []api.Field) {
	var rich []string
	for _, f := range all {
		if w.job == Delete && (f.APIName == string(ID) || slices.Contains(apart, f.Type)) {
			continue
		}
		w.table.Columns = append(w.table.Columns, column{Field: f})
		switch {
		case w.job == Undo:
		case !export.Listed(f.Type):
			w.table.Unlisted = append(w.table.Unlisted, f.APIName)
		case f.Rich:
			rich = append(rich, f.APIName)
		}
	}
	if names := strings.Join(w.table.Unlisted, ", "); names != "" {
		w.desk.Say("each record is read alone, for a credit more, because lists do not have all of its fields; " +
			"before.csv has these as JSON, and records insert cannot insert them again: " + names)
	} else if len(rich) > 0 {
		w.desk.Say("lists of records cut a long text of " + strings.Join(rich, ", ") +
			": such a record is read alone, for a credit more")
	}
}
