package roles

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"

	"rolecall/job"
	"rolecall/job/disk"
	"rolecall/job/picklist"
	"rolecall/job/report"
	"rolecall/job/rundir"
)

// nothingSent is how to go on where nothing has happened yet.
const nothingSent = "nothing was sent and no run was made: give the command again"

// Start reads the input, signs in, reads the list, tells the plan and does it. An error means that nothing was sent: *[job.UsageError], *[job.Stop], or trouble with rolecall's own files. What
// happens once something is sent, also when it ends the run early, is in the Result.
func Start(ctx context.Context, q Request) (*Result, error) {
	r := &run{Env: q.Env, log: disk.NewLog(q.Verbose), began: q.Now()}
	r.facts = facts{Command: q.Command, Settings: q.Settings, Started: q.Now().UTC(), Version: q.Version}
	in, err := q.source(ctx, r.log)
	if err != nil {
		return nil, job.NotStarted(err, nothingSent)
	}
	defer in.close()
	if in.made {
		r.facts.Settings.readAsMade(q.Command)
	}
	name, base, err := rundir.NameFor(q.RunDir, in.stem, string(q.Command), q.Now())
	if err != nil {
		return nil, err
	}
	if r.facts.Settings.ResultsCopy, err = rundir.CopyPlace(q.Settings.ResultsCopy, q.Input, name); err != nil {
		return nil, err
	}
	if r.dir, err = rundir.New(name, base); err != nil {
		return nil, err
	}
	defer r.dir.Discard()
	defer r.close()
	if err := r.begin(ctx, in); err != nil {
		return nil, job.NotStarted(err, nothingSent)
	}
	org, err := r.signIn(ctx, in)
	if err != nil {
		return nil, job.NotStarted(err, nothingSent)
	}
	if q.DryRun {
		return r.dryRun()
	}
	if err := r.agreed(); err != nil {
		return nil, err
	}
	if r.Begins != nil {
		r.Begins()
	}
	if err := r.appear(); err != nil {
		return nil, err
	}
	stop, err := r.call(ctx, org, true)
	if err != nil {
		return nil, err
	}
	return r.finish(stop)
}

// begin keeps the input in the run's folder, while that still has a temporary name, and reads it.
func (r *run) begin(ctx context.Context, in *source) (err error) {
	if err := r.log.Open(r.dir.File(rundir.Log)); err != nil {
		return err
	}
	if r.s, err = openStore(r.dir, true); err != nil {
		return err
	}
	kept, err := rundir.Keep(r.dir, in.name, in.Reader)
	if err != nil {
		return interrupted(ctx, err)
	}
	defer kept.Close()
	r.facts.Input.Name, r.facts.Made = in.name, in.made
	r.Progress.Enter(job.Surveying, 0, 0)
	var dialect fmt.Stringer
	if r.table, dialect, err = r.read(ctx, kept.Reader); err != nil {
		return cmp.Or(kept.Failed, err)
	}
	if r.facts.Input, err = kept.Finish(dialect); err != nil {
		return interrupted(ctx, err)
	}
	if in.made {
		r.facts.Input.Dialect = ""
	}
	for _, column := range r.table.unread {
		r.note(fmt.Sprintf("the column %q is not read: roles have %s, %s and %s (--map names other columns)", column, ID, Name, Sequence))
	}
	if r.facts.Settings.Prune && len(r.table.rows) == 0 {
		return &job.UsageError{Err: fmt.Errorf("%s has no rows: --prune would delete every role of the org; give the table that was meant", in.name)}
	}
	r.log.Info("surveyed", "command", r.facts.Command, "input", r.facts.Input.Name, "dialect", r.facts.Input.Dialect, "rows", len(r.table.rows), "rolecall", r.Version)
	return nil
}

// interrupted gives an error of reading, or that it was interrupted.
func interrupted(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return &job.Stop{Reason: job.Interrupted, Err: job.ErrInterrupted}
	}
	return err
}

// read reads the table.
func (r *run) read(ctx context.Context, in io.Reader) (*table, fmt.Stringer, error) {
	t, reader, err := readTable(ctx, in, r.readerOptions(), &r.facts.Settings)
	if err != nil {
		return nil, nil, err
	}
	if r.facts.Made {
		for i := range t.rows {
			t.rows[i].line = t.rows[i].number // of the roles that were named, or of the list: there is no header
		}
	}
	return t, reader.Dialect(), reader.Close()
}

// signIn connects to the org, reads its list and makes the plan.
func (r *run) signIn(ctx context.Context, in *source) (*job.Org, error) {
	r.Progress.Enter(job.Connecting, 0, 0)
	org, err := r.Connect(ctx, r.facts.Settings.Settings, job.LogHooks(r.log))
	if err != nil {
		return nil, job.StartError(ctx, err)
	}
	if in.from != nil && in.from.Same(org.Identity) {
		return nil, &job.UsageError{Err: fmt.Errorf("--from and --to are one org (%s): give two", org.Identity)}
	}
	if r.facts.Before, err = picklist.Read(ctx, org.Zoho); err != nil {
		return nil, job.StartError(ctx, err)
	}
	if r.state, err = newState(r.facts.Command, &r.facts.Settings, r.table.rows, r.facts.Before, map[int64]outcome{}); err != nil {
		return nil, &job.UsageError{Err: fmt.Errorf("%s: %w", r.facts.Input.Name, err)}
	}
	if err := errors.Join(r.s.Put("org", org.Identity), r.s.Put("facts", r.facts)); err != nil {
		return nil, err
	}
	return org, r.announce(org)
}

// agreed tells the plan, and refuses one that deletes more than the user allows, or that the user does not want.
func (r *run) agreed() error {
	if r.Announce != nil {
		r.Announce(r.told)
	}
	if err := r.tooMany(); err != nil {
		return err
	}
	if r.facts.Command == Delete && len(r.state.matched) > 0 && r.Confirm != nil { // also where Zoho will refuse all of it, by a list that may be another one by now
		r.Progress.Enter(job.Asking, 0, 0)
		return r.Confirm(r.told)
	}
	return nil
}

// tooMany refuses a table that leaves more roles out than the user allows to be deleted, whether all of them would be or not.
func (r *run) tooMany() error {
	set := &r.facts.Settings
	if !r.state.syncs() || !set.Prune {
		return nil
	}
	n, most := int64(len(r.state.beyond())), int64(set.MaxDelete)
	if n <= most {
		return nil
	}
	return &job.Stop{Reason: job.Refused, Err: fmt.Errorf("the table leaves %s out, and --max-delete allows %d to be deleted: nothing was sent; look at the plan, and give --max-delete %d if it is meant", report.Plural(n, "role"), most, n)}
}

// appear gives the run's folder its name. From here on resume can go on with it.
func (r *run) appear() error {
	err := errors.Join(r.log.Close(), r.s.Close())
	r.s.DB = nil
	if err != nil {
		return err
	}
	if err := r.dir.Appear(); err != nil {
		return err
	}
	if err := r.log.Open(r.dir.File(rundir.Log)); err != nil {
		return err
	}
	r.s, err = openStore(r.dir, false)
	return err
}

// dryRun ends a run before its first write.
func (r *run) dryRun() (*Result, error) {
	if err := r.tooMany(); err != nil {
		r.note("without --dry-run: " + err.Error())
	}
	sum, err := r.write(notSent)
	if err != nil {
		return nil, err
	}
	sum.State, sum.Files, sum.RunDir, sum.Next = report.DryRun, report.Files{}, "", ""
	return &Result{Summary: *sum}, nil
}
