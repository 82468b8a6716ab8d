package export

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"rolecall/api"
	"rolecall/job"
	"rolecall/job/report"
)

// The names of the jobs.
const (
	Name    = "export"
	Records = "records export"
	Users   = "users export"
	Voice   = "voice export"
)

// Kinds returns the jobs of this package. [Start] starts them, because their folders have fixed places in the state
// folder.
func Kinds() []*job.Kind {
	stakeholders := newKind(Name, begin, write)
	stakeholders.Table, stakeholders.Story = namedTable(), story
	stakeholders.Survey = func(job.Settings, string) job.Survey { return survey{} }
	return []*job.Kind{
		stakeholders, newKind(Records, beginRecords, writeRecords), newKind(Users, beginRecords, writeRecords),
		newKind(Voice, beginVoice, writeRecords),
	}
}

// newKind returns what all exports have in common.
func newKind(
	name string, begin func(context.Context, *job.Org, job.Settings, job.Desk) (job.Work, error),
	write func(*job.Output) error,
) *job.Kind {
	return &job.Kind{
		Name: name, Check: job.CheckOptions[Options], Begin: begin, Write: write, Whole: true, Hold: holdRun,
		Settle: settle,
	}
}

// List implements job.Lister. It lists the deals, unless the user named them. With --via contacts it also lists the
// contacts.
func (w *work) List(ctx context.Context, to job.RowList) (err error) {
	if w.Named == "" {
		l := w.lister(modDeals, to)
		l.where, l.since = w.Where, w.Since
		err = l.list(ctx)
	}
	if err == nil && w.ViaContacts {
		err = w.lister(modContacts, to).list(ctx)
	}
	return explain(&w.Options, modDeals, err)
}

// lister returns the lister of a module whose records become rows.
func (w *work) lister(module string, to job.RowList) *lister {
	l := newLister(w.org, w.desk, module, fieldsOf(module, w.Fields))
	l.to = rowSink{to, module, l.fields}
	l.columns = queryColumns(l.fields, l.version)
	l.complete = func(_ context.Context, records []api.Record, byQuery bool) ([]api.Record, error) {
		if byQuery {
			joinNames(records, l.fields, l.version)
		}
		return records, nil
	}
	return l
}

// explain adds the flags that may be wrong to Zoho's refusal of a list.
func explain(o *Options, module string, err error) error {
	flags := ""
	switch {
	case err == nil || job.StopOf(err) != nil:
		return err
	case o.Module == ModuleUsers:
		flags = "--type"
	case o.searches():
		flags = "what is searched for, and --fields"
	case o.Where == "" && len(o.Fields) == 0:
		return err
	default:
		flags = "--where and --fields"
	}
	more := ""
	if e, ends := job.OwnError(err); ends == nil && len(e.Details) > 0 && string(e.Details) != "{}" {
		more = " " + string(e.Details) // they name the column, or the part of the condition
	}
	//nolint:staticcheck // the message begins with a name
	err = fmt.Errorf("Zoho refuses the list of %s: %w%s; check %s", strings.ToLower(module), err, more, flags)
	return &job.UsageError{Err: err}
}

// story is a Kind.Story: the deal or contact as it was listed, and the contacts that were read on the deal.
func story(r *job.Row, run job.Results) (job.Understood, error) {
	id, module := unkey(r.Key), modDeals
	if r.Phase == phaseContacts {
		module = modContacts
	}
	facts := []report.Fact{{Name: strings.ToLower(strings.TrimSuffix(module, "s")), Text: id}}
	fields := job.Decoded[record](r.Ask)
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if t := text(fields[name]); t != "" {
			facts = append(facts, report.Fact{Name: "  " + name, Text: t})
		}
	}
	if module == modDeals {
		on, err := run.EntriesOf(r.Key)
		if err != nil {
			return job.Understood{}, err
		}
		for _, e := range on {
			var p person
			if err := decode(e.Value, &p); err != nil {
				return job.Understood{}, err
			}
			facts = append(facts, report.Fact{Name: "on it", Text: unkey(e.Item) + " as " + p.column()})
		}
	}
	return job.Understood{Facts: facts, About: func(path string) (may, others bool) {
		return strings.Contains(path+"/", "/"+module+"/"+id+"/"), false
	}}, nil
}
