package record

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"rolecall/api"
	"rolecall/api/criteria"
	"rolecall/api/gateway"
	"rolecall/job"
	"rolecall/job/lookup"
)

// Zoho's limits on one read (Zoho CRM API v8, Get Records).
const (
	mostFields = 50
	mostIDs    = 100
)

// mostInList is the number of characters to which lists of records cut a rich text (Zoho CRM API v7, Insert Records,
// Sample Attributes; zoho-api-records.md section 2).
const mostInList = 500

// The fields that show whether a record is new, and whether somebody changed it.
const (
	createdTime  = "Created_Time"
	modifiedTime = "Modified_Time"
)

// query returns the records of a module whose field by has one of the values. It returns only that field of them.
func (w *work) query(ctx context.Context, module string, by *api.Field, values []string) (all []api.Record, err error) {
	if !w.org.Gateway.Has(gateway.COQL) {
		return w.seek(ctx, module, by, unique(values))
	}
	asked := lookup.Asked{
		Module: module, Columns: []string{by.APIName}, Names: []string{by.APIName}, Caseless: isCaseless(by),
		Numbers: by.JSONType == "integer" || by.JSONType == "double",
	}
	for some := range slices.Chunk(unique(values), w.org.Version.MostInQuery()) {
		records, _, err := lookup.Query(ctx, w.zoho, asked, some)
		if err != nil {
			return nil, err
		}
		all = append(all, records...)
	}
	return all, nil
}

// seek does what query does if a gateway does not forward queries: it searches for each value. A search returns too
// many records, so the caller compares the values. A search does not find records that are newer than Zoho's index.
func (w *work) seek(ctx context.Context, module string, by *api.Field, values []string) (all []api.Record, err error) {
	for _, value := range values {
		q := api.SearchQuery{Criteria: criteria.Is(by.APIName, "equals", value).String(), Fields: []string{by.APIName}}
		var progress api.Progress
		for more := true; more; {
			q.Page++
			page, err := w.zoho.Search(ctx, module, q)
			if err != nil {
				return nil, err
			}
			for _, r := range page.Records {
				if progress.New(r.ID) {
					all = append(all, r)
				}
			}
			if more = page.More; more && q.Page*api.MostPerPage >= api.MostFound {
				return nil, &job.UsageError{Err: fmt.Errorf("more than %d records of %s look like the %s %.60q, so that a search "+
					"cannot tell which has it; nothing was sent", api.MostFound, module, by.APIName, value)}
			}
			if err := progress.End(page.More, ""); err != nil {
				return nil, err
			}
		}
	}
	return all, nil
}

// isCaseless reports whether Zoho ignores case when it finds a record by a field. No page says that a query ignores
// case too, so a query asks for the text as typed and in lower case, as most e-mails are in Zoho (zoho-api.md 6.3).
func isCaseless(by *api.Field) bool {
	return by.Type == "email" || by.Type == "text" || by.Type == "website"
}

// byID returns the records with these ids, by id. It leaves out records that do not exist.
func (w *work) byID(ctx context.Context, ids, names []string) (map[string]fields, error) {
	found := map[string]fields{}
	for some := range slices.Chunk(names, mostFields) {
		for group := range slices.Chunk(ids, mostIDs) {
			page, err := w.zoho.Records(ctx, w.table.Module.APIName, api.RecordsQuery{Fields: some, IDs: group})
			if err != nil {
				return nil, err
			}
			for _, r := range page.Records {
				if found[r.ID] == nil {
					found[r.ID] = fields{}
				}
				maps.Copy(found[r.ID], r.Fields)
			}
		}
	}
	return found, nil
}

// state is what a run knows of a record before its rows change it.
type state struct {
	id     string
	values fields // nil: there is no such record
	vague  bool   // several records fit: only Zoho decides which of them the row changes
}

// read reads the records of some groups, by the key of the group.
func (w *work) read(ctx context.Context, groups []job.Group) (map[string]*state, error) {
	if w.job == Upsert {
		return w.readByChecks(ctx, groups)
	}
	var ids []string
	for i := range groups {
		ids = append(ids, groups[i].Key)
	}
	found, err := w.byID(ctx, ids, w.readNames())
	if err == nil && w.job == Delete {
		err = w.readWhole(ctx, found)
	}
	states := map[string]*state{}
	for _, id := range ids {
		states[id] = &state{id: id, values: found[id]}
	}
	return states, err
}

// readNames returns the fields that the run reads of a record.
func (w *work) readNames() (names []string) {
	if w.undo != nil {
		w.undo.fields[modifiedTime] = true
		return sorted(w.undo.fields)
	}
	for _, c := range w.table.Columns {
		if !slices.Contains(w.table.Unlisted, c.Field.APIName) {
			names = append(names, c.Field.APIName)
		}
	}
	return names
}

// readWhole replaces records of which a list does not give everything: it reads each of them alone.
func (w *work) readWhole(ctx context.Context, records map[string]fields) error {
	for _, id := range sorted(records) {
		isCut := func(name string) bool { return w.isCut(name, records[id][name]) }
		if len(w.table.Unlisted) == 0 && !slices.ContainsFunc(sorted(records[id]), isCut) {
			continue
		}
		whole, there, err := w.zoho.Record(ctx, w.table.Module.APIName, id)
		switch {
		case err != nil && !api.DealGone(err):
			return err
		case err != nil || !there: // deleted meanwhile
			delete(records, id)
		default:
			maps.DeleteFunc(whole.Fields, func(n string, _ json.RawMessage) bool { return w.fields[n] == nil })
			records[id] = whole.Fields
		}
	}
	return nil
}

// isCut reports whether a list of records may have cut the value of a field.
func (w *work) isCut(name string, value json.RawMessage) bool {
	f := w.fields[name]
	return f != nil && f.Rich && utf8.RuneCountInString(textOf(value)) >= mostInList
}

// readByChecks finds the records of upserted rows, as Zoho does.
func (w *work) readByChecks(ctx context.Context, groups []job.Group) (map[string]*state, error) {
	writes, states := make([]fields, len(groups)), map[string]*state{}
	for i := range groups {
		s := &state{}
		states[groups[i].Key] = s
		for k := range groups[i].Rows {
			if r := &groups[i].Rows[k]; job.IsOpen(r) {
				write := job.Decoded[ask](r.Ask).Write
				s.vague = s.vague || writes[i] != nil && !w.sameChecks(writes[i], write)
				writes[i] = write
			}
		}
	}
	all, records, err := w.find(ctx, writes, w.readNames())
	if err != nil {
		return nil, err
	}
	for i := range groups {
		s, ids := states[groups[i].Key], all[i].ids
		if s.vague = s.vague || len(ids) > 1; !s.vague && len(ids) == 1 {
			s.id, s.values = ids[0], records[ids[0]]
		}
	}
	return states, nil
}

// sameChecks reports whether Zoho finds the same record for two rows.
func (w *work) sameChecks(a, b fields) bool {
	return !slices.ContainsFunc(w.table.Checks, func(c column) bool {
		return matchKey(a[c.Field.APIName]) != matchKey(b[c.Field.APIName])
	})
}

// found is the records that have a value of a row.
type found struct {
	by  *api.Field // the field of the value; nil: the row has no value that finds a record
	ids []string
}

// find finds the records of each row: for each row it takes the first field of the checks in which a record has the
// row's value. It also returns the records, by id.
func (w *work) find(ctx context.Context, writes []fields, names []string) ([]found, map[string]fields, error) {
	all := make([]found, len(writes))
	var ids []string
	for k := range w.table.Checks {
		f := &w.table.Checks[k].Field
		rows := map[string][]int{}
		var values []string
		for i, write := range writes {
			if value := write[f.APIName]; len(all[i].ids) == 0 && !isNull(value) {
				if all[i].by == nil || f.Unique {
					all[i].by = f
				}
				rows[matchKey(value)] = append(rows[matchKey(value)], i)
				values = append(values, textOf(value))
			}
		}
		records, err := w.query(ctx, w.table.Module.APIName, f, values)
		if err != nil {
			return nil, nil, err
		}
		for _, r := range records {
			ids = append(ids, r.ID)
			for _, i := range rows[matchKey(r.Fields[f.APIName])] {
				all[i].by, all[i].ids = f, append(all[i].ids, r.ID)
			}
		}
	}
	records, err := w.byID(ctx, unique(ids), names)
	return all, records, err
}

// textOf returns a value as the text of a query or of a cell.
func textOf(raw json.RawMessage) string {
	if text := job.Decoded[string](raw); text != "" || isNull(raw) {
		return text
	}
	if id := job.Decoded[reference](raw).ID; id != "" {
		return id
	}
	if list := job.Decoded[[]string](raw); len(list) > 0 {
		return strings.Join(list, ";")
	}
	return string(raw)
}

// sorted returns the names of some fields in their order.
func sorted[T any](of map[string]T) []string { return slices.Sorted(maps.Keys(of)) }
