package roles

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"rolecall/api"
	"rolecall/csvio"
	"rolecall/job"
	"rolecall/job/disk"
	"rolecall/job/picklist"
	"rolecall/job/report"
	"rolecall/job/rundir"
)

// run is a run at work.
type run struct {
	Env

	dir   *rundir.Dir
	s     store
	log   *disk.Log
	began time.Time // this process
	facts facts
	table *table
	state *state
	told  *report.Roles
	notes []string
	work  *worker // nil: nothing was sent by this process
}

// facts is what run.db says of a run from the beginning on.
type facts struct {
	Command  job.Command   `json:"command"`
	Settings Settings      `json:"settings"`
	Input    rundir.Input  `json:"input"`
	Made     bool          `json:"made,omitempty"` // the input was made by rolecall
	Before   picklist.List `json:"before"`         // the list before the run
	Started  time.Time     `json:"started"`
	Version  string        `json:"version"` // of the rolecall that began it
}

// close frees the run's files.
func (r *run) close() {
	_ = r.log.Close()
	if r.s.DB != nil {
		_ = r.s.Close()
	}
}

// note takes note of something that people should know, once.
func (r *run) note(text string) {
	if !slices.Contains(r.notes, text) {
		r.notes = append(r.notes, text)
		r.log.Warn("note", "text", text)
	}
}

// readerOptions is how the input is read, the first time and again.
func (r *run) readerOptions() csvio.Options {
	set := &r.facts.Settings
	return csvio.Options{
		Name: r.facts.Input.Name, Encoding: set.Encoding, Delimiter: set.Delimiter, Map: set.Map, Vocabulary: Columns(), Needs: needs(set), TempDir: r.dir.Path,
	}
}

// needs are the columns that a table cannot do without.
func needs(set *Settings) [][]csvio.Field {
	if set.ByName {
		return [][]csvio.Field{{Name}}
	}
	return [][]csvio.Field{{Name, ID}}
}

// call does the rows. Its error is trouble with the run's own files.
func (r *run) call(ctx context.Context, org *job.Org, looked bool) (*job.Stop, error) {
	r.Progress.Enter(job.Calling, int64(len(r.state.rows)), int64(len(r.state.done)))
	stop := job.NewStopper(r.facts.Settings.MaxErrors, org.Pacer.Drain)
	endWatch := stop.Watch(ctx, r.facts.Settings.MaxDuration)
	defer endWatch()
	spent, err := job.Spender(r.s.DB, org.Pacer)
	if err != nil {
		return nil, err
	}
	r.work = &worker{
		state: r.state, zoho: org.Zoho, s: r.s, stop: stop, progress: r.Progress, say: r.note, spent: spent, looked: looked,
		lost: map[int64]*api.Error{}, claims: map[int64]api.Outcome{}, tries: map[int64]int{}, passed: map[string]passedName{}, freed: map[string]int{},
	}
	var errNoted, errGone error
	r.work.noted, errNoted = r.s.noted()
	r.work.gone, errGone = r.s.pruned()
	if err := errors.Join(errNoted, errGone, r.s.Get("passed", &r.work.passed)); err != nil {
		return nil, err
	}
	for number := range r.work.noted {
		r.work.tries[number] = 1 // by a process before
	}
	// A signal must not cut the calls in flight: it drains the pacer instead, through the stopper.
	err = r.work.run(context.WithoutCancel(ctx))
	if err != nil {
		stop.Stop(job.StopOf(err))
	}
	why := stop.Why()
	err = errors.Join(r.s.InTransaction(spent), r.s.Put("worked", why == nil))
	if why == nil && err != nil {
		why = &job.Stop{Reason: job.Broken, Err: fmt.Errorf("record the outcomes in %s: %w", rundir.Database, err)}
	}
	if why != nil {
		r.log.Error("stopped", "reason", why.Error())
	}
	return why, nil
}

// announce completes the plan with the price and tells it.
func (r *run) announce(org *job.Org) error {
	r.told = r.state.plan()
	r.state.doomed = doomed(r.told)
	r.told.CreditsLeft = org.Left(r.facts.Settings.Settings)
	r.told.Fits = r.told.CreditsLeft < 0 || r.told.Calls <= r.told.CreditsLeft
	r.log.Info("plan", "plan", r.told)
	return r.s.Put("told", r.told)
}

// doomed says whether a plan foresees that rows fail.
func doomed(p *report.Roles) bool { return len(p.Refusals) > 0 || p.Unusable > 0 }

// finish writes the tables and the summary after the calls.
func (r *run) finish(stop *job.Stop) (*Result, error) {
	r.Progress.Enter(job.Writing, int64(len(r.table.rows)), 0)
	var seconds float64
	err := r.s.Get("seconds", &seconds)
	err = errors.Join(err, r.s.Put("seconds", seconds+max(0, r.Now().Sub(r.began).Seconds())), r.s.Put("notes", r.notes))
	sum, e := r.write(unfinished)
	if _, usage := errors.AsType[*job.UsageError](e); usage {
		return nil, e
	}
	if err = cmp.Or(e, err); err != nil {
		return nil, job.Unwritten(stop, err, r.resumeCommand())
	}
	res := &Result{Summary: *sum, Stop: stop}
	if stop != nil && stop.Reason == job.OutOfBudget && r.facts.Settings.MaxCredits > 0 {
		res.Summary.Notes = append(res.Summary.Notes, fmt.Sprintf("resume has the same --max-credits unless it is given another; %d credits go to the org and its list before anything else", reads))
	}
	if stop != nil {
		res.Summary.State, res.Summary.Stopped, res.Summary.Next = report.Stopped, stop.Error(), r.resumeCommand()
	} else if sum.Rows.NotAttempted > 0 {
		return nil, &job.Stop{Reason: job.Broken, Err: fmt.Errorf("%d rows have no outcome although nothing stopped the run", sum.Rows.NotAttempted)}
	}
	if err := job.KeepSummary(r.s.DB, r.dir, &res.Summary, stop == nil); err != nil {
		return nil, job.Unwritten(stop, err, r.resumeCommand())
	}
	return res, nil
}

// resumeCommand is the exact command that goes on with the run.
func (r *run) resumeCommand() string { return job.ResumeCommand(r.dir.Name, r.facts.Settings.Settings) }
