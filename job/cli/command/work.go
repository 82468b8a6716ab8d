package command

import (
	"bytes"
	"context"
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

// Asked is what the user asked of a command that begins a run.
type Asked struct {
	TalkFlags
	PinFlags

	Profile  string
	Kind     string // the name of the job's Kind
	Settings job.Settings
	Options  any  // the options of the job
	Prune    bool // the job deletes the roles that its table leaves out
	Yes      bool // the user agrees to deletions

	Ended func(*report.Summary) // called with the summary of the run; nil: nothing
}

// Starter starts a run. It adds the input and the other fields that only its command knows to the request.
type Starter func(context.Context, job.Request) (*job.Result, error)

// Start begins a new run. It calls do with a request that lacks only the input and the fields that only the command
// knows.
func (p *Process) Start(ctx context.Context, a Asked, do Starter) error {
	if err := a.CheckOutput(a.Settings.ResultsCopy); err != nil {
		return err
	}
	name, err := p.ProfileOr(a.Profile)
	if err != nil {
		return err
	}
	p.needs = needsOf(a.Kind, a.Prune)
	set := a.Settings
	set.Profile, set.Config = name, p.ConfigFile
	set.VoiceURL = p.VoiceURL
	if set.Options, err = json.Marshal(a.Options); err != nil {
		return err
	}
	ctx, release := job.Within(ctx, set.MaxDuration)
	defer release()
	// Check the profile now, because the survey of a large file takes long.
	if _, err := p.Locate(ctx, name); err != nil {
		return err
	}
	p.AllowOrgChange = a.AllowOrgChange
	return p.Work(a.TalkFlags, a.Yes, func(env job.Env) (*job.Result, error) {
		return do(ctx, job.Request{Kind: kinds.Named(a.Kind), Settings: set, Env: env})
	})
}

// CheckOutput refuses the summary and the result table both on stdout.
func (f *TalkFlags) CheckOutput(results string) error {
	if f.JSON && results == "-" {
		return BothToStdout("--results")
	}
	return nil
}

// Work does a run, shows its progress and its result, and sets the exit code. With yes the user agrees to deletions.
func (p *Process) Work(talk TalkFlags, yes bool, do func(job.Env) (*job.Result, error)) error {
	p.Quiet = talk.Quiet
	progress := &job.Progress{}
	endProgress := func() {}
	if !talk.Quiet {
		endProgress = screen.Show(p.Stderr, progress)
	}
	res, err := do(p.Env(progress, talk.Verbose, yes))
	endProgress()
	finished := errors.Is(err, job.ErrFinished)
	if err != nil && !finished {
		return err
	}
	*p.Exit = exitCode(res, err)
	if finished && !talk.Quiet {
		p.Say("the run is finished: nothing is left to do")
	}
	if err := p.tell(res, talk); err != nil || res.Stop == nil {
		return err
	}
	roles := res.Summary.Roles
	p.needs = needsOf(res.Summary.Command, roles != nil && roles.Count(report.DeleteRole) > 0)
	p.hint(res.Stop)
	return nil
}

// Env returns what a run uses of this process.
func (p *Process) Env(progress *job.Progress, verbose, yes bool) job.Env {
	return job.Env{
		Stdin: p.Stdin, Stdout: p.Stdout, Connect: p.connect, Progress: progress, Begins: p.settlePin,
		Seal: p.seal, Kinds: kinds.Named, Version: p.Version, Verbose: verbose, Now: time.Now,
		Announce: func(price report.Forecast) {
			if !p.Quiet {
				p.show(&price)
			}
		},
		Confirm: p.confirm, Yes: yes,
		Tell:  func(text string) { p.Say("rolecall: %s", text) },
		Quiet: p.Quiet,
	}
}

// confirm asks the user about what a run takes away, or takes back.
func (p *Process) confirm(ctx context.Context, price report.Forecast) error {
	prompt := ask.New(p.Stdin, p.Stderr)
	if p.Quiet && prompt.Terminal {
		p.show(&price) // the user must see the plan before agreeing to it
	}
	err := prompt.Confirm(ctx, price.Question, "--yes", false)
	usage, ok := errors.AsType[*job.UsageError](err)
	if !ok || prompt.Terminal {
		return err
	}
	return &job.UsageError{Err: fmt.Errorf("this would %s: %w (nothing was sent)", price.Would(), usage.Err)}
}

// show shows the price of a run. It ignores errors of stderr, as all messages do.
func (p *Process) show(price *report.Forecast) { _ = price.WriteText(p.Stderr) }

// tell shows the result of a run, in the form that the user asked for.
func (p *Process) tell(res *job.Result, talk TalkFlags) error {
	sum := &res.Summary
	if talk.JSON {
		var b bytes.Buffer
		if err := sum.WriteJSON(&b, false); err != nil {
			return fmt.Errorf("write the summary: %w", err)
		}
		p.object = b.Bytes()
	}
	if !talk.Quiet {
		_ = sum.WriteText(p.Stderr) // whoever read it may have gone
		return nil
	}
	if n := sum.Rows.Error; n > 0 {
		where := "see " + sum.Files.Failed
		if sum.Files.Failed == "" {
			where = sum.AllFailed()
		}
		p.Say("rolecall: %s of %s rows failed: %s", report.Count(n), report.Count(sum.Rows.Total), where)
	}
	if sum.State == report.Stopped {
		p.Say("rolecall: stopped: %s", sum.Stopped)
		if sum.Next != "" {
			p.Say("go on with: %s", sum.Next)
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

// FromFile returns a function that makes a file the input of a run.
func FromFile(path string) func(*job.Request) error {
	return func(q *job.Request) error { q.Input = path; return nil }
}
