package job

import (
	"cmp"
	"context"
	"errors"

	"rolecall/job/rundb"
)

// rows makes the rows ready to be sent: each gets its key and its request. It does so once per run.
func (r *run) rows(ctx context.Context, org *Org, work Work) error {
	ready := false
	if err := r.db.Get(factReady, &ready); err != nil || ready {
		return err
	}
	complete := r.resolve
	if l, lists := work.(Lister); lists {
		complete = func(ctx context.Context, _ Work) error { return r.list(ctx, org, l) }
	}
	if f, finds := work.(Finder); finds {
		if err := r.find(ctx, org, f); err != nil {
			return err
		}
	}
	if err := complete(ctx, work); err != nil {
		return err
	}
	return errors.Join(r.db.Order(), r.db.Put(factReady, true))
}

// list lists the rows from the org. --max-duration counts the time of the list too. After a signal, the calls in
// flight end normally.
func (r *run) list(ctx context.Context, org *Org, work Lister) error {
	r.Progress.Enter(Listing, 0, 0)
	if err := r.db.Order(); err != nil { // the index by key finds records that are listed twice
		return err
	}
	stop := NewStopper(Threshold{}, org.Pacer.Drain)
	endWatch := stop.Watch(ctx)
	whole := context.WithoutCancel(ctx)
	err := work.List(whole, listing{r})
	if err == nil {
		err = r.resolve(whole, work)
	}
	endWatch()
	if why := stop.Why(); err != nil && why != nil {
		err = why
	}
	return cmp.Or(err, r.db.Put(factSpent, r.spent(org)))
}

// unready ends a run whose list is incomplete. If the list was stopped, resume can go on with the run. If it was
// refused because of what the user asked for, it would be refused again.
func (r *run) unready(ctx context.Context, org *Org, err error) (*Result, error) {
	stop, stopped := errors.AsType[*Stop](err)
	if !stopped {
		return nil, errors.Join(err, r.settle(&Result{}, false))
	}
	r.log.Error("stopped", "reason", stop.Error())
	counts, err := r.db.Count()
	r.counts = counts
	if err := cmp.Or(err, r.db.PutForced(factSpent, r.spent(org))); err != nil {
		return nil, r.unwritten(stop, err)
	}
	return r.end(ctx, stop)
}

// resolve lets the job complete the rows of an input, some hundreds at a time. Listed rows are complete already.
func (r *run) resolve(ctx context.Context, work Work) error {
	if r.Input.File == "" {
		return nil
	}
	var batch []Row
	flush := func() error {
		if err := work.Resolve(ctx, batch); err != nil {
			return err
		}
		for i := range batch {
			batch[i].Unsendable = batch[i].Done != nil
		}
		err := r.db.Update(batch)
		batch = batch[:0]
		return err
	}
	for row, err := range r.db.InOrder() {
		if err != nil {
			return err
		}
		if row.Unsendable {
			continue
		}
		if batch = append(batch, row); len(batch) == surveyRows {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	if len(batch) > 0 {
		if err := flush(); err != nil {
			return err
		}
	}
	return work.Resolve(ctx, nil)
}

// price counts the rows, and lets the job add them to its price.
func (r *run) price(work Work) error {
	var err error
	if r.counts, err = r.db.Count(); err != nil {
		return err
	}
	phases, err := r.db.Phases()
	if err != nil {
		return err
	}
	for _, phase := range phases {
		for k, err := range byKey(r.db.ByKey(phase, Range{})) {
			if err == nil {
				err = work.Count(k.group)
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// listing adds the rows that a job lists to run.db.
type listing struct{ r *run }

func (l listing) Add(rows []rundb.Row) error {
	added, err := l.r.db.List(rows)
	for range added {
		l.r.Progress.Finished(false)
	}
	return err
}

func (l listing) Count(phase int) (int64, error) { return l.r.db.Listed(phase) }
func (l listing) Clear(phase int) error          { return l.r.db.Clear(phase) }

func (l listing) Enter(entries []Entry) error {
	for range entries {
		l.r.Progress.Finished(false)
	}
	return l.r.db.Note(entries)
}

func (l listing) Entered() (int64, error) { return l.r.db.CountEntries() }
func (l listing) Drop() error             { return l.r.db.DropEntries() }
