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
	"rolecall/job"
	"rolecall/job/rundir"
)

// Start exports. It goes on with an export of the same that was stopped a short while ago. Errors are as those of
// [job.Start]; [job.ErrLocked] where another process exports to the same file.
func Start(ctx context.Context, q Request) (*job.Result, error) {
	n, err := q.named()
	if err != nil {
		return nil, &job.UsageError{Err: err}
	}
	if err := q.places(); err != nil {
		return nil, err
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
		Kind: Kind(), Settings: q.Settings, Made: n.made(), RunDir: dir, DryRun: q.DryRun, Held: true, Env: q.Env,
	})
}

func (q *Request) note(text string) { q.Notes = append(slices.Clone(q.Notes), text) }

// resume goes on with the export in a folder. The file is written as the user asks now.
func (q *Request) resume(ctx context.Context, dir string) (*job.Result, error) {
	return job.Resume(ctx, job.Again{
		RunDir: dir, Change: func(s *job.Settings) { *s = q.Settings }, Keep: true, Held: true, Env: q.Env,
	})
}

// goOnWithin is for how long an export that was stopped is gone on with by the next one of the same: a nightly export
// is to begin anew each night.
const goOnWithin = 12 * time.Hour

// goesOn reports whether the export in a folder is gone on with, so that nothing is paid for twice: it is of the same
// org, deals and fields, and young enough. An export is given up only once signing in works.
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

// sameReading reports whether two exports read the same.
func sameReading(a, b *Options) bool {
	reads := func(o *Options) Options {
		return Options{
			Where: o.Where, Since: o.Since.UTC(), Named: o.Named, Fields: append([]string{}, o.Fields...),
			ViaContacts: o.ViaContacts,
		}
	}
	return reflect.DeepEqual(reads(a), reads(b))
}

// connectOnce returns a Connect that signs in once: whether an export is gone on with depends on the org, before the
// run begins. The hooks of the latest call hear of the calls to the org.
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
