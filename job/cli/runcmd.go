package cli

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"

	"rolecall/job"
	"rolecall/job/export"
	"rolecall/job/report"
	"rolecall/job/roles"
)

// runFlags are the flags of a command that makes a run of a file.
type runFlags struct {
	fileFlags
	paceFlags
	readFlags
	talkFlags
	pinFlags

	Profile string `placeholder:"NAME" help:"Where to connect: a profile of the config file; emulator always exists and needs no account (default: the ROLECALL_... connection variables, else the profile ${default_profile})."`
	RunDir  string `placeholder:"DIR" help:"Folder of the run (default: <file>-<command>-<UTC time>)."`
	DryRun  bool   `short:"n" help:"Check everything and say the price; write nothing to Zoho."`
}

// Validate looks at what the parts do not see.
func (f *runFlags) Validate() error {
	if err := f.fileFlags.Validate(); err != nil {
		return err
	}
	return f.limitFlags.Validate()
}

type assignCmd struct {
	runFlags

	Batch string `enum:"auto,off" default:"auto" help:"Up to 100 contacts of a deal in one call, once that is proven to leave the others alone (auto), or each in its own (off)."`
}

// Help is the part of --help below the flags.
func (*assignCmd) Help() string {
	return `The file needs a deal id, a contact id and a role (or role id) in each row; headers are matched without case, spaces, _ - and . and Zoho's own export names are known.
One result row per input row is written to results.csv in the run's folder, the failed ones also to failed.csv.

Example:
  rolecall assign samples/deal_roles.csv --profile emulator`
}

// Run does the command.
func (c *assignCmd) Run(p *process) error {
	return c.start(p, job.Assign, func(s *job.Settings) { s.OneByOne = c.Batch == "off" })
}

type removeCmd struct {
	runFlags

	IgnoreNotFound bool `help:"A contact that is not on the deal is fine (unchanged), not an error."`
}

// Help is the part of --help below the flags.
func (*removeCmd) Help() string {
	return `The file needs a deal id and a contact id in each row; role columns are ignored. Up to 100 contacts of a deal travel in one call.

Example:
  rolecall remove leavers.csv --ignore-not-found --dry-run`
}

// Run does the command.
func (c *removeCmd) Run(p *process) error {
	return c.start(p, job.Remove, func(s *job.Settings) { s.IgnoreNotFound = c.IgnoreNotFound })
}

// mayBeDefault says that the default profile serves where none is named.
func (*runFlags) mayBeDefault() {}

// start makes a run and does it.
func (f *runFlags) start(p *process, command job.Command, change func(*job.Settings)) error {
	if err := f.checkOutput(f.Results); err != nil {
		return err
	}
	name, err := p.profileOr(f.Profile)
	if err != nil {
		return err
	}
	p.needs = string(command)
	set := f.settings()
	set.Profile, set.Config = name, p.conf.file
	f.paceFlags.change(&set)
	f.readFlags.change(&set)
	change(&set)
	// That there is somewhere to connect to is looked at first: nobody should wait for a survey to hear that.
	if _, err := p.locate(name); err != nil {
		return err
	}
	p.conf.pin.allow = f.AllowOrgChange
	return p.work(f.talkFlags, func(env job.Env) (*job.Result, error) {
		return job.Start(p.ctx, job.Request{Command: command, Settings: set, Input: f.File, RunDir: f.RunDir, DryRun: f.DryRun, Env: env})
	})
}

type resumeCmd struct {
	paceFlags
	talkFlags
	pinFlags

	Folder  string `arg:"" name:"run" help:"The folder of the run."`
	Profile string `placeholder:"NAME" help:"Where to connect (default: as the run began)."`
}

// Help is the part of --help below the flags.
func (*resumeCmd) Help() string {
	return `What is recorded is not sent again. Limits given here win over those that the run began with.

Example:
  rolecall resume deal_roles-assign-20261122T101500Z`
}

// keeps says whether a run has recorded what the flag was: a profile's default does not change it.
func (*resumeCmd) keeps(flag string) bool {
	return !slices.Contains([]string{"json", "quiet", "verbose"}, flag)
}

// Run does the command.
func (c *resumeCmd) Run(p *process) error {
	if err := c.checkOutput(c.Results); err != nil {
		return err
	}
	p.conf.pin.allow = c.AllowOrgChange
	change := func(s *job.Settings) {
		c.change(s)
		s.Config = cmp.Or(p.conf.file, s.Config)
		if c.Profile != "" {
			s.Profile = c.Profile
		}
	}
	if export.Is(c.Folder) {
		if c.Results != "" || c.MaxErrors.Set {
			return &errUsage{errors.New("--results and --max-errors are for runs over a file; an export goes where it was to go from the beginning")}
		}
		return p.export(c.talkFlags, func(env export.Env) (*export.Result, error) {
			return export.Resume(p.ctx, export.Again{RunDir: c.Folder, Env: env, Change: change, ToStdout: c.JSON})
		})
	}
	if roles.Is(c.Folder) {
		return p.workOnRoles(c.talkFlags, false, func(env roles.Env) (*roles.Result, error) {
			return roles.Resume(p.ctx, roles.Again{RunDir: c.Folder, Env: env, Change: change})
		})
	}
	return p.work(c.talkFlags, func(env job.Env) (*job.Result, error) {
		return job.Resume(p.ctx, job.Again{RunDir: c.Folder, Env: env, Change: change})
	})
}

type reportCmd struct {
	talkFlags

	Folder string `arg:"" name:"run" help:"The folder of the run."`
}

// Help is the part of --help below the flags.
func (*reportCmd) Help() string {
	return `results.csv, failed.csv and summary.json are made again from what is recorded; of an export that stopped it says how far it is. Nothing is sent.

Example:
  rolecall report deal_roles-assign-20261122T101500Z`
}

// Run does the command. That rows failed is no failure of the report.
func (c *reportCmd) Run(p *process) error {
	if export.Is(c.Folder) {
		return p.export(c.talkFlags, func(env export.Env) (*export.Result, error) {
			return export.Report(export.Again{RunDir: c.Folder, Env: env})
		})
	}
	err := p.work(c.talkFlags, func(env job.Env) (*job.Result, error) {
		if roles.Is(c.Folder) {
			return roles.Report(p.ctx, roles.Again{RunDir: c.Folder, Env: roles.Env{Env: env}})
		}
		return job.Report(job.Again{RunDir: c.Folder, Env: env})
	})
	*p.exit = exitOK
	return err
}

// checkOutput refuses two things on stdout.
func (f *talkFlags) checkOutput(results string) error {
	if f.JSON && results == "-" {
		return &errUsage{errors.New("--json and --results - both write to stdout: give one of them a file")}
	}
	return nil
}

// work runs a job, shows its progress and says what became of it.
func (p *process) work(talk talkFlags, do func(job.Env) (*job.Result, error)) error {
	p.quiet = talk.Quiet
	env, endProgress := p.env(talk)
	env.Announce = func(plan report.Plan) { p.announce(&plan); p.settlePin() }
	res, err := do(env)
	endProgress()
	finished := errors.Is(err, job.ErrFinished)
	if err != nil && !finished {
		return err
	}
	*p.exit = exitCode(res, err)
	if finished && !talk.Quiet {
		p.say("the run is finished: nothing is left to do")
	}
	if err := p.tell(res, talk); err != nil || res.Stop == nil {
		return err
	}
	p.needs = needsOf(job.Command(res.Summary.Command), res.Summary.Roles != nil && res.Summary.Roles.Count(report.DeleteRole) > 0)
	p.hint(res.Stop)
	return nil
}

// env is what a job uses of this process, whose progress is shown until the function it returns is called.
func (p *process) env(talk talkFlags) (env job.Env, endProgress func()) {
	progress := &job.Progress{}
	return job.Env{
		Stdin: p.stdin, Stdout: p.stdout, Connect: p.connect, Progress: progress, Version: p.version, Verbose: talk.Verbose, Now: time.Now,
	}, p.showProgress(progress, talk)
}

// announce says what a run will cost, before its first write.
func (p *process) announce(plan *report.Plan) {
	if !p.quiet {
		_ = plan.WriteText(p.stderr) // as everything that people are told: what cannot be shown is no reason to stop
	}
}

// tell says what became of a run, in the form that was asked for.
func (p *process) tell(res *job.Result, talk talkFlags) error {
	if talk.JSON {
		if err := res.Summary.WriteJSON(p.stdout, false); err != nil {
			return fmt.Errorf("write the summary: %w", err)
		}
	}
	if !talk.Quiet {
		return res.Summary.WriteText(p.stderr)
	}
	if n := res.Summary.Rows.Error; n > 0 {
		p.say("rolecall: %s of %s rows failed: see %s", report.Count(n), report.Count(res.Summary.Rows.Total), res.Summary.Files.Failed)
	}
	if res.Summary.State == report.Stopped {
		p.say("rolecall: stopped: %s", res.Summary.Stopped)
		p.say("go on with: %s", res.Summary.Next)
	}
	return nil
}
