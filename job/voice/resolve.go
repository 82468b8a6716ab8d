package voice

import (
	"context"
	"crypto/sha256"
	"fmt"
	"strconv"
	"strings"

	"rolecall/api"
	"rolecall/csvio/alike"
	"rolecall/job"
)

// Resolve implements job.Work. It finds the ids of statuses and, with --match, the contacts that rows stand for.
func (w *work) Resolve(ctx context.Context, rows []job.Row) error {
	if len(rows) == 0 { // all rows have their keys
		clear(w.known)
	}
	for i := range rows {
		r := &rows[i]
		a := job.Decoded[ask](r.Ask)
		if w.job == Undo && a.Do == creates {
			if err := w.readKnown(ctx, matchAll); err != nil {
				return err
			}
			r.Done = w.isBack(r, &a)
		}
		if w.job != Import {
			continue
		}
		if a.Status != "" {
			if err := w.readStatuses(ctx); err != nil {
				return err
			}
			if r.Done = w.findStatus(&a); r.Done != nil {
				continue
			}
		}
		if a.Do == creates && a.Match != "" && matched(a.Match, a.Fields) != "" {
			if err := w.readKnown(ctx, a.Match); err != nil {
				return err
			}
			if r.Done = w.match(&a); r.Done != nil {
				continue
			}
			r.Key = keyOf(&a)
			r.Item = r.Key
		}
		r.Ask = job.Encode(a)
	}
	return nil
}

// readStatuses reads the statuses of contacts once.
func (w *work) readStatuses(ctx context.Context) (err error) {
	if w.statuses == nil {
		if w.statuses, err = w.zoho.VoiceStatuses(ctx); err != nil {
			return fmt.Errorf("read the statuses of contacts: %w", err)
		}
	}
	return nil
}

// findStatus puts the id of the status that a row names into its request.
func (w *work) findStatus(a *ask) *job.Outcome {
	var names []string
	for _, s := range w.statuses {
		if s.ID == strings.TrimPrefix(a.Status, "zcrm_") || alike.Key(s.Name) == alike.Key(a.Status) {
			a.Status, a.StatusID, a.StatusName = "", s.ID, s.Name
			return nil
		}
		names = append(names, s.Name)
	}
	return invalid(string(Status), fmt.Errorf("%.60q is no status of Voice: give one of %s", a.Status,
		strings.Join(names, ", ")))
}

// known is the contacts of Voice by the value that a match compares: the digits of the mobile, or the e-mail.
type known map[string]sameContact

// sameContact is the contacts that have the same value.
type sameContact struct {
	id uint64 // of the first one; ids of Voice have 15 digits
	n  int32
}

// matchAll is the match of undo: contacts match if all their fields have the same values.
const matchAll = "all"

// isBack returns the outcome of a row of undo whose contact an earlier undo created again, or nil. Creating the contact
// once more would make a duplicate.
func (w *work) isBack(r *job.Row, a *ask) *job.Outcome {
	same := w.known[matchAll][matched(matchAll, a.Fields)]
	if same.n == 0 {
		return nil
	}
	o := job.Settle(r.N, job.ActionUnchanged, "Voice has a contact with these values already", 0)
	o.IDs = map[string]string{keyContact: strconv.FormatUint(same.id, 10)}
	return &o
}

// matched returns the value of a contact that a match compares, or "".
func matched(match string, f fields) string {
	switch match {
	case MatchEmail:
		return alike.Key(alike.Trim(f[string(email)]))
	case matchAll:
		h := sha256.New()
		for _, name := range api.VoiceFields() {
			_, _ = fmt.Fprintf(h, "%q", plain(name, f[name])) // a hash takes all
		}
		return string(h.Sum(nil))
	}
	return digits(f[string(mobile)])
}

// readKnown lists all contacts and stores them by the value that a match compares, once for each match.
func (w *work) readKnown(ctx context.Context, match string) error {
	if w.known[match] != nil {
		return nil
	}
	var bad error
	var all known
	whole, err := list(ctx, w.zoho, func() { all = known{} }, func(c *api.VoiceContact) {
		key := matched(match, c.Fields)
		if key == "" {
			return
		}
		same := all[key]
		if same.n++; same.n == 1 {
			if same.id, bad = strconv.ParseUint(c.ID, 10, 64); bad != nil {
				bad = fmt.Errorf("Voice sent %.40q as an id, which cannot be one", c.ID) //nolint:staticcheck // a name
			}
		}
		all[key] = same
	})
	switch {
	case err != nil:
		return err
	case bad != nil:
		return bad
	case !whole:
		return notWhole()
	}
	w.known[match] = all
	return nil
}

// match makes a row an update if Voice has its contact. It returns the outcome if several contacts match.
func (w *work) match(a *ask) *job.Outcome {
	key := matched(a.Match, a.Fields)
	same := w.known[a.Match][key]
	switch {
	case key == "" || same.n == 0:
		return nil
	case same.n > 1:
		return job.Reject(job.CodeContactAmbiguous, fmt.Sprintf("%s: %d contacts of Voice have %.60q: give the %s of the "+
			"one that is meant", a.Match, same.n, a.Fields[a.Match], ID), "")
	}
	a.Do, a.ID = updates, strconv.FormatUint(same.id, 10)
	return nil
}
