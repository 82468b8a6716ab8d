package roles

import (
	"context"
	"errors"
	"fmt"

	"rolecall/job"
	"rolecall/job/cli/command"
	"rolecall/job/picklist"
)

// pruneFlags are the flags for deleting the roles that a table leaves out.
type pruneFlags struct {
	command.YesFlag

	Prune     bool          `env:"-" help:"Delete the roles that the new list leaves out, after all other changes. rolecall shows these roles and asks first."`
	MaxDelete job.Threshold `placeholder:"N|N%" help:"With --prune: send nothing, and end with exit code 3, if more roles than this, or than this part of the list, would be deleted (default: 10)."`
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
	return `rolecall creates, renames and moves roles until the org's list is equal to the table, to the letter and in its
order. A row with an id is the role with that id. A row without an id is the role of that name, in any case of letters.
rolecall shows the plan first; --dry-run shows only the plan. It refuses a table that has a role twice.

Roles that the table leaves out stay at the end of the list. With --prune rolecall deletes them last, and only if every
row succeeds. If the list is full, it deletes some of them first, to make room for new roles. pruned.csv in the run's
folder lists the deleted roles. If the table leaves out more roles than --max-delete allows, rolecall sends nothing and
ends with exit code 3.

Example:
  rolecall roles sync samples/contact_roles.csv --profile emulator --dry-run`
}

// Run does the command.
func (c *syncCmd) Run(ctx context.Context, p *command.Process) error {
	a := command.Asked{Profile: c.Profile, Kind: picklist.Sync, Settings: c.settings(), Yes: c.Yes}
	a.Settings.MaxDelete = c.MaxDelete
	return c.start(ctx, p, a, c.options(c.ByName), command.FromFile(c.File))
}

// copyCmd makes the list of one org equal to the list of another.
type copyCmd struct {
	runFlags
	pruneFlags

	From string `required:"" env:"-" placeholder:"PROFILE" help:"Profile of the org whose list rolecall reads."`
	To   string `required:"" env:"-" placeholder:"PROFILE" help:"Profile of the org whose list rolecall changes."`
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
	return `The command makes the list of --to equal to the list of --from, by the names of the roles. It does what
rolecall roles export with --from and rolecall roles sync --by-name with --to do. It only reads the org of --from.
Flags have the defaults of the profile --to. --allow-org-change is only for that profile.

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
