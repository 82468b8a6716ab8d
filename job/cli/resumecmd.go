package cli

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"rolecall/job"
	"rolecall/job/cli/command"
	"rolecall/job/export"
	"rolecall/job/runs"
)

// resumeCmd goes on with a run.
type resumeCmd struct {
	command.PaceFlags
	command.TalkFlags
	command.PinFlags
	command.VoiceURLFlag
	command.YesFlag

	Folder    string        `arg:"" optional:"" name:"run" help:"The folder of the run (default: the newest run here, unless it is finished)."`
	MaxDelete job.Threshold `placeholder:"N|N%" help:"Of a run that takes something away: as the run's own command has it."`
	Profile   string        `placeholder:"NAME" help:"Where to connect (default: as the run began)."`
}

// Help is the part of --help below the flags.
func (*resumeCmd) Help() string {
	return `What is recorded is not sent again. Limits given here win over those that the run began with.
What was agreed to is not asked again; a run that stopped before somebody agreed asks now.

Example:
  rolecall resume deal_roles-assign-20261122T101500Z`
}

// Keeps reports whether the run has recorded the value of a flag, so that a profile's default must not change it.
func (*resumeCmd) Keeps(flag string) bool {
	return !slices.Contains([]string{"json", "quiet", "verbose"}, flag)
}

// Run does the command.
func (c *resumeCmd) Run(ctx context.Context, p *command.Process) error {
	if err := c.CheckOutput(c.Results); err != nil {
		return err
	}
	folder, err := runOr(p, c.Folder, c.Quiet, runs.Unfinished)
	if err != nil {
		return err
	}
	p.AllowOrgChange = c.AllowOrgChange
	change := func(s *job.Settings) {
		c.Change(s)
		s.Config = cmp.Or(p.ConfigFile, s.Config)
		if c.MaxDelete.Set {
			s.MaxDelete = c.MaxDelete
		}
		if c.Profile != "" {
			s.Profile = c.Profile
		}
		s.VoiceURL = cmp.Or(c.VoiceURL, s.VoiceURL)
	}
	return p.Work(c.TalkFlags, c.Yes, func(env job.Env) (*job.Result, error) {
		return job.Resume(ctx, job.Again{RunDir: folder, Change: change, Check: c.check, Env: env})
	})
}

// check refuses flags that do not fit the run.
func (c *resumeCmd) check(kind *job.Kind, set job.Settings) error {
	switch {
	case kind.Whole && (c.Results != "" || c.MaxErrors.Set):
		return &job.UsageError{Err: errors.New("--results and --max-errors are for runs over a file; " +
			"an export goes where it was to go from the beginning")}
	case kind.Whole && c.JSON && export.ToStdout(set):
		return &job.UsageError{Err: errors.New("--json and this export both write to stdout: leave --json out")}
	}
	return nil
}

// reportCmd shows a run and makes its files again.
type reportCmd struct {
	command.TalkFlags

	Folder string `arg:"" optional:"" name:"run" help:"The folder of the run (default: the newest run here)."`
}

// Help is the part of --help below the flags.
func (*reportCmd) Help() string {
	return `results.csv, failed.csv and summary.json are made again from what is recorded; of an export that stopped it
says how far it is. Nothing is sent. Of a run at work it says how far that is, and writes nothing.

Example:
  rolecall report deal_roles-assign-20261122T101500Z`
}

// Run does the command. Failed rows of the run do not change its exit code.
func (c *reportCmd) Run(p *command.Process) error {
	folder, err := runOr(p, c.Folder, c.Quiet, runs.Newest)
	if err != nil {
		return err
	}
	exit := *p.Exit
	err = p.Work(c.TalkFlags, false, func(env job.Env) (*job.Result, error) {
		return job.Report(job.Again{RunDir: folder, Env: env})
	})
	*p.Exit = exit
	return err
}
