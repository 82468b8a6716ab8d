package export

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"rolecall/job"
	"rolecall/job/disk"
	"rolecall/job/report"
)

// Is says whether a folder is that of an export.
func Is(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, dbFile))
	return err == nil
}

// Again is what the user asks of an export that stopped: the settings given now win over those that it began with.
type Again struct {
	RunDir string
	Change func(*job.Settings) // nil: none
	// ToStdout says that something else is to be written to stdout.
	ToStdout bool

	Env
}

// Resume goes on with an export: what was read is not read again. Errors are as those of [Start].
func Resume(ctx context.Context, a Again) (*Result, error) {
	r, free, err := a.open()
	if err != nil {
		return nil, err
	}
	defer free()
	if r.set.Output == Stdout && a.ToStdout {
		return nil, &job.UsageError{Err: errors.New("--json and this export both write to stdout: leave --json out")}
	}
	if a.Change != nil {
		a.Change(&r.set.Pace)
	}
	org, err := r.connect(ctx)
	if err != nil {
		return nil, err
	}
	var then job.Identity
	if err := r.s.Get("org", &then); err != nil {
		return nil, err
	}
	if !then.Same(org.Identity) {
		return nil, &job.UsageError{Err: fmt.Errorf("the export belongs to another org (%s) than the one signed in to now (%s): sign in to the org that it began on", then, org.Identity)}
	}
	return r.work(ctx, org, false)
}

// open takes an export that stopped for this process, until the function it returns is called.
func (a *Again) open() (r *run, free func(), err error) {
	dir, err := filepath.Abs(a.RunDir)
	if err != nil {
		return nil, nil, &job.UsageError{Err: err}
	}
	let, err := hold(filepath.Dir(dir), a.RunDir, a.Now())
	if err != nil {
		return nil, nil, err
	}
	r = &run{Env: a.Env, dir: dir, log: disk.NewLog(a.Verbose), began: a.Now()}
	free = func() { _ = r.close(); let(); leaveStdout(dir) }
	if err := r.open(); err != nil {
		free()
		return nil, nil, err
	}
	return r, free, nil
}

// Report says how far an export is that stopped. Nothing is sent, and nobody need be signed in.
func Report(a Again) (*Result, error) {
	r, free, err := a.open()
	if err != nil {
		return nil, err
	}
	defer free()
	if r.counts, err = r.s.counts(r.set.ViaContacts); err != nil {
		return nil, err
	}
	listed, left := false, int64(0)
	if err := r.s.Get("listed", &listed); err != nil {
		return nil, err
	}
	module := r.set.module()
	if left, err = r.s.unread(module); err != nil {
		return nil, err
	}
	if left > 0 {
		r.counts.empty = 0 // whoever was not read has nobody yet
	}
	res := &Result{Summary: r.summary(nil)}
	res.Summary.Plan.Left, res.Summary.RunDir, res.Summary.Next = left, r.dir, job.ResumeCommand(r.dir, r.set.Pace)
	res.Summary.State, res.Summary.Stopped = report.Stopped, fmt.Sprintf("the export to %s has not ended yet: %s of its %s are not read", r.set.Output, report.Count(left), module)
	if !listed {
		res.Summary.Stopped = fmt.Sprintf("the export to %s has not ended yet: its %s are not listed", r.set.Output, modDeals)
	}
	return res, nil
}

// open opens the export's folder.
func (r *run) open() error {
	db, err := disk.Open(filepath.Join(r.dir, dbFile), schema())
	if err != nil {
		if errors.Is(err, job.ErrLocked) {
			return fmt.Errorf("%s: %w", r.dir, err)
		}
		return &job.UsageError{Err: err}
	}
	r.s = store{db}
	if err := errors.Join(r.s.Get("facts", &r.facts), r.s.Get("spent", &r.before), r.s.Get("plan", &r.plan), r.log.Open(filepath.Join(r.dir, logFile))); err != nil {
		return &job.UsageError{Err: err}
	}
	if r.facts.Version == "" {
		return &job.UsageError{Err: fmt.Errorf("%s holds no export that could be gone on with: start it again", r.dir)}
	}
	r.set = r.facts.Settings
	r.told = newTold(r.set.Fields)
	return nil
}
