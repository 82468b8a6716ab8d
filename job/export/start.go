package export

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"time"

	"rolecall/api"
	"rolecall/api/pace"
	"rolecall/csvio"
	"rolecall/job"
	"rolecall/job/rundir"
)

// Start runs an export. If a recent export to the same file stopped and reads the same, Start continues that export.
// Its errors are those of [job.Start], or [job.ErrLocked] if another process exports to the same file.
func Start(ctx context.Context, q Request) (*job.Result, error) {
	if err := q.setPaths(); err != nil {
		return nil, err
	}
	n, err := q.named(ctx)
	if err != nil && ctx.Err() != nil {
		return nil, job.EndOf(ctx)
	}
	if err != nil {
		return nil, &job.UsageError{Err: err}
	}
	q.Options.Named = n.sum()
	q.Settings.Options = job.Encode(q.Options)
	dir, free, err := q.take()
	if err != nil {
		return nil, err
	}
	defer free()
	if _, err := os.Stat(dir); err == nil {
		q.Connect = connectOnce(q.Connect)
		if goes, err := q.goesOn(ctx, dir); err != nil {
			return nil, err
		} else if goes {
			return q.resume(ctx, dir)
		}
		q.note("an export of this file that had stopped is given up for this one")
		if err := os.RemoveAll(dir); err != nil {
			return nil, err
		}
	}
	return job.Start(ctx, job.Request{
		Kind: q.Kind, Settings: q.Settings, Made: n.made(), RunDir: dir, DryRun: q.DryRun, Held: true, Env: q.Env,
	})
}

// note adds a note for people.
func (q *Request) note(text string) { q.Notes = append(slices.Clone(q.Notes), text) }

// resume continues the export in the folder dir, with the settings that the user gives now.
func (q *Request) resume(ctx context.Context, dir string) (*job.Result, error) {
	return job.Resume(ctx, job.Again{
		RunDir: dir, Change: func(s *job.Settings) { *s = q.Settings }, Keep: true, Held: true, Env: q.Env,
	})
}

// goOnWithin is the age up to which an export continues a stopped one. It is less than a day, so that a nightly export
// starts anew each night.
const goOnWithin = 12 * time.Hour

// goesOn reports whether to continue the export in a folder: it is recent, and has the same org, deals and fields. This
// saves the credits of what was read. goesOn signs in first, so that a failed sign-in gives up no stopped export.
func (q *Request) goesOn(ctx context.Context, dir string) (bool, error) {
	q.Progress.Enter(job.Connecting, 0, 0)
	org, err := q.Connect(ctx, q.Settings, job.LogHooks(rundir.NewLog(false)))
	if err != nil {
		return false, job.StartError(ctx, err)
	}
	if q.Afresh {
		return false, nil
	}
	rows, closeIt, err := job.OpenResults(filepath.Join(dir, rundir.Database))
	if errors.Is(err, job.ErrLocked) {
		return false, fmt.Errorf("%s: %w", dir, err)
	}
	if err != nil {
		return false, nil //nolint:nilerr // an export that cannot be read is started anew
	}
	defer closeIt()
	then, noOrg := rows.Org()
	set, began, noSettings := rows.Begun()
	o, noOptions := job.OptionsOf[Options](set)
	age := q.Now().Sub(began)
	if errors.Join(noOrg, noSettings, noOptions) != nil || !then.Same(org.Identity) || age < 0 || age > goOnWithin ||
		!sameReading(&o, &q.Options) {
		return false, nil
	}
	q.note(fmt.Sprintf("this goes on with an export of the same that stopped; it began at %s (--afresh begins anew)",
		began.Local().Format(time.DateTime)))
	return true, nil
}

// sameReading reports whether two exports read the same deals and fields in the same way.
func sameReading(a, b *Options) bool {
	reads := func(o *Options) Options {
		return Options{
			Module: o.Module, Where: o.Where, Since: o.Since.UTC(), Named: o.Named, KeyField: o.KeyField,
			Fields: append([]string{}, o.Fields...), ViaContacts: o.ViaContacts,
			Criteria: o.Criteria, Email: o.Email, Phone: o.Phone, Word: o.Word, UserType: o.UserType,
			Full: o.Full,
		}
	}
	return reflect.DeepEqual(reads(a), reads(b))
}

// connectOnce returns a Connect that signs in only once, because goesOn needs the org before the run begins. Calls to
// the org use the hooks of the last Connect.
func connectOnce(connect job.Connect) job.Connect {
	var org *job.Org
	var hooks job.Hooks
	return func(ctx context.Context, set job.Settings, h job.Hooks) (_ *job.Org, err error) {
		hooks = h
		if org == nil {
			org, err = connect(ctx, set, job.Hooks{
				Attempt: func(a api.Attempt) { hooks.Attempt(a) },
				Episode: func(e pace.Episode) { hooks.Episode(e) },
				Wait:    func(until time.Time, why string) { hooks.Wait(until, why) },
			})
		}
		return org, err
	}
}

// Request is what the user asks of an export.
type Request struct {
	Kind       *job.Kind     // one of this package
	Settings   job.Settings  // without Options
	Options    Options       // Output and Changes as the user typed them; without Named
	DealsFile  string        // a table whose deals are exported; "": none. "-" is Stdin
	DealsTable csvio.Options // how to read the table: Encoding, Delimiter and Map
	RepairIDs  bool          // restore rounded ids of the table if the name of the deal proves them
	Deals      []string      // the ids of deals
	Afresh     bool          // do not continue a stopped export
	DryRun     bool          // list the deals and return the price; read nothing else

	State string // the folder in which each output has a folder of its own

	job.Env
}

// named returns the deals that the user named, or nil if the user named none.
func (q *Request) named(ctx context.Context) (*named, error) {
	switch {
	case q.DealsFile != "":
		f, closeFile, err := rundir.OpenInput(ctx, q.DealsFile, q.Stdin)
		if err != nil {
			return nil, err
		}
		defer closeFile()
		o := q.DealsTable
		o.Name = q.DealsFile
		o.Command = "rolecall export --deals " + rundir.InputArgument(q.DealsFile)
		if o.Name == "-" {
			o.Name = "stdin"
		}
		return q.readNamed(f, o)
	case len(q.Deals) == 0:
		return nil, nil
	}
	n := newNamed()
	for _, id := range q.Deals {
		if _, err := n.add(id, 0); err != nil {
			return nil, fmt.Errorf("--deal %s: %w", id, err)
		}
	}
	return n, nil
}

// setPaths makes the paths of the files absolute. It fails if a file cannot be written.
func (q *Request) setPaths() (err error) {
	o := &q.Options
	inputs := []rundir.Taken{
		{Path: q.DealsFile, What: "the table of --deals"}, {Path: q.Settings.Config, What: "the config file"},
	}
	if o.Output != Stdout {
		if o.Output, err = rundir.OutputPlace("--output", o.Output, inputs...); err != nil {
			return err
		}
	}
	if o.Changes == "" {
		return nil
	}
	export := rundir.Taken{Path: o.Output, What: "the export itself"}
	o.Changes, err = rundir.OutputPlace("--changes", o.Changes, append(inputs, export)...)
	return err
}
