package emulator

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
)

// coqlInfo is "info" of COQL.
type coqlInfo struct {
	Count       int  `json:"count"`
	MoreRecords bool `json:"more_records"`
}

// postCOQL answers a query. Zoho CRM API v7, Get Records through a COQL Query.
func (e *Emulator) postCOQL(c *call) (answer, error) {
	switch e.coql {
	case "unscoped":
		return answer{}, unauthorised("OAUTH_SCOPE_MISMATCH", "Unauthorized")
	case "off":
		// The code is documented with this status; the text is ours.
		return answer{}, refuse(http.StatusForbidden, "NOT_SUPPORTED", "this emulator was told to have no COQL", details{})
	}
	q, err := c.coqlQuery()
	if err != nil {
		return answer{}, err
	}
	m, known := moduleNamed(q.module)
	switch {
	case !known:
		return answer{}, bad("INVALID_MODULE", "the given module is not supported in api", details{})
	case !c.scopes.allow(needs(m.readScope())):
		return answer{}, unauthorised("OAUTH_SCOPE_MISMATCH", "Unauthorized")
	}
	r := &coqlResolver{base: e.store.base, contacts: e.store.view(moduleContacts), module: m, relations: make(map[string]bool)}
	p, err := r.plan(q, e.coqlLimits(c))
	if err != nil {
		return answer{}, err
	}
	e.gate.charge(c, moreCredits(p.limit)) // none for a sub-request, whose limit is low
	return p.answer(e.store.view(m), c.version)
}

// coqlQuery reads the query of a request.
func (c *call) coqlQuery() (*coqlQuery, error) {
	body, err := c.body()
	if err != nil {
		return nil, err
	}
	if meta, found := body.get("include_meta"); found && !isNull(meta) {
		// Documented, and not emulated.
		return nil, bad("NOT_SUPPORTED", "this emulator has no field metadata in COQL", details{APIName: "include_meta", JSONPath: "$.include_meta"})
	}
	raw, found := body.get("select_query")
	if !found || isNull(raw) {
		return nil, bad("MANDATORY_NOT_FOUND", "mandatory key not found", details{APIName: "select_query"})
	}
	query, isText := unquote(raw)
	if !isText {
		return nil, bad("INVALID_DATA", "invalid data", details{APIName: "select_query", JSONPath: "$.select_query", ExpectedDataType: "text"})
	}
	return parseCOQL(query)
}

// usualRows is the limit of a query without one. Zoho CRM API v8, Query API -
// An Overview.
const usualRows = 200

func (e *Emulator) coqlLimits(c *call) coqlLimits {
	l := coqlLimits{version: c.version, rows: e.coqlRows, usual: usualRows, reach: 100_000}
	if e.coqlRows < 2000 {
		l.reach = 10_000
	}
	if c.composed {
		l.rows, l.usual = composedPage, composedPage
	}
	return l
}

// moreCredits is what a limit costs above one credit. Query API - An Overview,
// which goes by the limit clause and not by the rows that come.
func moreCredits(limit int) int {
	switch {
	case limit <= 200:
		return 0
	case limit <= 1000:
		return 1
	}
	return 2
}

// answer runs a query.
func (p *coqlPlan) answer(view idView, v version) (answer, error) {
	if p.count {
		return p.answerCount(view)
	}
	ids, more := p.rows(view)
	if len(ids) == 0 {
		return noContent(), nil
	}
	row := func(b *bytes.Buffer, i int) { p.writeRow(b, ids[i], v) }
	return writeList(len(ids), row, &coqlInfo{Count: len(ids), MoreRecords: more})
}

// rows gives the ids of the rows, and whether there are more. By id it looks
// at no more records than it must.
func (p *coqlPlan) rows(view idView) (ids []id, more bool) {
	if len(p.order) > 0 && p.order[0].field.path != "id" {
		all := p.sortedRows(view)
		from := min(p.offset, len(all))
		to := min(from+p.limit, len(all))
		return all[from:to], to < len(all)
	}
	span := p.span(view)
	if len(p.order) > 0 && p.order[0].desc {
		span = reversed{span}
	}
	skip, i := p.offset, 0
	if p.ids.exact {
		skip, i = 0, min(p.offset, span.len())
	}
	for ; i < span.len(); i++ {
		n := span.at(i)
		switch {
		case !p.ids.exact && !p.match(n):
		case skip > 0:
			skip--
		case len(ids) == p.limit:
			return ids, true
		default:
			ids = append(ids, n)
		}
	}
	return ids, false
}

// span is the part of a module that the criteria leave by the id.
func (p *coqlPlan) span(view idView) sequence {
	from, to := view.rank(p.ids.low), view.len()
	if p.ids.high < ^id(0) {
		to = view.rank(p.ids.high + 1)
	}
	return &part{view: view, from: from, count: max(to-from, 0)}
}

// A part is some of the ids of a view.
type part struct {
	view        idView
	from, count int
}

func (p *part) len() int    { return p.count }
func (p *part) at(i int) id { return p.view.at(p.from + i) }

// sortedRows gives all ids that match, in the order asked for, then by id.
func (p *coqlPlan) sortedRows(view idView) []id {
	type keyed struct {
		id   id
		keys []coqlCell
	}
	var all []keyed
	span := p.span(view)
	for i := range span.len() {
		n := span.at(i)
		if !p.match(n) {
			continue
		}
		k := keyed{id: n, keys: make([]coqlCell, len(p.order))}
		for j, o := range p.order {
			k.keys[j] = o.field.cell(n)
		}
		all = append(all, k)
	}
	slices.SortStableFunc(all, func(a, b keyed) int {
		for j, o := range p.order {
			c := compareCells(o.field.kind, a.keys[j], b.keys[j])
			if o.desc {
				c = -c
			}
			if c != 0 {
				return c
			}
		}
		return 0
	})
	ids := make([]id, len(all))
	for i, k := range all {
		ids[i] = k.id
	}
	return ids
}

// answerCount counts: a row without an id, as in the samples of aggregates.
func (p *coqlPlan) answerCount(view idView) (answer, error) {
	counts := make(map[string]int, len(p.columns))
	span := p.span(view)
	for _, c := range p.columns {
		if p.ids.exact && c.field.path == "id" {
			counts[c.key] = span.len()
			continue
		}
		counts[c.key] = 0
		for i := range span.len() {
			if n := span.at(i); p.match(n) && !c.field.cell(n).null {
				counts[c.key]++
			}
		}
	}
	encoded, err := json.Marshal(counts)
	if err != nil {
		return answer{}, err
	}
	if p.offset > 0 {
		return noContent(), nil
	}
	return writeList(1, func(b *bytes.Buffer, _ int) { b.Write(encoded) }, &coqlInfo{Count: 1})
}

// writeRow writes the columns of a record; its id comes always.
func (p *coqlPlan) writeRow(b *bytes.Buffer, n id, v version) {
	b.WriteByte('{')
	id := false
	for _, c := range p.columns {
		if c.key == "id" {
			id = true
		}
		b.Write(c.quoted)
		b.WriteByte(':')
		b.Write(shown(c.field, n, v))
		b.WriteByte(',')
	}
	if id {
		b.Truncate(b.Len() - 1)
	} else {
		b.WriteString(`"id":"` + n.String() + `"`)
	}
	b.WriteByte('}')
}

// shown is a column's value in an answer. A lookup is {"name","id"} from v7, of
// a user with the last name only, and {"id"} before (Zoho CRM API v7, Get
// Records through a COQL Query).
func shown(f *coqlField, n id, v version) json.RawMessage {
	value := f.get(n)
	if f.kind != kindLookup && f.kind != kindOwner {
		return value
	}
	to, found := lookupID(value)
	if !found {
		return json.RawMessage("null")
	}
	if v < v7 {
		return json.RawMessage(`{"id":"` + to.String() + `"}`)
	}
	name := lookupName(value)
	if f.kind == kindOwner {
		name = userField(value, "last_name")
	}
	return json.RawMessage(`{"name":` + string(name) + `,"id":"` + to.String() + `"}`)
}
