package show

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"rolecall/api"
	"rolecall/job"
)

// Records is records of one module. New versions only add fields.
type Records struct {
	Module  string                       `json:"module"`
	Records []map[string]json.RawMessage `json:"records"` // as Zoho sent them, in the order asked or found
	Missing []MissingRecord              `json:"missing,omitempty"`

	list  []api.Record
	shown []api.Field // fields with a column
	named bool        // the user named the fields
}

// MissingRecord is a record that was asked for and is not shown, and why. New versions only add fields.
type MissingRecord struct {
	ID      string `json:"id"`
	Code    string `json:"code"`    // job.CodeRecordNotFound, or Zoho's as sent
	Message string `json:"message"` // Zoho's as sent, or ours
	Advice  string `json:"advice,omitempty"`
}

// mostFields is how many fields one call names (Zoho CRM API v8, Get Records). A call that names none gives all.
const mostFields = 50

// newRecords returns no records yet. It shows the chosen fields, or all that Zoho shows.
func (m Module) newRecords(chosen []api.Field) Records {
	r := Records{Module: m.Name, Records: []map[string]json.RawMessage{}, shown: chosen, named: len(chosen) > 0}
	if !r.named {
		r.shown = slices.DeleteFunc(slices.Clone(m.Fields), func(f api.Field) bool {
			return !f.Visible || f.APIName == "id"
		})
	}
	return r
}

// add adds a record, without the fields that the user did not choose.
func (r *Records) add(one api.Record) {
	kept := map[string]json.RawMessage{"id": job.Encode(one.ID)}
	for name, value := range one.Fields {
		if !r.named || slices.ContainsFunc(r.shown, func(f api.Field) bool { return f.APIName == name }) {
			kept[name] = value
		}
	}
	r.Records, r.list = append(r.Records, kept), append(r.list, one)
}

// Get reads records by their ids, for a credit each: so a record comes whole, with its subforms, and a refusal is about
// one record. Its errors are those of package api.
func (m Module) Get(ctx context.Context, z recordZoho, ids []string, chosen []api.Field) (Records, error) {
	r := m.newRecords(chosen)
	names := apiNames(chosen)
	if len(names) > mostFields {
		names = nil
	}
	for _, id := range ids {
		one, found, err := z.Record(ctx, m.Name, id, names...)
		if err != nil {
			own, ends := job.OwnError(err)
			if ends != nil || own.Code == "" || own.Temporary() {
				return r, fmt.Errorf("record %s: %w", id, err)
			}
			r.Missing = append(r.Missing, MissingRecord{id, own.Code, own.Message, recordAdvice(own)})
			continue
		}
		if !found {
			advice, _ := job.OwnAdvice(job.CodeRecordNotFound)
			r.Missing = append(r.Missing, MissingRecord{
				id, job.CodeRecordNotFound, "Zoho shows no record of this id in " + m.Name, advice,
			})
			continue
		}
		r.add(one)
	}
	return r, nil
}

// recordAdvice returns what to do about a record that Zoho refuses to show.
func recordAdvice(refusal *api.Error) string {
	if api.DealGone(refusal) {
		advice, _ := job.OwnAdvice(job.CodeRecordNotFound)
		return advice
	}
	return job.ZohoAdvice(refusal.Code)
}

func apiNames(fields []api.Field) []string {
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.APIName
	}
	return names
}
