package job

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"rolecall/api/pace"
	"rolecall/csvio"
	"rolecall/job/deals"
	"rolecall/job/disk"
	"rolecall/job/report"
	"rolecall/job/rundir"
)

// Env is what a run uses of the process around it.
type Env struct {
	Stdin    io.Reader
	Stdout   io.Writer // for the result table when it is asked for there
	Connect  Connect
	Progress *Progress
	Announce func(report.Plan) // told the price before the first write; nil: nobody
	Version  string            // of rolecall, for the summary
	Verbose  bool              // log every attempt
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

	folder   *rundir.Dir
	s        *store
	log      *disk.Log
	began    time.Time // this process
	started  time.Time // the run
	command  Command
	settings Settings
	input    rundir.Input
	surveyed surveyFacts
	plan     Price
	told     report.Plan // the price as it was announced at the beginning
	notes    *notes
	roleList string // the org's roles, for people
	checked  bool   // the kept input is the one that was surveyed
}

// close frees the run's files.
func (r *run) close() {
	_ = r.log.Close()
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
	c, err := r.caller(org)
	if err != nil {
		return nil, err
	}
	left, recorded, err := r.openRows(c)
	if err != nil {
		return nil, err
	}
	r.decide(c, org, left)
	unsendable := r.rows() - r.plan.Sent - r.plan.Repeats
	r.Progress.Enter(Calling, r.rows(), unsendable+recorded)
	stop := NewStopper(r.settings.MaxErrors, org.Pacer.Drain)
	if recorded == 0 { // a file with too many rows that can never be sent must not cost a call
		rejected := unsendable - r.surveyed.NoStakeholder
		r.Progress.failed.Add(rejected)
		stop.CountRejected(rejected, unsendable)
	}
	endWatch := stop.Watch(ctx, r.settings.MaxDuration)
	defer endWatch()
	spent, err := Spender(r.s.DB, org.Pacer)
	if err != nil {
		return nil, err
	}
	c.stop = stop
	if c.rec, err = newRecorder(r.s, func(err error) { stop.Stop(&Stop{Broken, err}) }, spent); err != nil {
		return &Stop{Broken, fmt.Errorf("begin to record outcomes beside run.db: %w", err)}, nil
	}
	if !stop.Stopped() {
		err = c.run(ctx)
	}
	err = cmp.Or(err, c.rec.close(), r.s.InTransaction(spent)) // all are done; the first error tells
	why := stop.Why()
	if err != nil { // what could not be recorded must not pass for never attempted
		why = &Stop{Broken, fmt.Errorf("record the outcomes in run.db: %w", err)}
	}
	if why != nil {
		r.log.Error("stopped", "reason", why.Error())
	}
	return why, nil
}

// caller makes the call stage of this run.
func (r *run) caller(org *Org) (*caller, error) {
	b, err := r.batcher()
	if err != nil {
		return nil, err
	}
	return &caller{
		batcher: b, zoho: org.Zoho, s: r.s, ignoreNotFound: r.settings.IgnoreNotFound, workers: max(org.InFlight, 1), progress: r.Progress,
	}, nil
}

// openRows finds out which rows are done, how many that is, and what the others will take.
func (r *run) openRows(c *caller) (left Price, recorded int64, err error) {
	if c.done, recorded, err = r.s.recorded(); err != nil {
		return left, 0, err
	}
	if c.noted, err = r.s.noted(); err != nil {
		return left, 0, err
	}
	if left = r.plan; recorded > 0 {
		left, err = price(r.s, c.batcher, c.done)
	}
	return left, recorded, err
}

// decide chooses the way of the rows that are left, and tells the price of it.
func (r *run) decide(c *caller, org *Org, left Price) {
	w, composite := r.ways(org, left)
	c.collection = &collection{
		finding: org.Known(findingCollection), never: w == wayOneByOne, say: r.notes.add,
		remember: org.Keep(findingCollection),
	}
	if r.settings.SkipUnchanged {
		c.reader = deals.New(deals.Options{
			Zoho: org.Zoho, Plain: !composite, EmptyProves: r.command == Assign, Known: org.Known(deals.Finding), Remember: org.Keep(deals.Finding),
			Say: r.notes.add, Places: func() int { return org.Pacer.Stats().Limit }, Over: c.over,
		})
	}
	told := r.announce(org, left, w, composite)
	if r.Announce != nil {
		r.Announce(told)
	}
	r.log.Info("price", "plan", told)
}

// rows is how many rows the run has.
func (r *run) rows() int64 { return r.surveyed.Rows }

// SpentBy is what this process has spent so far.
func SpentBy(pacer *pace.Pacer) report.Spent {
	p, calls := pacer.Stats(), pacer.CallStats()
	spent := report.Spent{
		Calls: int64(p.Calls), Credits: int64(p.Credits), Retries: int64(p.Retries), Episodes: int64(p.Episodes), Kinds: map[string]int64{},
		AtLimit: calls.AtLimit.Seconds(), Waiting: calls.Waiting().Seconds(),
		P50: float64(calls.P50) / float64(time.Millisecond), P99: float64(calls.P99) / float64(time.Millisecond),
	}
	for kind, n := range calls.Kinds {
		spent.Kinds[kind] = int64(n)
	}
	return spent
}

// finish does the write stage after a call stage, and makes the summary.
func (r *run) finish(stop *Stop, err error) (*Result, error) {
	if err != nil {
		return nil, err
	}
	proving, err := r.openProof()
	if err != nil {
		return nil, err
	}
	noTime := errors.Join(r.addSeconds(), r.s.Put("notes", r.notes.list()))
	t, err := r.writeTables(unfinished)
	if _, ok := errors.AsType[*UsageError](err); ok {
		return nil, err
	}
	if err = cmp.Or(err, noTime); err != nil {
		return nil, Unwritten(stop, err, r.resumeCommand())
	}
	if t.rows.NotAttempted == 0 && proving == "" {
		stop = nil // what ended the calls came after the last of them
	} else if stop == nil {
		stop = &Stop{Broken, fmt.Errorf("%d rows have no outcome although nothing stopped the run", t.rows.NotAttempted)}
	}
	res := &Result{Summary: r.summary(t, stop), Stop: stop}
	if proving != "" {
		res.Summary.Notes = append(res.Summary.Notes, fmt.Sprintf("whether a call for several contacts took others off deal %s was not looked at before the stop: resume does it, and puts them back", proving))
	}
	if err := KeepSummary(r.s.DB, r.folder, &res.Summary, stop == nil); err != nil {
		return nil, Unwritten(stop, err, r.resumeCommand())
	}
	return res, nil
}

// checkInput looks once at whether the kept input is still the one that was surveyed.
func (r *run) checkInput() error {
	if r.checked {
		return nil
	}
	err := r.input.Check(r.folder)
	r.checked = err == nil
	return err
}

// writeTables makes the result tables. open is what a row without an outcome is told.
func (r *run) writeTables(open string) (*tally, error) {
	if err := r.checkInput(); err != nil {
		return nil, err
	}
	r.Progress.Enter(Writing, r.rows(), 0)
	b, err := r.batcher()
	if err != nil {
		return nil, err
	}
	kept, err := os.Open(r.folder.File(r.input.File))
	if err != nil {
		return nil, err
	}
	defer func() { _ = kept.Close() }()
	options := r.readerOptions(r.input.Name)
	in, err := csvio.NewReader(kept, options)
	if err != nil {
		return nil, err
	}
	defer func() { _ = in.Close() }()
	w := &writer{s: r.s, names: r.roleList, open: open, plan: b}
	return w.writeTables(in, r.folder, r.settings.ResultsCopy, r.Stdout)
}
