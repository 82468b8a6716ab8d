package job

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"rolecall/job/report"
	"rolecall/job/rundb"
	"rolecall/job/rundir"
)

// Request is a new run as the user asked for it.
type Request struct {
	Kind     *Kind
	Settings Settings
	Input    string // a path, or "-" for Stdin; "": Made is the input, or the job has none
	Made     *Made
	RunDir   string // the run's folder; "": named after input, job and time
	DryRun   bool   // stop after the price, and write nothing to Zoho
	Held     bool   // the caller did what Kind.Hold does

	Env
}

// Made is an input that rolecall made itself.
type Made struct {
	Reader io.Reader
	Name   string    // the name for people
	Stem   string    // the beginning of the name of the run's folder
	From   *Identity // the org of the input, which must not be the run's own; nil: no org
	Of     *Earlier  // the run that the input was made from; it must belong to the same org; nil: none
	// Adapt changes the settings to fit the input, such as how to read the table. nil: no change.
	Adapt func(*Settings)
}

// nothingSent is what the user can do if an error came before anything was sent.
const nothingSent = "nothing was sent and no run was made: give the command again"

// Start does a new run. An error means that no row was sent: it is a *[UsageError], a *[Stop], or an error of
// rolecall's own files. Once rows are sent, Start returns a Result, also if the run ended early.
func Start(ctx context.Context, q Request) (*Result, error) {
	r := &run{Env: q.Env, kind: q.Kind, log: rundir.NewLog(q.Verbose), began: q.Now(), dry: q.DryRun}
	for _, text := range q.Notes {
		r.say(text)
	}
	r.runFacts = runFacts{
		Kind: q.Kind.Name, Settings: q.Settings, Made: q.Made != nil, Started: q.Now().UTC(), By: q.Version, Yes: q.Yes,
	}
	if q.Made != nil && q.Made.Adapt != nil {
		q.Made.Adapt(&r.Settings)
	}
	if err := r.checkHidden(); err != nil {
		return nil, err
	}
	ctx, release := Within(ctx, r.Settings.MaxDuration)
	defer release()
	r.Stdout = rundir.Patient(ctx, r.Stdout)
	in, stem, closeIn, err := q.open(ctx, r)
	if err != nil {
		return nil, err
	}
	defer closeIn()
	if err := q.place(r, stem); err != nil {
		return nil, err
	}
	defer r.folder.Discard()
	defer func() { r.leave(); _ = r.close() }()
	if err := r.begin(ctx, in); err != nil {
		return nil, notStarted(err, nothingSent)
	}
	if err := r.tellHidden(q.DryRun); err != nil {
		return nil, err
	}
	org, work, err := q.signIn(ctx, r)
	if err != nil && org != nil && r.appeared() {
		return r.unready(ctx, org, err)
	}
	if err != nil {
		return nil, r.notBegun(err)
	}
	refusal, err := r.foresee(work)
	if err != nil {
		return nil, r.notBegun(err)
	}
	if q.DryRun {
		return r.dryRun(ctx, org, work, refusal)
	}
	r.announce(r.forecast)
	if looker(work) != nil && refusal == nil { // from here on resume can continue the reads
		if err := r.appear(); err != nil {
			return nil, r.notBegun(err)
		}
	}
	return r.goOn(ctx, org, work, refusal)
}

// goOn does the stages from the look stage on. refusal is that of foresee.
func (r *run) goOn(ctx context.Context, org *Org, work Work, refusal error) (*Result, error) {
	if refusal == nil {
		if stop := r.lookAhead(ctx, org, work); stop != nil {
			return r.end(ctx, stop)
		}
		var err error
		if refusal, err = r.judge(ctx, work); err != nil {
			return r.end(ctx, StopOf(broken(err)))
		}
	}
	if err := r.agree(ctx, refusal); err != nil && r.appeared() {
		return r.end(ctx, disagreed(err))
	} else if err != nil {
		return nil, err
	}
	if r.Begins != nil {
		r.Begins()
	}
	if err := r.appear(); err != nil {
		return nil, r.notBegun(err)
	}
	return r.end(ctx, r.call(ctx, org, work))
}

// announce shows a price, once per process. A dry run shows it at its end.
func (r *run) announce(price report.Forecast) {
	if r.Announce != nil && !r.announced && !r.dry {
		r.Announce(price)
	}
	r.announced = true
}

// open opens the input, if there is one. stem is the beginning of the name of the run's folder.
func (q *Request) open(ctx context.Context, r *run) (in io.Reader, stem string, closeIn func(), err error) {
	switch {
	case q.Made != nil:
		r.Input.Name = q.Made.Name
		return q.Made.Reader, q.Made.Stem, func() {}, nil
	case q.Input == "":
		return nil, q.Kind.Name, func() {}, nil
	}
	r.Input.Name = q.Input
	if q.Input == "-" {
		r.Input.Name = "stdin"
	}
	if q.Input != "-" {
		if r.Input.Path, err = filepath.Abs(q.Input); err != nil {
			return nil, "", nil, &UsageError{Err: err}
		}
	}
	in, closeIn, err = rundir.OpenInput(ctx, q.Input, q.Stdin)
	return in, q.Input, closeIn, err
}

// place makes the run's folder under a temporary name.
func (q *Request) place(r *run, stem string) error {
	name, base, err := rundir.NameFor(q.RunDir, stem, q.Kind.Name, q.Now())
	if err != nil {
		return err
	}
	if r.Settings.ResultsCopy, err = rundir.CopyPlace(q.Settings.ResultsCopy, name, r.inputs()...); err != nil {
		return err
	}
	r.folder, err = rundir.New(name, base)
	return err
}

// begin surveys the input into the run's folder.
func (r *run) begin(ctx context.Context, source io.Reader) error {
	if err := r.log.Open(r.folder.File(rundir.LogFile)); err != nil {
		return err
	}
	var err error
	if r.db, err = rundb.Create(r.folder.File(rundir.Database)); err != nil {
		return err
	}
	if source != nil {
		if err := r.keepAndSurvey(ctx, source); err != nil {
			return err
		}
	}
	return errors.Join(r.putFacts(), r.enter())
}

// keepAndSurvey surveys the input and copies it into the run's folder at the same time.
func (r *run) keepAndSurvey(ctx context.Context, source io.Reader) error {
	kept, err := rundir.Keep(r.folder, r.Input.Name, source)
	if err != nil {
		return interrupted(ctx, err)
	}
	defer kept.Close()
	in, err := r.openInput(ctx, kept.Reader)
	if err != nil {
		return cmp.Or(kept.Failed, err)
	}
	defer func() { _ = in.Close() }()
	if in.Empty() {
		if err := rundir.NoInput(r.Input.Name, source); err != nil {
			return interrupted(ctx, err)
		}
	}
	if err := r.survey(ctx, in); err != nil {
		return cmp.Or(kept.Failed, err)
	}
	path := r.Input.Path
	if r.Input, err = kept.Finish(in.Dialect()); err != nil {
		return interrupted(ctx, err)
	}
	r.Input.Path = path
	r.header, r.exported = in.FailedHeader(), in.Exported()
	r.countHidden(in)
	if r.Made {
		r.Input.Dialect = ""
	}
	r.log.Info("surveyed", "command", r.Kind, "input", r.Input.Name, "dialect", r.Input.Dialect, "rolecall", r.Version)
	return nil
}

// interrupted returns err, or a Stop if a signal came or the time is up.
func interrupted(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return EndOf(ctx)
	}
	return err
}

// signIn connects to the org and makes the rows ready.
func (q *Request) signIn(ctx context.Context, r *run) (*Org, Work, error) {
	org, err := r.connect(ctx)
	if err != nil {
		return nil, nil, err
	}
	if q.Made != nil && q.Made.From != nil && q.Made.From.Same(org.Identity) {
		return nil, nil, &UsageError{Err: fmt.Errorf("--from and --to are one org (%s): give two", org.Identity)}
	}
	if q.Made != nil && q.Made.Of != nil {
		if err := q.Made.Of.checkOrg(org.Identity); err != nil {
			return nil, nil, err
		}
	}
	if err := r.db.Put(factOrg, org.Identity); err != nil {
		return nil, nil, err
	}
	r.log.Info("signed in", "org", org.Identity.OrgID, "api", org.Identity.APIURL, "in_flight", org.InFlight)
	if r.kind.Whole && !q.DryRun { // from here on resume can continue the list
		if err := r.appear(); err != nil {
			return nil, nil, err
		}
	}
	work, err := r.prepare(ctx, org)
	return org, work, err
}

// prepare begins the job's work, makes the rows ready and counts them.
func (r *run) prepare(ctx context.Context, org *Org) (Work, error) {
	work, err := r.kind.Begin(ctx, org, r.Settings, r.desk())
	if err == nil {
		err = r.rows(ctx, org, work)
	}
	if err == nil {
		err = r.price(work)
	}
	if rundb.IsOwn(err) && !r.appeared() {
		return nil, err // notStarted says what to do
	}
	if rundb.IsOwn(err) {
		err = &Stop{Broken, fmt.Errorf("prepare run.db of the run: %w", err)}
	}
	if err != nil {
		return nil, StartError(ctx, err)
	}
	return work, nil
}

// foresee asks the job for the price of a new run. refusal is not nil if the run would do more than the user allows.
func (r *run) foresee(work Work) (refusal, err error) {
	r.forecast, refusal = work.Price()
	r.forecast.LookUp = r.sought.Or()
	if _, ok := errors.AsType[*UsageError](refusal); ok { // the input cannot be used, so there is no price
		return nil, refusal
	}
	r.log.Info("price", "plan", r.forecast)
	// After a kill, resume must still show the notes of this process.
	return refusal, errors.Join(r.db.Put(factForecast, r.forecast), r.db.Put(factNotes, r.said()))
}

// notBegun adds what the user can do next to an error before the first write.
func (r *run) notBegun(err error) error {
	if r.appeared() {
		return notStarted(err, "go on with: "+r.resumeCommand())
	}
	return notStarted(err, nothingSent)
}

// appeared reports whether the run's folder has its final name.
func (r *run) appeared() bool { return r.folder.Path == r.folder.Name }

// appear renames the run's folder to its final name, unless it has that name already. From then on resume can continue
// the run.
func (r *run) appear() error {
	if r.appeared() {
		return nil
	}
	if err := r.close(); err != nil {
		return err
	}
	if err := r.folder.Appear(); err != nil {
		return err
	}
	if err := r.log.Open(r.folder.File(rundir.LogFile)); err != nil {
		return err
	}
	var err error
	r.db, err = rundb.Open(r.folder.File(rundir.Database))
	return err
}

// dryRun ends a dry run before its first write. refusal is that of foresee.
func (r *run) dryRun(ctx context.Context, org *Org, work Work, refusal error) (*Result, error) {
	changes, tooMuch, err := r.preview(ctx, org, work)
	if err != nil {
		return nil, notStarted(err, nothingSent)
	}
	if refusal == nil {
		refusal = tooMuch
	}
	if refusal != nil {
		r.say(r.foretold(refusal))
	}
	if r.kind.Whole {
		if err := r.addSeconds(); err != nil {
			return nil, err
		}
	}
	res := &Result{}
	r.summarize(&res.Summary, nil)
	if err := r.write(ctx, &res.Summary, nil, true); err != nil {
		return nil, err
	}
	sum := &res.Summary
	sum.Changes = changes
	sum.State, sum.Files, sum.RunDir, sum.Next = report.DryRun, report.Files{}, "", ""
	return res, nil
}

// preview does the look stage of a dry run, and returns the changes that a real run would make. changes is nil if there
// is no look stage. refusal is not nil if the run would take away more than the user allows.
func (r *run) preview(ctx context.Context, org *Org, work Work) (changes *report.Preview, refusal, err error) {
	l := looker(work)
	if l == nil {
		return nil, nil, nil
	}
	if stop := r.lookAhead(ctx, org, work); stop != nil {
		return nil, nil, stop
	}
	if refusal, err = r.judge(ctx, work); err == nil {
		changes, err = l.Changes(ctx, Results{r.db})
	}
	return changes, refusal, errors.Join(err, r.db.Put(factSpent, r.spent(org)))
}
