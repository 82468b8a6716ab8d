package export

import (
	"fmt"
	"slices"

	"rolecall/api"
	"rolecall/job/report"
	"rolecall/job/schema"
)

// sought is a search, with the fields that show whether a record matches it. Zoho's search is loose: it returns records
// that do not match.
type sought struct {
	Search schema.Search `json:"search"`
	Fields []api.Field   `json:"fields"`
}

// seek reads what the user searches for. all are the fields of the module.
func (w *recordWork) seek(all []api.Field) error {
	s, err := schema.Parse(w.Module, all, w.Criteria, w.Email, w.Phone, w.Word)
	if err == nil {
		err = s.Check(w.org.Gateway != nil)
	}
	if err != nil {
		return fmt.Errorf("--search: %w", err)
	}
	w.sought = sought{Search: s}
	needs := s.Needs(all)
	for _, f := range all {
		if slices.Contains(needs, f.APIName) {
			w.sought.Fields = append(w.sought.Fields, f)
		}
	}
	return nil
}

// splitSearch chooses the fields of a search call: the fields that show whether a record matches, and as many fields of
// the file as fit into the call. The other fields are read by id.
func (w *recordWork) splitSearch() []string {
	var more []string
	for _, f := range w.sought.Fields {
		if !slices.Contains(w.to.fields, f.APIName) {
			more = append(more, f.APIName)
		}
	}
	first, rest := w.split(max(mostFields-len(more), 0))
	w.rest = rest
	return slices.Concat(first, more)
}

// leaveOut returns the records without those that certainly do not match the search.
func (w *recordWork) leaveOut(records []api.Record) []api.Record {
	before := len(records)
	records = slices.DeleteFunc(records, func(r api.Record) bool {
		return w.sought.Search.Excludes(w.sought.Fields, r.Fields)
	})
	w.left += before - len(records)
	return records
}

// sayLeft adds a note with the number of records of the search that are not in the file.
func (w *recordWork) sayLeft() {
	if w.left > 0 {
		w.desk.Say(fmt.Sprintf("left out %s of the records that Zoho gave: they do not have what was searched for",
			report.Count(int64(w.left))))
	}
}
