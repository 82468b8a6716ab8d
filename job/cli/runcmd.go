package cli

import (
	"rolecall/job"
	"rolecall/job/stakeholder"
)

// runFlags are the flags of a command that makes a run over a file of stakeholders.
type runFlags struct {
	fileFlags
	paceFlags
	readFlags
	talkFlags
	pinFlags
	profileFlag

	RunDir string `placeholder:"DIR" help:"Folder of the run (default: <file>-<command>-<UTC time>)."`
	DryRun bool   `short:"n" help:"Check everything and say the price; write nothing to Zoho."`
}

// Validate calls the Validate methods of its embedded flags.
func (f *runFlags) Validate() error {
	if err := f.fileFlags.Validate(); err != nil {
		return err
	}
	return f.limitFlags.Validate()
}

// assignCmd assigns contacts to deals.
type assignCmd struct {
	runFlags

	Contradictions string `enum:"error,last" default:"error" help:"Of rows that give one contact of one deal different roles only the last is sent; the others fail (error), or are unchanged if the last one succeeds (last)."`

	Batch string `enum:"auto,off" default:"auto" help:"Up to 100 contacts of a deal in one call, once that is proven to leave the others alone (auto), or each in its own (off)."`
}

// Help is the part of --help below the flags.
func (*assignCmd) Help() string {
	return `The file needs a deal id, a contact id and a role (or role id) in each row; headers are matched without
case, spaces, _ - and . and Zoho's own export names are known.
One result row per input row is written to results.csv in the run's folder, the failed ones also to failed.csv.

Example:
  rolecall assign samples/deal_roles.csv --profile emulator`
}

// Run does the command.
func (c *assignCmd) Run(p *process) error {
	return c.start(p, stakeholder.Assign, stakeholder.Options{OneByOne: c.Batch == "off"}, c.Contradictions == "last")
}

// removeCmd removes contacts from deals.
type removeCmd struct {
	runFlags

	IgnoreNotFound bool `help:"A contact that is not on the deal is fine (unchanged), not an error."`
}

// Help is the part of --help below the flags.
func (*removeCmd) Help() string {
	return `The file needs a deal id and a contact id in each row; role columns are ignored. Up to 100 contacts of a
deal travel in one call.

Example:
  rolecall remove leavers.csv --ignore-not-found --dry-run`
}

// Run does the command.
func (c *removeCmd) Run(p *process) error {
	return c.start(p, stakeholder.Remove, stakeholder.Options{IgnoreNotFound: c.IgnoreNotFound}, false)
}

// start does a new run. lastWins is Settings.LastWins.
func (f *runFlags) start(p *process, command string, options stakeholder.Options, lastWins bool) error {
	f.readFlags.change(&options)
	set := f.settings()
	f.paceFlags.change(&set)
	set.LastWins = lastWins
	return p.start(asked{
		talkFlags: f.talkFlags, pinFlags: f.pinFlags, profile: f.Profile,
		kind: command, settings: set, options: options,
	}, func(q job.Request) (*job.Result, error) {
		q.Input, q.RunDir, q.DryRun = f.File, f.RunDir, f.DryRun
		return job.Start(p.ctx, q)
	})
}
