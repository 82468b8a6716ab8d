package export

import (
	"maps"
	"slices"
	"strings"

	"rolecall/job"
	"rolecall/job/report"
)

// story is a Kind.Story: the deal or contact as it was listed, and who was read on the deal.
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
