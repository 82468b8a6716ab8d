package record

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"rolecall/api"
	"rolecall/job"
)

// Zoho's limits on one read (Zoho CRM API v8, Get Records).
const (
	mostFields = 50
	mostIDs    = 100
)

// mostInList is how much of a rich text lists of records have, in characters (Zoho CRM API v7, Insert Records, Sample
// Attributes; zoho-api-records.md section 2).
const mostInList = 500

// The fields that tell whether a record is new, and whether somebody changed it.
const (
	createdTime  = "Created_Time"
	modifiedTime = "Modified_Time"
)

// query returns the records whose field has one of the values, with some columns.
func (w *work) query(
	ctx context.Context, module string, columns []string, by *api.Field, values []string,
) (all []api.Record, err error) {
	for some := range slices.Chunk(values, w.org.Version.MostInQuery()) {
		records, err := w.queryOne(ctx, module, columns, by, some)
		if err != nil {
			return nil, err
		}
		all = append(all, records...)
	}
	return all, nil
}

// queryOne makes one query. If more records have the values than it may return, it halves the values.
func (w *work) queryOne(
	ctx context.Context, module string, columns []string, by *api.Field, values []string,
) ([]api.Record, error) {
	quoted := make([]string, len(values))
	for i, v := range values {
		quoted[i] = "'" + strings.ReplaceAll(v, "'", "''") + "'" // Kaizen #171
		if by.JSONType == "integer" || by.JSONType == "double" {
			quoted[i] = v
		}
	}
	page, err := w.zoho.Query(ctx, fmt.Sprintf("select %s from %s where %s in (%s) limit %d",
		strings.Join(columns, ", "), module, by.APIName, strings.Join(quoted, ","), api.RowsOfOrgs), api.RowsOfOrgs)
	if err != nil || !page.More || len(values) == 1 {
		return page.Records, err
	}
	first, err := w.queryOne(ctx, module, columns, by, values[:len(values)/2])
	if err != nil {
		return nil, err
	}
	rest, err := w.queryOne(ctx, module, columns, by, values[len(values)/2:])
	return append(first, rest...), err
}

// byID returns the records that have the ids, by id. A record that is not there is missing.
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
	states := map[string]*state{}
	for _, id := range ids {
		states[id] = &state{id: id, values: found[id]}
	}
	return states, err
}

// readNames returns the fields that the run reads of a record.
func (w *work) readNames() (names []string) {
	if w.job == Undo {
		for name := range w.undoFields {
			names = append(names, name)
		}
		slices.Sort(names)
		return append(slices.DeleteFunc(names, func(n string) bool { return n == modifiedTime }), modifiedTime)
	}
	for _, c := range w.table.Columns {
		names = append(names, c.Field.APIName)
	}
	return names
}

// readByChecks finds the records of upserted rows by the values of their first rows, as Zoho does: the first field of
// which a record has the value.
func (w *work) readByChecks(ctx context.Context, groups []job.Group) (map[string]*state, error) {
	states := map[string]*state{}
	for k := range w.table.Checks {
		f := &w.table.Checks[k].Field
		var values []string
		for i := range groups {
			if value := checkValue(&groups[i], f); value != nil && states[groups[i].Key] == nil {
				values = append(values, textOf(value))
			}
		}
		if len(values) == 0 {
			continue
		}
		slices.Sort(values)
		records, err := w.query(ctx, w.table.Module.APIName, w.readNames(), f, slices.Compact(values))
		if err != nil {
			return nil, err
		}
		for i := range groups {
			key, value := groups[i].Key, checkValue(&groups[i], f)
			if value == nil || states[key] != nil {
				continue
			}
			for _, r := range records {
				if comparable(r.Fields[f.APIName]) != comparable(value) {
					continue
				}
				states[key] = &state{id: r.ID, values: r.Fields, vague: states[key] != nil}
			}
		}
	}
	for i := range groups {
		if states[groups[i].Key] == nil {
			states[groups[i].Key] = &state{}
		}
	}
	return states, nil
}

// checkValue returns the value of the first open row of a group that finds its record, or nil.
func checkValue(g *job.Group, f *api.Field) json.RawMessage {
	for i := range g.Rows {
		if !g.Rows[i].Unsendable {
			if value := job.Decoded[ask](g.Rows[i].Ask).Write[f.APIName]; !isNull(value) {
				return value
			}
		}
	}
	return nil
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
