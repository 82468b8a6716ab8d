package cli

import (
	"cmp"
	"context"
	"errors"

	"rolecall/job"
	"rolecall/job/cli/command"
	"rolecall/job/stakeholder"
)

// runFlags are the flags of a command that makes a run over a file of stakeholders.
type runFlags struct {
	command.FileFlags
	command.PaceFlags
	command.ReadFlags
	command.TalkFlags
	command.PinFlags
	command.ExternalFlag
	command.ProfileFlag

	RepairIDs bool `name:"repair-ids" env:"-" help:"Restore an id that a spreadsheet or a program rounded, if exactly one record with the row's name or e-mail could have it; else the row fails (ID_ROUNDED)."`

	RunDir string `placeholder:"DIR" help:"Folder of the run (default: <file>-<command>-<UTC time>)."`
	DryRun bool   `short:"n" help:"Check everything and show the price, and the changes if the run reads first; write nothing to Zoho."`
}

var errBothRounded = errors.New("--repair-ids and --accept-rounded-ids exclude each other: " +
	"rounded ids are either restored or taken as they are")

// Validate calls the Validate methods of its embedded flags.
func (f *runFlags) Validate() error {
	if err := f.FileFlags.Validate(); err != nil {
		return err
	}
	if f.RepairIDs && f.AcceptRoundedIDs {
		return errBothRounded
	}
	return cmp.Or(f.LimitFlags.Validate(), f.Check())
}

// assignCmd assigns contacts to deals.
type assignCmd struct {
	runFlags
	command.RoleNameFlags

	ReadFirst      string `enum:"auto,on,off" default:"auto" help:"Read each deal before the first write to it, for a credit each. Then rolecall does not send roles that are in place already, and rolecall undo can take the run back; rc_prior_role and undo.csv have the prior roles. auto reads first if the run has at most 1,000 deals."`
	Contradictions string `enum:"error,last" default:"error" help:"If rows give a contact of a deal different roles, send only the last of them. The others fail (error), or are unchanged if the last one succeeds (last)."`

	Batch string `enum:"auto,off" default:"auto" help:"Send up to 100 contacts of a deal in one call, once rolecall has proven that the call keeps the deal's other contacts (auto), or each contact in a call of its own (off)."`
}

// Help is the part of --help below the flags.
func (*assignCmd) Help() string {
	return `The file needs a deal (deal_id or deal_name), a contact (contact_id, contact_email or contact_name) and a role
(or role_id) in each row. rolecall looks names and e-mails up first, up to 100 for a credit. An id wins over an e-mail,
and an e-mail over a name. In headers, case, spaces, _ - and . do not count. rolecall knows the names of Zoho's own
exports. results.csv in the run's folder has one result row for each input row. failed.csv has the rows that failed.

Example:
  rolecall assign samples/deal_roles.csv --profile emulator`
}

// Run does the command.
func (c *assignCmd) Run(ctx context.Context, p *command.Process) error {
	roles, err := c.RoleMap(p)
	if err != nil {
		return err
	}
	o := stakeholder.Options{OneByOne: c.Batch == "off", ReadFirst: command.Choice(c.ReadFirst), RoleMap: roles}
	a := command.Asked{Kind: stakeholder.Assign, Settings: c.Settings(), Ended: c.SaveRoles}
	a.Settings.LastWins = c.Contradictions == "last"
	return c.start(ctx, p, a, o)
}

// removeCmd removes contacts from deals.
type removeCmd struct {
	runFlags
	command.YesFlag

	MaxDelete      job.Threshold `placeholder:"N|N%" help:"Send nothing, and end with exit code 3, if more than this of the file's deals would have no stakeholder left (default: 10%, and at least 10 deals)."`
	IgnoreNotFound bool          `help:"A contact who is not on the deal is unchanged, not an error."`
}

// Help is the part of --help below the flags.
func (*removeCmd) Help() string {
	return `The file needs a deal (deal_id or deal_name) and a contact (contact_id, contact_email or contact_name) in each
row. rolecall looks names and e-mails up first, and ignores role columns. Up to 100 contacts of a deal go in one call.
rolecall reads all deals before it removes the first contact, and each deal once more right before it writes to it. It
shows what it would remove and asks first. Without a terminal it needs --yes, or it ends with exit code 2. A contact
who is not on the deal fails as NOT_ON_DEAL, or is unchanged with --ignore-not-found, and costs no write.

Example:
  rolecall remove leavers.csv --ignore-not-found --dry-run`
}

// Run does the command.
func (c *removeCmd) Run(ctx context.Context, p *command.Process) error {
	a := command.Asked{Kind: stakeholder.Remove, Settings: c.Settings(), Yes: c.Yes}
	a.Settings.MaxDelete = c.MaxDelete
	return c.start(ctx, p, a, stakeholder.Options{IgnoreNotFound: c.IgnoreNotFound})
}

// start does a new run. a is what only the command knows.
func (f *runFlags) start(ctx context.Context, p *command.Process, a command.Asked, o stakeholder.Options) error {
	p.UsedMap(&a.Settings)
	f.ReadFlags.Change(&o)
	o.External = f.Keys(p)
	o.RepairIDs = f.RepairIDs
	f.PaceFlags.Change(&a.Settings)
	a.TalkFlags, a.PinFlags, a.Profile, a.Options = f.TalkFlags, f.PinFlags, f.Profile, o
	return p.Start(ctx, a, func(ctx context.Context, q job.Request) (*job.Result, error) {
		q.Input, q.RunDir, q.DryRun = f.File, f.RunDir, f.DryRun
		res, err := job.Start(ctx, q)
		if err == nil {
			f.Save(&f.TableFlags, a.Settings.Map, o.RoleMap, o.External, &res.Summary)
		}
		if err == nil && a.Ended != nil {
			a.Ended(&res.Summary)
		}
		return res, err
	})
}
