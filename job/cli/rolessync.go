package cli

import (
	"errors"
	"fmt"

	"rolecall/job/roles"
)

// pruneFlags say which roles a table may delete by leaving them out.
type pruneFlags struct {
	Prune     bool `env:"-" help:"Delete the roles that the list to be leaves out, once every other change is made."`
	MaxDelete int  `default:"10" placeholder:"N" help:"With --prune, refuse a plan that deletes more than N roles (default: ${default})."`
}

// Validate refuses a limit that is none.
func (f *pruneFlags) Validate() error {
	if f.MaxDelete < 0 {
		return errors.New("--max-delete must be at least 0")
	}
	return nil
}

// allow puts what was asked for into the settings of a run.
func (f *pruneFlags) allow(s *roles.Settings) { s.Prune, s.MaxDelete = f.Prune, f.MaxDelete }

type rolesSyncCmd struct {
	rolesProfileFlag
	rolesRunFlags
	rolesTableFlags
	pruneFlags

	File string `arg:"" help:"Table with a column name, id or both; sequence_number, or else the order of the rows, is the order of the list. CSV, Excel workbook (XLSX) or JSON Lines; - is stdin."`
}

// Validate looks at what the parts do not see.
func (c *rolesSyncCmd) Validate() error {
	err := errors.Join(c.rolesTableFlags.Validate(), c.limitFlags.Validate(), c.pruneFlags.Validate())
	if err == nil && c.Prune && c.Limit != nil {
		err = errors.New("--prune with --limit would delete the roles of the rows that are left out: give one of them")
	}
	return err
}

// Help is the part of --help below the flags.
func (*rolesSyncCmd) Help() string {
	return `The org's list becomes the table's, to the letter and in its order: roles are created, renamed and moved. A row with an id is that role, one without the role of that name in any case of letters.
The plan is said first; --dry-run says no more than that. A table that has a role twice is refused.
Roles that the table leaves out stay at the end of the list. With --prune they are deleted, last (but for the room that new roles need in a full list), and only if every row is a success; pruned.csv in the run's folder tells which.
A table that leaves out more roles than --max-delete allows to be deleted ends with exit code 3, and nothing is sent.

Example:
  rolecall roles sync samples/contact_roles.csv --profile emulator --dry-run`
}

// Run does the command.
func (c *rolesSyncCmd) Run(p *process) error {
	set := c.settings()
	c.allow(&set)
	return c.start(p, c.Profile, false, roles.Request{Command: roles.Sync, Input: c.File, Settings: set})
}

type rolesCopyCmd struct {
	rolesRunFlags
	pruneFlags

	From string `required:"" env:"-" placeholder:"PROFILE" help:"Whose list is taken: a profile of the config file."`
	To   string `required:"" env:"-" placeholder:"PROFILE" help:"Whose list is changed."`
}

// Validate looks at what the parts do not see.
func (c *rolesCopyCmd) Validate() error {
	if c.From != "" && c.From == c.To { // without them it is said that they are missing
		return fmt.Errorf("--from and --to are both %s: give two profiles", c.From)
	}
	return errors.Join(c.limitFlags.Validate(), c.pruneFlags.Validate())
}

// Help is the part of --help below the flags.
func (*rolesCopyCmd) Help() string {
	return `The list of --to becomes that of --from, by the names: as rolecall roles export of the one and rolecall roles sync --by-name of the other. The one is only read.
Flags have the defaults of the profile --to, and --allow-org-change is for that alone.

Example:
  rolecall roles copy --from sandbox --to production --dry-run`
}

// Run does the command.
func (c *rolesCopyCmd) Run(p *process) error {
	if _, err := p.locate(c.From); err != nil {
		return err
	}
	p.conf.readOnly = c.From
	set := roles.Settings{ByName: true}
	c.allow(&set)
	return c.start(p, c.To, false, roles.Request{Command: roles.Copy, From: c.From, Settings: set})
}
