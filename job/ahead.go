package job

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strconv"

	"rolecall/job/report"
	"rolecall/job/rundb"
)

// Looker is a Work that can read the state before for all rows, before the first write: the look stage. A dry run of it
// shows the changes.
type Looker interface {
	Work
	// Looks reports whether the run has a look stage. The engine asks after Price.
	Looks() bool
	// Look reads some keys, at most Together, or any number that Spares names. It returns a Look for each group, in the
	// order of groups. An error ends the run.
	Look(ctx context.Context, groups []Group) ([]Look, error)
	// Judge returns what the run takes away. The engine calls it once all keys are read. notes are the notes of the
	// Looks, with their keys. Judge may make the price exact. An error refuses the run before its first write, because
	// the run would do more than the user allows.
	Judge(ctx context.Context, notes iter.Seq2[Entry, error], price *report.Forecast) (*report.Deletions, error)
	// Changes returns what a dry run would change. It may read names from Zoho.
	Changes(ctx context.Context, rows Results) (*report.Preview, error)
}

// Sparer is a Looker that reads nothing for some keys. They come to Look apart from the others, many at a time, so that
// the others fill the calls that read several keys.
type Sparer interface {
	Spares(g *Group) bool
}

// Look is what a job read of a key before the first write.
type Look struct {
	Outcomes []Outcome       // of rows that need no call; in a dry run also of rows that a real run sends
	Rows     []Row           // open rows with a new request, and rows that the job adds: see Row.Extra
	Note     json.RawMessage // what Judge needs; nil: the key was not read
}

// looker returns the work as a Looker, or nil if the run has no look stage.
func looker(work Work) Looker {
	if l, ok := work.(Looker); ok && l.Looks() {
		return l
	}
	return nil
}

// lookAhead does the look stage, if the run has one. It goes on where an earlier process stopped. It returns nil once
// all keys are read.
func (r *run) lookAhead(ctx context.Context, org *Org, work Work) *Stop {
	l := looker(work)
	if l == nil {
		return nil
	}
	total := r.forecast.Plan.Deals
	if r.forecast.Records != nil {
		total = r.forecast.Records.Keys
	}
	r.Progress.Enter(Looking, total, 0)
	stop := NewStopper(r.Settings.MaxErrors, org.Pacer.Drain)
	r.countDone(stop)
	endWatch := stop.Watch(ctx)
	defer endWatch()
	spent := func() any { return r.spent(org) }
	c := newCaller(r.db, looking{l, r.db, r.Progress}, max(org.InFlight, 1), stop, &Progress{})
	c.ends, c.lastWins, c.differ = ctx, r.Settings.LastWins, r.kind.Differ
	if s, ok := work.(Sparer); ok {
		c.spares = s.Spares
	}
	c.rec = newRecorder(r.db, spent, func(err error) { stop.Stop(StopOf(err)) })
	r.over = c.over
	if !stop.Stopped() {
		c.run(context.WithoutCancel(ctx)) // a signal must not cut the calls in flight
	}
	c.end(broken(cmp.Or(c.rec.close(), r.db.PutForced(factSpent, spent()))))
	counts, err := r.db.Count()
	c.end(broken(err))
	r.counts = counts
	return stop.Why()
}

// looking does the look stage as a call stage that sends nothing.
type looking struct {
	Looker

	db       *rundb.DB
	progress *Progress
}

// Open implements Work. It reads the keys that no earlier process has read.
func (l looking) Open(ctx context.Context, groups []Group) ([]Steps, error) {
	steps := make([]Steps, len(groups))
	var unread []Group
	var at []int
	for i := range groups {
		steps[i] = &known{}
		if added(groups[i].Rows) { // by the look stage of an earlier process
			continue
		}
		noted, err := l.db.Noted(groups[i].Key, itemOf(groups[i].Phase))
		if err != nil {
			return nil, broken(err)
		}
		if !noted {
			unread, at = append(unread, groups[i]), append(at, i)
		}
	}
	if len(unread) == 0 {
		return steps, nil
	}
	looks, err := l.Look(ctx, unread)
	if err != nil {
		return nil, err
	}
	var notes []Entry
	var rows []Row
	for i := range looks {
		if looks[i].Note == nil {
			continue
		}
		steps[at[i]] = &known{looks[i].Outcomes}
		notes = append(notes, Entry{Key: unread[i].Key, Item: itemOf(unread[i].Phase), Value: looks[i].Note})
		rows = append(rows, looks[i].Rows...)
		l.progress.Finished(false)
	}
	return steps, broken(l.db.Note(notes, rows...))
}

// added reports whether the job added all of the rows.
func added(rows []Row) bool {
	return !slices.ContainsFunc(rows, func(r Row) bool { return !r.Extra })
}

// itemOf returns the item of the note of a key in a phase.
func itemOf(phase int) string {
	if phase == 0 {
		return ""
	}
	return strconv.Itoa(phase)
}

// known is the Steps of a key whose outcomes are known. The rows without one stay open.
type known struct{ outcomes []Outcome }

// Next implements Steps.
func (k *known) Next() ([]Outcome, *Call) {
	outcomes := k.outcomes
	k.outcomes = nil
	return outcomes, nil
}

// judge asks the job what the run takes away, and adds the answer to the forecast. refusal is not nil if the run would
// take away more than the user allows.
func (r *run) judge(ctx context.Context, work Work) (refusal, err error) {
	l := looker(work)
	if l == nil {
		return nil, nil
	}
	before := r.forecast.Records
	r.forecast.Plan.Exact = false
	deletions, refusal := l.Judge(ctx, r.db.Entries(), &r.forecast)
	if r.forecast.Records != before && !r.dry {
		r.announce(r.forecast)
	}
	r.forecast.Ask(deletions)
	if r.forecast.Plan.Exact && !r.dry && r.Announce != nil { // the price shown before was an upper limit
		r.Announce(r.forecast)
	}
	if rundb.IsOwn(refusal) {
		return nil, refusal
	}
	return refusal, r.db.Put(factForecast, r.forecast)
}

// agree refuses a run that would do more than the user allows. It asks the user once per run about what the run takes
// away or takes back.
func (r *run) agree(ctx context.Context, refusal error) error {
	if refusal != nil || r.agreed {
		return refusal
	}
	if r.forecast.Asks > 0 {
		if r.Confirm != nil && !r.Env.Yes {
			r.Progress.Enter(Asking, 0, 0)
			if err := r.Confirm(ctx, r.forecast); err != nil {
				return err
			}
		}
		r.log.Info("agreed", "to", r.forecast.Question, "in_advance", r.Env.Yes)
	}
	r.agreed = true
	return r.db.PutForced(factAgreed, true)
}

// disagreed returns an error of agree as the Stop of a run whose folder has its final name. A resume of the run asks
// again, but does not read again.
func disagreed(err error) *Stop {
	if _, ok := errors.AsType[*UsageError](err); ok {
		return &Stop{Unconfirmed, err}
	}
	if rundb.IsOwn(err) {
		err = fmt.Errorf("record in run.db what you agreed to: %w", err)
	}
	return StopOf(err)
}
