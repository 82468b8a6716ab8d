package lookup

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"rolecall/api"
	"rolecall/csvio/alike"
)

// mostPages is the most pages that are read of the records with one value: as many records as a search finds.
const mostPages = api.MostFound / api.RowsOfOrgs

// Asked is what a query asks for: the records of a module that have a value in one of the fields Names.
type Asked struct {
	Module   string
	Columns  []string // the fields to return, by API name
	Names    []string // the fields that may have a value
	Numbers  bool     // the values are numbers
	Caseless bool     // the values are texts whose case does not count
}

// Querier is the part of an org's API that queries use.
type Querier interface {
	Query(ctx context.Context, query string, rows int) (api.Page, error)
}

// Query returns the records that have one of the values, and perhaps others. It takes at most Version.MostInQuery
// values. If more records have them than one query may return, it halves the values. more is the values of which not
// all records were read, because there are too many.
func Query(ctx context.Context, zoho Querier, a Asked, values []string) (all []api.Record, more []string, err error) {
	where, last := a.where(values), ""
	for range mostPages {
		condition := where
		if last != "" {
			condition = "(" + where + " and id > '" + last + "')"
		}
		page, err := zoho.Query(ctx, fmt.Sprintf("select %s from %s where %s limit %d",
			strings.Join(a.Columns, ", "), a.Module, condition, api.RowsOfOrgs), api.RowsOfOrgs)
		if err != nil {
			return nil, nil, err
		}
		if page.More && len(values) > 1 {
			all, more, err = Query(ctx, zoho, a, values[:len(values)/2])
			if err != nil {
				return nil, nil, err
			}
			others, moreOf, err := Query(ctx, zoho, a, values[len(values)/2:])
			return append(all, others...), append(more, moreOf...), err
		}
		all = append(all, page.Records...)
		if !page.More || len(page.Records) == 0 {
			return all, nil, nil
		}
		last = page.Records[len(page.Records)-1].ID // rows come by ascending id (Zoho CRM API v8, COQL Overview)
	}
	return all, values, nil
}

// where returns the condition that a field has one of the values. No page of Zoho says whether case counts in a query.
// So the condition has a text as people see it, as it was typed, and in lower case, as most e-mails are.
func (a *Asked) where(values []string) string {
	forms := [][]string{values}
	if a.Caseless {
		var shown, typed, lower []string
		for _, v := range values {
			s := alike.Shown(v)
			shown = append(shown, s)
			if t := alike.Trim(v); t != s {
				typed = append(typed, t)
			}
			if l := strings.ToLower(s); l != s {
				lower = append(lower, l)
			}
		}
		forms = [][]string{shown, typed, lower}
	}
	where := ""
	for _, name := range a.Names {
		for _, list := range forms {
			switch {
			case len(list) == 0:
			case where == "":
				where = In(name, list, a.Numbers)
			default: // more than two need brackets around pairs (Zoho CRM API v7, COQL)
				where = "(" + where + " or " + In(name, list, a.Numbers) + ")"
			}
		}
	}
	return where
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
