package voice

import (
	"context"
	"encoding/json"
	"iter"

	"rolecall/job"
	"rolecall/job/report"
)

// Looks implements job.Looker. Only a dry run reads all contacts first, to show the changes.
func (w *work) Looks() bool { return w.desk.Dry }

// Look implements job.Looker.
func (w *work) Look(ctx context.Context, groups []job.Group) ([]job.Look, error) {
	looks := make([]job.Look, len(groups))
	all, err := w.Open(ctx, groups)
	if err != nil {
		return nil, err
	}
	for i := range all {
		s, _ := all[i].(*steps) // Open returned them
		would := verb("")
		if s.open {
			if looks[i].Outcomes, err = s.foresee(ctx); err != nil {
				return nil, err
			}
			if looks[i].Outcomes[0].Status == job.NotAttempted {
				would = s.ask.Do
			}
		}
		looks[i].Note = job.Encode(would)
	}
	return looks, nil
}

// foresee returns the outcome of a row in a dry run.
func (s *steps) foresee(ctx context.Context) ([]job.Outcome, error) {
	o := job.Outcome{Row: s.row.N, Status: job.NotAttempted}
	would := map[verb]string{creates: "created", updates: "updated", deletes: "deleted"}[s.ask.Do]
	o.Message = "a dry run: not sent; the contact would be " + would
	if s.ask.Do == creates {
		return s.end(o), nil
	}
	if refused, err := s.look(ctx); err != nil || len(refused) > 0 {
		return refused, err
	}
	if done := s.judge(); done != nil {
		return s.end(*done), nil
	}
	o.Prior = job.Encode(before{s.ask.ID, s.now.Fields})
	return s.end(o), nil
}

// Judge implements job.Looker. It makes the price exact, because the contacts are read now.
func (w *work) Judge(
	_ context.Context, notes iter.Seq2[job.Entry, error], price *report.Forecast,
) (*report.Deletions, error) {
	rows := map[verb]int64{}
	for e, err := range notes {
		if err != nil {
			return nil, err
		}
		rows[job.Decoded[verb](e.Value)]++
	}
	do := w.does()
	w.rows = rows
	exact := w.price(price.Records.Reads)
	if exact.Records == 0 {
		exact.Do = do
	}
	price.Records = exact
	return w.deletions(false), nil
}

// Changes implements job.Looker.
func (w *work) Changes(_ context.Context, rows job.Results) (*report.Preview, error) {
	p := &report.Preview{List: []report.Change{}}
	for r, err := range rows.InOrder() {
		if err != nil {
			return nil, err
		}
		if r.Done == nil || r.Done.SameAs != 0 || r.Done.Status != job.NotAttempted {
			if r.Done != nil && r.Done.Code == job.CodeChangedSince {
				p.ChangedSince++
			}
			continue
		}
		c := changeOf(&r)
		switch c.Do {
		case report.AddContact:
			p.Added++
		case report.RemoveContact:
			p.Removed++
		default:
			p.Updated++
		}
		if len(p.List) < report.ShownChanges {
			p.List = append(p.List, c)
		}
	}
	return p, nil
}

// changeOf returns the change of a row. For an update, it has only the fields that differ.
func changeOf(r *job.Row) report.Change {
	a, was := job.Decoded[ask](r.Ask), job.Decoded[before](r.Done.Prior).Fields
	c := report.Change{Row: r.N, Do: report.AddContact, RecordID: idOf(r, r.Done)}
	if a.Do == deletes {
		c.Do = report.RemoveContact
		return c
	}
	c.Set, c.Was = map[string]json.RawMessage{}, map[string]json.RawMessage{}
	if a.Do == updates {
		c.Do = report.UpdateContact
	}
	for name, value := range a.Fields {
		if same(name, was[name], value) { // a new contact had nothing
			continue
		}
		if c.Set[name] = job.Encode(value); a.Do == updates {
			c.Was[name] = job.Encode(was[name])
		}
	}
	if a.StatusName != "" {
		c.Set[string(Status)] = job.Encode(a.StatusName)
	}
	return c
}
