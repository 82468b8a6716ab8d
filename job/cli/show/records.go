package show

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"golang.org/x/sync/errgroup"

	"rolecall/api"
	"rolecall/job"
	"rolecall/job/export"
)

// Records is some records of one module. New versions only add fields.
type Records struct {
	Module  string                       `json:"module"`
	Records []map[string]json.RawMessage `json:"records"` // as Zoho sent them, in the order asked or found
	Missing []MissingRecord              `json:"missing,omitempty"`

	list  []api.Record
	shown []api.Field // fields with a column
	named bool        // the user named the fields
}

// MissingRecord is a record that the user named and that cannot be shown. New versions only add fields.
type MissingRecord struct {
	ID      string `json:"id"`
	Code    string `json:"code"`    // job.CodeRecordNotFound, or Zoho's as sent
	Message string `json:"message"` // Zoho's as sent, or ours
	Advice  string `json:"advice,omitempty"`
}

// The most fields and records of one call (Zoho CRM API v8, Get Records). A call for one record that names no field
// returns all fields.
const (
	mostFields = 50
	mostIDs    = 100
)

// newRecords returns an empty Records with the chosen fields, or, if none are chosen, with all fields that Zoho shows.
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

// Get reads records by their ids, with at most inFlight calls in flight. If lists of records have all of the wanted
// fields, one call, for one credit, reads a hundred records. Otherwise each record is read alone, because only then it
// has all of its fields, such as subforms. The errors are those of package api.
func (m Module) Get(
	ctx context.Context, z recordZoho, ids []string, chosen []api.Field, inFlight int,
) (Records, error) {
	r := m.newRecords(chosen)
	size, fields := mostIDs, chosen
	if len(fields) == 0 {
		fields = m.Fields
	}
	if len(fields) > mostFields || slices.ContainsFunc(fields, func(f api.Field) bool {
		return f.Rich || !export.Listed(f.Type)
	}) {
		size = 1
	}
	parts := slices.Collect(slices.Chunk(ids, size))
	answers := make([][]answer, len(parts))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(inFlight)
	for i, part := range parts {
		group.Go(func() (err error) {
			answers[i], err = m.getPart(ctx, z, part, apiNames(fields), len(chosen) == 0)
			return err
		})
	}
	err := group.Wait()
	for _, a := range slices.Concat(answers...) {
		if a.missing == nil {
			r.add(a.record)
		} else {
			r.Missing = append(r.Missing, *a.missing)
		}
	}
	return r, err
}

// answer is a record, or why it is missing.
type answer struct {
	record  api.Record
	missing *MissingRecord
}

// getPart reads some records in one call. It then reads each record alone that the list does not have. Only such a read
// shows what is wrong with a record, or finds a record that no list has, such as a converted lead.
func (m Module) getPart(
	ctx context.Context, z recordZoho, ids, fields []string, whole bool,
) (answers []answer, err error) {
	listed := map[string]api.Record{}
	if len(ids) > 1 {
		page, err := z.Records(ctx, m.Name, api.RecordsQuery{Fields: fields, IDs: ids})
		if err != nil && !isRefusal(err) {
			return nil, fmt.Errorf("records of %s: %w", m.Name, err)
		}
		for _, one := range page.Records {
			listed[one.ID] = one
		}
	}
	if whole || len(fields) > mostFields {
		fields = nil
	}
	for _, id := range ids {
		one, found := listed[id]
		a := answer{record: one}
		if !found {
			if a, err = m.getAlone(ctx, z, id, fields); err != nil {
				return nil, err
			}
		}
		answers = append(answers, a)
	}
	return answers, nil
}

// getAlone reads one record.
func (m Module) getAlone(ctx context.Context, z recordZoho, id string, fields []string) (answer, error) {
	one, found, err := z.Record(ctx, m.Name, id, fields...)
	switch {
	case err != nil && !isRefusal(err):
		return answer{}, fmt.Errorf("record %s: %w", id, err)
	case err != nil:
		own, _ := job.OwnError(err)
		return answer{missing: &MissingRecord{id, own.Code, own.Message, recordAdvice(own)}}, nil
	case !found:
		advice, _ := job.OwnAdvice(job.CodeRecordNotFound)
		return answer{missing: &MissingRecord{
			id, job.CodeRecordNotFound, "Zoho shows no record of this id in " + m.Name, advice,
		}}, nil
	}
	return answer{record: one}, nil
}

// isRefusal reports whether an error is Zoho's refusal of this one call.
func isRefusal(err error) bool {
	own, ends := job.OwnError(err)
	return ends == nil && own.Code != "" && !own.Temporary()
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
