package job

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"rolecall/job/report"
	"rolecall/job/rundb"
	"rolecall/job/rundir"
)

// The keys of the facts in run.db.
const (
	factRun      = "run"      // runFacts
	factOrg      = "org"      // Identity
	factReady    = "ready"    // true once all rows have their keys
	factForecast = "forecast" // the price at the start
	factNotes    = "notes"
	factSeconds  = "seconds"
	factSpent    = "spent"
	factSought   = "sought" // report.LookUp
	factAgreed   = "agreed" // true once the user agreed to what the run takes away, or there was nothing to ask
	factCalls    = "calls"  // true once the calls that do the rows have begun
	factWorked   = "worked" // true once nothing is left to send
	factSummary  = "summary"
	factFinished = "finished"
	factProcess  = "process" // rundir.Holder: the process that works on the run, or that was killed at work
	jobFacts     = "job "    // the prefix of the keys of the job's own notebook
)

// runFacts is what run.db stores about a run at its start.
type runFacts struct {
	Kind     string       `json:"kind"`
	Settings Settings     `json:"settings"`
	Input    rundir.Input `json:"input"`
	Made     bool         `json:"made,omitempty"` // rolecall made the input, so its rows have no lines
	Started  time.Time    `json:"started"`
	By       string       `json:"version"`       // the version of rolecall that began the run
	Yes      bool         `json:"yes,omitempty"` // Env.Yes
}

// factsOf reads the facts from run.db. raw is their JSON.
func factsOf(db *rundb.DB) (f runFacts, raw json.RawMessage, err error) {
	if err = db.Get(factRun, &raw); err == nil && raw != nil {
		err = decodeKnown(raw, &f)
	}
	return f, raw, err
}

// run is a run in this process.
type run struct {
	Env
	runFacts

	kind      *Kind
	folder    *rundir.Dir
	db        *rundb.DB
	log       *rundir.Log
	began     time.Time // when this process began
	counts    rundb.Counts
	earlier   rundb.Counts    // rows that earlier processes sent or read: Failed, and Rows with an outcome
	forecast  report.Forecast // the price at the start of the run
	before    report.Spent    // what earlier processes spent
	surveyed  int64           // rows of the input that this process surveyed
	header    []string        // of the input that this process surveyed
	exported  bool            // rolecall exported that input
	finished  bool            // an earlier process finished the run
	own       bool            // this machine made the run, so its settings are trusted
	reports   bool            // this process sends nothing and only reports what is recorded
	dry       bool            // a dry run
	announced bool            // people have seen the price
	sought    report.LookUp   // what the run looked up
	agreed    bool            // the user agreed to what the run takes away
	kept      fs.FileInfo     // of the copy of the input when the calls began; nil: none
	over      func() bool     // reports whether nothing new may be sent
	looked    atomic.Int64    // when the folder was looked at last, in Unix nanoseconds

	mu    sync.Mutex
	notes []string
}

// close closes the run's files. It may be called twice.
func (r *run) close() error {
	err := r.log.Close()
	if r.db != nil {
		err = cmp.Or(err, r.db.Close())
		r.db = nil
	}
	return err
}

// enter records that this process works on the run. The record stays only if the process is killed.
func (r *run) enter() error { return r.db.Put(factProcess, rundir.ThisProcess(r.began)) }

// leave deletes the record of enter. After an error the run looks as if this process was killed, which resume accepts.
func (r *run) leave() {
	if r.db != nil && !r.reports {
		_ = r.db.Forget(factProcess)
	}
}

// inputs returns the files of the user that the run reads. No output may replace them.
func (r *run) inputs() []rundir.Taken {
	return []rundir.Taken{
		{Path: r.Input.Path, What: "the input itself"}, {Path: r.Settings.Config, What: "the config file"},
	}
}

// say adds a note for people to the log and to the summary, once per text.
func (r *run) say(text string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if slices.Contains(r.notes, text) {
		return
	}
	r.notes = append(r.notes, text)
	r.log.Warn("note", "text", text)
}

// warnFirst adds a note and shows it to people at once. The summary at the end shows it again.
func (r *run) warnFirst(text string) {
	r.say(text)
	r.Warn(text)
}

// warn adds a note for the summary, and shows it to people who do not see the summary.
func (r *run) warn(text string) {
	r.say(text)
	if r.Quiet {
		r.Warn(text)
	}
}

// said returns a copy of the notes, in their order.
func (r *run) said() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.notes)
}

// notebook stores a job's own facts in run.db.
type notebook struct{ r *run }

func (n notebook) Put(key string, value any) error { return n.r.db.PutForced(jobFacts+key, value) }
func (n notebook) Get(key string, into any) error  { return n.r.db.Get(jobFacts+key, into) }
func (n notebook) Forget(key string) error         { return n.r.db.Forget(jobFacts + key) }

// desk returns what the job may use of its run.
func (r *run) desk() Desk {
	return Desk{
		Input: r.Input.Name, Header: r.header, Exported: r.exported, Notebook: notebook{r}, Say: r.say,
		Warn:     r.warnFirst,
		Over:     func() bool { return r.over != nil && r.over() },
		Answered: func(what, value string) (json.RawMessage, error) { return r.db.Answered(what, value) },
		Dry:      r.dry, Agreed: r.agreed, Asks: r.Confirm != nil && !r.Env.Yes, Price: r.announce,
		Expect: r.Progress.Expect,
	}
}

// resumeCommand returns the exact command that resumes the run.
func (r *run) resumeCommand() string {
	c := "rolecall resume " + rundir.ShellQuote(rundir.Argument(r.folder.Name))
	if r.Settings.Profile != "" {
		c += " --profile " + rundir.ShellQuote(r.Settings.Profile)
	}
	if r.Settings.Config != "" {
		c += " --config " + rundir.ShellQuote(rundir.Argument(r.Settings.Config))
	}
	return c
}

// connect signs in.
func (r *run) connect(ctx context.Context) (*Org, error) {
	r.Progress.Enter(Connecting, 0, 0)
	org, err := r.Connect(ctx, r.Settings, LogHooks(r.log))
	if err != nil {
		return nil, StartError(ctx, err)
	}
	return org, nil
}

// appendFrom is the number of open rows above which run.db only appends outcomes, because it is faster. A run with
// fewer rows may get outcomes that replace earlier ones, as the rows of a role list do.
const appendFrom = 10_000

// call does the call stage and Work.Finish. The Stop is nil if no row is left to send.
func (r *run) call(ctx context.Context, org *Org, work Work) *Stop {
	stage := Calling
	if r.kind.Whole {
		stage = Reading
	}
	r.Progress.Enter(stage, r.counts.Rows, r.counts.Rows-r.counts.Open)
	r.Progress.Reject(r.counts.Failed)
	stop := NewStopper(r.Settings.MaxErrors, org.Pacer.Drain)
	err := r.beginCalls(stop)
	if err != nil {
		stop.Stop(StopOf(broken(err)))
	}
	if r.kept, err = r.keptNow(); err != nil {
		stop.Stop(StopOf(broken(err)))
	}
	endWatch := stop.Watch(ctx)
	defer endWatch()
	spent := func() any { return r.spent(org) }
	c := newCaller(r.db, work, max(org.InFlight, 1), stop, r.Progress)
	c.ends, c.look, c.lastWins, c.differ = ctx, r.look, r.Settings.LastWins, r.kind.Differ
	r.over = c.over
	c.rec = newRecorder(r.db, spent, func(err error) { stop.Stop(StopOf(err)) })
	// A signal must not cut the calls in flight. Instead the stopper drains the pacer.
	whole := context.WithoutCancel(ctx)
	if !stop.Stopped() {
		c.run(whole)
	}
	var done bool
	done, err = r.finishCalls(whole, work, c)
	c.end(broken(cmp.Or(err, c.rec.close(), r.db.PutForced(factSpent, spent()))))
	if why := stop.Why(); done && (why == nil || why.Reason != Broken) { // a stop may come after the last call
		err := r.db.Put(factWorked, true)
		if err == nil {
			return nil
		}
		c.end(broken(err))
	}
	r.log.Error("stopped", "reason", stop.Why().Error())
	return stop.Why()
}

// beginCalls counts the rows that need no call, before the first call that does a row. So too many bad rows stop the
// run before it sends anything.
func (r *run) beginCalls(stop *Stopper) error {
	begun := false
	if err := r.db.Get(factCalls, &begun); err != nil || begun {
		return err
	}
	r.countDone(stop)
	if stop.Stopped() {
		return nil
	}
	if r.counts.Open > appendFrom {
		if err := r.db.Append(); err != nil {
			return err
		}
	}
	return r.db.Put(factCalls, true)
}

// countDone counts the rows that need no call: those that this process has finished so far, and those that can never be
// sent.
func (r *run) countDone(stop *Stopper) {
	stop.CountRejected(r.counts.Failed-r.earlier.Failed, r.counts.Rows-r.counts.Open-r.earlier.Rows)
}

// spent returns what the run has spent so far, in all of its processes.
func (r *run) spent(org *Org) report.Spent {
	p, calls := org.Pacer.Stats(), org.Pacer.CallStats()
	spent := report.Spent{
		Calls: int64(p.Calls), Credits: int64(p.Credits), Retries: int64(p.Retries), Episodes: int64(p.Episodes),
		Kinds: map[string]int64{}, AtLimit: calls.AtLimit.Seconds(), Waiting: calls.Waiting().Seconds(),
		P50: float64(calls.P50) / float64(time.Millisecond), P99: float64(calls.P99) / float64(time.Millisecond),
	}
	for kind, n := range calls.Kinds {
		spent.Kinds[kind] = int64(n)
	}
	return r.before.Add(spent)
}

// finishCalls calls Work.Finish if no row is open. done reports whether nothing is left to do.
func (r *run) finishCalls(ctx context.Context, work Work, c *caller) (done bool, err error) {
	if err := r.db.Index(); err != nil {
		return false, err
	}
	counts, err := r.db.Count()
	if err != nil || counts.Open > 0 {
		if err == nil && !c.stop.Stopped() {
			c.end(&Stop{Broken, errors.New("rows have no outcome although nothing stopped the run")})
		}
		return false, err
	}
	outcomes, err := work.Finish(ctx, Results{r.db})
	if len(outcomes) > 0 {
		if e := c.rec.record(outcomes); e != nil {
			return false, e
		}
	}
	c.end(err)
	return err == nil, nil
}

// addSeconds adds the time of this process to the time of the run.
func (r *run) addSeconds() error {
	var seconds float64
	if err := r.db.Get(factSeconds, &seconds); err != nil {
		return err
	}
	// The clock may have been set back.
	return r.db.Put(factSeconds, seconds+max(0, r.Now().Sub(r.began).Seconds()))
}
