package cli

import (
	"cmp"
	"context"
	"path/filepath"

	"rolecall/job"
	"rolecall/job/cli/command"
	"rolecall/job/rundir"
	"rolecall/job/stakeholder"
)

// matchFlags are the flags of how plan and apply compare a file with the org.
type matchFlags struct {
	OnConflict string `enum:"skip,mine,theirs" default:"skip" help:"What to do with an edited row if somebody else changed its contact in Zoho since the export: fail the row as CONFLICT (skip), apply it (mine), or keep what Zoho has (theirs)."`

	Prune          bool          `env:"-" help:"Take the contacts that the file does not name off the file's deals. If somebody changed a deal since the export, such a contact is a conflict."`
	IncludePrimary bool          `env:"-" help:"With --prune: also take off a deal's own contact (Contact_Name)."`
	MaxDelete      job.Threshold `placeholder:"N|N%" help:"Send nothing, and end with exit code 3, if --prune would take off more than this of the contacts on the file's deals (default: 10%, and at least 10). For a saved plan: if more than this of its deals would have no stakeholder left."`

	Contradictions string `enum:"error,last" default:"error" help:"As for assign."`
	Batch          string `enum:"auto,off" default:"auto" help:"As for assign."`

	command.RoleNameFlags
}

// options returns the options of the flags.
func (f *matchFlags) options(p *command.Process) (o stakeholder.Options, err error) {
	o = stakeholder.Options{OneByOne: f.Batch == "off", Prune: f.Prune, IncludePrimary: f.IncludePrimary}
	if f.OnConflict != "skip" {
		o.OnConflict = f.OnConflict
	}
	o.RoleMap, err = f.RoleMap(p)
	return o, err
}

// setMatch sets the settings of the flags.
func (f *matchFlags) setMatch(set *job.Settings) {
	set.LastWins, set.MaxDelete = f.Contradictions == "last", f.MaxDelete
}

// planCmd shows what would make the org match a file.
type planCmd struct {
	command.FileFlags
	command.PaceFlags
	command.ReadFlags
	command.TalkFlags
	command.PinFlags
	command.ExternalFlag
	command.ProfileFlag
	matchFlags

	Output           string `short:"o" placeholder:"FILE" help:"Save the plan for rolecall apply, as CSV, or in the format of the ending .xlsx or .jsonl; - is stdout."`
	DetailedExitcode bool   `help:"End with exit code 10 if there are changes."`
}

// Validate calls the Validate methods of its embedded flags.
func (c *planCmd) Validate() error {
	if err := c.FileFlags.Validate(); err != nil {
		return err
	}
	if _, err := command.FormatOf(c.Output, ""); err != nil {
		return err
	}
	return cmp.Or(c.LimitFlags.Validate(), c.Check())
}

// Help is the part of --help below the flags.
func (*planCmd) Help() string {
	return `The command compares the org with the file, and shows the changes by deal: + added, ~ another role, - taken
off, ! a conflict. It writes nothing to Zoho. In a file that rolecall exported, a deal whose rows are all there and
unedited is not read. Changes that somebody made to such a deal meanwhile stay. In a file from elsewhere each row
counts, whatever Zoho has.

Example:
  rolecall plan stakeholders.xlsx --profile acme -o plan.csv`
}

// Run does the command.
func (c *planCmd) Run(ctx context.Context, p *command.Process) error {
	if c.JSON && c.Output == stakeholder.Stdout {
		return command.BothToStdout("--output")
	}
	o, err := c.options(p)
	if err != nil {
		return err
	}
	c.ReadFlags.Change(&o)
	o.External = c.Keys(p)
	if o.SavePlan = c.Output; c.Output != "" && c.Output != stakeholder.Stdout {
		input, err := filepath.Abs(c.File)
		if err != nil {
			return err
		}
		o.SavePlan, err = rundir.OutputPlace("--output", c.Output, rundir.Taken{Path: input, What: "the input itself"},
			rundir.Taken{Path: p.ConfigFile, What: "the config file"})
		if err != nil {
			return err
		}
	}
	a := command.Asked{Kind: stakeholder.Plan, Settings: c.Settings(), Options: o}
	p.UsedMap(&a.Settings)
	c.PaceFlags.Change(&a.Settings)
	c.setMatch(&a.Settings)
	a.TalkFlags, a.PinFlags, a.Profile = c.TalkFlags, c.PinFlags, c.Profile
	changes := false
	err = p.Start(ctx, a, func(ctx context.Context, q job.Request) (*job.Result, error) {
		q.Input, q.DryRun = c.File, true
		res, err := job.Start(ctx, q)
		if err == nil {
			c.Save(&c.TableFlags, a.Settings.Map, o.RoleMap, o.External, &res.Summary)
			c.SaveRoles(&res.Summary)
		}
		if err == nil && res.Summary.Changes != nil {
			n := res.Summary.Changes
			changes = n.Added+n.Updated+n.Removed > 0
		}
		return res, err
	})
	if err == nil && *p.Exit == command.ExitOK && c.DetailedExitcode && changes {
		*p.Exit = command.ExitChanges
	}
	return err
}

// applyCmd makes the org match a file, or does what a saved plan says.
type applyCmd struct {
	runFlags
	command.YesFlag
	matchFlags
}

// Help is the part of --help below the flags.
func (*applyCmd) Help() string {
	return `FILE is a table of deals, contacts and roles, or a plan that rolecall plan -o saved. rolecall reads all deals
that matter before the first write. It reads each deal that changes once more right before it writes to the deal. If
somebody changed a contact on its deal since the plan was saved, rolecall skips the row: it fails as CHANGED_SINCE.

Example:
  rolecall apply plan.csv --profile acme`
}

// Run does the command.
func (c *applyCmd) Run(ctx context.Context, p *command.Process) error {
	o, err := c.options(p)
	if err != nil {
		return err
	}
	a := command.Asked{Kind: stakeholder.Apply, Settings: c.Settings(), Yes: c.Yes, Ended: c.SaveRoles}
	c.setMatch(&a.Settings)
	return c.start(ctx, p, a, o)
}
