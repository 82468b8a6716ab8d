package records

import (
	"encoding/json"
	"net/http"
	"slices"

	"rolecall/api/emulator/org"
	"rolecall/api/emulator/wire"
)

// A writer writes the records of one call, one after another.
type writer struct {
	*org.Batch
	api     *API
	call    *wire.Call
	module  org.Module
	request *request
	users   map[string]json.RawMessage // references to users by their values: most results have the same
}

// write reads the request and lets do write each record.
func (a *API) write(
	c *wire.Call, m org.Module, do func(*writer, wire.Item, string) wire.Result,
) ([]wire.Result, error) {
	r, err := a.readRequest(c, m)
	if err != nil {
		return nil, err
	}
	results := make([]wire.Result, len(r.list))
	err = a.store.Write(m, a.now(), func(b *org.Batch) {
		w := &writer{Batch: b, api: a, call: c, module: m, request: r, users: make(map[string]json.RawMessage)}
		for i, raw := range r.list {
			path := wire.Path("data", i)
			item, wrong := wire.Object(raw, path)
			if wrong != nil {
				results[i] = *wrong
				continue
			}
			results[i] = do(w, item, path)
		}
	})
	if c.Version < wire.V3 {
		for i := range results {
			withoutPaths(&results[i]) // errors of v2 have none
		}
	}
	return results, err
}

func withoutPaths(r *wire.Result) {
	r.Details.JSONPath = ""
	for i := range r.Details.Errors {
		withoutPaths(&r.Details.Errors[i])
	}
}

// insert answers Insert Records, Zoho CRM API v7. 201 when all went well.
func (a *API) insert(c *wire.Call, m org.Module) (wire.Answer, error) {
	results, err := a.write(c, m, (*writer).insert)
	if err != nil {
		return wire.Answer{}, err
	}
	answer, err := wire.Results("data", results)
	if answer.Status == http.StatusOK {
		answer.Status = http.StatusCreated
	}
	return answer, err
}

// update answers Update Records, Zoho CRM API v7, with the ids in the records or one id in the path.
func (a *API) update(c *wire.Call, m org.Module) (wire.Answer, error) {
	results, err := a.write(c, m, func(w *writer, item wire.Item, path string) wire.Result {
		id, given, wrong := item.Text("id", path)
		switch {
		case wrong != nil:
			return *wrong
		case len(c.IDs) > 0:
			id = c.IDs[0]
		case !given:
			return *wire.Mandatory("id", path+".id")
		}
		return w.update(id, item, path)
	})
	if err != nil {
		return wire.Answer{}, err
	}
	return answer(results)
}

// upsert answers Upsert Records, Zoho CRM API v7. An id in a record names the record to update. (inferred from a sample
// of OpenAPI v8.0)
func (a *API) upsert(c *wire.Call, m org.Module) (wire.Answer, error) {
	results, err := a.write(c, m, func(w *writer, item wire.Item, path string) wire.Result {
		action, field := "insert", wire.Null()
		var result wire.Result
		id, given, wrong := item.Text("id", path)
		if wrong != nil {
			return *wrong
		}
		if !given {
			if n, by := w.match(item); n != 0 {
				id, field = n.String(), wire.Quote(by)
			}
		}
		if id != "" {
			action = "update"
			result = w.update(id, item, path)
		} else {
			result = w.insert(item, path)
		}
		if result.Code == success {
			result.Action, result.DuplicateField = action, field
		}
		return result
	})
	if err != nil {
		return wire.Answer{}, err
	}
	return answer(results)
}

const (
	success         = "SUCCESS"
	alreadyModified = "ALREADY_MODIFIED"
)

// answer encodes the results of an update. It is 412 if all records were modified. (the mixed case is inferred)
func answer(results []wire.Result) (wire.Answer, error) {
	a, err := wire.Results("data", results)
	if !slices.ContainsFunc(results, func(r wire.Result) bool { return r.Code != alreadyModified }) {
		a.Status = http.StatusPreconditionFailed
	}
	return a, err
}

// match finds the record that an upsert updates, and the field by which. The first field with a match wins. Of several
// records with the value it is the oldest. (inferred)
func (w *writer) match(item wire.Item) (org.ID, string) {
	for _, name := range w.request.checks {
		raw, given := item.Get(name)
		if !given {
			continue
		}
		if ids := w.Find(name, raw); len(ids) > 0 {
			return ids[0], name
		}
	}
	return 0, ""
}

func (w *writer) insert(item wire.Item, path string) wire.Result {
	fields, wrong := w.check(item, path, nil)
	if wrong != nil {
		return *wrong
	}
	return w.written(w.Insert(fields), "record added")
}

func (w *writer) update(id string, item wire.Item, path string) wire.Result {
	n, _ := org.ParseID(id)
	if !w.Exists(w.module, n) {
		return wire.Failure("INVALID_DATA", badID, wire.Details{APIName: "id", JSONPath: path + ".id", ID: id})
	}
	row := w.Record(w.module, n)
	if t := w.request.unmodified; t != nil {
		if _, modified := row.Times(); modified > t.Unix() {
			result := w.written(row, "record already modified") // the message is ours
			result.Code, result.Status = alreadyModified, "error"
			return result
		}
	}
	fields, wrong := w.check(item, path, &row)
	if wrong != nil {
		return *wrong
	}
	return w.written(w.Update(n, fields), "record updated")
}

// written returns the result of a record that was written.
func (w *writer) written(row org.Row, message string) wire.Result {
	r := wire.Success(row.ID.String(), message)
	d := &r.Details
	d.CreatedTime, _ = row.Value("Created_Time")
	d.ModifiedTime, _ = row.Value("Modified_Time")
	createdBy, _ := row.Value("Created_By")
	modifiedBy, _ := row.Value("Modified_By")
	d.CreatedBy, d.ModifiedBy = w.userRef(createdBy), w.userRef(modifiedBy)
	if w.call.Version >= wire.V4 {
		d.ApprovalState = "approved" // OpenAPI v8.0; from which version on is not documented
	}
	return r
}

func (w *writer) userRef(value json.RawMessage) json.RawMessage {
	ref, known := w.users[string(value)]
	if !known {
		ref = org.UserRef(value)
		w.users[string(value)] = ref
	}
	return ref
}

// check checks a record and returns its fields as the org stores them. It ignores keys that are not fields of the
// module, or that calls may not write. (inferred) row is the record to update, or nil for a new one.
func (w *writer) check(item wire.Item, path string, row *org.Row) (org.Record, *wire.Result) {
	fields := make(org.Record, len(item)+5)
	var wrong []wire.Result
	for _, f := range w.api.store.Fields(w.module) {
		raw, given := item[f.API]
		if f.ReadOnly || row != nil && !given {
			continue
		}
		at := path + "." + f.API
		value := wire.Null()
		if given && !wire.IsNull(raw) {
			var bad *fault
			if value, bad = check(w.Batch, f, raw); bad != nil {
				wrong = append(wrong, bad.result(f.API, at))
				continue
			}
		}
		switch {
		case wire.IsNull(value) && (f.Mandatory || f.Required && w.request.layoutRules):
			missing := wire.Mandatory(f.API, at)
			if row != nil {
				missing.Details.ID = row.ID.String()
			}
			wrong = append(wrong, *missing)
			continue
		case !given && f.Kind == org.KindBoolean:
			value = json.RawMessage("false")
		case !given:
			continue
		case row != nil && f.Kind == org.KindMultiSelect && wantsAppend(item, f.API):
			before, _ := row.Value(f.API)
			value = appended(before, value)
		}
		if f.Unique {
			if duplicate := w.duplicate(f.API, at, value, row); duplicate != nil {
				wrong = append(wrong, *duplicate)
			}
		}
		fields[f.API] = value
	}
	switch len(wrong) {
	case 0:
		return fields, nil
	case 1:
		return nil, &wrong[0]
	}
	// The message is inferred.
	return nil, new(wire.Failure("MULTIPLE_OR_MULTI_ERRORS", "multiple errors found", wire.Details{Errors: wrong}))
}

// duplicate returns the failure of a value that another record has.
func (w *writer) duplicate(name, path string, value json.RawMessage, row *org.Row) *wire.Result {
	for _, n := range w.Find(name, value) {
		if row != nil && n == row.ID {
			continue
		}
		value, _ := w.Record(w.module, n).Value("Owner")
		owner := org.ReadLookup(value)
		d := wire.Details{APIName: name, JSONPath: path, ID: n.String()}
		if w.call.Version >= wire.V3 {
			d.MoreRecords = new(false)
			d.DuplicateRecord = &wire.DuplicateRecord{
				ID: n.String(), Owner: wire.OwnerRef{Name: owner.Name, ID: owner.ID.String(), ZUID: owner.ID.String()},
				Module: wire.ModuleRef{APIName: w.module.Name(), ID: w.ModuleID(w.module).String()},
			}
		}
		return new(wire.Failure("DUPLICATE_DATA", "duplicate data", d))
	}
	return nil
}
