package job

import (
	"errors"

	"rolecall/csvio"
	"rolecall/job/picklist"
)

// RoleCheck says of a record whether the role that it names, by name or by id, is one of the org's, as a survey would: nil, or what is wrong. It sends nothing.
func RoleCheck(org picklist.List) func(*csvio.Record) error {
	index := picklist.NewIndex(org)
	return func(rec *csvio.Record) error {
		cell, wrong := roleOf(rec)
		if wrong != nil {
			return errors.New(wrong.message)
		}
		_, err := index.Find(cell)
		return err
	}
}
