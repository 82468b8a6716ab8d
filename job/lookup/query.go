package lookup

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"rolecall/api"
	"rolecall/csvio/alike"
)

// mostPages is how many pages of records that have one value are read: as many records as a search finds.
const mostPages = api.MostFound / api.RowsOfOrgs

// query looks values up by COQL.
func (f *Finder) query(ctx context.Context, m *matches, values []string) error {
	for len(values) > 0 {
		n, forms := 0, []string(nil)
		for n < len(values) {
			more := formsOf(m.field, values[n])
			if n > 0 && len(forms)+len(more) > f.Most() {
				break
			}
			forms, n = append(forms, more...), n+1
		}
		if err := f.queryOne(ctx, m, values[:n], forms); err != nil {
			return err
		}
		values = values[n:]
	}
	return nil
}

// queryOne makes one query for the forms of some values. If more records have them than one query may return, it halves
// the values.
func (f *Finder) queryOne(ctx context.Context, m *matches, values, forms []string) error {
	where := ""
	for i, name := range f.names(m.field) {
		if i > 0 {
			where += " or "
		}
		where += In(name, forms, m.field.Number)
	}
	last := ""
	for range mostPages {
		page, err := f.zoho.Query(ctx, fmt.Sprintf("select %s from %s where %s order by id asc limit %d",
			strings.Join(f.columns(m.field), ", "), m.field.Module, after(where, last), api.RowsOfOrgs), api.RowsOfOrgs)
		switch {
		case f.lacksSecond(m.field, err):
			return f.queryOne(ctx, m, values, forms)
		case err != nil:
			return err
		case page.More && len(values) > 1:
			half := len(values) / 2
			if err := f.query(ctx, m, values[:half]); err != nil {
				return err
			}
			return f.query(ctx, m, values[half:])
		}
		m.add(page.Records)
		if !page.More || len(page.Records) == 0 {
			return nil
		}
		last = page.Records[len(page.Records)-1].ID
	}
	m.more(values[0])
	return nil
}

// after returns a condition for the records after an id.
func after(where, last string) string {
	if last == "" {
		return where
	}
	return "((" + where + ") and id > '" + last + "')"
}

// In returns the condition of COQL that a field has one of the values.
func In(field string, values []string, numbers bool) string {
	quoted := slices.Clone(values)
	if !numbers {
		for i, v := range values {
			quoted[i] = Quote(v)
		}
	}
	return field + " in (" + strings.Join(quoted, ",") + ")"
}

// Quote returns a text as COQL takes it: a single quote in it is doubled (Kaizen #171).
func Quote(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }

// formsOf returns the texts by which a query looks for a value: as people see it, as it was typed, and an e-mail in
// lower case too.
func formsOf(field *Field, value string) []string {
	if field.Exact {
		return []string{alike.Trim(value)}
	}
	shown := alike.Shown(value)
	forms := []string{shown}
	for _, other := range []string{alike.Trim(value), strings.ToLower(shown)} {
		isMail := strings.Contains(shown, "@")
		if (isMail || other != strings.ToLower(shown)) && !slices.Contains(forms, other) {
			forms = append(forms, other)
		}
	}
	return forms
}

// read reads records by their ids, without COQL.
func (f *Finder) read(ctx context.Context, m *matches, ids []string) error {
	page, err := f.zoho.Records(ctx, m.field.Module, api.RecordsQuery{Fields: f.columns(m.field), IDs: ids})
	if err == nil {
		m.add(page.Records)
	}
	return err
}
