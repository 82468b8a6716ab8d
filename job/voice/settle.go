package voice

import (
	"context"
	"strconv"
	"time"

	"rolecall/api"
	"rolecall/job"
)

// lost is the rows of which no answer told whether they created their contacts, by the digits of their mobiles.
type lost map[string][]*lostRow

// lostRow is a row of lost with the contacts that have its mobile and name.
type lostRow struct {
	row job.Row
	ask ask
	ids []string
}

// Finish implements job.Work. It settles the rows of lost by one list of all contacts.
func (w *work) Finish(ctx context.Context, rows job.Results) ([]job.Outcome, error) {
	all, err := findLost(rows)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	_, err = list(ctx, w.zoho, func() { all.each(func(r *lostRow) { r.ids = nil }) }, func(c *api.VoiceContact) {
		for _, r := range all[digits(c.Fields[string(mobile)])] {
			if sameName(c.Fields, r.ask.Fields) {
				r.ids = append(r.ids, c.ID)
			}
		}
	})
	if err != nil {
		_, err = job.OwnError(err)
		return nil, err // a refusal of the list leaves the rows as they are
	}
	settled := map[int64]*job.Outcome{}
	var bad error
	all.each(func(r *lostRow) {
		if bad != nil {
			return
		}
		var o *job.Outcome
		if o, bad = w.settle(ctx, r); o != nil {
			settled[r.row.N] = o
		}
	})
	if bad != nil {
		return nil, bad
	}
	return withRepeats(rows, settled)
}

// findLost finds the rows in run.db.
func findLost(rows job.Results) (lost, error) {
	all := lost{}
	for r, err := range rows.InOrder() {
		if err != nil {
			return nil, err
		}
		if r.Done == nil || r.Done.Code != job.CodeOutcomeUnknown || r.Done.SameAs != 0 || !r.Sent {
			continue
		}
		one := &lostRow{row: r, ask: job.Decoded[ask](r.Ask)}
		key := digits(one.ask.Fields[string(mobile)])
		all[key] = append(all[key], one)
	}
	return all, nil
}

func (l lost) each(do func(*lostRow)) {
	for _, rows := range l {
		for _, r := range rows {
			do(r)
		}
	}
}

// sameName reports whether two contacts have the same name.
func sameName(a, b fields) bool {
	return a[string(firstName)] == b[string(firstName)] && a[string(lastName)] == b[string(lastName)]
}

// settle returns the outcome of a row, or nil if nothing tells of it. Only a contact that is as young as the call is
// the row's: Voice may have had another one of the same mobile and name.
func (w *work) settle(ctx context.Context, r *lostRow) (*job.Outcome, error) {
	var young []string
	for _, id := range r.ids {
		c, there, err := w.zoho.VoiceContact(ctx, id)
		if err != nil {
			_, err = job.OwnError(err)
			return nil, err
		}
		if there && w.isYoung(r, c.Created) && hasAll(c.Fields, r.ask.Fields) {
			young = append(young, id)
		}
	}
	if len(young) != 1 {
		return nil, nil
	}
	o := job.Settle(r.row.N, job.ActionCreated, "the answer to the call was lost; the contact, found afterwards by "+
		"its mobile and name, is as the row wants it", r.row.Done.Attempts)
	o.IDs = map[string]string{keyContact: young[0]}
	return &o, nil
}

// isYoung reports whether a contact was created after a row was about to be sent, and not right before the run. created
// is in milliseconds since 1970. Zoho's clock is known to a second, so that nothing tells whether a contact of the
// run's first two seconds is older than the run.
func (w *work) isYoung(r *lostRow, created string) bool {
	at, err := strconv.ParseInt(created, 10, 64)
	sent, known := w.zoho.Clock(r.row.SentAt)
	if err != nil || !known || w.began.IsZero() {
		return false
	}
	is := time.UnixMilli(at)
	return !is.Before(sent.Truncate(time.Second)) && !is.Before(w.began.Truncate(time.Second).Add(2*time.Second))
}

// withRepeats adds the outcomes of the rows that repeat a settled one.
func withRepeats(rows job.Results, settled map[int64]*job.Outcome) (all []job.Outcome, err error) {
	if len(settled) == 0 {
		return nil, nil
	}
	for _, o := range settled {
		all = append(all, *o)
	}
	for r, err := range rows.InOrder() {
		if err != nil {
			return nil, err
		}
		if r.Done != nil && r.Done.SameAs != 0 && r.Done.Code == job.CodeOutcomeUnknown {
			if o := settled[r.Done.SameAs]; o != nil {
				all = append(all, job.RepeatOf(o, r.N))
			}
		}
	}
	return all, nil
}
