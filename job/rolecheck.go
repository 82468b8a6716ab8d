package job

import (
	"errors"

	"rolecall/job/picklist"
)

// RoleCheck returns a function that says why a role, given by name or by id, is not one of the org's, or returns nil. It sends nothing.
func RoleCheck(org picklist.List) func(role, roleID string) error {
	index := picklist.NewIndex(org)
	return func(role, roleID string) error {
		cell, wrong := roleOf(role, roleID)
		if wrong != nil {
			return errors.New(wrong.message)
		}
		_, err := index.Find(cell)
		return err
	}
}
