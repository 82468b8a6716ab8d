package records

import (
	"bytes"
	"cmp"
	"encoding/json"
	"slices"
	"unicode/utf8"

	"rolecall/api/emulator/org"
	"rolecall/api/emulator/wire"
)

// Zoho CRM API v7, Search Records, and the examples of OpenAPI v8.0.
const (
	mostFound     = 2000 // rows of a search, on all pages
	shortestWord  = 2    // characters of a word, and of a value in criteria
	shortestPhone = 3
)

// searchParams are the parameters by which a search looks, in order: only the first one counts.
func searchParams() []string { return []string{"criteria", "email", "phone", "word"} }

// readSearch returns the matcher of the search in a call. given is false if the call has no search.
func (a *API) readSearch(c *wire.Call, m org.Module) (matches matcher, given bool, err error) {
	query := c.Query()
	i := slices.IndexFunc(searchParams(), func(name string) bool { return query.Get(name) != "" })
	if i < 0 {
		return nil, false, nil
	}
	name := searchParams()[i]
	value := query.Get(name)
	shortest := shortestWord
	if name == "phone" {
		shortest = shortestPhone
	}
	switch {
	case name == "criteria":
		matches, err = a.readCriteria(m, value, c.Gateway)
	case utf8.RuneCountInString(value) < shortest:
		err = wire.InvalidParam(name, "")
	default:
		matches = a.fieldSearch(m, name, value)
	}
	return a.indexed(matches), true, err
}

// fieldSearch looks in all fields of a kind: e-mail addresses, phone numbers, or texts for a word. Zoho does not
// document how it compares; here a part of the text is enough, as with equals.
func (a *API) fieldSearch(m org.Module, param, value string) matcher {
	kinds := []org.Kind{org.Kind(param)}
	if param == "word" {
		kinds = textKinds()
	}
	var fields []string
	for _, f := range a.store.Fields(m) {
		if slices.Contains(kinds, f.Kind) {
			fields = append(fields, f.API)
		}
	}
	test := alike(value)
	return func(w org.Row) bool {
		return slices.ContainsFunc(fields, func(name string) bool { return test(w.Text(name)) })
	}
}

// indexed returns a matcher that finds only records that the index has: those without a change during the lag. A
// changed record is not found by its old text either, because the emulator does not store that.
func (a *API) indexed(matches matcher) matcher {
	if a.lag <= 0 {
		return matches
	}
	newest := a.now().Add(-a.lag).Unix()
	return func(w org.Row) bool {
		_, modified := w.Times()
		return modified <= newest && matches(w)
	}
}

// search answers Search Records, Zoho CRM API v7.
func (a *API) search(c *wire.Call, m org.Module) (wire.Answer, error) {
	matches, given, err := a.readSearch(c, m)
	if err != nil {
		return wire.Answer{}, err
	}
	if !given {
		return wire.Answer{}, wire.Bad("EXPECTED_PARAM_MISSING", "One of the expected parameter is missing",
			wire.Details{ParamNames: searchParams()})
	}
	fields, err := wire.RecordFields(c.Query(), false)
	if err != nil {
		return wire.Answer{}, err
	}
	info, err := wire.ReadPage(c)
	if err != nil {
		return wire.Answer{}, err
	}
	if info.Page > mostFound/info.PerPage {
		return wire.Answer{}, wire.Bad("LIMIT_REACHED", "the search result is limited to 2000 records",
			wire.Details{Limit: json.RawMessage(`"2000"`)}) // the text is ours
	}
	order, err := readOrder(c)
	if err != nil {
		return wire.Answer{}, err
	}
	rows := wire.CutPage(&info, a.find(m, matches, order, info.Page*info.PerPage+1))
	if len(rows) == 0 {
		return wire.NoContent(), nil
	}
	return wire.List(len(rows), func(b *bytes.Buffer, i int) {
		b.WriteByte('{')
		rows[i].Write(b, fields, "")
	}, &info.PlainInfo)
}

// An ordering compares rows; nil is the latest id first.
type ordering func(x, y org.Row) int

// readOrder reads sort_by and sort_order, which are those of Get Records. The order without them is inferred.
func readOrder(c *wire.Call) (ordering, error) {
	query := c.Query()
	sortBy := cmp.Or(query.Get("sort_by"), "id")
	if !slices.Contains([]string{"id", "Created_Time", "Modified_Time"}, sortBy) {
		return nil, wire.InvalidParam("sort_by", "")
	}
	sortOrder := cmp.Or(query.Get("sort_order"), "desc")
	if sortOrder != "asc" && sortOrder != "desc" {
		return nil, wire.InvalidParam("sort_order", "")
	}
	if sortBy == "id" && sortOrder == "desc" {
		return nil, nil
	}
	key := func(w org.Row) int64 {
		created, modified := w.Times()
		return map[string]int64{"Created_Time": created, "Modified_Time": modified}[sortBy]
	}
	return func(x, y org.Row) int {
		c := cmp.Or(cmp.Compare(key(x), key(y)), cmp.Compare(x.ID, y.ID))
		if sortOrder == "desc" {
			return -c
		}
		return c
	}, nil
}

// find returns the rows that match, in the given order. With a nil order it returns at most most rows.
func (a *API) find(m org.Module, matches matcher, order ordering, most int) (rows []org.Row) {
	view := a.store.View(m)
	for i := view.Len() - 1; i >= 0 && (order != nil || len(rows) < most); i-- {
		if w := a.store.Row(m, view.At(i)); matches(w) {
			rows = append(rows, w)
		}
	}
	if order != nil {
		slices.SortFunc(rows, order)
	}
	return rows
}

// count counts the records of a module, or those that a search finds. Zoho CRM API v7, Record Count in a Module. That
// page says that Zoho's count is one to ten minutes late; this one is not. There are no custom views.
func (a *API) count(c *wire.Call, m org.Module) (wire.Answer, error) {
	if c.Version < wire.V21 {
		return wire.Answer{}, wire.Bad("API_NOT_SUPPORTED", "api not supported in this version", wire.Details{})
	}
	matches, given, err := a.readSearch(c, m)
	if err != nil {
		return wire.Answer{}, err
	}
	query := c.Query()
	switch {
	case given && query.Has("cvid"):
		i := slices.IndexFunc(searchParams(), query.Has)
		return wire.Answer{}, wire.Ambiguous(
			"Please use either Cvid or Search Params. Combination of both the params is not allowed",
			"cvid",
			searchParams()[i],
		)
	case query.Has("cvid"):
		return wire.Answer{}, wire.NotEmulated("custom views", wire.Details{ParamName: "cvid"})
	}
	view := a.store.View(m)
	n := view.Len()
	if given {
		n = len(a.find(m, matches, nil, n))
	}
	return wire.OK(map[string]int{"count": n})
}
