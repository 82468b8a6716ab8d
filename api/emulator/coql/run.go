package coql

import (
	"bytes"
	"encoding/json"
	"slices"

	"rolecall/api/emulator/org"
	"rolecall/api/emulator/wire"
)

// Run returns the rows of the query as JSON objects, and whether there are more. The view has the module's records.
func (p *Plan) Run(view org.View) (rows []json.RawMessage, more bool) {
	if p.count {
		return p.counts(view), false
	}
	ids, more := p.rows(view)
	for _, n := range ids {
		rows = append(rows, p.row(n))
	}
	return rows, more
}

// rows returns the ids of the rows. In the order of ids, it stops at the last row of the answer.
func (p *Plan) rows(view org.View) (ids []org.ID, more bool) {
	span := p.span(view)
	if len(p.order) > 0 && p.order[0].field.path != "id" {
		all := p.sorted(span)
		from := min(p.offset, len(all))
		to := min(from+p.Limit, len(all))
		return all[from:to], to < len(all)
	}
	if len(p.order) > 0 && p.order[0].desc {
		span = org.Reversed{Sequence: span}
	}
	skip, i := p.offset, 0
	if p.ids.exact {
		skip, i = 0, min(p.offset, span.Len())
	}
	for ; i < span.Len(); i++ {
		n := span.At(i)
		switch {
		case !p.ids.exact && !p.match(n):
		case skip > 0:
			skip--
		case len(ids) == p.Limit:
			return ids, true
		default:
			ids = append(ids, n)
		}
	}
	return ids, false
}

// span returns the part of a module that can match by the id, or by the value of a field.
func (p *Plan) span(view org.View) org.Sequence {
	if list, said := p.among(); said {
		return slices.DeleteFunc(list, func(n org.ID) bool { return !view.Has(n) })
	}
	from, to := view.Rank(p.ids.low), view.Len()
	if p.ids.high < ^org.ID(0) {
		to = view.Rank(p.ids.high + 1)
	}
	return &part{view: view, from: from, count: max(to-from, 0)}
}

// A part is some of the ids of a view.
type part struct {
	view        org.View
	from, count int
}

func (p *part) Len() int        { return p.count }
func (p *part) At(i int) org.ID { return p.view.At(p.from + i) }

// sorted returns all ids that match, in the wanted order, then by id.
func (p *Plan) sorted(span org.Sequence) []org.ID {
	type keyed struct {
		id   org.ID
		keys []Cell
	}
	var all []keyed
	for i := range span.Len() {
		n := span.At(i)
		if !p.match(n) {
			continue
		}
		k := keyed{id: n, keys: make([]Cell, len(p.order))}
		for j, o := range p.order {
			k.keys[j] = o.field.cell(n)
		}
		all = append(all, k)
	}
	slices.SortStableFunc(all, func(a, b keyed) int {
		for j, o := range p.order {
			c := CompareCells(a.keys[j], b.keys[j])
			if o.desc {
				c = -c
			}
			if c != 0 {
				return c
			}
		}
		return 0
	})
	ids := make([]org.ID, len(all))
	for i, k := range all {
		ids[i] = k.id
	}
	return ids
}

// counts returns one row with the counts. It has no id, as in the samples of aggregates.
func (p *Plan) counts(view org.View) []json.RawMessage {
	if p.offset > 0 {
		return nil
	}
	counts := make(map[string]int, len(p.columns))
	span := p.span(view)
	for _, c := range p.columns {
		if p.ids.exact && c.field.path == "id" {
			counts[c.key] = span.Len()
			continue
		}
		counts[c.key] = 0
		for i := range span.Len() {
			if n := span.At(i); p.match(n) && !c.field.cell(n).null {
				counts[c.key]++
			}
		}
	}
	row, err := json.Marshal(counts)
	if err != nil { // impossible: numbers can be encoded
		return nil
	}
	return []json.RawMessage{row}
}

// row encodes the columns of a record. It always has the id.
func (p *Plan) row(n org.ID) json.RawMessage {
	var b bytes.Buffer
	separator, hasID := byte('{'), false
	for _, c := range p.columns {
		b.WriteByte(separator)
		b.Write(c.quoted)
		b.WriteByte(':')
		b.Write(p.value(c.field, n))
		separator, hasID = ',', hasID || c.key == "id"
	}
	if !hasID {
		b.WriteString(`,"id":"` + n.String() + `"`)
	}
	b.WriteByte('}')
	return b.Bytes()
}

// value returns a column's value in an answer. A lookup is {"name","id"} from v7, for a user with the last name only.
// Before v7 it is {"id"} (Zoho CRM API v7, Get Records through a COQL Query).
func (p *Plan) value(f *field, n org.ID) json.RawMessage {
	value := f.get(n)
	if f.kind != org.KindLookup && !f.kind.IsUser() {
		return value
	}
	to := org.ReadLookup(value)
	name := to.Name
	if f.kind.IsUser() {
		name = userField(to, "last_name")
	}
	switch {
	case to.ID == 0:
		return wire.Null()
	case p.version < wire.V7:
		return json.RawMessage(`{"id":"` + to.ID.String() + `"}`)
	}
	return json.RawMessage(`{"name":` + string(name) + `,"id":"` + to.ID.String() + `"}`)
}
