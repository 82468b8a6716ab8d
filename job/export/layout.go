package export

import (
	"cmp"
	"slices"
	"strings"

	"rolecall/csvio"
	"rolecall/job"
	"rolecall/job/deals"
)

// layout turns deals into the rows of a table.
type layout struct {
	set    *Options
	roles  []string // wide: the roles that have a column
	absent *absent

	deal   record
	person person
	cells  []csvio.Value // of the current row
}

// dealColumns returns the columns of a deal, the same in both shapes.
func dealColumns() []csvio.Column {
	return []csvio.Column{
		{Name: "deal_id", Kind: csvio.IDColumn}, {Name: "deal_name"}, {Name: "stage"}, {Name: "account"},
		{Name: "owner"}, {Name: "closing_date", Kind: csvio.PlainColumn},
	}
}

// contactColumns returns the columns of a contact on a deal.
func contactColumns() []csvio.Column {
	return []csvio.Column{
		{Name: "contact_id", Kind: csvio.IDColumn}, {Name: "contact_name"}, {Name: "contact_email"},
		{Name: "role", Role: true}, {Name: "role_id", Kind: csvio.IDColumn},
	}
}

// columns returns the columns of the table.
func (l *layout) columns() []csvio.Column {
	all := dealColumns()
	if l.set.Shape == Wide {
		for _, role := range l.roles {
			if !l.set.NoGuard && l.set.Format != csvio.FormatJSONL { // spreadsheets read a header as well
				role = csvio.Guard(role)
			}
			all = append(all, csvio.Column{Name: role})
		}
	} else {
		all = append(all, contactColumns()...)
	}
	for _, f := range l.set.Fields {
		// The type of such a field is not known: numbers stay numbers, and texts are guarded as everywhere.
		if l.set.Shape == Long || strings.HasPrefix(f, modDeals+".") {
			all = append(all, csvio.Column{Name: f, Kind: csvio.PlainColumn})
		}
	}
	if l.set.Shape == Long {
		all = append(all, csvio.Column{Name: csvio.BaseColumn})
	}
	return all
}

// rows calls put with each row of a deal.
func (l *layout) rows(d *deal, put func([]csvio.Value) error) error {
	l.deal = record{}
	if err := decode(d.ask, &l.deal); err != nil {
		return err
	}
	l.absent.see(modDeals, l.deal)
	if l.set.SkipEmpty && len(d.on) == 0 {
		return nil
	}
	l.cells = append(l.cells[:0], csvio.Value{Text: unkey(d.key)})
	for _, f := range usual(modDeals) {
		l.cells = append(l.cells, csvio.Value{Text: text(l.deal[f])})
	}
	if l.set.Shape == Wide {
		return l.wide(d, put)
	}
	return l.long(d, put)
}

// open decodes the entry of a contact into l.person.
func (l *layout) open(e *job.Entry) error {
	l.person = person{Fields: record{}}
	err := decode(e.Value, &l.person)
	l.absent.see(modContacts, l.person.Fields)
	return err
}

// long calls put with a row for each contact on the deal, or with one row without a contact.
func (l *layout) long(d *deal, put func([]csvio.Value) error) error {
	begin := len(l.cells)
	base, err := base(d)
	if err != nil {
		return err
	}
	if len(d.on) == 0 {
		l.cells = append(l.cells, make([]csvio.Value, len(contactColumns()))...)
		l.more(nil)
		return put(append(l.cells, base))
	}
	for i := range d.on {
		if err := l.open(&d.on[i]); err != nil {
			return err
		}
		p := &l.person
		l.cells = l.cells[:begin]
		for _, t := range []string{
			unkey(d.on[i].Item), text(p.Fields[fieldFullName]), text(p.Fields[fieldEmail]), p.Name, p.ID,
		} {
			l.cells = append(l.cells, csvio.Value{Text: t})
		}
		l.more(p.Fields)
		if err := put(append(l.cells, base)); err != nil {
			return err
		}
	}
	return nil
}

// more adds the cells of the fields that the user wants in addition to the usual columns.
func (l *layout) more(contact record) {
	for _, f := range l.set.Fields {
		module, name, _ := strings.Cut(f, ".")
		switch {
		case module == modDeals:
			l.cells = append(l.cells, value(l.deal[name]))
		case l.set.Shape == Long:
			l.cells = append(l.cells, value(contact[name]))
		}
	}
}

// wide calls put with the row of the deal, in which each role has a cell.
func (l *layout) wide(d *deal, put func([]csvio.Value) error) error {
	people := make([][]string, len(l.roles))
	for i := range d.on {
		if err := l.open(&d.on[i]); err != nil {
			return err
		}
		if at := slices.Index(l.roles, l.person.column()); at >= 0 {
			people[at] = append(people[at], l.person.text(unkey(d.on[i].Item)))
		}
	}
	for _, in := range people {
		l.cells = append(l.cells, csvio.Value{Text: strings.Join(in, "; ")})
	}
	l.more(nil)
	return put(l.cells)
}

// noRole is the column of contacts on a deal that have no role there.
const noRole = "(no role)"

// column returns the name of the column for contacts with the role.
func (r role) column() string {
	switch {
	case r.Name != "":
		return r.Name
	case r.ID != "":
		return r.ID
	}
	return noRole
}

// text returns the contact as the text of one cell.
func (p *person) text(id string) string {
	name, email := text(p.Fields[fieldFullName]), text(p.Fields[fieldEmail])
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

// absent finds the fields that the user wants but no record has. Zoho leaves an unknown field out without an error.
type absent struct {
	fields  []string        // the fields that no record had so far
	modules map[string]bool // the modules that had a record
}

func newAbsent(fields []string) *absent {
	return &absent{fields: slices.Clone(fields), modules: map[string]bool{}}
}

// see removes the fields of a record from those that no record had.
func (a *absent) see(module string, r record) {
	if len(a.fields) == 0 {
		return
	}
	a.modules[module] = true
	a.fields = slices.DeleteFunc(a.fields, func(f string) bool {
		of, name, _ := strings.Cut(f, ".")
		_, has := r[name]
		return of == module && has
	})
}

// list returns the fields that no record had. It leaves out the fields of modules without records, because without a
// record it is not known whether the field exists.
func (a *absent) list() []string {
	return slices.DeleteFunc(slices.Clone(a.fields), func(f string) bool {
		of, _, _ := strings.Cut(f, ".")
		return !a.modules[of]
	})
}

// base returns the cell of rc_base of a deal. d.on is sorted by contact.
func base(d *deal) (csvio.Value, error) {
	on := make([]deals.Held, len(d.on))
	for i := range d.on {
		var r role
		if err := decode(d.on[i].Value, &r); err != nil {
			return csvio.Value{}, err
		}
		on[i] = deals.Held{Contact: unkey(d.on[i].Item), Role: cmp.Or(r.ID, r.Name)}
	}
	return csvio.Value{Text: deals.Base(unkey(d.key), on)}, nil
}
