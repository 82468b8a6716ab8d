package voice

import (
	"maps"
	"slices"
	"strings"

	"rolecall/job"
	"rolecall/job/report"
)

// write writes undo.csv.
func write(out *job.Output) error {
	if out.DryRun {
		return nil
	}
	return out.WritePriors(ID, undoPrior, idOf, priorOf)
}

// story is a Kind.Story: the contact, the values that the row writes, and the values before.
func story(r *job.Row, _ job.Results) (job.Understood, error) {
	a, prior := job.Decoded[ask](r.Ask), r.Prior
	if r.Done != nil && r.Done.Prior != nil {
		prior = r.Done.Prior
	}
	id := idOf(r, r.Done)
	var facts []report.Fact
	if id != "" {
		facts = append(facts, report.Fact{Name: "contact", Text: id})
	}
	for _, list := range []struct {
		name string
		of   fields
	}{{"writes", a.Fields}, {"before", job.Decoded[before](prior).Fields}} {
		for _, name := range slices.Sorted(maps.Keys(list.of)) {
			if list.of[name] != "" || list.name == "writes" && a.Do == updates {
				facts = append(facts, report.Fact{Name: list.name, Text: name + " = " + list.of[name]})
			}
		}
	}
	if a.StatusName != "" {
		facts = append(facts, report.Fact{Name: "writes", Text: string(Status) + " = " + a.StatusName})
	}
	return job.Understood{Facts: facts, About: func(path string) (may, others bool) {
		switch {
		case strings.HasSuffix(path, "/contacts/contact_status"):
			return false, true
		case strings.HasSuffix(path, "/contacts"): // a list, or a create of any row
			return a.Do == creates, true
		}
		return id != "" && strings.HasSuffix(path, "/contacts/"+id), false
	}}, nil
}
