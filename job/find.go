package job

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"rolecall/job/report"
)

// find looks up the values by which rows name records, such as names and e-mails. It looks up each value once per run,
// and stores the answers in run.db, so that a stop loses none. An answer may show that a row needs another value, so
// find goes on until no row needs more. --max-duration counts the time of the look-up too. After a signal, the calls in
// flight end normally.
func (r *run) find(ctx context.Context, org *Org, work Finder) error {
	stop := NewStopper(Threshold{}, org.Pacer.Drain)
	defer stop.Watch(ctx)()
	if err := r.db.Get(factSought, &r.sought); err != nil {
		return err
	}
	for {
		if err := r.seek(work); err != nil {
			return err
		}
		open, err := r.db.Unanswered()
		if err != nil {
			return err
		}
		if len(open) == 0 {
			return nil
		}
		if err := r.beginFinding(org, work, open); err != nil {
			return err
		}
		before := org.Pacer.Stats().Credits
		err = r.findOpen(context.WithoutCancel(ctx), org, work, open, stop)
		r.sought.Credits += int64(org.Pacer.Stats().Credits - before)
		if e := r.db.Put(factSought, r.sought); err == nil {
			err = e
		}
		if e := r.db.Put(factSpent, r.spent(org)); err == nil {
			err = e
		}
		if why := stop.Why(); why != nil {
			return why
		}
		if err != nil {
			return err
		}
	}
}

// seek adds the values that the rows need to those that are looked up.
func (r *run) seek(work Finder) error {
	var values []Sought
	flush := func() error {
		added, err := r.db.Seek(values)
		r.sought.Values += added
		values = values[:0]
		return err
	}
	for row, err := range r.db.InOrder() {
		if err != nil {
			return err
		}
		if row.Unsendable {
			continue
		}
		more, err := work.Seeks(&row)
		if err != nil {
			return err
		}
		if values = append(values, more...); len(values) >= surveyRows {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	return flush()
}

// beginFinding shows people the price of the look-up, and gives the run's folder its final name. From here on resume
// can continue the run.
func (r *run) beginFinding(org *Org, work Finder, open map[string]int64) error {
	calls, values := int64(0), int64(0)
	for what, n := range open {
		most := int64(work.MostSought(what))
		calls, values = calls+(n+most-1)/most, values+n
	}
	if r.sought.Calls == 0 {
		text := fmt.Sprintf("looking up %s in about %s, one credit each", report.Plural(values, "value"),
			report.Plural(calls, "call"))
		if left := org.Left(r.Settings); left >= 0 {
			text += fmt.Sprintf("; %s credits left", report.Count(left))
		}
		r.tell(text)
	}
	r.log.Info("look-up", "values", values, "calls", calls)
	r.sought.Calls += calls
	r.Progress.Enter(Finding, values, 0)
	if r.dry {
		return nil
	}
	return r.appear()
}

// findOpen looks up the values that have no answer yet, as many calls at a time as the org allows.
func (r *run) findOpen(ctx context.Context, org *Org, work Finder, open map[string]int64, stop *Stopper) error {
	var pool errgroup.Group
	pool.SetLimit(max(org.InFlight, 1) + org.InFlight/4)
	var failed atomic.Bool
	hand := func() error {
		for _, what := range slices.Sorted(maps.Keys(open)) {
			for last := ""; !failed.Load() && !stop.Stopped(); {
				values, err := r.db.SoughtOf(what, last, work.MostSought(what))
				if err != nil || len(values) == 0 {
					if err != nil {
						return err
					}
					break
				}
				last = values[len(values)-1].Value
				pool.Go(func() error {
					err := r.findSome(ctx, work, what, values)
					if err != nil {
						failed.Store(true)
					}
					return err
				})
			}
		}
		return nil
	}
	err := hand()
	if e := pool.Wait(); e != nil {
		return e
	}
	return err
}

// findSome looks up some values and stores the answers.
func (r *run) findSome(ctx context.Context, work Finder, what string, values []Sought) error {
	answers, err := work.Find(ctx, what, values)
	if err != nil {
		return err
	}
	for range answers {
		r.Progress.Finished(false)
	}
	return r.db.Answer(values, answers)
}
