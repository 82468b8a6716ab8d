package voice

import (
	"context"
	"fmt"
	"iter"
	"strconv"
	"strings"
	"time"

	"rolecall/api"
	"rolecall/job"
)

// lost is the rows without an answer, so that it is not known whether they created their contacts.
type lost struct {
	rows  map[string][]*lostRow // by the digits of their mobiles
	first *job.Row              // the first sent row that certainly created its contact; nil: none
	since time.Time             // when Voice created the contact of first; zero: not known
}

// lostRow is a row of lost with the contacts that have its mobile and name.
type lostRow struct {
	row job.Row
	ask ask
	ids []string
	own []string // those of ids that the row may have created
}

// Finish implements job.Work. It settles the rows of lost by one list of all contacts.
func (w *work) Finish(ctx context.Context, rows job.Results) ([]job.Outcome, error) {
	all, err := findLost(rows)
	if err != nil || len(all.rows) == 0 {
		return nil, err
	}
	begin := func() {
		for r := range all.all() {
			r.ids = nil
		}
	}
	whole, err := list(ctx, w.zoho, begin, func(c *api.VoiceContact) {
		for _, r := range all.rows[digits(c.Fields[string(mobile)])] {
			if sameName(c.Fields, r.ask.Fields) {
				r.ids = append(r.ids, c.ID)
			}
		}
	})
	if err == nil {
		err = w.claim(ctx, all)
	}
	if err != nil {
		_, err = job.OwnError(err)
		return nil, err // a refusal of the list leaves the rows as they are
	}
	claims, err := all.claims(rows)
	if err != nil {
		return nil, err
	}
	settled := map[int64]*job.Outcome{}
	for r := range all.all() {
		if len(r.own) == 1 && claims[r.own[0]] == 1 {
			settled[r.row.N] = settledBy(r, r.own[0])
		} else if whole {
			settled[r.row.N] = r.unsettled()
		}
	}
	return withRepeats(rows, settled)
}

// findLost finds the rows in run.db.
func findLost(rows job.Results) (*lost, error) {
	all := &lost{rows: map[string][]*lostRow{}}
	for r, err := range rows.InOrder() {
		if err != nil {
			return nil, err
		}
		if created(&r) && (all.first == nil || r.SentAt.Before(all.first.SentAt)) {
			all.first = &r
		}
		if r.Done == nil || r.Done.Code != job.CodeOutcomeUnknown || r.Done.SameAs != 0 || !r.Sent {
			continue
		}
		one := &lostRow{row: r, ask: job.Decoded[ask](r.Ask)}
		key := digits(one.ask.Fields[string(mobile)])
		all.rows[key] = append(all.rows[key], one)
	}
	return all, nil
}

// created reports whether Zoho's answer says that a row created its contact.
func created(r *job.Row) bool {
	return r.Sent && r.Done != nil && r.Done.OK() && r.Done.SameAs == 0 && r.Done.Action == job.ActionCreated &&
		r.Done.IDs[keyContact] != ""
}

// all returns the rows.
func (l *lost) all() iter.Seq[*lostRow] {
	return func(yield func(*lostRow) bool) {
		for _, rows := range l.rows {
			for _, r := range rows {
				if !yield(r) {
					return
				}
			}
		}
	}
}

// sameName reports whether two contacts have the same name.
func sameName(a, b fields) bool {
	return a[string(firstName)] == b[string(firstName)] && a[string(lastName)] == b[string(lastName)]
}

// claim finds the contacts that the rows may have created. A contact must be as young as the call, because Voice may
// have an older contact with the same mobile and name.
func (w *work) claim(ctx context.Context, all *lost) (err error) {
	if all.first != nil {
		c, _, err := w.zoho.VoiceContact(ctx, all.first.Done.IDs[keyContact])
		if err != nil {
			return err
		}
		all.since = timeOf(&c)
	}
	for r := range all.all() {
		for _, id := range r.ids {
			c, there, err := w.zoho.VoiceContact(ctx, id)
			if err != nil {
				return err
			}
			if there && w.isYoung(r, all.since, timeOf(&c)) && hasAll(c.Fields, r.ask.Fields) {
				r.own = append(r.own, id)
			}
		}
	}
	return nil
}

// claims returns, by contact, how many rows may have created it. It counts rows with an answer too, because with
// --match email two rows may have the same mobile.
func (l *lost) claims(rows job.Results) (map[string]int, error) {
	n := map[string]int{}
	for r := range l.all() {
		for _, id := range r.own {
			n[id]++
		}
	}
	for r, err := range rows.InOrder() {
		if err != nil {
			return nil, err
		}
		if created(&r) && n[r.Done.IDs[keyContact]] > 0 {
			n[r.Done.IDs[keyContact]]++
		}
	}
	return n, nil
}

// timeOf returns when a contact was created, or zero. Voice has milliseconds since 1970.
func timeOf(c *api.VoiceContact) time.Time {
	at, err := strconv.ParseInt(c.Created, 10, 64)
	if err != nil {
		return time.Time{}
	}
	return time.UnixMilli(at)
}

// settledBy returns the outcome of a row that created the contact with an id.
func settledBy(r *lostRow, id string) *job.Outcome {
	o := job.Settle(r.row.N, job.ActionCreated, "the answer to the call was lost; the contact, found afterwards by "+
		"its mobile and name, is as the row wants it", r.row.Done.Attempts)
	o.IDs = map[string]string{keyContact: id}
	return &o
}

// unsettled returns the outcome of a row that the list does not settle. Voice may be slow, so the contact may still
// appear.
func (r *lostRow) unsettled() *job.Outcome {
	o := unknown(&r.row, r.row.Done.Attempts)
	has := fmt.Sprintf("the mobile %s and this name", r.ask.Fields[string(mobile)])
	if len(r.ids) == 0 {
		o.Message = "the answer to the call was lost: at the end of the run Voice had no contact with " + has
	} else {
		o.Message = fmt.Sprintf("the answer to the call was lost: Voice has a contact with %s, and it is not known whether "+
			"this row created it: %s", has, strings.Join(r.ids, ", "))
	}
	return &o
}

// isYoung reports whether a contact was created after a row was about to be sent, and not right before the run. One of
// these must show that the contact is not older than the run:
//   - the list for --match, which was read before the first write and did not have the contact;
//   - a contact that the run created earlier, at the time since. Both times are from the same clock;
//   - the time of the run's beginning. Zoho's other answers give the time in whole seconds, so this does not work for a
//     contact of the run's first two seconds.
//
// Growing ids could show it too, but Zoho's pages do not say that ids grow.
func (w *work) isYoung(r *lostRow, since, created time.Time) bool {
	sent, known := w.zoho.Clock(r.row.SentAt)
	if created.IsZero() || !known || created.Before(sent.Truncate(time.Second)) {
		return false
	}
	wasListed := r.ask.Match != "" && matched(r.ask.Match, r.ask.Fields) != ""
	return wasListed || !since.IsZero() && !created.Before(since) ||
		!w.began.IsZero() && !created.Before(w.began.Truncate(time.Second).Add(2*time.Second))
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
