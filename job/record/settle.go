package record

import (
	"context"
	"fmt"

	"rolecall/job"
)

// settle reads the records of rows that were sent without a usable answer, in this process or in one that was killed.
// It returns the outcomes of the rows that took effect, and of those of which nothing tells. The other rows may be sent
// again: they did nothing, or a second time changes nothing.
func (w *work) settle(ctx context.Context, rows []*row) (done []job.Outcome, err error) {
	var byID, byValue []*row
	for _, r := range rows {
		if r.Do == inserts || r.Do == upserts && job.Decoded[before](r.known).ID == "" {
			byValue = append(byValue, r)
		} else {
			byID = append(byID, r)
		}
	}
	if done, err = w.settleByID(ctx, byID); err != nil {
		return nil, err
	}
	for _, r := range byValue {
		o, err := w.settleByValue(ctx, r)
		if err != nil {
			return nil, err
		}
		if o != nil {
			done = append(done, *o)
		}
	}
	return done, nil
}

// settleByID settles rows whose records have known ids.
func (w *work) settleByID(ctx context.Context, rows []*row) (done []job.Outcome, err error) {
	var ids []string
	names := map[string]bool{modifiedTime: true}
	for _, r := range rows {
		if r.ID == "" {
			r.ID = job.Decoded[before](r.known).ID
		}
		ids = append(ids, r.ID)
		for name := range r.Write {
			names[name] = true
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	found, err := w.byID(ctx, unique(ids), sorted(names))
	if err != nil {
		return w.unsettled(rows, err)
	}
	for _, r := range rows {
		now, there := found[r.ID]
		applied := there == (r.Do != deletes)
		if r.Do == updates || r.Do == upserts {
			applied = there && len(w.differing(r.Write, now)) == 0
		}
		if !applied {
			continue
		}
		o := job.Settle(r.N, w.action(r.Do, ""), "the answer to the call was lost; the record, read afterwards, is as "+
			"the row wants it", r.tries)
		if there {
			o.Details = string(job.Encode(fields{modifiedTime: now[modifiedTime]}))
		}
		if r.Do == updates || r.Do == upserts {
			o.Prior = r.known
		}
		done = append(done, w.about(o, r.ID))
	}
	return done, nil
}

// settleByValue settles a row that may have inserted a record, by the first of its values that finds one. A record with
// all values of the row is the row's. Without such a value nothing tells.
func (w *work) settleByValue(ctx context.Context, r *row) (*job.Outcome, error) {
	for k := range w.table.Checks {
		f := &w.table.Checks[k].Field
		value := r.Write[f.APIName]
		if isNull(value) {
			continue
		}
		names := append(w.readNames(), createdTime, modifiedTime)
		records, err := w.query(ctx, w.table.Module.APIName, names, f, []string{textOf(value)})
		if err != nil {
			done, err := w.unsettled([]*row{r}, err)
			if err != nil {
				return nil, err
			}
			return &done[0], nil
		}
		for _, found := range records {
			if len(w.differing(r.Write, found.Fields)) > 0 {
				continue
			}
			action := job.ActionInserted
			if r.Do == upserts && (r.known == nil || !sameTime(nil, found.Fields[createdTime], found.Fields[modifiedTime])) {
				action = job.ActionUpdated // undo must not delete a record that may have been there before
			}
			o := job.Settle(r.N, action, "the answer to the call was lost; the record, found afterwards by "+
				"its "+f.APIName+", is as the row wants it", r.tries)
			o.Details = string(job.Encode(fields{modifiedTime: found.Fields[modifiedTime]}))
			o = w.about(o, found.ID)
			return &o, nil
		}
		switch {
		case len(records) == 0 && f.Unique, len(records) > 0 && r.Do == upserts:
			return nil, nil // Zoho refuses a second record of the value, or an upsert finds the record
		case len(records) == 0:
			return unknown(r, "and no record has this %s yet: look again later, because Zoho may still be at work on "+
				"the call", f.APIName), nil
		}
		o := w.about(*unknown(r, "and record %s has this %s and other values: it is not known whether the row "+
			"inserted it", records[0].ID, f.APIName), records[0].ID)
		return &o, nil
	}
	return unknown(r, "and no value of the row is unique in %s: to find out, look for the record among those created "+
		"at about %s", w.table.Module.APIName, r.SentAt.UTC().Format(zohoTime)), nil
}

// unknown returns the outcome of a row of which nothing tells whether it took effect.
func unknown(r *row, format string, args ...any) *job.Outcome {
	o := job.Reject(job.CodeOutcomeUnknown, "the answer to the call was lost, "+fmt.Sprintf(format, args...), "")
	o.Row, o.Attempts = r.N, r.tries
	return o
}

// unsettled returns the outcomes of rows whose records Zoho does not let be read. Other errors end the run.
func (w *work) unsettled(rows []*row, err error) (done []job.Outcome, ends error) {
	e, err := job.OwnError(err)
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		done = append(done, *unknown(r, "and reading the record did not settle it: %s", e))
	}
	return done, nil
}
