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
	Profile   string `placeholder:"NAME" help:"Where to connect (default: as the run began)."`
	RunDir    string `placeholder:"DIR" help:"Folder of the new run (default: <run>-undo-<UTC time>)."`
	DryRun    bool   `short:"n" help:"Read the deals, show what undo would change now, and say the price; write nothing to Zoho."`
	Yes       bool   `env:"-" help:"Do not ask."`
	Batch     string `enum:"auto,off" default:"auto" help:"As for assign."`
	Composite string `enum:"auto,on,off" default:"auto" help:"Read five deals for one credit: auto does so when credits are what binds."`
}

// Help is the part of --help below the flags.
func (*undoCmd) Help() string {
	return `What the run did is taken back, by what the run recorded before each change: a contact that it put on a
deal is taken off, one that had another role gets it again, one that it took off is put back. What somebody changed
since is not touched, and is an error row that says so (CHANGED_SINCE).
Undo is a run of its own, with its own folder and results, and can be undone too. It needs a run that read the deals
first. Undo of a run that is not finished takes back what it did so far. Of a run over the list of roles, a role that it
deleted is created again: it has a new id, and deals that used it are not given it back. Of a run over records, values
are put back, inserted records are deleted, and deleted ones are restored from the recycle bin (API v8), with their ids.
What undo would do is shown, and asked about; where nobody can be asked nothing goes without --yes (exit code 2).

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
