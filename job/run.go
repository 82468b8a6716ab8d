package job

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"rolecall/api"
	"rolecall/csvio"
	"rolecall/job/report"
)

// Env is what a run uses of the process around it.
type Env struct {
	Stdin    io.Reader
	Stdout   io.Writer // for the result table when it is asked for there
	Connect  Connect
	Progress *Progress
	Version  string // of rolecall, for the summary
	Verbose  bool   // log every attempt
	Now      func() time.Time
}

// Result is what a run says when it is over: the summary, and the stop where there was one.
type Result struct {
	Summary report.Summary
	Stop    *Stop
}

// run is a run at work.
type run struct {
	Env

	folder   *folder
	s        *store
	log      *runLog
	began    time.Time // this process
	started  time.Time // the run
	command  Command
	settings Settings
	input    inputFacts
	surveyed surveyFacts
	plan     Price
	roleList string // the org's roles, for people
	checked  bool   // the kept input is the one that was surveyed
}

// close frees the run's files.
func (r *run) close() {
	_ = r.log.close()
	if r.s != nil {
		_ = r.s.Close()
	}
}

// batcher returns how the rows of this run travel.
func (r *run) batcher() (batcher, error) {
	roles, err := r.s.orgRoles()
	return batcher{command: r.command, roles: roles}, err
}

// call does the call stage. Its error is trouble with the run's own files.
func (r *run) call(ctx context.Context, org *Org) (*Stop, error) {
	b, err := r.batcher()
	if err != nil {
		return nil, err
	}
	done, recorded, err := r.s.recorded()
	if err != nil {
		return nil, err
	}
	noted, err := r.s.noted()
	if err != nil {
		return nil, err
	}
	unsendable := r.rows() - r.plan.Sent - r.plan.Repeats
	r.Progress.enter(Calling, r.rows(), unsendable+recorded)
	stop := newStopper(r.settings.MaxErrors, org.Pacer.Drain)
	if recorded == 0 { // a file with too many rows that can never be sent must not cost a call
		rejected := unsendable - r.surveyed.NoStakeholder
		r.Progress.failed.Add(rejected)
		stop.countRejected(rejected, unsendable)
	}
	endWatch := stop.watch(ctx, r.settings.MaxDuration)
	defer endWatch()
	spent, err := r.spender(org.Pacer)
	if err != nil {
		return nil, err
	}
	rec, err := newRecorder(r.s, func(err error) { stop.stop(&Stop{Broken, err}) }, spent)
	if err != nil {
		return nil, err
	}
	c := &caller{
		batcher: b, zoho: org.Zoho, s: r.s, rec: rec, stop: stop, done: done, noted: noted,
		ignoreNotFound: r.settings.IgnoreNotFound, workers: max(org.InFlight, 1), progress: r.Progress,
	}
	if !stop.stopped() {
		err = c.run(ctx)
	}
	err = cmp.Or(err, rec.close(), r.s.inTransaction(spent)) // all are done; the first error tells
	why := stop.why()
	if err != nil { // what could not be recorded must not pass for never attempted
		why = &Stop{Broken, fmt.Errorf("record the outcomes in run.db: %w", err)}
	}
	if why != nil {
		r.log.Error("stopped", "reason", why.Error())
	}
	return why, nil
}

// rows is how many rows the run has.
func (r *run) rows() int64 { return r.surveyed.Rows }

// spender returns what writes down what the run has spent so far, this process with those before it. It runs inside a transaction.
func (r *run) spender(pacer *api.Pacer) (func() error, error) {
	var before report.Spent
	err := r.s.get("spent", &before)
	return func() error {
		p := pacer.Stats()
		now := before.Add(report.Spent{Calls: int64(p.Calls), Credits: int64(p.Credits), Retries: int64(p.Retries), Episodes: int64(p.Episodes)})
		return r.s.putLocked("spent", now)
	}, err
}

// finish does the write stage after a call stage, and makes the summary.
func (r *run) finish(stop *Stop, err error) (*Result, error) {
	if err != nil {
		return nil, err
	}
	noTime := r.addSeconds()
	t, err := r.writeTables(unfinished)
	if _, ok := errors.AsType[*UsageError](err); ok {
		return nil, err
	}
	if err = cmp.Or(err, noTime); err != nil {
		return nil, r.unwritten(stop, err)
	}
	if t.rows.NotAttempted == 0 {
		stop = nil // what ended the calls came after the last of them
	} else if stop == nil {
		stop = &Stop{Broken, fmt.Errorf("%d rows have no outcome although nothing stopped the run", t.rows.NotAttempted)}
	}
	res := &Result{Summary: r.summary(t, stop), Stop: stop}
	if err := r.keepSummary(&res.Summary, stop == nil); err != nil {
		return nil, r.unwritten(stop, err)
	}
	return res, nil
}

// unwritten is the end of a run whose files cannot be written: what stopped it before, if anything did, what is in the way, and how to go on.
func (r *run) unwritten(stop *Stop, err error) error {
	err = fmt.Errorf("write results.csv and its companions: %w", err)
	if stop != nil {
		err = fmt.Errorf("%w; %w", stop.Err, err)
	}
	return &Stop{Broken, fmt.Errorf("%w (what was recorded stands; once that is mended, go on with: %s)", err, r.resumeCommand())}
}

// checkInput looks once at whether the kept input is still the one that was surveyed.
func (r *run) checkInput() error {
	if r.checked {
		return nil
	}
	err := r.input.check(r.folder)
	r.checked = err == nil
	return err
}

// writeTables makes the result tables. open is what a row without an outcome is told.
func (r *run) writeTables(open string) (*tally, error) {
	if err := r.checkInput(); err != nil {
		return nil, err
	}
	r.Progress.enter(Writing, r.rows(), 0)
	b, err := r.batcher()
	if err != nil {
		return nil, err
	}
	kept, err := os.Open(r.folder.file(r.input.File))
	if err != nil {
		return nil, err
	}
	defer func() { _ = kept.Close() }()
	options := readerOptions(r.input.Name, r.command, r.settings)
	options.CellsOnly = true
	in, err := csvio.NewReader(kept, options)
	if err != nil {
		return nil, err
	}
	w := &writer{s: r.s, names: r.roleList, open: open, plan: b}
	return w.writeTables(in, r.folder, r.settings.ResultsCopy, r.Stdout)
}
