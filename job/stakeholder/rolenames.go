package stakeholder

import (
	"rolecall/job"
	"rolecall/job/picklist"
	"rolecall/job/rolemap"
)

// checkMap refuses a role map whose roles the org does not have.
func (w *work) checkMap() error {
	if err := CheckMap(w.RoleMap, w.roles); err != nil {
		return &job.UsageError{Err: err}
	}
	if open := w.RoleMap.Open(); len(open) > 0 {
		w.desk.Say(rolemap.OpenText(open))
	}
	return nil
}

// CheckMap returns an error for a role map with roles that the org does not have.
func CheckMap(m rolemap.Map, org picklist.List) error {
	index := picklist.NewIndex(org)
	return m.Check(func(role string) error {
		_, err := index.Find(picklist.Cell{Text: role})
		return err
	}, org.Names())
}
