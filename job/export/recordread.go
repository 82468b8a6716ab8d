package export

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"rolecall/api"
	"rolecall/job"
)

// split returns the first fields, at most most of them, and the rest.
func (w *recordWork) split(most int) (first, rest []string) {
	most = min(most, len(w.to.fields))
	return w.to.fields[:most], w.to.fields[most:]
}

// The most columns of a query beside the id (Kaizen #183, COQL API's Enhancements in Zoho CRM API Version 7).
const (
	mostColumns    = 499
	mostColumnsOld = 49 // before v7
)

// splitQuery chooses the fields of a query and of a page. The other fields are read by id. Before v7, COQL does not
// return the names of lookups.
func (w *recordWork) splitQuery(l *lister) {
	most := mostColumns
	if !w.org.Version.NamesLookups() {
		most = mostColumnsOld
	}
	for _, c := range w.columns {
		if c.Part == partName || len(w.query) >= most || c.Part == partID && !w.org.Version.NamesLookups() {
			continue
		}
		w.query = append(w.query, c.Field)
	}
	setColumns := func() { l.columns = strings.Join(append([]string{"id"}, w.query...), ", ") }
	setColumns()
	l.fields, _ = w.split(mostFields - 1) // one more is Modified_Time
	l.refused = func(err error) bool {
		e, ok := errors.AsType[*api.Error](err)
		var d struct {
			Column string `json:"column_name"`
		}
		if !ok || e.Code != "INVALID_QUERY" || json.Unmarshal(e.Details, &d) != nil {
			return false
		}
		i := slices.Index(w.query, d.Column)
		if i < 0 {
			return false
		}
		w.query = slices.Delete(w.query, i, i+1)
		setColumns()
		return true
	}
}

// complete completes the records of a page. It adds the full names of users, because COQL returns only the last name.
// It reads the fields that the page does not have.
func (w *recordWork) complete(ctx context.Context, records []api.Record, byQuery bool) ([]api.Record, error) {
	if w.Module == ModuleUsers {
		for _, r := range records {
			w.asListed(r)
		}
		return records, nil
	}
	if byQuery {
		asked := func(f string) bool { return slices.Contains(w.query, f) }
		w.rest = slices.DeleteFunc(slices.Clone(w.to.fields), asked)
		if err := w.nameUsers(ctx, records); err != nil {
			return nil, err
		}
	} else if !w.searches() {
		_, w.rest = w.split(mostFields - 1)
	}
	for fields := range slices.Chunk(w.rest, mostFields) {
		var err error
		if records, err = w.read(ctx, records, fields); err != nil {
			return nil, err
		}
	}
	return w.leaveOut(records), nil
}

// asListed gives the fields of a user the names of the columns, because Zoho writes them in different cases (Zoho CRM
// API v8, Get Users).
func (w *recordWork) asListed(r api.Record) {
	for _, f := range w.to.fields {
		for name, raw := range r.Fields {
			if name != f && strings.EqualFold(name, f) {
				r.Fields[f] = raw
			}
		}
	}
}

// idsTogether is the most ids of one Get Records (Zoho CRM API v8, Get Records).
const idsTogether = 100

// read reads some fields by id and adds them to records. It leaves out records that no longer exist.
func (w *recordWork) read(ctx context.Context, records []api.Record, fields []string) ([]api.Record, error) {
	var there []api.Record
	for some := range slices.Chunk(records, idsTogether) {
		ids := make([]string, len(some))
		for i, r := range some {
			ids[i] = r.ID
		}
		page, err := w.org.Client.Records(ctx, w.Module, api.RecordsQuery{Fields: fields, IDs: ids})
		if err != nil {
			return nil, err
		}
		got := make(map[string]api.Record, len(page.Records))
		for _, r := range page.Records {
			got[r.ID] = r
		}
		for _, r := range some {
			more, is := got[r.ID]
			if !is {
				continue
			}
			for _, f := range fields {
				r.Fields[f] = more.Fields[f]
			}
			there = append(there, r)
		}
	}
	return there, nil
}

// nameUsers puts the full names of users into the records of a query.
func (w *recordWork) nameUsers(ctx context.Context, records []api.Record) error {
	for i := range w.columns {
		c := &w.columns[i]
		if !isUser(c.Type) || c.Part != partName || !slices.Contains(w.query, c.Field) {
			continue
		}
		if err := w.readUsers(ctx); err != nil {
			return err
		}
		id := column{Part: partID}
		for _, r := range records {
			user := id.cell(r.Fields[c.Field]).Text
			if name, known := w.users[user]; known {
				r.Fields[c.Field] = job.Encode(map[string]string{"id": user, "name": name})
			}
		}
	}
	return nil
}

// readUsers reads the full names of all users once.
func (w *recordWork) readUsers(ctx context.Context) error {
	if w.users != nil {
		return nil
	}
	w.users = map[string]string{}
	for n := 1; ; n++ {
		page, err := w.org.Client.Users(ctx, "AllUsers", n)
		if _, ends := job.OwnError(err); err != nil && (ends == nil || api.NotOffered(err)) {
			w.desk.Say("only the last names of users are known: sign in with the scope ZohoCRM.users.READ as well")
			return nil
		}
		if err != nil {
			return err
		}
		for _, r := range page.Records {
			w.users[r.ID] = text(r.Fields["full_name"])
		}
		if !page.More {
			return nil
		}
	}
}
