package export

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"rolecall/csvio"
	"rolecall/job"
	find "rolecall/job/lookup"
)

// The names in run.db of the fields by which a table of --deals may name a deal. The name of the field that has the key
// follows byKey.
const (
	byName = "deal name"
	byKey  = "deal key "
)

// field returns the field of that name in run.db.
func (w *work) field(what string) find.Field {
	name, isKey := strings.CutPrefix(what, byKey)
	switch {
	case !isKey:
		return find.Field{Module: modDeals, Names: []string{"Deal_Name"}}
	case w.key.Names != nil && w.key.Names[0] == name:
		return w.key
	}
	return find.KeyField(csvio.DealID, name) // a row of failed.csv names it
}

// checkKey checks the field of --external-id, before any value is looked up.
func (w *work) checkKey(ctx context.Context) error {
	if w.KeyField == "" {
		return nil
	}
	keys, err := find.CheckKeys(ctx, w.org.Client, csvio.External{csvio.DealID: w.KeyField})
	w.key = keys[csvio.DealID]
	return keyError(err)
}

// keyError returns a lookup.KeyError as a job.UsageError, and other errors as they are.
func keyError(err error) error {
	if wrong, ok := errors.AsType[*find.KeyError](err); ok {
		return &job.UsageError{Err: wrong}
	}
	return err
}

// by returns how the deal is named: the field's name in run.db and the value, or "" if it is named by its id.
func (a *lineAsk) by() (what, value string) {
	switch {
	case a.Field != "":
		return byKey + a.Field, a.Key
	case a.Name != "":
		return byName, a.Name
	}
	return "", ""
}

// Seeks implements job.Finder.
func (w *work) Seeks(r *job.Row) ([]job.Sought, error) {
	ask := job.Decoded[lineAsk](r.Ask)
	what, value := ask.by()
	if what == "" {
		return nil, nil
	}
	f := w.field(what)
	s := job.Sought{What: what, Value: f.Key(value), Asked: value}
	if answer, err := w.desk.Answered(what, s.Value); err != nil || answer != nil {
		return nil, err
	}
	return []job.Sought{s}, nil
}

// Find implements job.Finder.
func (w *work) Find(ctx context.Context, what string, values []job.Sought) ([]json.RawMessage, error) {
	asked := make([]string, len(values))
	for i, v := range values {
		asked[i] = v.Asked
	}
	answers, err := w.finder.Find(ctx, w.field(what), asked)
	if err != nil {
		return nil, explain(&w.Options, modDeals, keyError(err))
	}
	all := make([]json.RawMessage, len(answers))
	for i := range answers {
		all[i] = job.Encode(answers[i])
	}
	return all, nil
}

// MostSought implements job.Finder.
func (w *work) MostSought(what string) int {
	f := w.field(what)
	return w.finder.Most(&f)
}

// setKey sets the key of a row that names its deal without its id. It reports whether the org has the deal. If several
// deals fit, it refuses the export, because a file without a deal that the user named would be incomplete.
func (w *work) setKey(r *job.Row) (there bool, err error) {
	ask := job.Decoded[lineAsk](r.Ask)
	what, value := ask.by()
	if what == "" {
		return true, nil
	}
	f := w.field(what)
	raw, err := w.desk.Answered(what, f.Key(value))
	if err != nil {
		return false, err
	}
	answer := job.Decoded[find.Answer](raw)
	if ids, rounded := csvio.RoundedID(ask.Cell); rounded {
		answer.Hits = slices.DeleteFunc(answer.Hits, func(h find.Hit) bool { return !ids.Has(h.ID) })
	}
	switch {
	case answer.Why != "" && len(answer.Hits) == 0:
		return false, &job.UsageError{Err: fmt.Errorf("line %d: %s %q cannot be looked up: %s", ask.Line, what, value,
			answer.Why)}
	case len(answer.Hits) == 0:
		return false, nil
	case len(answer.Hits) > 1 || answer.More:
		var ids []string
		for _, h := range answer.Hits[:min(len(answer.Hits), shownMissing)] {
			ids = append(ids, h.ID)
		}
		return false, &job.UsageError{Err: fmt.Errorf("several deals have the %s %q (line %d), such as %s: give the id of "+
			"the one that is meant in a column deal_id", strings.TrimPrefix(what, "deal "), value, ask.Line,
			strings.Join(ids, ", "))}
	}
	r.Key = key(answer.Hits[0].ID)
	return true, nil
}
