package job

import (
	"errors"
	"fmt"
	"time"

	"rolecall/job/report"
	"rolecall/job/rundb"
	"rolecall/job/rundir"
)

// Past is a run that this process only reads. Another process may work on the run.
type Past struct {
	report.Run

	Own   bool // this machine made the run, and nobody changed what it records
	Files report.Files
	Copy  string // the name of the copy of the input in the folder; "": none

	r    *run
	held bool // a process held the run before run.db was read
}

// Past calls read with the run in a.RunDir as it is now. It writes nothing into the folder. It does not wait for a
// process that works on the run, and does not hinder that process. It may call read more than once. The error is a
// *[UsageError] if the folder is no run that this rolecall knows.
func (a Again) Past(read func(*Past) error) error {
	a.reports = true
	dir, err := rundir.Open(a.RunDir)
	if err != nil {
		return err
	}
	path := dir.File(rundir.Database)
	_, held, err := rundb.Holder(path)
	if err == nil {
		err = rundb.Look(path, func(db *rundb.DB) error {
			p := &Past{r: &run{
				Env: a.Env, folder: dir, db: db, log: rundir.NewLog(false), began: a.Now(), reports: true,
			}, held: held}
			if err := p.load(&a); err != nil {
				return err
			}
			return read(p)
		})
	}
	if _, ok := errors.AsType[*rundb.VersionError](err); ok {
		return &UsageError{Err: err}
	}
	return damaged(dir, err)
}

// load reads the facts of the run.
func (p *Past) load(a *Again) error {
	r := p.r
	if err := a.known(r); err != nil {
		return err
	}
	if !r.own {
		r.Settings.Config = "" // resume does not use that file either
	}
	var org Identity
	err := errors.Join(r.db.Get(factOrg, &org), r.db.Get(factForecast, &r.forecast), r.db.Get(factNotes, &r.notes),
		r.db.Get(factSpent, &r.before), r.db.Get(factFinished, &r.finished))
	if err != nil {
		return err
	}
	p.Run = report.Run{
		Dir: r.folder.Name, Command: r.Kind, Input: r.Input.Name, Profile: r.Settings.Profile, Started: r.Started,
		Org: report.RunOrg{APIURL: org.APIURL, ID: org.OrgID},
	}
	p.Own, p.Copy = r.own, r.Input.File
	if err := p.state(); err != nil || !r.finished {
		return errors.Join(err, p.count())
	}
	var sum report.Summary
	err = r.db.Get(factSummary, &sum)
	p.Rows, p.Finished, p.Files = sum.Rows, sum.Finished, sum.Files
	return err
}

// state sets the state of the run, the process that holds the run, and the command to go on with.
func (p *Past) state() error {
	var by rundir.Holder
	if err := p.r.db.Get(factProcess, &by); err != nil {
		return err
	}
	pid, held, err := rundb.Holder(p.r.db.Path()) // also now: the process may have begun since
	if err != nil {
		return err
	}
	held = held || p.held && by.PID != 0
	if held {
		if pid != 0 && pid != by.PID {
			by = rundir.Holder{PID: pid}
		}
		p.Process = &report.Process{PID: by.PID, Host: by.Host, Since: by.Since}
	}
	switch {
	case p.r.finished:
		p.State = report.Finished
		return nil
	case held:
		p.State = report.AtWork
		return nil
	case by.PID != 0:
		p.State = report.BrokenOff
	default:
		p.State = report.Stopped
	}
	p.Next = p.r.resumeCommand()
	return nil
}

// count counts the rows of a run that is not finished.
func (p *Past) count() error {
	tallies, err := p.r.db.Tallies()
	if err != nil {
		return err
	}
	for _, t := range tallies {
		p.Rows.Add(string(t.Status), t.Action, t.Rows)
	}
	counts, err := p.r.db.Count()
	p.Rows.Add(string(NotAttempted), "", counts.Input-p.Rows.Total)
	return err
}

// atWork returns the progress of a run that another process holds. If the run is finished and an undo holds it, atWork
// returns the result of the run. The error is [ErrLocked] if the other process ends meanwhile.
func (a Again) atWork() (*Result, error) {
	res := &Result{}
	err := a.Past(func(p *Past) error {
		if p.State == report.Finished {
			return p.r.db.Get(factSummary, &res.Summary)
		}
		if p.State != report.AtWork {
			return fmt.Errorf("%s: %w: that process is ending, so give the command again", a.RunDir, ErrLocked)
		}
		r, sum := p.r, &res.Summary
		r.summarize(sum, nil)
		sum.State, sum.Process, sum.Rows, sum.Errors = report.AtWork, p.Process, p.Rows, []report.Group{}
		sum.Files = report.Files{Log: sum.Files.Log}
		if since := p.Process.Since; !since.IsZero() {
			sum.Seconds += max(0, a.Now().Sub(since)).Seconds()
		}
		if !r.kind.Whole {
			return nil
		}
		if err := r.db.Index(); err != nil {
			return err
		}
		return r.kind.Write(&Output{ // with a Stop, Write of an export only counts
			Settings: r.Settings, Rows: Results{r.db}, Notebook: notebook{r}, Folder: r.folder, Progress: r.Progress,
			Summary: sum, Stop: &Stop{Interrupted, errors.New("the run is at work")}, Reports: true,
			Say: func(string) {}, Warn: func(string) {}, Note: func(string) {},
		})
	})
	return res, err
}

// Unreadable returns the entry of a run that Past could not read. changed is when its run.db was changed last.
func Unreadable(dir string, changed time.Time, why error) report.Run {
	return report.Run{Dir: dir, State: report.Unreadable, Problem: fmt.Sprint(why), Started: changed.UTC()}
}
