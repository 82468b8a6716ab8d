package record

import (
	"context"
	"fmt"
	"time"

	"rolecall/job"
)

// settle reads the records of rows that were sent without a usable answer, in this process or in one that was killed.
// It returns the outcomes of the rows that took effect, and of those whose effect cannot be found out. It is safe to
// send the other rows again: they had no effect, or the second call changes nothing.
func (b *batch) settle(ctx context.Context, rows []*row) (done []job.Outcome, err error) {
	var byID, byValue []*row
	for _, r := range rows {
		if r.Do == inserts || r.Do == upserts {
			byValue = append(byValue, r)
		} else {
			byID = append(byID, r)
		}
	}
	if done, err = b.settleByID(ctx, byID); err != nil {
		return nil, err
	}
	found, err := b.settleByValue(ctx, byValue)
	return append(done, found...), err
}

// settleByID settles rows whose records have known ids.
func (b *batch) settleByID(ctx context.Context, rows []*row) (done []job.Outcome, err error) {
	var ids []string
	names := map[string]bool{modifiedTime: true}
	for _, r := range rows {
		ids = append(ids, r.ID)
		for name := range r.Write {
			names[name] = true
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	found, err := b.byID(ctx, unique(ids), sorted(names))
	if err != nil {
		return b.unsettled(rows, err)
	}
	for _, r := range rows {
		now, there := found[r.ID]
		applied := there == (r.Do != deletes)
		if r.Do == updates {
			applied = there && len(b.differing(r.Write, now)) == 0
		}
		if !applied {
			continue
		}
		o := job.Settle(r.N, b.action(r.Do, ""), "the answer to the call was lost; the record, read afterwards, is as "+
			"the row wants it", r.tries)
		if there {
			o.Details = string(job.Encode(fields{modifiedTime: now[modifiedTime]}))
		}
		if r.Do == updates {
			o.Prior = r.before
		}
		done = append(done, b.about(o, r.ID))
	}
	return done, nil
}

// settleByValue settles rows that may have inserted records.
func (b *batch) settleByValue(ctx context.Context, rows []*row) (done []job.Outcome, err error) {
	writes := make([]fields, len(rows))
	for i, r := range rows {
		writes[i] = r.Write
	}
	all, records, err := b.find(ctx, writes, append(b.readNames(), createdTime, modifiedTime))
	if err != nil {
		return b.unsettled(rows, err)
	}
	for i, r := range rows {
		if o := b.settleFound(r, all[i], records); o != nil {
			done = append(done, *o)
		}
	}
	return done, nil
}

// clockDoubt is how far clocks may be wrong. A call did not insert a record that is older than the call by more.
const clockDoubt = time.Minute

// isNew reports whether the first call of a row created a record. Zoho's times are whole seconds, so a record that
// another run created right before has the same time. So the record counts as new only if a read found no such record
// before the call, or if the record is younger than the run.
func (b *batch) isNew(r *row, id string, created time.Time) bool {
	sent, known := b.zoho.Clock(r.SentAt)
	began := b.table.Began.Truncate(time.Second).Add(2 * time.Second) // Client.Clock is early by up to a second
	return known && !b.inserted[id] && !created.Before(sent.Truncate(time.Second)) &&
		(len(r.before) > 0 || !b.table.Began.IsZero() && !created.Before(began))
}

// settleFound settles a row by the records that have its values. A new record with all values of the row is the row's
// record. It returns nil if the row may be sent again: a second upsert updates what the first one wrote, and Zoho
// refuses a second record with a unique value.
func (b *batch) settleFound(r *row, f found, records map[string]fields) *job.Outcome {
	sent, known := b.zoho.Clock(r.SentAt)
	old := true
	for _, id := range f.ids {
		now := records[id]
		created := job.Decoded[time.Time](now[createdTime])
		if b.isNew(r, id, created) && len(b.differing(r.Write, now)) == 0 {
			o := job.Settle(r.N, job.ActionInserted, "the answer to the call was lost; the record, found afterwards "+
				"by its "+f.by.APIName+", is as the row wants it", r.tries)
			o.Details = string(job.Encode(fields{modifiedTime: now[modifiedTime]}))
			o = b.about(o, id)
			return &o
		}
		old = old && (b.inserted[id] || known && created.Before(sent.Add(-clockDoubt)))
	}
	switch {
	case f.by == nil:
		return unknown(r, "and no value of the row is unique in %s: to find out, look for the record among those "+
			"created at about %s", b.table.Module.APIName, r.SentAt.UTC().Format(zohoTime))
	case len(f.ids) > 0 && r.Do == upserts:
		return nil
	case len(f.ids) > 0 && !old:
		return unknown(r, "and record %s has this %s: it is not known whether the row inserted it",
			f.ids[0], f.by.APIName)
	case !f.by.Unique:
		return unknown(r, "and no record has this %s yet: look again later, because Zoho may still be at work on "+
			"the call", f.by.APIName)
	case len(f.ids) > 0 && r.noAnswer != nil && r.noAnswer.Code == duplicateData:
		o := job.Refuse(r.N, r.noAnswer)
		return &o
	}
	return nil
}

// unknown returns the outcome of a row of which it is not known whether it took effect.
func unknown(r *row, format string, args ...any) *job.Outcome {
	o := job.Reject(job.CodeOutcomeUnknown, "the answer to the call was lost, "+fmt.Sprintf(format, args...), "")
	o.Row, o.Attempts = r.N, r.tries
	return o
}

// unsettled returns the outcomes of rows whose records Zoho refuses to show. Other errors end the run.
func (b *batch) unsettled(rows []*row, err error) (done []job.Outcome, ends error) {
	e, err := job.OwnError(err)
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		done = append(done, *unknown(r, "and reading the record did not settle it: %s", e))
	}
	return done, nil
}
