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

// resumeCmd continues a run.
type resumeCmd struct {
	command.PaceFlags
	command.TalkFlags
	command.PinFlags
	command.VoiceURLFlag
	command.YesFlag

	Folder    string        `arg:"" optional:"" name:"run" help:"The folder of the run (default: the newest run here, unless it is finished)."`
	MaxDelete job.Threshold `placeholder:"N|N%" help:"For a run that removes or deletes something: as for the command of the run."`
	Profile   string        `placeholder:"NAME" help:"Where to connect (default: as when the run began)."`
}

// Help is the part of --help below the flags.
func (*resumeCmd) Help() string {
	return `rolecall sends nothing again that is recorded. Limits that you give here replace those that the run began with.
rolecall does not ask again about what somebody agreed to. If the run stopped before anybody agreed, it asks now.

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
			"an export writes to the output that it began with")}
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
	return `The command writes results.csv, failed.csv and summary.json again from what the run recorded. It sends nothing.
Of a stopped export it says how far the export is. Of a run at work it says how far the run is, and writes nothing.

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
