package export

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"rolecall/api"
	"rolecall/job"
	"rolecall/job/report"
)

// keyListed is the key in the notebook of the records that seemed to be deleted but that Zoho still lists.
const keyListed = "listed"

// goneOutcomes returns the outcomes of a group whose record Zoho does not know. They have the code and message of
// refusal.
func goneOutcomes(g *job.Group, refusal *api.Error) []job.Outcome {
	all := outcomes(g, actionGone, nil)
	for i := range all {
		if refusal != nil && refusal.Code != "" {
			all[i].Code, all[i].Message = refusal.Code, refusal.Message
		}
	}
	return all
}

// Finish implements job.Work. It looks up the records that seemed to be deleted once more, and stores the first ones
// that Zoho still lists. With such records the export fails, because its file would be incomplete.
func (w *work) Finish(ctx context.Context, rows job.Results) ([]job.Outcome, error) {
	var listed []string
	for _, module := range []string{modContacts, modDeals} {
		some, err := w.stillListed(ctx, rows, module)
		if err != nil {
			return nil, err
		}
		if listed = some; len(listed) > 0 {
			break
		}
	}
	return nil, w.desk.Notebook.Put(keyListed, listed)
}

// stillListed returns, as texts for people, the first records of a module that seemed to be deleted but that Zoho still
// lists. It returns at most those of one look-up.
func (w *work) stillListed(ctx context.Context, rows job.Results, module string) (listed []string, err error) {
	look := &lookup{zoho: w.org.Client, version: w.org.Version, module: module}
	var gone []job.Row
	flush := func() error {
		there, err := look.twice(ctx, keysOf(gone))
		for i := range gone {
			if there[gone[i].Key] {
				listed = append(listed, fmt.Sprintf("%s %s%s",
					strings.ToLower(strings.TrimSuffix(module, "s")), unkey(gone[i].Key), refusalOf(gone[i].Done)))
			}
		}
		gone = gone[:0]
		return err
	}
	for r, err := range rows.ByKey(phaseOf(module)) {
		if err != nil {
			return nil, err
		}
		if r.Done == nil || r.Done.Action != actionGone || r.Done.SameAs != 0 {
			continue
		}
		if gone = append(gone, r); len(gone) == w.org.Version.MostInQuery() {
			if err := flush(); err != nil || len(listed) > 0 {
				return listed, err
			}
		}
	}
	if len(gone) == 0 {
		return listed, nil
	}
	err = flush()
	return listed, err
}

func keysOf(rows []job.Row) []string {
	keys := make([]string, len(rows))
	for i := range rows {
		keys[i] = rows[i].Key
	}
	return keys
}

// refusalOf returns Zoho's refusal to read a record, in brackets, or "" if Zoho did not refuse it.
func refusalOf(o *job.Outcome) string {
	if o.Code == job.CodeSuccess {
		return ""
	}
	return fmt.Sprintf(" (%s: %s)", o.Code, o.Message)
}

// twice looks records up in two ways and reports, by key, which of them exist. A record does not exist if both answers
// lack it. One empty answer may be a fault of Zoho.
func (l *lookup) twice(ctx context.Context, keys []string) (map[string]bool, error) {
	there := make(map[string]bool, len(keys))
	see := func(records []api.Record) {
		for _, r := range records {
			there[key(r.ID)] = true
		}
	}
	records, err := l.byIDs(ctx, idsOf(keys))
	if err != nil {
		return nil, l.looking(err)
	}
	see(records)
	left := slices.DeleteFunc(slices.Clone(keys), func(k string) bool { return there[k] })
	if len(left) == 0 {
		return there, nil
	}
	if records, err = l.byRecords(ctx, idsOf(left)); err != nil {
		return nil, l.looking(err)
	}
	see(records)
	return there, nil
}

// looking adds to err what was looked up.
func (l *lookup) looking(err error) error {
	return fmt.Errorf("look up the %s that seem to be deleted: %w", strings.ToLower(l.module), err)
}

// unbelieved refuses an export that would leave out records that Zoho still lists.
func (o *output) unbelieved() error {
	var listed []string
	if err := o.Notebook.Get(keyListed, &listed); err != nil || len(listed) == 0 {
		return err
	}
	texts := listed
	if more := len(listed) - shownMissing; more > 0 {
		texts = append(slices.Clone(listed[:shownMissing]), "and "+report.Count(int64(more))+" more")
	}
	return refuse("Zoho lists records and refuses to read them, as if they were deleted: %s; "+
		"%s; export again, and if this stays, check that this user may see these records in Zoho",
		strings.Join(texts, ", "), o.fate())
}

// allGone refuses an export whose every deal seems to be deleted.
func (o *output) allGone() error {
	if c := &o.sum.Counts; c.Gone == 0 || c.Deals > 0 {
		return nil
	}
	return refuse("Zoho listed %s, and then all of them seemed to be deleted: %s; export again, "+
		"and if this stays, check in Zoho what this user may see",
		report.Plural(o.sum.Counts.Gone, "deal"), o.fate())
}
