package roles

import (
	"context"
	"errors"
	"fmt"
	"os"

	"rolecall/job"
	"rolecall/job/disk"
	"rolecall/job/report"
	"rolecall/job/rundir"
)

// Again is what the user asks of a run that exists: the settings given now win over those that the run began with.
type Again struct {
	RunDir string
	Change func(*job.Settings) // nil: none

	Env
}

// Resume goes on with a run: nothing recorded is sent again, and the list decides what was killed in the middle. With nothing left to do it is [job.ErrFinished], and the Result tells what became
// of the run. Other errors are as those of [Start]; [job.ErrLocked] when another process holds the run.
func Resume(ctx context.Context, a Again) (*Result, error) {
	r, finished, err := a.open(ctx)
	if err != nil {
		return nil, err
	}
	defer r.close()
	if finished {
		res, err := r.finishedBefore()
		if err != nil {
			return nil, err
		}
		return res, job.ErrFinished
	}
	worked := false
	if err := r.s.Get("worked", &worked); err != nil {
		return nil, err
	}
	if worked { // killed while writing: no sign-in is needed for what is left
		return r.finish(nil)
	}
	r.Progress.Enter(job.Connecting, 0, 0)
	org, err := r.Connect(ctx, r.facts.Settings.Settings, job.LogHooks(r.log))
	if err != nil {
		return nil, job.NotStarted(job.StartError(ctx, err), "nothing more was sent; go on with: "+r.resumeCommand())
	}
	if err := job.CheckOrg(r.s.DB, r.dir, org.Identity); err != nil {
		return nil, err
	}
	r.log.Info("resumed", "pending", len(r.state.rows)-len(r.state.done), "rolecall", r.Version)
	stop, err := r.call(ctx, org, false)
	if err != nil {
		return nil, err
	}
	return r.finish(stop)
}

// Report makes the files of a run afresh from what is recorded, and says what became of it so far. Nothing is sent.
func Report(ctx context.Context, a Again) (*Result, error) {
	r, finished, err := a.open(ctx)
	if err != nil {
		return nil, err
	}
	defer r.close()
	r.facts.Settings.ResultsCopy = ""
	if finished {
		return r.finish(nil)
	}
	return r.finish(&job.Stop{Reason: job.Interrupted, Err: errors.New("the run has not ended yet")})
}

// finishedBefore says what became of a run that finished earlier, and makes its tables again where they are gone.
func (r *run) finishedBefore() (*Result, error) {
	if gone(r.dir, rundir.Results, rundir.Failed, rundir.Summary, beforeFile) {
		return r.finish(nil)
	}
	res := &Result{}
	if err := r.s.Get("summary", &res.Summary); err != nil {
		return nil, err
	}
	return res, rundir.CopyResults(r.dir.File(rundir.Results), r.facts.Settings.ResultsCopy, r.Stdout)
}

// open opens the run's folder and reads its input again.
func (a *Again) open(ctx context.Context) (r *run, finished bool, err error) {
	dir, err := rundir.Open(a.RunDir)
	if err != nil {
		return nil, false, err
	}
	r = &run{Env: a.Env, dir: dir, log: disk.NewLog(a.Verbose), began: a.Now()}
	if r.s, err = openStore(dir, false); err != nil {
		if errors.Is(err, job.ErrLocked) {
			return nil, false, fmt.Errorf("%s: %w", a.RunDir, err)
		}
		return nil, false, &job.UsageError{Err: err}
	}
	if finished, err = a.load(ctx, r); err != nil {
		r.close()
		return nil, false, err
	}
	return r, finished, nil
}

// load reads what is recorded of the run.
func (a *Again) load(ctx context.Context, r *run) (finished bool, err error) {
	r.told = &report.Roles{}
	err = errors.Join(r.s.Get("facts", &r.facts), r.s.Get("told", r.told), r.s.Get("notes", &r.notes), r.s.Get("finished", &finished), r.log.Open(r.dir.File(rundir.Log)))
	if err == nil && r.facts.Command == "" {
		err = &job.UsageError{Err: fmt.Errorf("%s holds no run of rolecall", a.RunDir)}
	}
	if err != nil {
		return false, err
	}
	if err := a.change(r, finished); err != nil {
		return false, err
	}
	if err := r.facts.Input.Check(r.dir); err != nil {
		return false, err
	}
	kept, err := os.Open(r.dir.File(r.facts.Input.File))
	if err != nil {
		return false, err
	}
	defer func() { _ = kept.Close() }()
	if r.table, _, err = r.read(ctx, kept); err != nil {
		return false, err
	}
	done, err := r.s.outcomes()
	if err != nil {
		return false, err
	}
	if r.state, err = newState(r.facts.Command, &r.facts.Settings, r.table.rows, r.facts.Before, done); err != nil {
		return false, err
	}
	r.state.doomed = doomed(r.told)
	return finished, nil
}

// change puts what the user asks now into the settings of the run.
func (a *Again) change(r *run, finished bool) (err error) {
	set := &r.facts.Settings.Settings
	if finished || set.ResultsCopy == "-" {
		set.ResultsCopy = "" // it was written then, or was the stdout of another process
	}
	if a.Change != nil {
		a.Change(set)
	}
	set.ResultsCopy, err = rundir.CopyPlace(set.ResultsCopy, "", r.dir.Path)
	return err
}
