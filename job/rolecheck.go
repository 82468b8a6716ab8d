package job

import (
	"errors"

	"rolecall/api"
	"rolecall/csvio"
)

// RoleCheck says of a record whether the role that it names, by name or by id, is one of the org's, as a survey would: nil, or what is wrong. It sends nothing.
func RoleCheck(org []api.Role) func(*csvio.Record) error {
	list := newRoleList(org)
	return func(rec *csvio.Record) error {
		cell, wrong := roleOf(rec)
		if wrong != nil {
			return errors.New(wrong.message)
		}
		_, err := list.find(cell)
		return err
	}
}
