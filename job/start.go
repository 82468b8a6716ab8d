package job

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"

	"rolecall/job/disk"
	"rolecall/job/picklist"
	"rolecall/job/report"
	"rolecall/job/rundir"
)

// Request is one run as the user asked for it.
type Request struct {
	Command  Command
	Settings Settings
	Input    string // a path, or "-" for Stdin
	RunDir   string // "": a name made of input, command and time
	DryRun   bool   // survey, checks and price; nothing is written to Zoho

	Env
}

// Start surveys the input, signs in, and does the run. An error means that nothing was sent: *[UsageError], *[Stop], or trouble with rolecall's own files. What happens
// once rows are sent, also when it ends the run early, is in the Result.
func Start(ctx context.Context, q Request) (*Result, error) {
	in, closeIn, err := rundir.OpenInput(ctx, q.Input, q.Stdin)
	if err != nil {
		return nil, err
	}
	defer closeIn()
	name, base, err := rundir.NameFor(q.RunDir, q.Input, string(q.Command), q.Now())
	if err != nil {
		return nil, err
	}
	if q.Settings.ResultsCopy, err = rundir.CopyPlace(q.Settings.ResultsCopy, q.Input, name); err != nil {
		return nil, err
	}
	f, err := rundir.New(name, base)
	if err != nil {
		return nil, err
	}
	r := &run{Env: q.Env, folder: f, log: disk.NewLog(q.Verbose), began: q.Now(), started: q.Now(), command: q.Command, settings: q.Settings}
	r.notes = &notes{log: r.log}
	defer f.Discard()
	defer r.close()
	if err := r.begin(ctx, in, q.Input); err != nil {
		return nil, NotStarted(err, "nothing was sent and no run was made: give the command again")
	}
	org, err := r.signIn(ctx)
	if err != nil {
		return nil, NotStarted(err, "nothing was sent and no run was made: give the command again")
	}
	if q.DryRun {
		return r.dryRun()
	}
	if err := r.appear(); err != nil {
		return nil, err
	}
	return r.finish(r.call(ctx, org))
}

// begin surveys the input into the run's folder, while that still has a temporary name.
func (r *run) begin(ctx context.Context, source io.Reader, name string) error {
	if err := r.log.Open(r.folder.File(rundir.Log)); err != nil {
		return err
	}
	var err error
	if r.s, err = openStore(r.folder.File(rundir.Database), true); err != nil {
		return err
	}
	if name == "-" {
		name = "stdin"
	}
	kept, err := rundir.Keep(r.folder, name, source)
	if err != nil && ctx.Err() != nil {
		return &Stop{Interrupted, ErrInterrupted}
	}
	if err != nil {
		return err
	}
	defer kept.Close()
	in, err := openInput(ctx, kept.Reader, r.readerOptions(name))
	if err != nil {
		return cmp.Or(kept.Failed, err)
	}
	defer func() { _ = in.Close() }()
	r.Progress.Enter(Surveying, 0, 0)
	if r.surveyed, err = survey(ctx, in, name, r.s, r.command, r.settings, r.Progress); err != nil {
		return cmp.Or(kept.Failed, err)
	}
	r.s.inDealOrder = r.surveyed.InDealOrder
	if r.input, err = kept.Finish(in.Dialect()); err != nil {
		if ctx.Err() != nil {
			return &Stop{Interrupted, ErrInterrupted}
		}
		return err
	}
	r.checked = true
	r.log.Info("surveyed", "command", r.command, "input", r.input.Name, "dialect", r.input.Dialect, "rows", r.rows(), "rolecall", r.Version)
	return r.keepFacts()
}

// signIn connects to the org, looks the roles up and reckons the price.
func (r *run) signIn(ctx context.Context) (*Org, error) {
	r.Progress.Enter(Connecting, 0, 0)
	org, err := r.Connect(ctx, r.settings, LogHooks(r.log))
	if err != nil {
		return nil, StartError(ctx, err)
	}
	if err := r.s.Put("org", org.Identity); err != nil {
		return nil, err
	}
	if r.command == Assign {
		roles, err := picklist.Read(ctx, org.Zoho)
		if err != nil {
			return nil, StartError(ctx, err)
		}
		if err := r.s.resolveRoles(roles); err != nil {
			return nil, err
		}
		r.roleList = roles.String()
		if err := r.s.Put("role_list", r.roleList); err != nil {
			return nil, err
		}
	}
	b, err := r.batcher()
	if err != nil {
		return nil, err
	}
	if r.plan, err = price(r.s, b, &rowSet{}); err != nil {
		return nil, err
	}
	r.log.Info("signed in", "org", org.Identity.OrgID, "api", org.Identity.APIURL, "in_flight", org.InFlight)
	w, composite := r.ways(org, r.plan)
	r.told = r.announce(org, r.plan, w, composite)
	return org, errors.Join(r.s.Put("plan", r.plan), r.s.Put("told", r.told))
}

// NotStarted says with an interruption before the first call, and with trouble with rolecall's own files, how to go on.
func NotStarted(err error, next string) error {
	stop, stopped := errors.AsType[*Stop](err)
	_, usage := errors.AsType[*UsageError](err)
	switch {
	case stopped && (stop.Reason == Interrupted || stop.Reason == OutOfBudget):
		return &Stop{stop.Reason, fmt.Errorf("%w: %s", stop.Err, next)}
	case !stopped && !usage:
		return &Stop{Broken, fmt.Errorf("prepare run.db of the run: %w (make room, or choose another --run-dir): %s", err, next)}
	}
	return err
}

// StartError is an error of signing in or of the first reads: nothing was sent.
func StartError(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return &Stop{Interrupted, ErrInterrupted}
	}
	if _, ok := errors.AsType[*UsageError](err); ok {
		return err
	}
	if stop := StopOf(err); stop != nil {
		return stop
	}
	return &Stop{Refused, err} // a refusal of the very first reads concerns every row
}

// appear gives the run's folder its name. From here on resume can go on with it.
func (r *run) appear() error {
	if err := errors.Join(r.log.Close(), r.s.Close()); err != nil {
		return err
	}
	r.s = nil
	if err := r.folder.Appear(); err != nil {
		return err
	}
	if err := r.log.Open(r.folder.File(rundir.Log)); err != nil {
		return err
	}
	var err error
	if r.s, err = openStore(r.folder.File(rundir.Database), false); err != nil {
		return err
	}
	r.s.inDealOrder = r.surveyed.InDealOrder
	return nil
}

// dryRun ends a run before its first write.
func (r *run) dryRun() (*Result, error) {
	t, err := r.writeTables(notSent)
	if err != nil {
		return nil, err
	}
	sum := r.summary(t, nil)
	sum.State, sum.Files, sum.RunDir, sum.Next = report.DryRun, report.Files{}, "", ""
	return &Result{Summary: sum}, nil
}
