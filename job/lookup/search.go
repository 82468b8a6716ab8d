package lookup

import (
	"context"
	"unicode/utf8"

	"rolecall/api"
	"rolecall/api/criteria"
	"rolecall/csvio/alike"
)

// shortest is the fewest characters of a value that Zoho searches (Zoho CRM API v8, Search Records).
const shortest = 2

// search looks up values by Zoho's search.
func (f *Finder) search(ctx context.Context, m *matches, values []string) error {
	var long []string
	for _, v := range values {
		if utf8.RuneCountInString(alike.Shown(v)) >= shortest {
			long = append(long, v)
			continue
		}
		for _, i := range m.at[m.field.Key(v)] {
			if len(m.answers[i].Hits) == 0 {
				m.answers[i].Why = "Zoho's search finds no value of one character"
			}
		}
	}
	return f.searchSome(ctx, m, long)
}

// searchSome searches for some values in as few calls as Zoho's limits allow. If more records match than fit on one
// page, it halves the values, because each may have many similar records.
func (f *Finder) searchSome(ctx context.Context, m *matches, values []string) error {
	if len(values) == 0 {
		return nil
	}
	names := f.names(m.field)
	wanted := f.criteria(names, values)
	halve := func() error {
		half := len(values) / 2
		if err := f.searchSome(ctx, m, values[:half]); err != nil {
			return err
		}
		return f.searchSome(ctx, m, values[half:])
	}
	if err := wanted.Check(); err != nil {
		if len(values) > 1 {
			return halve()
		}
		for _, i := range m.at[m.field.Key(values[0])] {
			m.answers[i].Why = err.Error()
		}
		return nil
	}
	for page := 1; page <= mostPages; page++ {
		found, err := f.zoho.Search(ctx, m.field.Module, api.SearchQuery{
			Criteria: wanted.String(), Fields: f.columns(m.field), Page: page,
		})
		switch {
		case f.lacksSecond(m.field, err):
			return f.searchSome(ctx, m, values)
		case err != nil:
			return err
		case found.More && len(values) > 1:
			return halve()
		}
		m.add(found.Records)
		if !found.More {
			return nil
		}
	}
	m.more(values[0])
	return nil
}

// criteria returns the criteria for the records that have one of the values in one of the fields. In v2 a condition
// takes only one value (Zoho CRM API v2, Search Records).
func (f *Finder) criteria(names, values []string) criteria.Criteria {
	var parts []criteria.Criteria
	for _, name := range names {
		if f.version.HasSearchIn() {
			shown := make([]string, len(values))
			for i, v := range values {
				shown[i] = alike.Shown(v)
			}
			parts = append(parts, criteria.Is(name, "in", shown...))
			continue
		}
		for _, v := range values {
			parts = append(parts, criteria.Is(name, "equals", alike.Shown(v)))
		}
	}
	if len(parts) == 1 {
		return parts[0]
	}
	return criteria.Criteria{Join: "or", Parts: parts}
}
