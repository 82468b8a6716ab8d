package export

import (
	"encoding/json"
	"slices"
	"strings"

	"rolecall/csvio"
)

// layout turns rows of the store into rows of a table.
type layout struct {
	set      *Settings
	deals    []string // fields of a deal, as they are packed
	contacts []string // fields of a contact, as they are packed
	roles    []string // wide: the roles that have a column

	of            string // the deal that is unpacked
	deal, contact []json.RawMessage
	cells         []csvio.Value // of that deal: the same for all of its rows
}

func newLayout(set *Settings) *layout {
	return &layout{set: set, deals: fieldsOf(modDeals, set.Fields), contacts: fieldsOf(modContacts, set.Fields)}
}

// dealColumns are the columns of a deal, the same in both shapes.
func dealColumns() []csvio.Column {
	return []csvio.Column{
		{Name: "deal_id", Kind: csvio.IDColumn}, {Name: "deal_name"}, {Name: "stage"}, {Name: "account"}, {Name: "owner"}, {Name: "closing_date", Kind: csvio.PlainColumn},
	}
}

// columns are the columns of the table.
func (l *layout) columns() []csvio.Column {
	all := dealColumns()
	if l.set.Shape == Wide {
		for _, role := range l.roles {
			if !l.set.NoGuard && l.set.Format != csvio.FormatJSONL { // a header is read by spreadsheets as well
				role = csvio.Guard(role)
			}
			all = append(all, csvio.Column{Name: role})
		}
	} else {
		all = append(all, csvio.Column{Name: "contact_id", Kind: csvio.IDColumn}, csvio.Column{Name: "contact_name"}, csvio.Column{Name: "contact_email"},
			csvio.Column{Name: "role", Role: true}, csvio.Column{Name: "role_id", Kind: csvio.IDColumn})
	}
	for _, f := range l.set.Fields {
		// What Zoho keeps in such a field is not known: numbers stay numbers, and texts are guarded as everywhere.
		if l.set.Shape == Long || strings.HasPrefix(f, modDeals+".") {
			all = append(all, csvio.Column{Name: f, Kind: csvio.PlainColumn})
		}
	}
	return all
}

// open unpacks a row of the store.
func (l *layout) open(r *row) (err error) {
	if r.deal != l.of {
		if l.deal, err = unpack(r.dealFields, l.deal); err != nil {
			return err
		}
		l.of = r.deal
		l.cells = append(l.cells[:0], csvio.Value{Text: r.deal})
		for i := range usual(modDeals) {
			l.cells = append(l.cells, csvio.Value{Text: text(at(l.deal, i))})
		}
	}
	l.contact, err = unpack(r.on.fields, l.contact)
	return err
}

// moreCells are the cells of the fields that the user wants beside the usual columns.
func (l *layout) moreCells(cells []csvio.Value) []csvio.Value {
	for _, f := range l.set.Fields {
		module, name, _ := strings.Cut(f, ".")
		switch {
		case module == modDeals:
			cells = append(cells, value(at(l.deal, slices.Index(l.deals, name))))
		case l.set.Shape == Long:
			cells = append(cells, value(at(l.contact, slices.Index(l.contacts, name))))
		}
	}
	return cells
}

func at(fields []json.RawMessage, i int) json.RawMessage {
	if i < 0 || i >= len(fields) {
		return nil
	}
	return fields[i]
}

// long is a row of the long shape: somebody on a deal, or a deal with nobody on it.
func (l *layout) long(r *row, cells []csvio.Value) ([]csvio.Value, error) {
	if err := l.open(r); err != nil {
		return nil, err
	}
	cells = append(cells[:0], l.cells...)
	name, email := text(at(l.contact, 0)), text(at(l.contact, 1))
	for _, t := range []string{r.on.contact, name, email, r.on.role, r.on.roleID} {
		cells = append(cells, csvio.Value{Text: t})
	}
	return l.moreCells(cells), nil
}

// noRole is the column of contacts on a deal that have no role there.
const noRole = "(no role)"

// wideRow gathers a deal for the wide shape.
type wideRow struct {
	*layout

	id  string // of the deal; "": there is none yet
	row []csvio.Value
	who [][]string // by role
}

// add takes a row of the store in. When it is of another deal the one before it is done first.
func (w *wideRow) add(r *row, done func([]csvio.Value) error) error {
	fresh := r.deal != w.id
	if fresh {
		if err := w.finish(done); err != nil {
			return err
		}
	}
	if err := w.open(r); err != nil {
		return err
	}
	if fresh {
		w.id, w.who = r.deal, make([][]string, len(w.roles))
		w.row = append(w.row[:0], w.cells...)
	}
	if r.on.contact == "" {
		return nil
	}
	if i := slices.Index(w.roles, columnOf(r.on)); i >= 0 {
		w.who[i] = append(w.who[i], person(text(at(w.contact, 0)), text(at(w.contact, 1)), r.on.contact))
	}
	return nil
}

// finish does the deal that was gathered.
func (w *wideRow) finish(done func([]csvio.Value) error) error {
	if w.id == "" {
		return nil
	}
	for _, people := range w.who {
		w.row = append(w.row, csvio.Value{Text: strings.Join(people, "; ")})
	}
	w.id = ""
	return done(w.moreCells(w.row))
}

// columnOf is the column that somebody on a deal is in.
func columnOf(s stakeholder) string {
	switch {
	case s.role != "":
		return s.role
	case s.roleID != "":
		return s.roleID
	}
	return noRole
}

// person names a contact in one cell.
func person(name, email, id string) string {
	switch {
	case name == "" && email == "":
		return id
	case name == "":
		return email
	case email == "":
		return name
	}
	return name + " <" + email + ">"
}
