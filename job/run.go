package job

import (
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

// Request is one run as the user asked for it.
type Request struct {
	Command  Command
	Settings Settings
	Input    string // a path, or "-" for Stdin
	RunDir   string // "": a name made of input, command and time
	DryRun   bool   // survey, checks and price; nothing is written to Zoho

	Env
}

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
	began    time.Time
	command  Command
	settings Settings
	input    inputFacts
	rows     int64
	plan     Price
	roleList string // the org's roles, for people
}

// Start surveys the input, signs in, and does the run. An error means that nothing was sent: *[UsageError], *[Stop], or trouble with rolecall's own files. What happens
// once rows are sent, also when it ends the run early, is in the Result.
func Start(ctx context.Context, q Request) (*Result, error) {
	in, closeIn, err := q.open()
	if err != nil {
		return nil, err
	}
	defer closeIn()
	name, err := folderName(q.RunDir, q.Input, q.Command, q.Now())
	if err != nil {
		return nil, err
	}
	if err := checkResultsCopy(q.Settings.ResultsCopy, q.Input); err != nil {
		return nil, err
	}
	f, err := newFolder(name)
	if err != nil {
		return nil, err
	}
	r := &run{Env: q.Env, folder: f, log: newRunLog(q.Verbose), began: q.Now(), command: q.Command, settings: q.Settings}
	defer f.discard()
	defer r.close()
	if err := r.begin(ctx, in, q.Input); err != nil {
		return nil, err
	}
	org, err := r.signIn(ctx)
	if err != nil {
		return nil, err
	}
	if q.DryRun {
		return r.dryRun()
	}
	if err := r.appear(); err != nil {
		return nil, err
	}
	return r.finish(r.call(ctx, org))
}

// open opens the input.
func (q *Request) open() (io.Reader, func(), error) {
	if q.Input == "-" {
		return q.Stdin, func() {}, nil
	}
	f, err := os.Open(q.Input)
	if err != nil {
		return nil, nil, &UsageError{err}
	}
	if info, err := f.Stat(); err == nil && info.IsDir() {
		_ = f.Close()
		return nil, nil, usagef("%s is a folder: give a file", q.Input)
	}
	return f, func() { _ = f.Close() }, nil
}

// begin surveys the input into the run's folder, while that still has a temporary name.
func (r *run) begin(ctx context.Context, source io.Reader, name string) error {
	if err := r.log.open(r.folder.file(logFile)); err != nil {
		return err
	}
	var err error
	if r.s, err = openStore(r.folder.file(dbFile), true); err != nil {
		return err
	}
	if name == "-" {
		name = "stdin"
	}
	kept, err := keepInput(r.folder, name, source)
	if err != nil {
		return err
	}
	defer kept.close()
	in, err := openInput(kept, readerOptions(name, r.command, r.settings))
	if err != nil {
		return err
	}
	r.Progress.enter(Surveying, 0, 0)
	if r.rows, err = survey(ctx, in, name, r.s, r.command, r.settings, r.Progress); err != nil {
		return err
	}
	if r.input, err = kept.finish(in.Dialect()); err != nil {
		return err
	}
	r.log.Info("surveyed", "command", r.command, "input", r.input.Name, "dialect", r.input.Dialect, "rows", r.rows, "rolecall", r.Version)
	return r.keepFacts()
}

// signIn connects to the org, looks the roles up and reckons the price.
func (r *run) signIn(ctx context.Context) (*Org, error) {
	r.Progress.enter(Connecting, 0, 0)
	org, err := r.Connect(ctx, r.settings, r.log.hooks())
	if err != nil {
		return nil, startError(err)
	}
	if err := r.s.put("org", org.Identity); err != nil {
		return nil, err
	}
	if r.command == Assign {
		roles, err := org.Zoho.Roles(ctx)
		if err != nil {
			return nil, startError(err)
		}
		if err := r.s.resolveRoles(roles); err != nil {
			return nil, err
		}
		r.roleList = nameRoles(roles)
		if err := r.s.put("role_list", r.roleList); err != nil {
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
	r.log.Info("signed in", "org", org.Identity.OrgID, "api", org.Identity.APIURL, "in_flight", org.InFlight, "deals", r.plan.Deals, "calls", r.plan.Calls)
	return org, r.s.put("plan", r.plan)
}

// startError is an error of signing in or of the first reads: nothing was sent.
func startError(err error) error {
	if _, ok := errors.AsType[*UsageError](err); ok {
		return err
	}
	if stop := stopOf(err); stop != nil {
		return stop
	}
	return &Stop{Refused, err} // a refusal of the very first reads concerns every row
}

// appear gives the run's folder its name. From here on resume can go on with it.
func (r *run) appear() error {
	if err := errors.Join(r.log.close(), r.s.Close()); err != nil {
		return err
	}
	r.s = nil
	if err := r.folder.appear(); err != nil {
		return err
	}
	if err := r.log.open(r.folder.file(logFile)); err != nil {
		return err
	}
	var err error
	r.s, err = openStore(r.folder.file(dbFile), false)
	return err
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
	unsendable := r.rows - r.plan.Sent - r.plan.Repeats
	r.Progress.enter(Calling, r.rows, unsendable+recorded)
	stop := newStopper(r.settings.MaxErrors, org.Pacer.Drain)
	if err := r.countRejected(stop, recorded); err != nil {
		return nil, err
	}
	endWatch := stop.watch(ctx, r.settings.MaxDuration)
	defer endWatch()
	rec, err := newRecorder(r.s, func(err error) { stop.stop(&Stop{Broken, err}) })
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
	err = errors.Join(err, rec.close(), r.addSpent(org.Pacer.Stats()))
	if why := stop.why(); why != nil {
		r.log.Error("stopped", "reason", why.Error())
		return why, nil
	}
	return nil, err
}

// countRejected takes the rows that can never be sent into the limits, before the first call: a file with too many of them must not cost one. A run that goes on does not
// count them again.
func (r *run) countRejected(stop *stopper, recorded int64) error {
	if recorded > 0 {
		return nil
	}
	rejected, err := r.s.number(`SELECT count(*) FROM rows LEFT JOIN roles USING (role)
		WHERE code IS NOT NULL AND code <> ? OR code IS NULL AND rows.role IS NOT NULL AND role_id IS NULL`, CodeNoStakeholder)
	for range rejected {
		r.Progress.failed.Add(1)
		stop.count(true, false)
	}
	return err
}

// addSpent adds what this process spent to what earlier ones did.
func (r *run) addSpent(p api.PacerStats) error {
	var spent report.Spent
	if err := r.s.get("spent", &spent); err != nil {
		return err
	}
	return r.s.put("spent", spent.Add(report.Spent{Calls: int64(p.Calls), Credits: int64(p.Credits), Retries: int64(p.Retries), Episodes: int64(p.Episodes)}))
}

// finish does the write stage after a call stage, and makes the summary.
func (r *run) finish(stop *Stop, err error) (*Result, error) {
	if err != nil {
		return nil, err
	}
	if err := r.addSeconds(); err != nil {
		return nil, err
	}
	t, err := r.writeTables(unfinished)
	if err != nil {
		return nil, &Stop{Broken, fmt.Errorf("write the results: %w (resume makes them)", err)}
	}
	if t.rows.NotAttempted == 0 {
		stop = nil // what ended the calls came after the last of them
	} else if stop == nil {
		stop = &Stop{Broken, fmt.Errorf("%d rows have no outcome although nothing stopped the run", t.rows.NotAttempted)}
	}
	res := &Result{Summary: r.summary(t, stop), Stop: stop}
	return res, r.keepSummary(&res.Summary, stop == nil)
}

// writeTables makes the result tables. open is what a row without an outcome is told.
func (r *run) writeTables(open string) (*tally, error) {
	r.Progress.enter(Writing, r.rows, 0)
	b, err := r.batcher()
	if err != nil {
		return nil, err
	}
	kept, err := os.Open(r.folder.file(r.input.File))
	if err != nil {
		return nil, err
	}
	defer func() { _ = kept.Close() }()
	in, err := csvio.NewReader(kept, readerOptions(r.input.Name, r.command, r.settings))
	if err != nil {
		return nil, err
	}
	w := &writer{s: r.s, roles: b.roles, names: r.roleList, open: open, plan: b}
	return w.writeTables(in, r.folder, r.settings.ResultsCopy, r.Stdout)
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
