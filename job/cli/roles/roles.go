// Package roles holds the commands of the org's list of contact roles.
package roles

import (
	"context"
	"errors"

	"rolecall/job"
	"rolecall/job/cli/command"
	"rolecall/job/picklist"
)

// Commands are the commands for the org's list of contact roles.
type Commands struct {
	List   listCmd   `cmd:"" help:"Show the org's roles, in their order."`
	Get    getCmd    `cmd:"" help:"Show one role."`
	Export exportCmd `cmd:"" help:"Write the list to a file, to edit or to keep."`
	Import importCmd `cmd:"" help:"Create, rename and move the roles of a table; delete none."`
	Delete deleteCmd `cmd:"" help:"Delete roles: named, or those of a table."`
	Sync   syncCmd   `cmd:"" help:"Make the org's list that of a table; with --prune delete the roles that it leaves out."`
	Copy   copyCmd   `cmd:"" help:"Make the list of one org that of another."`
}

// runFlags are the flags of a run over the list.
type runFlags struct {
	command.PaceFlags
	command.TalkFlags
	command.PinFlags

	RunDir string `placeholder:"DIR" help:"Folder of the run (default: <file>-<command>-<UTC time>)."`
	DryRun bool   `short:"n" help:"Read the list and say what would be done; write nothing to Zoho."`
}

// tableFlags are the flags of how to read a table of roles. Other tables have other columns, so neither an
// environment variable nor a profile sets these flags.
type tableFlags struct {
	command.TableFlags

	Map    map[string]string `env:"-" mapsep:"none" placeholder:"FIELD=HEADER" help:"Which column a field (id, name, sequence_number) is, such as name=\"Label\"; may be repeated."`
	ByName bool              `env:"-" help:"Leave the ids of the table alone, which are another org's, and go by the names."`
}

// Keeps reports whether a profile's default of a flag must not count. That of --map is for other tables.
func (*tableFlags) Keeps(flag string) bool { return flag == "map" }

// Validate refuses unknown fields in --map, and what TableFlags.Validate refuses.
func (f *tableFlags) Validate() error {
	if err := command.CheckMap(f.Map, picklist.Columns()); err != nil {
		return err
	}
	return f.TableFlags.Validate()
}

// start does a new run. a is what the command was asked for. input sets the input of the request.
func (f *runFlags) start(
	ctx context.Context, p *command.Process, a command.Asked, o picklist.Options, input func(*job.Request) error,
) error {
	f.Change(&a.Settings)
	a.TalkFlags, a.PinFlags, a.Options, a.Prune = f.TalkFlags, f.PinFlags, o, o.Prune
	return p.Start(ctx, a, func(ctx context.Context, q job.Request) (*job.Result, error) {
		q.RunDir, q.DryRun = f.RunDir, f.DryRun
		if err := input(&q); err != nil {
			return nil, err
		}
		return job.Start(ctx, q)
	})
}

// importCmd creates, renames and moves roles.
type importCmd struct {
	command.ProfileFlag
	runFlags
	tableFlags

	File string `arg:"" help:"Table with a column name, id or both, and sequence_number where the positions matter: CSV with a header (gzip is recognised), Excel workbook (XLSX) or JSON (Lines, or an array of objects); - is stdin."`
}

// Validate calls the Validate methods of its embedded flags.
func (c *importCmd) Validate() error {
	return errors.Join(c.tableFlags.Validate(), c.LimitFlags.Validate())
}

// Help is the part of --help below the flags.
func (*importCmd) Help() string {
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
func (c *importCmd) Run(ctx context.Context, p *command.Process) error {
	a := command.Asked{Profile: c.Profile, Kind: picklist.Import, Settings: c.settings()}
	return c.start(ctx, p, a, picklist.Options{ByName: c.ByName}, command.FromFile(c.File))
}

// settings returns the settings of a run over the table.
func (f *tableFlags) settings() job.Settings { return f.Settings(f.Map) }
