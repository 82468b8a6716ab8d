package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"rolecall/job"
	"rolecall/job/cli/ask"
	"rolecall/job/cli/scope"
	"rolecall/job/cli/screen"
	"rolecall/job/kinds"
	"rolecall/job/picklist"
	"rolecall/job/record"
	"rolecall/job/report"
	"rolecall/job/voice"
)

// asked is what the user asked of a command that begins a run.
type asked struct {
	talkFlags
	pinFlags

	profile  string
	kind     string // the name of the job's Kind
	settings job.Settings
	options  any  // the options of the job
	prune    bool // the job deletes the roles that its table leaves out
	yes      bool // the user agrees to deletions

	ended func(*report.Summary) // called with the summary of the run; nil: nothing
}

// start begins a new run. It calls do with a request that lacks only the input and what is special to the command.
func (p *process) start(a asked, do func(job.Request) (*job.Result, error)) error {
	if err := a.checkOutput(a.settings.ResultsCopy); err != nil {
		return err
	}
	name, err := p.profileOr(a.profile)
	if err != nil {
		return err
	}
	p.needs = needsOf(a.kind, a.prune)
	set := a.settings
	set.Profile, set.Config = name, p.configFile
	set.VoiceURL = p.voiceURL
	if set.Options, err = json.Marshal(a.options); err != nil {
		return err
	}
	ctx, release := job.Within(p.ctx, set.MaxDuration)
	defer release()
	p.ctx = ctx
	// Check the profile now, because the survey of a large file takes long.
	if _, err := p.locate(name); err != nil {
		return err
	}
	p.allowOrgChange = a.AllowOrgChange
	return p.work(a.talkFlags, a.yes, func(env job.Env) (*job.Result, error) {
		return do(job.Request{Kind: kinds.Named(a.kind), Settings: set, Env: env})
	})
}

// checkOutput refuses the summary and the result table both on stdout.
func (f *talkFlags) checkOutput(results string) error {
	if f.JSON && results == "-" {
		return &job.UsageError{Err: errors.New("--json and --results - both write to stdout: give one of them a file")}
	}
	return nil
}

// work does a run, shows its progress and its result, and sets the exit code. With yes the user agrees to deletions.
func (p *process) work(talk talkFlags, yes bool, do func(job.Env) (*job.Result, error)) error {
	p.quiet = talk.Quiet
	progress := &job.Progress{}
	endProgress := func() {}
	if !talk.Quiet {
		endProgress = screen.Show(p.stderr, progress)
	}
	res, err := do(p.env(progress, talk.Verbose, yes))
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
	roles := res.Summary.Roles
	p.needs = needsOf(res.Summary.Command, roles != nil && roles.Count(report.DeleteRole) > 0)
	p.hint(res.Stop)
	return nil
}

// env returns what a run uses of this process.
func (p *process) env(progress *job.Progress, verbose, yes bool) job.Env {
	return job.Env{
		Stdin: p.stdin, Stdout: p.stdout, Connect: p.connect, Progress: progress, Begins: p.settlePin,
		Seal: p.seal, Kinds: kinds.Named, Version: p.version, Verbose: verbose, Now: time.Now,
		Announce: func(price report.Forecast) {
			if !p.quiet {
				p.show(&price)
			}
		},
		Confirm: p.confirm, Yes: yes,
		Tell:  func(text string) { p.say("rolecall: %s", text) },
		Quiet: p.quiet,
	}
}

// confirm asks the user about what a run takes away, or takes back.
func (p *process) confirm(price report.Forecast) error {
	prompt := ask.New(p.stdin, p.stderr)
	if p.quiet && prompt.Terminal {
		p.show(&price) // the user must see the plan before agreeing to it
	}
	err := prompt.Confirm(p.ctx, price.Question, "--yes", false)
	usage, ok := errors.AsType[*job.UsageError](err)
	if !ok || prompt.Terminal {
		return err
	}
	return &job.UsageError{Err: fmt.Errorf("this would %s: %w (nothing was sent)", price.Would(), usage.Err)}
}

// show shows the price of a run. It ignores errors of stderr, as all messages do.
func (p *process) show(price *report.Forecast) { _ = price.WriteText(p.stderr) }

// tell shows the result of a run, in the form that the user asked for.
func (p *process) tell(res *job.Result, talk talkFlags) error {
	sum := &res.Summary
	if talk.JSON {
		var b bytes.Buffer
		if err := sum.WriteJSON(&b, false); err != nil {
			return fmt.Errorf("write the summary: %w", err)
		}
		p.object = b.Bytes()
	}
	if !talk.Quiet {
		_ = sum.WriteText(p.stderr) // whoever read it may have gone
		return nil
	}
	if n := sum.Rows.Error; n > 0 {
		where := "see " + sum.Files.Failed
		if sum.Files.Failed == "" {
			where = sum.AllFailed()
		}
		p.say("rolecall: %s of %s rows failed: %s", report.Count(n), report.Count(sum.Rows.Total), where)
	}
	if sum.State == report.Stopped {
		p.say("rolecall: stopped: %s", sum.Stopped)
		if sum.Next != "" {
			p.say("go on with: %s", sum.Next)
		}
	}
	return nil
}

// needsOf returns the name of a run's command in the table of scopes.
func needsOf(command string, prunes bool) string {
	switch {
	case command == picklist.Undo:
		return scope.RolesUndo
	case command == record.Undo:
		return scope.RecordsUndo
	case command == voice.Undo:
		return scope.VoiceUndo
	case command != picklist.Sync && command != picklist.Copy:
		return command
	case prunes:
		return scope.RolesPrune
	}
	return scope.RolesSync
}

// fromFile returns a function that makes a file the input of a run.
func fromFile(path string) func(*job.Request) error {
	return func(q *job.Request) error { q.Input = path; return nil }
}
