package cli

import (
	"errors"

	"rolecall/job"
	"rolecall/job/picklist"
)

// rolesImportCmd creates, renames and moves roles.
type rolesImportCmd struct {
	profileFlag
	rolesRunFlags
	rolesTableFlags

	File string `arg:"" help:"Table with a column name, id or both, and sequence_number where the positions matter: CSV with a header (gzip is recognised), Excel workbook (XLSX) or JSON (Lines, or an array of objects); - is stdin."`
}

// Validate calls the Validate methods of its embedded flags.
func (c *rolesImportCmd) Validate() error {
	return errors.Join(c.rolesTableFlags.Validate(), c.limitFlags.Validate())
}

// Help is the part of --help below the flags.
func (*rolesImportCmd) Help() string {
	return `A row with an id renames and moves that role. A row without one moves the role of that name, in any case of
letters, or creates it. An empty sequence_number leaves a role where it is, and
lets Zoho choose the place of a new one. Roles that the table leaves out stay as they are.
At the end the list is read again: where roles are not in the table's places, one more call puts them there, and one
that is still elsewhere is an error of its row (POSITION_DIFFERS).
One result row per input row is written to results.csv in the run's folder, the failed ones also to failed.csv, the
list as it was to before.csv.

Example:
  rolecall roles import samples/contact_roles.csv --profile emulator`
}

// Run does the command.
func (c *rolesImportCmd) Run(p *process) error {
	a := asked{profile: c.Profile, kind: picklist.Import, settings: c.settings()}
	return c.start(p, a, picklist.Options{ByName: c.ByName}, fromFile(c.File))
}

// settings returns the settings of a run over the table.
func (f *rolesTableFlags) settings() job.Settings { return f.tableFlags.settings(f.Map) }
