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
	DryRun bool   `short:"n" help:"Check everything, show the changes of a run that reads first, and say the price; write nothing to Zoho."`
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

	ReadFirst      string `enum:"auto,on,off" default:"auto" help:"Read each deal before the first write to it, a credit each: what is in place is not sent, and the run can be undone, because rc_prior_role and undo.csv keep the prior roles. auto reads a run of at most 1,000 deals."`
	Contradictions string `enum:"error,last" default:"error" help:"Of rows that give one contact of one deal different roles only the last is sent; the others fail (error), or are unchanged if the last one succeeds (last)."`

	Batch string `enum:"auto,off" default:"auto" help:"Up to 100 contacts of a deal in one call, once that is proven to leave the others alone (auto), or each in its own (off)."`
}

// Help is the part of --help below the flags.
func (*assignCmd) Help() string {
	return `The file needs a deal (deal_id or deal_name), a contact (contact_id, contact_email or contact_name) and a role (or
role_id) in each row. Names and e-mails are looked up first, up to 100 for a credit. An id wins over an e-mail, and an
e-mail over a name. Headers are matched without case, spaces, _ - and . and Zoho's own export names are known.
One result row per input row is written to results.csv in the run's folder, the failed ones also to failed.csv.

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

	MaxDelete      job.Threshold `placeholder:"N|N%" help:"Refuse to leave more than so many of the file's deals without any stakeholder, with exit code 3 (default: 10%, and at least 10 deals)."`
	IgnoreNotFound bool          `help:"A contact that is not on the deal is fine (unchanged), not an error."`
}

// Help is the part of --help below the flags.
func (*removeCmd) Help() string {
	return `The file needs a deal (deal_id or deal_name) and a contact (contact_id, contact_email or contact_name) in each row.
Names and e-mails are looked up first. Role columns are ignored. Up to 100 contacts of a
deal travel in one call.
All deals are read before the first contact is removed, and each once more right before its own are. What would go is
shown, and asked about; where nobody can be asked nothing goes without --yes (exit code 2). A contact who is not on the
deal fails as NOT_ON_DEAL, or is unchanged with --ignore-not-found, and costs no write.

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
