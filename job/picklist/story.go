package picklist

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"rolecall/job"
	"rolecall/job/report"
)

// story is a Kind.Story: the role that the row names, and the change that was sent for it.
func story(r *job.Row, _ job.Results) (job.Understood, error) {
	var facts []report.Fact
	add := func(name, text string) {
		if text != "" {
			facts = append(facts, report.Fact{Name: name, Text: text})
		}
	}
	a, id := job.Decoded[ask](r.Ask), ""
	if r.Done != nil {
		id = roleOf(r.Done)
	}
	id = cmp.Or(id, a.ID)
	add("role id", id)
	add("role", a.Name)
	if a.Position > 0 {
		add("position", strconv.Itoa(a.Position))
	}
	if r.Prior != nil {
		var o op
		if err := json.Unmarshal(r.Prior, &o); err != nil {
			return job.Understood{}, fmt.Errorf("read in run.db what was sent for row %d: %w", r.N, err)
		}
		add("change", o.text())
	}
	if r.Done != nil && r.Done.Prior != nil {
		add("before", job.Decoded[ask](r.Done.Prior).Name)
	}
	return job.Understood{Facts: facts, About: func(path string) (may, others bool) {
		_, rest, found := strings.Cut(path, "/Contacts/roles")
		one := strings.TrimPrefix(rest, "/")
		return found && (one == "" || one == id), one == ""
	}}, nil
}

// text returns the change in words.
func (o *op) text() string {
	text := string(o.Kind)
	if o.Write.ID != "" {
		text += " the role " + o.Write.ID
	}
	if o.Was != "" && o.Was != o.Write.Name {
		text += fmt.Sprintf(", which was called %q", o.Was)
	}
	if o.Write.Name != "" {
		text += fmt.Sprintf(", to call it %q", o.Write.Name)
	}
	if o.Write.Sequence > 0 {
		text += fmt.Sprintf(", at position %d", o.Write.Sequence)
	}
	return text
}
