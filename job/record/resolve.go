package record

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // the zones of users, also where the machine has none

	"rolecall/api"
	"rolecall/csvio/alike"
	"rolecall/job"
	"rolecall/job/schema"
)

// readZone reads the time zone of the user, if the table has times.
func (w *work) readZone(ctx context.Context) error {
	if !slices.ContainsFunc(w.table.Columns, func(c column) bool { return c.Field.Type == "datetime" }) {
		return nil
	}
	page, err := w.zoho.Users(ctx, "CurrentUser", 1)
	if err == nil && len(page.Records) > 0 {
		w.table.Zone = job.Decoded[string](page.Records[0].Fields["time_zone"])
	}
	return err
}

// Resolve implements job.Work. It turns the cells of the rows into typed values.
func (w *work) Resolve(ctx context.Context, rows []job.Row) error {
	if len(rows) == 0 { // all rows have their keys
		w.keys = nil
	}
	if w.job == Delete || w.job == Undo || len(rows) == 0 {
		return nil
	}
	zone, err := time.LoadLocation(w.table.Zone) // "": UTC
	if err != nil {
		return &job.UsageError{Err: fmt.Errorf("the time zone %q of the user is not known: %w; nothing was sent",
			w.table.Zone, err)}
	}
	asks := make([]ask, len(rows))
	for i := range rows {
		asks[i] = job.Decoded[ask](rows[i].Ask)
	}
	named, err := w.findNamed(ctx, asks)
	if err != nil {
		return err
	}
	for i := range rows {
		r, a := &rows[i], asks[i]
		cells := a.Cells
		a.Cells, a.Write = nil, fields{}
		for k := range w.table.Columns {
			c := &w.table.Columns[k]
			text, names := c.cell(cells)
			if isEmpty(&c.Field, text) {
				if w.EmptyClears {
					a.Write[c.Field.APIName] = json.RawMessage("null")
				}
				continue
			}
			if names {
				if text, err = named[c.At].id(c, text); err != nil {
					r.Done = invalid(c, err)
					break
				}
			}
			value, err := valueOf(&c.Field, text, zone)
			if err != nil {
				r.Done = invalid(c, err)
				break
			}
			a.Write[c.Field.APIName] = value
		}
		r.Ask = job.Encode(a)
		if r.Done != nil {
			continue
		}
		key, joins := w.keyOf(a.Write)
		if joins {
			r.Done = job.Reject(job.CodeValueInvalid, "values of the row stand in earlier rows of two different "+
				"records: give the row in a run of its own, after the others", "")
		}
		r.Key = cmp.Or(key, r.Key)
	}
	return nil
}

// invalid returns the outcome of a row with a cell that is not a value of its field.
func invalid(c *column, err error) *job.Outcome {
	return job.Reject(job.CodeValueInvalid, c.Field.APIName+": "+err.Error(),
		string(job.Encode(map[string]string{"api_name": c.Field.APIName})))
}

// keyOf returns the key of an inserted or upserted row, or "". Rows that share a value by which a record is found have
// the same key, so that they go one after the other. A row without such a value has the key "". joins reports whether
// the row has values of two keys. If several columns find records, the run stores a hash of each value, because the
// texts would fill the memory.
func (w *work) keyOf(write fields) (key string, joins bool) {
	var values []uint64
	known := uint64(0)
	for _, c := range w.table.Checks {
		value := matchKey(write[c.Field.APIName])
		if value == "" || w.job == Update {
			continue
		}
		if key = c.Field.APIName + " " + value; len(w.table.Checks) == 1 {
			return key, false
		}
		h := fnv.New64a()
		_, _ = io.WriteString(h, key) // a hash takes everything
		values = append(values, h.Sum64())
		of := w.keys[h.Sum64()]
		joins = joins || known != 0 && of != 0 && of != known
		known = cmp.Or(known, of)
	}
	if len(values) == 0 || joins {
		return "", joins
	}
	known = cmp.Or(known, values[0])
	for _, value := range values {
		w.keys[value] = known
	}
	return strconv.FormatUint(known, 16), false
}

// matchKey returns a value that finds a record as Zoho compares it: without case (Zoho CRM API v7, unique fields:
// case_sensitive is false). "" is no value.
func matchKey(raw json.RawMessage) string {
	if isNull(raw) {
		return ""
	}
	if text := job.Decoded[string](raw); text != "" {
		return alike.Key(text)
	}
	if id := job.Decoded[reference](raw).ID; id != "" {
		return id
	}
	return string(raw)
}

// names are the ids of the records that the cells of a column name.
type names map[string][]string

// id returns the id of the record that a cell names.
func (n names) id(c *column, text string) (string, error) {
	switch ids := n[alike.Key(text)]; {
	case len(ids) == 1:
		return ids[0], nil
	case isUser(c.Field.Type):
		return "", fmt.Errorf("no active user has the e-mail %.60q", text)
	case len(ids) == 0:
		return "", fmt.Errorf("no record of %s has the %s %.60q: give the id, or add the record first",
			c.Field.Lookup, c.By, text)
	default:
		return "", fmt.Errorf("%d records of %s have the %s %.60q: give the id of one",
			len(ids), c.Field.Lookup, c.By, text)
	}
}

// findNamed finds the records that cells name, for each column with such cells. The map is by the column's index.
func (w *work) findNamed(ctx context.Context, rows []ask) (map[int]names, error) {
	found := map[int]names{}
	for k := range w.table.Columns {
		c := &w.table.Columns[k]
		var texts []string
		for i := range rows {
			if text, names := c.cell(rows[i].Cells); names {
				texts = append(texts, alike.Trim(text))
			}
		}
		if len(texts) == 0 {
			continue
		}
		find := w.findRecords
		if isUser(c.Field.Type) {
			find = w.findUsers
		}
		var err error
		if found[c.At], err = find(ctx, c, texts); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// findUsers returns the ids of the active users by their e-mails, which it reads once.
func (w *work) findUsers(ctx context.Context, _ *column, _ []string) (names, error) {
	if w.users != nil {
		return w.users, nil
	}
	users := names{}
	for page := 1; ; page++ {
		p, err := w.zoho.Users(ctx, "ActiveConfirmedUsers", page)
		if err != nil {
			return nil, err
		}
		for _, u := range p.Records {
			key := alike.Key(job.Decoded[string](u.Fields["email"]))
			users[key] = append(users[key], u.ID)
		}
		if !p.More {
			w.users = users
			return users, nil
		}
	}
}

// findRecords returns the ids of the records of a lookup's module whose names are exactly the texts.
func (w *work) findRecords(ctx context.Context, c *column, texts []string) (names, error) {
	field, err := w.nameField(ctx, c)
	if err != nil {
		return nil, err
	}
	found := names{}
	records, err := w.query(ctx, c.Field.Lookup, &api.Field{APIName: field}, texts)
	if e, ok := errors.AsType[*api.Error](err); ok && e.Code == notSupported {
		err = &job.UsageError{Err: fmt.Errorf("%s: the column %s.name: %w: no names can be looked up where Zoho "+
			"answers no queries (COQL): give ids in a column %[2]s; nothing was sent",
			w.desk.Input, c.Field.APIName, err)}
	}
	for _, r := range records {
		key := alike.Key(job.Decoded[string](r.Fields[field]))
		found[key] = append(found[key], r.ID)
	}
	return found, err
}

// nameFields returns the fields that may be the name of a module's records. A module has one of them. Zoho's settings
// do not say which.
func nameFields(module string) []string {
	return []string{"Full_Name", strings.TrimSuffix(module, "s") + "_Name", "Subject", "Name"}
}

// nameField returns the field of the module of a lookup that Zoho shows as the record's name.
func (w *work) nameField(ctx context.Context, c *column) (string, error) {
	module := c.Field.Lookup
	if field := w.nameFields[c.At]; field != "" {
		return field, nil
	}
	all, err := w.zoho.Fields(ctx, module)
	if err != nil {
		return "", err
	}
	for _, name := range nameFields(module) {
		var f api.Field
		if f, err = schema.Field(module, all, name); err == nil {
			w.nameFields[c.At] = f.APIName
			return f.APIName, nil
		}
	}
	return "", &job.UsageError{Err: fmt.Errorf("%s: the column %s.name: %w; nothing was sent", w.desk.Input,
		c.Field.APIName, err)}
}
