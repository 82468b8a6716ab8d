// Package lookup finds records of an org by values that people know: names, e-mails, the keys of another system. It
// looks many values up in one call. Zoho does not document how its queries compare texts, and its search is loose. So
// the package compares each record itself.
package lookup

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"unicode"

	"rolecall/api"
	"rolecall/csvio/alike"
)

// Zoho is the part of an org's API that look-ups use. *api.Client implements it.
type Zoho interface {
	Querier
	Search(ctx context.Context, module string, q api.SearchQuery) (api.Page, error)
	Records(ctx context.Context, module string, q api.RecordsQuery) (api.Page, error)
}

// Field is one or more fields of a module. A record has a value if any of them has it.
type Field struct {
	Module string
	Names  []string // by API name; "id" is the record's id
	Exact  bool     // values are equal if the texts are; else if they look the same in any case
	Number bool     // the values are numbers
	Range  bool     // the values are ranges of ids, as Range returns them

	Foreign bool // the values are keys of another system
}

// Key returns the form that all equal values of the field share, or "" for an empty value.
func (f *Field) Key(value string) string {
	if f.Exact {
		return alike.Trim(value)
	}
	return alike.Key(value)
}

// Hit is a record that has a value.
type Hit struct {
	ID        string `json:"id"`
	Name      string `json:"name,omitempty"`
	Account   string `json:"account,omitempty"` // the account's name; Zoho does not send it before v7
	Email     string `json:"email,omitempty"`
	AccountID string `json:"account_id,omitempty"`
}

// Answer is the records of the org that have a value.
type Answer struct {
	Hits []Hit  `json:"hits,omitempty"`
	More bool   `json:"more,omitempty"` // there may be more hits
	Why  string `json:"why,omitempty"`  // why the value cannot be looked up; "": it was
}

// Finder looks values up. It is safe for use by many goroutines.
type Finder struct {
	zoho    Zoho
	version api.Version
	say     func(text string) // adds a note for people

	noQuery  atomic.Bool // the org does not allow COQL
	noSearch atomic.Bool // the org does not allow searches
	noSecond atomic.Bool // the org's contacts have no second e-mail

	probing sync.Mutex
	caseOf  comparing // how queries compare texts; probing guards it
}

// comparing is how Zoho's queries compare texts. No page of Zoho describes it.
type comparing int

const (
	unknown  comparing = iota
	caseless           // case does not count
	exact              // case counts
)

// New returns a Finder for an org. say adds a note for people.
func New(zoho Zoho, version api.Version, say func(text string)) *Finder {
	return &Finder{zoho: zoho, version: version, say: say}
}

// Most returns how many values of a field one Find looks up in one call, if each has one form.
func (f *Finder) Most(field *Field) int {
	if field.Range {
		return mostRanges
	}
	return f.version.MostInQuery()
}

// Find looks up values of a field. It returns an answer for each value, in the order of values. An error ends a run.
func (f *Finder) Find(ctx context.Context, field Field, values []string) ([]Answer, error) {
	if field.Range {
		return f.ranges(ctx, &field, values)
	}
	m := &matches{field: &field, at: map[string][]int{}, answers: make([]Answer, len(values))}
	var good []string
	for i, v := range values {
		switch key := field.Key(v); {
		case key == "":
			m.answers[i].Why = "the value is empty"
		case field.Number && !isNumber(key):
			m.answers[i].Why = field.Names[0] + " holds numbers, and this is none"
		default:
			if m.at[key] = append(m.at[key], i); len(m.at[key]) == 1 {
				good = append(good, v)
			}
		}
	}
	if len(good) == 0 {
		return m.answers, nil
	}
	if !f.noQuery.Load() {
		err := f.query(ctx, m, good)
		if err == nil {
			return m.answers, f.searchAgain(ctx, m, good)
		}
		if !api.NotOffered(err) {
			return nil, field.explain(err)
		}
		f.withoutQuery(err, "values are looked up by Zoho's search, which finds a record only some time after it was written")
	}
	if field.Names[0] == "id" {
		return m.answers, f.read(ctx, m, good)
	}
	return m.answers, field.explain(f.search(ctx, m, good))
}

// explain returns a *KeyError if err is Zoho's refusal to look up keys of another system in the field. It returns other
// errors as they are.
func (f *Field) explain(err error) error {
	e, ok := errors.AsType[*api.Error](err)
	if !f.Foreign || !ok || e.Code != "INVALID_QUERY" && e.Code != "SYNTAX_ERROR" {
		return err
	}
	return f.wrong("Zoho cannot look keys up in this field of " + f.Module + ": " + refusal(err) + ": give the API name of " +
		"a field of text or numbers that holds the old keys")
}

// withoutQuery makes the Finder work without COQL from now on. It adds a note with the reason and the consequence.
func (f *Finder) withoutQuery(why error, then string) {
	f.noQuery.Store(true)
	f.say(fmt.Sprintf("Zoho does not take COQL here (%s): %s", refusal(why), then))
}

// query looks up values by COQL.
func (f *Finder) query(ctx context.Context, m *matches, values []string) error {
	records, more, err := Query(ctx, f.zoho, Asked{
		Module: m.field.Module, Columns: f.columns(m.field), Names: f.names(m.field), Numbers: m.field.Number,
		Caseless: !m.field.Exact,
	}, values)
	if f.lacksSecond(m.field, err) {
		return f.query(ctx, m, values)
	}
	m.add(records)
	for _, v := range more {
		m.more(v)
	}
	return err
}

// read reads records by their ids, without COQL.
func (f *Finder) read(ctx context.Context, m *matches, ids []string) error {
	page, err := f.zoho.Records(ctx, m.field.Module, api.RecordsQuery{Fields: f.columns(m.field), IDs: ids})
	if err == nil {
		m.add(page.Records)
	}
	return err
}

// searchAgain also searches for the texts if case counts in queries, because the query may have missed a record with
// the text in another case. Case does not count in a search.
func (f *Finder) searchAgain(ctx context.Context, m *matches, values []string) error {
	if m.field.Exact || f.noSearch.Load() {
		return nil
	}
	how, err := f.compares(ctx, m)
	values = slices.DeleteFunc(slices.Clone(values), func(v string) bool { return !hasCase(v) })
	if err != nil || how == caseless || len(values) == 0 {
		return err
	}
	err = f.search(ctx, m, values)
	if api.NotOffered(err) {
		f.noSearch.Store(true)
		f.say("Zoho's queries may distinguish upper and lower case, and searches are not allowed here (" + refusal(err) +
			"): a name or an e-mail is found only as typed or in lower case")
		return nil
	}
	return err
}

// compares finds out, once, how queries compare texts: it queries a value of a known record with its case exchanged.
func (f *Finder) compares(ctx context.Context, m *matches) (comparing, error) {
	f.probing.Lock()
	defer f.probing.Unlock()
	if f.caseOf != unknown || m.witness == "" {
		return f.caseOf, nil
	}
	other := otherCase(m.witness)
	page, err := f.zoho.Query(ctx, fmt.Sprintf("select %s from %s where %s limit 1",
		m.by, m.field.Module, In(m.by, []string{other}, false)), 1)
	switch {
	case err != nil:
	case len(page.Records) > 0 && textOf(page.Records[0].Fields[m.by]) != other:
		f.caseOf = caseless
	default:
		f.caseOf = exact
	}
	return f.caseOf, err
}

// otherCase returns a text with the case of its letters exchanged.
func otherCase(text string) string {
	return strings.Map(func(r rune) rune {
		if u := unicode.ToUpper(r); u != r {
			return u
		}
		return unicode.ToLower(r)
	}, text)
}

// matches collects the records that have the values.
type matches struct {
	field   *Field
	at      map[string][]int // the answers of equal values, by their key
	answers []Answer

	by, witness string // a field of a record that was found, and its value, whose letters have a case
}

// add adds the records that have one of the values, each once.
func (m *matches) add(records []api.Record) {
	for i := range records {
		r := &records[i]
		for _, name := range m.field.Names {
			value := r.ID
			if name != "id" {
				value = textOf(r.Fields[name])
			}
			if len(m.at[m.field.Key(value)]) > 0 && m.witness == "" && otherCase(value) != value && isASCII(value) {
				m.by, m.witness = name, value
			}
			for _, k := range m.at[m.field.Key(value)] {
				a := &m.answers[k]
				if !slices.ContainsFunc(a.Hits, func(h Hit) bool { return h.ID == r.ID }) {
					a.Hits = append(a.Hits, hitOf(m.field.Module, r))
				}
			}
		}
	}
}

// more marks the answer to a value as incomplete.
func (m *matches) more(value string) {
	for _, i := range m.at[m.field.Key(value)] {
		m.answers[i].More = true
	}
}

// hitOf returns a record as a hit.
func hitOf(module string, r *api.Record) Hit {
	h := Hit{ID: r.ID, Name: textOf(r.Fields[nameOf(module)]), Email: textOf(r.Fields["Email"])}
	var account struct{ ID, Name string }
	if json.Unmarshal(r.Fields["Account_Name"], &account) == nil {
		h.Account, h.AccountID = account.Name, account.ID
	}
	return h
}

// columns returns the fields that a look-up reads.
func (f *Finder) columns(field *Field) []string {
	columns := []string{nameOf(field.Module), "Account_Name"}
	if field.Module == "Contacts" {
		columns = append(columns, "Email")
	}
	for _, name := range f.names(field) {
		if name != "id" && !slices.Contains(columns, name) {
			columns = append(columns, name)
		}
	}
	return columns
}

// names returns the fields that may have a value, without a second e-mail if the org does not have that field.
func (f *Finder) names(field *Field) []string {
	if len(field.Names) > 1 && f.noSecond.Load() {
		return field.Names[:1]
	}
	return field.Names
}

// lacksSecond reports whether Zoho refused because the org has no field for a second e-mail. The caller then makes the
// call again, without that field.
func (f *Finder) lacksSecond(field *Field, err error) bool {
	e, ok := errors.AsType[*api.Error](err)
	if !ok || e.Code != "INVALID_QUERY" || len(f.names(field)) == 1 {
		return false
	}
	f.noSecond.Store(true)
	return true
}

// nameOf returns the field that names a record of a module.
func nameOf(module string) string {
	if module == "Contacts" {
		return "Full_Name"
	}
	return "Deal_Name"
}

// textOf returns a value as text: the id of a lookup, the digits of a number.
func textOf(raw json.RawMessage) string {
	var text string
	var to struct{ ID string }
	switch {
	case json.Unmarshal(raw, &text) == nil:
		return text
	case json.Unmarshal(raw, &to) == nil:
		return to.ID
	}
	return string(raw)
}

// isNumber reports whether a text is a number that a query accepts.
func isNumber(text string) bool {
	return text != "" && strings.Trim(text, "0123456789") == "" || json.Valid([]byte(text)) && text[0] != '"' &&
		strings.Trim(text, "-.0123456789") == ""
}

// isASCII reports whether a text has only ASCII characters, whose case is the same in every system.
func isASCII(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return r > unicode.MaxASCII })
}

// hasCase reports whether a text has letters with a case.
func hasCase(text string) bool { return strings.ToLower(text) != strings.ToUpper(text) }

// refusal returns Zoho's code and message of a refused call.
func refusal(err error) string {
	if e, ok := errors.AsType[*api.Error](err); ok && e.Code != "" {
		return e.Code + ": " + e.Message
	}
	return err.Error()
}
