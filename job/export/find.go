package export

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"rolecall/job"
	find "rolecall/job/lookup"
)

// byName is what run.db calls the field by which a table of --deals may name a deal.
const byName = "deal name"

func nameField() find.Field { return find.Field{Module: modDeals, Names: []string{"Deal_Name"}} }

// Seeks implements job.Finder.
func (w *work) Seeks(r *job.Row) ([]job.Sought, error) {
	name := job.Decoded[lineAsk](r.Ask).Name
	if name == "" {
		return nil, nil
	}
	f := nameField()
	s := job.Sought{What: byName, Value: f.Key(name), Asked: name}
	if answer, err := w.desk.Answered(byName, s.Value); err != nil || answer != nil {
		return nil, err
	}
	return []job.Sought{s}, nil
}

// Find implements job.Finder.
func (w *work) Find(ctx context.Context, _ string, values []job.Sought) ([]json.RawMessage, error) {
	names := make([]string, len(values))
	for i, v := range values {
		names[i] = v.Asked
	}
	answers, err := w.finder.Find(ctx, nameField(), names)
	if err != nil {
		return nil, explain(&w.Options, modDeals, err)
	}
	all := make([]json.RawMessage, len(answers))
	for i := range answers {
		all[i] = job.Encode(answers[i])
	}
	return all, nil
}

// MostSought implements job.Finder.
func (w *work) MostSought(string) int {
	f := nameField()
	return w.finder.Most(&f)
}

// setKey sets the key of a row that names its deal. It refuses the export if several deals have the name, because an
// export without a deal that was named would not be whole. If none has it, setKey reports false.
func (w *work) setKey(r *job.Row) (there bool, err error) {
	ask := job.Decoded[lineAsk](r.Ask)
	if ask.Name == "" {
		return true, nil
	}
	f := nameField()
	raw, err := w.desk.Answered(byName, f.Key(ask.Name))
	if err != nil {
		return false, err
	}
	answer := job.Decoded[find.Answer](raw)
	switch {
	case len(answer.Hits) == 0:
		return false, nil
	case len(answer.Hits) > 1 || answer.More:
		var ids []string
		for _, h := range answer.Hits[:min(len(answer.Hits), shownMissing)] {
			ids = append(ids, h.ID)
		}
		return false, &job.UsageError{Err: fmt.Errorf("several deals are called %q (line %d), such as %s: "+
			"give the id of the one that is meant in a column deal_id", ask.Name, ask.Line, strings.Join(ids, ", "))}
	}
	r.Key = key(answer.Hits[0].ID)
	return true, nil
}
