package export

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"rolecall/job"
	"rolecall/job/disk"
	"rolecall/job/picklist"
	"rolecall/job/report"

	"zombiezen.com/go/sqlite"
)

// run is an export at work.
type run struct {
	Env

	set    Settings
	dir    string
	s      store
	log    *disk.Log
	began  time.Time // this process
	facts  facts
	before spending // of the processes before this one
	roles  picklist.List
	plan   report.ExportPlan
	counts counts
	notes  notes
	told   *told
}

// facts is what the database says of an export from the beginning on.
type facts struct {
	Settings Settings  `json:"settings"`
	Named    string    `json:"named_sha256,omitempty"` // of the deals that the user named
	Started  time.Time `json:"started"`
	Version  string    `json:"version"` // of the rolecall that began it
}

// Start exports. An error means that nothing was read: *[job.UsageError], *[job.Stop], [job.ErrLocked], or trouble with rolecall's own files. What happens later is in the Result.
func Start(ctx context.Context, q Request) (*Result, error) {
	n, err := q.named()
	if err != nil {
		return nil, &job.UsageError{Err: err}
	}
	if err := q.places(); err != nil {
		return nil, err
	}
	dir, free, err := q.take()
	if err != nil {
		return nil, err
	}
	defer free()
	r := &run{Env: q.Env, set: q.Settings, dir: dir, log: disk.NewLog(q.Verbose), began: q.Now(), told: newTold(q.Settings.Fields)}
	defer func() { _ = r.close() }() // what matters of it is closed before
	org, err := r.connect(ctx)
	if err != nil {
		return nil, err
	}
	if q.Afresh || q.DryRun || !r.goOn(org, n) {
		if err := r.create(org, n); err != nil {
			return nil, &job.Stop{Reason: job.Broken, Err: r.inFile(err)}
		}
	}
	res, err := r.work(ctx, org, q.DryRun)
	if q.DryRun {
		err = errors.Join(err, r.close(), r.discard())
		if res != nil {
			res.Summary.RunDir, res.Summary.Next = "", ""
		}
	}
	return res, err
}

// connect signs in.
func (r *run) connect(ctx context.Context) (*job.Org, error) {
	r.Progress.Enter(job.Connecting, 0, 0)
	org, err := r.Connect(ctx, r.set.Pace, job.LogHooks(r.log))
	if err != nil {
		return nil, job.StartError(ctx, err)
	}
	return org, nil
}

// create makes the folder of the export, in place of one that was not finished.
func (r *run) create(org *job.Org, n *named) error {
	if _, err := os.Stat(r.dir); err == nil {
		r.note("an export of this file that had stopped is given up for this one")
	}
	if err := errors.Join(r.discard(), os.MkdirAll(r.dir, 0o700), r.log.Open(filepath.Join(r.dir, logFile))); err != nil {
		return err
	}
	db, err := disk.Create(filepath.Join(r.dir, dbFile), schema())
	if err != nil {
		return err
	}
	r.s = store{db}
	r.facts = facts{r.set, n.sum(), r.Now().UTC(), r.Version}
	if n != nil {
		if err := r.s.name(n); err != nil {
			return err
		}
	}
	return errors.Join(r.s.Put("org", org.Identity), r.s.Put("facts", r.facts))
}

// discard removes the folder of the export.
func (r *run) discard() error { return os.RemoveAll(r.dir) }

// close frees the files of the export.
func (r *run) close() error {
	err := r.log.Close()
	if r.s.DB != nil {
		err = errors.Join(err, r.s.Close())
		r.s.DB = nil
	}
	return err
}

// work does what is left of an export. Its error is trouble with the export's own files.
func (r *run) work(ctx context.Context, org *job.Org, dry bool) (*Result, error) {
	stop := job.NewStopper(job.Threshold{}, org.Pacer.Drain)
	endWatch := stop.Watch(ctx, r.set.Pace.MaxDuration)
	err := r.stages(ctx, org, stop, dry)
	endWatch()
	if err != nil {
		stop.Stop(stopFor(r.inFile(err)))
	}
	why := stop.Why()
	if ended, ok := errors.AsType[*job.UsageError](err); ok {
		return nil, errors.Join(ended, r.close(), r.discard())
	}
	if why == nil && !dry {
		return r.finish(org)
	}
	res := &Result{Stop: why, Summary: r.summary(org)}
	if why != nil {
		r.log.Error("stopped", "reason", why.Error())
		r.counts, _ = r.s.counts(r.set.ViaContacts) // what cannot be read stays out of the summary
		if r.set.ViaContacts {
			r.counts.empty = 0 // nobody knows before all contacts are read
		}
		res.Summary = r.summary(org)
		res.Summary.State, res.Summary.Stopped = report.Stopped, why.Error()
		res.Summary.RunDir, res.Summary.Next = r.dir, job.ResumeCommand(r.dir, r.set.Pace)
	} else {
		res.Summary.State = report.DryRun
	}
	if err := r.s.InTransaction(func() error { return r.keepSpent(org) }); err != nil && (why == nil || why.Reason != job.Broken) {
		return res, r.inFile(err) // else the reason is told already, and the way on
	}
	return res, nil
}

// inFile says of trouble with the database which file that is.
func (r *run) inFile(err error) error {
	if c := sqlite.ErrCode(err).ToPrimary(); c == sqlite.ResultOK || c == sqlite.ResultError || r.s.DB == nil || strings.Contains(err.Error(), r.s.Path) {
		return err
	}
	return fmt.Errorf("%s: %w", r.s.Path, err)
}
