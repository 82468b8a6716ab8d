package stakeholder

import (
	"fmt"
	"strings"

	"rolecall/job"
	"rolecall/job/report"
)

// story is a Kind.Story: the deal, the contact, the role, and what was on the deal before.
func story(r *job.Row, _ job.Results) (job.Understood, error) {
	var facts []report.Fact
	if r.Key != "" {
		facts = append(facts, report.Fact{Name: "deal", Text: r.Key}, report.Fact{Name: "contact", Text: r.Item})
	}
	switch a := askOf(r); {
	case a.ID != "":
		facts = append(facts, report.Fact{Name: "role", Text: a.Name + " (" + a.ID + ")"},
			report.Fact{Name: "looked up", Text: "the role, in the org's list as it was when the run began"})
	case a.Cell != "":
		facts = append(facts, report.Fact{Name: "role", Text: fmt.Sprintf("%q, as the row names it", a.Cell)})
	}
	prior := r.Prior
	if r.Done != nil && r.Done.Prior != nil {
		prior = r.Done.Prior
	}
	if prior != nil {
		was := job.Decoded[before](prior)
		text := "on the deal as " + was.Name
		if was.Absent {
			text = "not on the deal"
		} else if was.role == (role{}) {
			text = "on the deal without a role"
		}
		facts = append(facts, report.Fact{Name: "before", Text: text})
	}
	return job.Understood{Facts: facts, About: func(path string) (may, others bool) {
		_, rest, found := strings.Cut(path, "/Deals/"+r.Key+"/Contact_Roles")
		contact := strings.TrimPrefix(rest, "/")
		return found && (contact == "" || contact == r.Item), contact == ""
	}}, nil
}
