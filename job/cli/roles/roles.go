// Package roles holds the commands for the org's list of contact roles.
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
	Export exportCmd `cmd:"" help:"Write the list to a file."`
	Import importCmd `cmd:"" help:"Create, rename and move the roles of a table; delete none."`
	Delete deleteCmd `cmd:"" help:"Delete the roles that you name, or the roles of a table."`
	Sync   syncCmd   `cmd:"" help:"Make the org's list equal to a table; with --prune delete the roles that the table leaves out."`
	Copy   copyCmd   `cmd:"" help:"Make the list of one org equal to the list of another."`
}

// runFlags are the flags of a run over the list.
type runFlags struct {
	command.PaceFlags
	command.TalkFlags
	command.PinFlags

	RunDir string `placeholder:"DIR" help:"Folder of the run (default: <file>-<command>-<UTC time>)."`
	DryRun bool   `short:"n" help:"Read the list and show what the run would do; write nothing to Zoho."`
}

// tableFlags are the flags that say how to read a table of roles. Other tables have other columns, so neither an
// environment variable nor a profile sets these flags.
type tableFlags struct {
	command.TableFlags

	Map    map[string]string `env:"-" mapsep:"none" placeholder:"FIELD=HEADER" help:"Column of a field (id, name, sequence_number), such as name=\"Label\"; may be repeated."`
	ByName bool              `env:"-" help:"Ignore the ids of the table, which are another org's, and find roles by their names."`
}

// Keeps reports whether a profile's default of a flag must not count. A default of --map is for other tables.
func (*tableFlags) Keeps(flag string) bool { return flag == "map" }

// Validate refuses unknown fields in --map, and what TableFlags.Validate refuses.
func (f *tableFlags) Validate() error {
	if err := command.CheckMap(f.Map, picklist.Columns()); err != nil {
		return err
	}
	return f.TableFlags.Validate()
}

// start does a new run. a is what the user asked for. input sets the input of the request.
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

	File string `arg:"" help:"Table with a column name, id or both, and sequence_number if the positions matter: CSV with a header (gzip is recognised), Excel workbook (XLSX) or JSON (Lines, or an array of objects); - is stdin."`
}

// Validate calls the Validate methods of its embedded flags.
func (c *importCmd) Validate() error {
	return errors.Join(c.tableFlags.Validate(), c.LimitFlags.Validate())
}

// Help is the part of --help below the flags.
func (*importCmd) Help() string {
	return `A row with an id renames and moves that role. A row without an id moves the role of that name, in any case of
letters, or creates it. With an empty sequence_number a role stays at its position, and Zoho chooses the position of a
new role. Roles that the table leaves out stay as they are.
At the end rolecall reads the list again. If roles are at other positions than in the table, it moves them with one more
call. If a role is still at another position, its row fails as POSITION_DIFFERS.
results.csv in the run's folder has one result row for each input row. failed.csv has the rows that failed. before.csv
has the list before the run.

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
