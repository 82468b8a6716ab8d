package job

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"rolecall/api/auth/whole"
	"rolecall/job/report"
	"rolecall/job/rundir"
)

// end writes the run's files after its calls and returns the Result. It fails only if the files cannot be written.
func (r *run) end(ctx context.Context, stop *Stop) (*Result, error) {
	res := &Result{Stop: stop}
	noTime := r.addSeconds()
	r.summarize(&res.Summary, stop)
	err := r.write(ctx, &res.Summary, stop, false)
	noTime = errors.Join(noTime, r.db.Put(factNotes, r.said()))
	if _, ok := errors.AsType[*UsageError](err); ok {
		return nil, err
	}
	if refused, ok := errors.AsType[*Stop](err); ok && endedFromOutside(err) == nil {
		// The job refused to write wrong files: the old files stay.
		res.Stop = refused
		res.Summary.State, res.Summary.Stopped, res.Summary.Next = report.Stopped, refused.Error(), ""
		return res, r.settle(res, false)
	}
	err = cmp.Or(err, noTime)
	if err == nil && !r.kind.Whole {
		err = r.keepSummary(&res.Summary, stop == nil)
	}
	if _, ok := errors.AsType[*whole.HeldError](err); ok {
		r.held(res, err)
		return res, nil
	}
	if err != nil {
		return nil, r.unwritten(stop, err)
	}
	if stop == nil {
		return res, r.settle(res, true)
	}
	return res, nil
}

// keepSummary writes summary.json and, if the run finished, marks it as finished. The tables must be whole before.
func (r *run) keepSummary(sum *report.Summary, finished bool) error {
	err := r.folder.WriteWhole(rundir.Summary, func(w io.Writer) error { return sum.WriteJSON(w, true) })
	if err != nil || !finished {
		return err
	}
	return errors.Join(r.db.Put(factSummary, sum), r.db.Put(factFinished, true))
}

// unwritten returns the error of a run whose files cannot be written. Its message has the earlier stop, if there is
// one, then err, then the resume command.
func (r *run) unwritten(stop *Stop, err error) error {
	reason, first := Broken, "fix that, then "
	if _, ok := errors.AsType[*whole.HeldError](err); ok {
		reason = Held
	}
	if ended := endedFromOutside(err); ended != nil { // the reader of a pipe did not read
		reason, first = ended.Reason, ""
	}
	files := "results.csv and its companions"
	if r.kind.Whole {
		files = "the " + r.Kind
	}
	err = fmt.Errorf("write %s: %w", files, err)
	if stop != nil {
		err = fmt.Errorf("%w; %w", stop.Err, err)
	}
	if lost := r.lost(); lost != "" {
		return &Stop{Broken, fmt.Errorf("%w%s: put back its files, or resume it where they are now", err, lost)}
	}
	return &Stop{reason, fmt.Errorf("%w (nothing that was recorded is lost; %sgo on with: %s)", err, first,
		r.resumeCommand())}
}

// held ends a run that cannot replace a file, because another program has that file open. Everything is recorded, so
// the summary has all counts, and resume only writes the files again.
func (r *run) held(res *Result, err error) {
	if res.Stop != nil {
		res.Stop = &Stop{res.Stop.Reason, fmt.Errorf("%w; %w", res.Stop.Err, err)}
	} else {
		res.Stop = &Stop{Held, err}
	}
	sum := &res.Summary
	sum.State, sum.Stopped, sum.Next = report.Stopped, res.Stop.Error(), r.resumeCommand()
	if !r.kind.Whole {
		_ = r.keepSummary(sum, false) // the same summary is shown
	}
}

// settle closes the run's files and lets the job clean up. finished reports whether the run finished.
func (r *run) settle(res *Result, finished bool) error {
	if r.kind.Settle == nil {
		return nil
	}
	if err := r.close(); err != nil {
		return err
	}
	if err := r.keepLog(res); err != nil {
		return err
	}
	err := r.kind.Settle(r.folder.Path, r.Settings, finished)
	if err != nil && finished {
		return r.unwritten(nil, err)
	}
	return err
}

// keepLog moves the log out of the folder that Settle removes, if the user wants it: --verbose.
func (r *run) keepLog(res *Result) error {
	if !r.Verbose || res.Summary.Export == nil {
		return nil
	}
	kept := filepath.Join(filepath.Dir(r.folder.Path), rundir.LogFile)
	if err := whole.Rename(r.folder.File(rundir.LogFile), kept); err != nil {
		return fmt.Errorf("keep the log of the export: %w", err)
	}
	res.Summary.Export.Log = kept
	return nil
}

// summarize sets the fields of the summary that are known before the files are written. write counts the rows.
func (r *run) summarize(sum *report.Summary, stop *Stop) {
	*sum = report.Summary{
		Version: r.Version, Command: r.Kind, RunDir: r.folder.Name, State: report.Finished,
		Input:     r.inputFacts(),
		Plan:      r.forecast.Plan,
		Roles:     r.forecast.Roles,
		Records:   r.forecast.Records,
		Deletions: r.forecast.Deletions,
		LookUp:    r.forecast.LookUp,
		Taken:     r.forecast.Taken,

		UnknownRoles: r.forecast.UnknownRoles,

		Notes:   r.said(),
		Started: r.Started.UTC(), Finished: r.Now().UTC(),
		Files: report.Files{Summary: r.folder.File(rundir.Summary), Log: r.folder.File(rundir.LogFile)},
	}
	if stop != nil {
		sum.State, sum.Stopped, sum.Next = report.Stopped, stop.Error(), r.resumeCommand()
		if r.lost() != "" {
			sum.Next = ""
			sum.Stopped += "; results.csv has the outcomes, and resume needs the files of the run"
		}
	}
	// A fact that cannot be read is left out of the summary: the results do not depend on it.
	_ = errors.Join(r.db.Get(factSpent, &sum.Spent), r.db.Get(factSeconds, &sum.Seconds))
}
