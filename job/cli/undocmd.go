package cli

import (
	"cmp"
	"context"

	"rolecall/job"
	"rolecall/job/cli/command"
	"rolecall/job/runs"
	"rolecall/job/stakeholder"
)

// undoCmd takes a run back.
type undoCmd struct {
	command.PaceFlags
	command.TalkFlags
	command.PinFlags
	command.VoiceURLFlag

	Folder    string `arg:"" optional:"" name:"run" help:"The folder of the run (default: the newest run here)."`
	Profile   string `placeholder:"NAME" help:"Where to connect (default: as when the run began)."`
	RunDir    string `placeholder:"DIR" help:"Folder of the new run (default: <run>-undo-<UTC time>)."`
	DryRun    bool   `short:"n" help:"Read the deals, and show the price and what undo would change now; write nothing to Zoho."`
	Yes       bool   `env:"-" help:"Do not ask."`
	Batch     string `enum:"auto,off" default:"auto" help:"As for assign."`
	Composite string `enum:"auto,on,off" default:"auto" help:"Read five deals for one credit (on). auto does so only if the credits would not suffice otherwise."`
}

// Help is the part of --help below the flags.
func (*undoCmd) Help() string {
	return `Undo takes back what the run did, by what the run recorded before each change. It takes off the contacts that
the run put on a deal, gives contacts their earlier roles again, and puts back the contacts that the run took off. It
does not touch what somebody changed since: such a row fails as CHANGED_SINCE. Undo shows what it would do and asks
first. Without a terminal it needs --yes, or it ends with exit code 2.

Undo is a run of its own, with its own folder and results, and you can undo it too. It needs a run that read the deals
first. Undo of an unfinished run takes back what the run did so far.

After a run over the list of roles, undo creates deleted roles again. They have new ids, and deals that used them do not
get them back. After a run over records, undo puts values back, deletes inserted records, and restores deleted records
from the recycle bin (API v8), with their ids.

Example:
  rolecall undo deal_roles-assign-20261122T101500Z --dry-run`
}

// Run does the command.
func (c *undoCmd) Run(ctx context.Context, p *command.Process) error {
	folder, err := runOr(p, c.Folder, c.Quiet, runs.Newest)
	if err != nil {
		return err
	}
	earlier, err := job.OpenEarlier(folder, lookEnv(p))
	if err != nil {
		return err
	}
	defer earlier.Close()
	kind, made, err := earlier.Inverse()
	if err != nil {
		return err
	}
	if p.ConfigFile, err = earlier.Config(p.ConfigFile); err != nil {
		return err
	}
	if p.VoiceURL, err = earlier.VoiceURL(c.VoiceURL); err != nil {
		return err
	}
	o := stakeholder.Options{OneByOne: c.Batch == "off", Composite: command.Choice(c.Composite)}
	a := command.Asked{
		TalkFlags: c.TalkFlags, PinFlags: c.PinFlags, Profile: cmp.Or(c.Profile, earlier.Settings.Profile),
		Kind: kind.Name, Options: o, Yes: c.Yes,
	}
	c.Change(&a.Settings)
	return p.Start(ctx, a, func(ctx context.Context, q job.Request) (*job.Result, error) {
		q.Made, q.RunDir, q.DryRun = made, c.RunDir, c.DryRun
		if note := earlier.Unfinished(); note != "" {
			q.Notes = append(q.Notes, note)
			q.Tell(note)
		}
		return job.Start(ctx, q)
	})
}
