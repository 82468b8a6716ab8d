package roles

import (
	"context"
	"errors"
	"fmt"

	"rolecall/job"
	"rolecall/job/cli/command"
	"rolecall/job/picklist"
)

// pruneFlags are the flags of deleting the roles that a table leaves out.
type pruneFlags struct {
	command.YesFlag

	Prune     bool          `env:"-" help:"Delete the roles that the new list leaves out, once every other change is made. What would go is shown, and asked about."`
	MaxDelete job.Threshold `placeholder:"N|N%" help:"With --prune, refuse a plan that deletes more roles than this, or than this part of the list (default: 10)."`
}

// options returns the options of a run.
func (f *pruneFlags) options(byName bool) picklist.Options {
	return picklist.Options{ByName: byName, Prune: f.Prune}
}

// syncCmd makes the org's list equal to a table.
type syncCmd struct {
	command.ProfileFlag
	runFlags
	tableFlags
	pruneFlags

	File string `arg:"" help:"Table with a column name, id or both; sequence_number, or else the order of the rows, is the order of the list. CSV, Excel workbook (XLSX) or JSON (Lines, or an array of objects); - is stdin."`
}

// Validate calls the Validate methods of its embedded flags, and refuses --prune with --limit.
func (c *syncCmd) Validate() error {
	err := errors.Join(c.tableFlags.Validate(), c.LimitFlags.Validate())
	if err == nil && c.Prune && c.Limit != nil {
		err = errors.New("--prune with --limit would delete the roles of the rows that are left out: give one of them")
	}
	return err
}

// Help is the part of --help below the flags.
func (*syncCmd) Help() string {
	return `The org's list becomes the table's, to the letter and in its order: roles are created, renamed and moved. A
row with an id is that role, one without the role of that name in any case of letters.
The plan is said first; --dry-run says no more than that. A table that has a role twice is refused.
Roles that the table leaves out stay at the end of the list. With --prune they are deleted, last (but for the room
that new roles need in a full list), and only if every row is a success; pruned.csv in the run's folder tells which.
A table that leaves out more roles than --max-delete allows to be deleted ends with exit code 3, and nothing is sent.

Example:
  rolecall roles sync samples/contact_roles.csv --profile emulator --dry-run`
}

// Run does the command.
func (c *syncCmd) Run(ctx context.Context, p *command.Process) error {
	a := command.Asked{Profile: c.Profile, Kind: picklist.Sync, Settings: c.settings(), Yes: c.Yes}
	a.Settings.MaxDelete = c.MaxDelete
	return c.start(ctx, p, a, c.options(c.ByName), command.FromFile(c.File))
}

// copyCmd makes the list of one org equal to that of another.
type copyCmd struct {
	runFlags
	pruneFlags

	From string `required:"" env:"-" placeholder:"PROFILE" help:"Whose list is taken: a profile of the config file."`
	To   string `required:"" env:"-" placeholder:"PROFILE" help:"Whose list is changed."`
}

// Validate calls the Validate methods of its embedded flags, and refuses one profile for both orgs.
func (c *copyCmd) Validate() error {
	if c.From != "" && c.From == c.To { // kong reports missing flags
		return fmt.Errorf("--from and --to are both %s: give two profiles", c.From)
	}
	return c.LimitFlags.Validate()
}

// Help is the part of --help below the flags.
func (*copyCmd) Help() string {
	return `The list of --to becomes that of --from, by the names: as rolecall roles export of the one and rolecall
roles sync --by-name of the other. The one is only read.
Flags have the defaults of the profile --to, and --allow-org-change is for that alone.

Example:
  rolecall roles copy --from sandbox --to production --dry-run`
}

// Run does the command.
func (c *copyCmd) Run(ctx context.Context, p *command.Process) error {
	if _, err := p.Locate(ctx, c.From); err != nil {
		return err
	}
	p.ReadOnly = c.From
	a := command.Asked{Profile: c.To, Kind: picklist.Copy, Settings: job.Settings{MaxDelete: c.MaxDelete}, Yes: c.Yes}
	return c.start(ctx, p, a, c.options(true), func(q *job.Request) (err error) {
		q.Made, err = picklist.OtherList(ctx, &q.Env, q.Settings, c.From)
		return err
	})
}
