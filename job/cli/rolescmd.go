package cli

import (
	"errors"

	"rolecall/job"
	"rolecall/job/picklist"
)

// rolesCmd is the commands for the org's list of contact roles.
type rolesCmd struct {
	List   rolesListCmd   `cmd:"" help:"Show the org's roles, in their order."`
	Get    rolesGetCmd    `cmd:"" help:"Show one role."`
	Export rolesExportCmd `cmd:"" help:"Write the list to a file, to edit or to keep."`
	Import rolesImportCmd `cmd:"" help:"Create, rename and move the roles of a table; delete none."`
	Delete rolesDeleteCmd `cmd:"" help:"Delete roles: named, or those of a table."`
	Sync   rolesSyncCmd   `cmd:"" help:"Make the org's list that of a table; with --prune delete the roles that it leaves out."`
	Copy   rolesCopyCmd   `cmd:"" help:"Make the list of one org that of another."`
}

// rolesRunFlags are the flags of a run over the list.
type rolesRunFlags struct {
	paceFlags
	talkFlags
	pinFlags

	RunDir string `placeholder:"DIR" help:"Folder of the run (default: <file>-<command>-<UTC time>)."`
	DryRun bool   `short:"n" help:"Read the list and say what would be done; write nothing to Zoho."`
}

// rolesTableFlags are the flags of how to read a table of roles. Other tables have other columns, so neither an
// environment variable nor a profile sets these flags.
type rolesTableFlags struct {
	tableFlags

	Map    map[string]string `env:"-" mapsep:"none" placeholder:"FIELD=HEADER" help:"Which column a field (id, name, sequence_number) is, such as name=\"Label\"; may be repeated."`
	ByName bool              `env:"-" help:"Leave the ids of the table alone, which are another org's, and go by the names."`
}

// Keeps reports whether a profile's default of a flag must not count. That of --map is for other tables.
func (*rolesTableFlags) Keeps(flag string) bool { return flag == "map" }

// Validate refuses unknown fields in --map, and what tableFlags.Validate refuses.
func (f *rolesTableFlags) Validate() error {
	if err := checkMap(f.Map, picklist.Columns()); err != nil {
		return err
	}
	return f.tableFlags.Validate()
}

// start does a new run. a is what the command was asked for. input sets the input of the request.
func (f *rolesRunFlags) start(p *process, a asked, o picklist.Options, input func(*job.Request) error) error {
	f.change(&a.settings)
	a.talkFlags, a.pinFlags, a.options, a.prune = f.talkFlags, f.pinFlags, o, o.Prune
	return p.start(a, func(q job.Request) (*job.Result, error) {
		q.RunDir, q.DryRun = f.RunDir, f.DryRun
		if err := input(&q); err != nil {
			return nil, err
		}
		return job.Start(p.ctx, q)
	})
}

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
