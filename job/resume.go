package job

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"rolecall/api/auth/whole"
	"rolecall/job/rundb"
	"rolecall/job/rundir"
)

// Again is what the user asks for an existing run.
type Again struct {
	RunDir string
	Change func(*Settings)                      // changes the settings of the run; nil: no change
	Keep   bool                                 // store the changed settings in run.db
	Held   bool                                 // the caller did what Kind.Hold does
	Check  func(kind *Kind, set Settings) error // refuses settings that do not fit the run; nil: no check

	reports bool // nothing is sent, and at most the run's own files are written

	Env
}

// Resume continues a run. It does not send rows that have an outcome. It settles rows whose call was cut off by a kill.
// If no row is left, the error is [ErrFinished], and the Result is that of the finished run. If another process holds
// the run, the error is [ErrLocked]. Other errors are those of [Start].
func Resume(ctx context.Context, a Again) (*Result, error) {
	r, free, err := a.open()
	if err != nil {
		return nil, err
	}
	defer free()
	ctx, release := Within(ctx, r.Settings.MaxDuration)
	defer release()
	r.Stdout = rundir.Patient(ctx, r.Stdout)
	res, err := r.resume(ctx)
	return res, damaged(r.folder, err)
}

// resume continues an open run.
func (r *run) resume(ctx context.Context) (*Result, error) {
	worked := false
	if err := r.db.Get(factWorked, &worked); err != nil {
		return nil, err
	}
	if (r.finished || worked) && !r.own { // nothing is left to send, but files are written
		if err := r.signInOf(ctx); err != nil {
			return nil, err
		}
	}
	if r.finished {
		res, err := r.finishedBefore(ctx)
		if err != nil {
			return nil, err
		}
		return res, ErrFinished
	}
	if worked { // a kill came while the files were written: to write them needs no sign-in
		return r.end(ctx, nil)
	}
	goOn := "nothing more was sent; go on with: " + r.resumeCommand()
	if err := r.enter(); err != nil {
		return nil, notStarted(err, goOn)
	}
	org, err := r.connect(ctx)
	if err != nil {
		return nil, notStarted(err, goOn)
	}
	if err := r.checkOrg(org.Identity); err != nil {
		return nil, err
	}
	work, err := r.prepare(ctx, org)
	if err != nil && r.kind.Whole {
		return r.unready(ctx, org, err)
	}
	if err != nil {
		return nil, notStarted(err, goOn)
	}
	r.log.Info("resumed", "pending", r.counts.Open, "rolecall", r.Version)
	now, _ := work.Price() // the user agreed to the run when it began, so a refusal does not count
	r.announce(now)
	return r.goOn(ctx, org, work, nil)
}

// checkOrg refuses to resume the run on another org than its own.
func (r *run) checkOrg(now Identity) error {
	var then Identity
	if err := r.db.Get(factOrg, &then); err != nil {
		return err
	}
	if then.Same(now) {
		return nil
	}
	return &UsageError{Err: fmt.Errorf("%s belongs to another org (%s) than the one signed in to now (%s): "+
		"sign in to the org that the run began on", r.folder.Name, then, now)}
}

// signInOf signs in, and checks that the org is the run's org.
func (r *run) signInOf(ctx context.Context) error {
	org, err := r.connect(ctx)
	if err != nil {
		return err
	}
	return r.checkOrg(org.Identity)
}

// Report writes the files of a run again from run.db, and returns the result of the run so far. It sends nothing. If
// another process works on the run, Report writes nothing and returns the run's progress. Its errors are those of
// [Resume], without [ErrFinished].
func Report(a Again) (*Result, error) {
	a.Change, a.reports = func(set *Settings) { set.ResultsCopy = "" }, true
	if _, held, err := rundb.Holder(filepath.Join(a.RunDir, rundir.Database)); err == nil && held {
		return a.atWork()
	}
	r, free, err := a.open()
	if errors.Is(err, ErrLocked) { // a process began meanwhile
		return a.atWork()
	}
	if err != nil {
		return nil, err
	}
	defer free()
	var notYet *Stop
	if !r.finished || r.kind.Whole {
		notYet = &Stop{Reason: Interrupted, Err: errors.New("the run has not ended yet")}
	}
	res, err := r.end(context.Background(), notYet)
	return res, damaged(r.folder, err)
}

// finishedBefore returns the result of a run that finished earlier. It makes the files again if one is missing.
func (r *run) finishedBefore(ctx context.Context) (*Result, error) {
	res := &Result{}
	if err := r.db.Get(factSummary, &res.Summary); err != nil {
		return nil, err
	}
	f := &res.Summary.Files
	for _, path := range []string{f.Results, f.Failed, f.FailedBook, f.Summary, f.Undo, f.Before, f.Pruned} {
		if path == "" {
			continue
		}
		if _, err := os.Stat(r.folder.File(filepath.Base(path))); err != nil { // the folder may have moved
			return r.end(ctx, nil)
		}
	}
	return res, r.copyResults(ctx)
}

// open opens the run's folder and locks it until free is called.
func (a *Again) open() (r *run, free func(), err error) {
	if r, err = a.openDB(); err != nil {
		return nil, nil, err
	}
	let, err := a.load(r)
	if err != nil {
		_ = r.close()
		return nil, nil, damaged(r.folder, err)
	}
	return r, func() { r.leave(); _ = r.close(); let() }, nil
}

// openDB opens the run.db of the run and locks it until it is closed.
func (a *Again) openDB() (*run, error) {
	dir, err := rundir.Open(a.RunDir)
	if err != nil {
		return nil, err
	}
	r := &run{Env: a.Env, folder: dir, log: rundir.NewLog(a.Verbose), began: a.Now(), reports: a.reports}
	if r.db, err = rundb.Open(dir.File(rundir.Database)); err != nil {
		if errors.Is(err, rundb.ErrLocked) {
			return nil, heldRun(a.RunDir, dir)
		}
		return nil, &UsageError{Err: damaged(dir, err)}
	}
	return r, nil
}

// load reads the facts of the run from run.db, and locks what Kind.Hold locks until free is called.
func (a *Again) load(r *run) (free func(), err error) {
	if err := a.known(r); err != nil {
		return nil, err
	}
	err = errors.Join(
		r.db.Get(factForecast, &r.forecast), r.db.Get(factNotes, &r.notes),
		r.db.Get(factSpent, &r.before), r.db.Get(factFinished, &r.finished), r.db.Get(factAgreed, &r.agreed),
		r.log.Open(r.folder.File(rundir.LogFile)))
	if err != nil {
		return nil, err
	}
	r.agreed = r.agreed && r.own // an agreement from another machine does not count here
	if err := r.db.Index(); err != nil {
		return nil, err
	}
	if r.counts, err = r.db.Count(); err != nil {
		return nil, err
	}
	r.earlier.Failed = r.counts.Failed - r.counts.Rejected
	r.earlier.Rows = r.counts.Rows - r.counts.Open - r.counts.Unsendable
	free = func() {}
	if r.kind.Hold != nil && !a.Held {
		if free, err = r.kind.Hold(r.folder.Path, r.Settings, &r.Env); err != nil {
			return nil, err
		}
	}
	for _, text := range a.Notes {
		r.say(text)
	}
	err = a.change(r)
	if err == nil && a.Keep {
		err = r.putFacts()
	}
	if err != nil {
		free()
		return nil, err
	}
	return free, nil
}

// known reads what the user asked for from run.db. It refuses what this version of rolecall does not know.
func (a *Again) known(r *run) error {
	facts, raw, err := factsOf(r.db)
	if rundb.IsOwn(err) {
		return err
	}
	r.runFacts = facts
	if err == nil {
		if r.kind = a.Kinds(r.Kind); r.kind == nil {
			return &UsageError{Err: fmt.Errorf("%s holds no run that this rolecall knows (%q)", a.RunDir, r.Kind)}
		}
		if r.kind.Check != nil {
			err = r.kind.Check(r.Settings)
		}
	}
	if err != nil {
		return &UsageError{Err: fmt.Errorf("%s asks for something that this rolecall does not know (%w): "+
			"go on with the version that made it, or start the run again", a.RunDir, err)}
	}
	if r.own, err = r.isOwn(raw); err != nil {
		return err
	}
	r.Env.Yes = r.Env.Yes || r.own && facts.Yes
	if r.kind.Whole && !r.own && !a.Keep && !a.reports { // Keep: the user says now where to write
		return &UsageError{Err: fmt.Errorf("%s was not made on this machine, or it was changed, "+
			"so it is not known that you want it to write its files: give the %s command again", a.RunDir, r.Kind)}
	}
	return nil
}

// change changes the settings of the run as the user asks now, and checks them and the copy of the input.
func (a *Again) change(r *run) error {
	set := &r.Settings
	if r.finished || !rundir.KeepsCopy(set.ResultsCopy) {
		set.ResultsCopy = "" // the copy is written already, or went to a reader of an earlier process
	}
	then := *set
	if !r.own {
		// A config file may name a command to run, and the host of Voice gets the access token.
		set.ResultsCopy, set.Config, set.VoiceURL = "", "", ""
	}
	if a.Change != nil {
		a.Change(set)
	}
	if !r.own && !r.finished && !a.reports {
		if err := r.askAgain(&then); err != nil {
			return err
		}
	}
	if a.Check != nil {
		if err := a.Check(r.kind, *set); err != nil {
			return err
		}
	}
	var err error
	set.ResultsCopy, err = rundir.CopyPlace(set.ResultsCopy, r.folder.Path, r.inputs()...)
	if err != nil || r.finished {
		return err
	}
	files := []string{rundir.Results, rundir.Failed, rundir.FailedBook, rundir.Summary}
	for _, name := range files { // before the calls, not after them
		if err := whole.CheckHeld(r.folder.File(name)); err != nil {
			return err
		}
	}
	return r.checkInput()
}

// heldRun returns the error of opening a run that another process holds. It names that process if the job has a lock
// of its own.
func heldRun(name string, dir *rundir.Dir) error {
	path, err := filepath.Abs(dir.Path)
	if err != nil {
		return err
	}
	if by := rundir.HolderOf(filepath.Dir(path)); by.PID != 0 {
		return &rundir.HeldError{What: name, By: by}
	}
	return fmt.Errorf("%s: %w", name, ErrLocked)
}

// damaged adds the file's name to an error of a damaged run.db, and returns other errors as they are.
func damaged(f *rundir.Dir, err error) error {
	if rundb.Damaged(err) {
		return fmt.Errorf("%s is damaged, so the run can be neither read nor resumed "+
			"(its results.csv, if there is one, is complete): %w", f.File(rundir.Database), err)
	}
	return err
}
