package job

import (
	"context"
	"errors"
	"fmt"
	"os"

	"rolecall/job/disk"
	"rolecall/job/rundir"
)

// Again is what the user asks of a run that exists: the settings given now win over those that the run began with.
type Again struct {
	RunDir string
	Change func(*Settings) // nil: none

	Env
}

// ErrFinished is the answer to resuming a run in which nothing is left to do.
var ErrFinished = errors.New("the run is finished")

// Resume goes on with a run: nothing recorded is sent again, and what was killed in the middle is settled. With nothing left to do it is [ErrFinished], and the Result tells what became of the run.
// Other errors are as those of [Start]; [ErrLocked] when another process holds the run.
func Resume(ctx context.Context, a Again) (*Result, error) {
	r, finished, err := a.open()
	if err != nil {
		return nil, err
	}
	defer r.close()
	res, err := r.resume(ctx, finished)
	return res, damaged(r.folder, err)
}

// resume goes on with an open run.
func (r *run) resume(ctx context.Context, finished bool) (*Result, error) {
	if finished {
		res, err := r.finishedBefore()
		if err != nil {
			return nil, err
		}
		return res, ErrFinished
	}
	pending, err := r.pending()
	if err != nil {
		return nil, err
	}
	proving, err := r.openProof()
	if err != nil {
		return nil, err
	}
	if pending == 0 && proving == "" { // killed while writing: no sign-in is needed for what is left
		return r.finish(nil, nil)
	}
	r.Progress.Enter(Connecting, 0, 0)
	org, err := r.Connect(ctx, r.settings, LogHooks(r.log))
	if err != nil {
		return nil, NotStarted(StartError(ctx, err), "nothing more was sent; go on with: "+r.resumeCommand())
	}
	if err := CheckOrg(r.s.DB, r.folder, org.Identity); err != nil {
		return nil, err
	}
	r.log.Info("resumed", "pending", pending, "rolecall", r.Version)
	return r.finish(r.call(ctx, org))
}

// Report makes the files of a run afresh from what is recorded, and says what became of it so far. Nothing is sent.
func Report(a Again) (*Result, error) {
	r, finished, err := a.open()
	if err != nil {
		return nil, err
	}
	defer r.close()
	r.settings.ResultsCopy = ""
	var notYet *Stop
	if !finished {
		notYet = &Stop{Interrupted, errors.New("the run has not ended yet")}
	}
	res, err := r.finish(notYet, nil)
	return res, damaged(r.folder, err)
}

// finishedBefore says what became of a run that finished earlier, and makes its tables again where they are gone.
func (r *run) finishedBefore() (*Result, error) {
	for _, name := range []string{rundir.Results, rundir.Failed, rundir.Summary} {
		if _, err := os.Stat(r.folder.File(name)); err != nil {
			return r.finish(nil, nil)
		}
	}
	res := &Result{}
	if err := r.s.Get("summary", &res.Summary); err != nil {
		return nil, err
	}
	return res, rundir.CopyResults(r.folder.File(rundir.Results), r.settings.ResultsCopy, r.Stdout)
}

// open opens the run's folder.
func (a *Again) open() (r *run, finished bool, err error) {
	f, err := rundir.Open(a.RunDir)
	if err != nil {
		return nil, false, err
	}
	r = &run{Env: a.Env, folder: f, log: disk.NewLog(a.Verbose), began: a.Now()}
	if r.s, err = openStore(f.File(rundir.Database), false); err != nil {
		if errors.Is(err, ErrLocked) {
			return nil, false, fmt.Errorf("%s: %w", a.RunDir, err)
		}
		return nil, false, &UsageError{Err: damaged(f, err)}
	}
	r.notes = &notes{log: r.log}
	var facts runFacts
	err = errors.Join(r.s.replay(), r.s.Get("notes", &r.notes.texts), r.s.Get("facts", &facts), r.s.Get("plan", &r.plan), r.s.Get("told", &r.told), r.s.Get("role_list", &r.roleList), r.s.Get("finished", &finished), r.log.Open(f.File(rundir.Log)))
	if err == nil && facts.Command == "" {
		err = usagef("%s holds no run of rolecall", a.RunDir)
	}
	if err != nil {
		r.close()
		return nil, false, damaged(f, err)
	}
	r.command, r.settings, r.input, r.surveyed, r.started = facts.Command, facts.Settings, facts.Input, facts.Survey, facts.Started
	r.s.inDealOrder = r.surveyed.InDealOrder
	if err := a.change(r, finished); err != nil {
		r.close()
		return nil, false, err
	}
	return r, finished, nil
}

// change puts what the user asks now into the settings of the run, and looks at whether it can be gone on with.
func (a *Again) change(r *run, finished bool) error {
	if finished || r.settings.ResultsCopy == "-" {
		r.settings.ResultsCopy = "" // it was written then, or was the stdout of another process
	}
	if a.Change != nil {
		a.Change(&r.settings)
	}
	var err error
	if r.settings.ResultsCopy, err = rundir.CopyPlace(r.settings.ResultsCopy, "", r.folder.Path); err != nil || finished {
		return err
	}
	return r.checkInput()
}

// pending returns how many rows have no outcome yet.
func (r *run) pending() (int64, error) {
	recorded, err := r.s.Number("SELECT coalesce(sum(size), 0) FROM outcomes")
	return r.plan.Sent + r.plan.Repeats - recorded, err
}

// String names an org for people.
func (i Identity) String() string {
	if i.OrgID == "" {
		return i.APIURL
	}
	return fmt.Sprintf("%s, org %s", i.APIURL, i.OrgID)
}
