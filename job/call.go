package job

import (
	"context"
	"errors"
	"maps"
	"slices"

	"rolecall/api"

	"golang.org/x/sync/errgroup"
)

// caller is the call stage: it sends what is pending, deal by deal, and records the outcomes.
type caller struct {
	batcher

	zoho           Zoho
	s              *store
	rec            *recorder
	stop           *stopper
	done           *rowSet // recorded before this process began
	noted          *rowSet // remove: their DELETE may have been sent before this process began
	ignoreNotFound bool
	workers        int
	progress       *Progress
	cancelled      <-chan struct{} // by a signal
}

// over says whether nothing new may be sent.
func (c *caller) over() bool {
	select {
	case <-c.cancelled:
		c.stop.stop(&Stop{Interrupted, ErrInterrupted})
		return true
	default:
		return c.stop.stopped()
	}
}

// run sends everything that is pending, or what can be sent until something stops it. An error means that the run's own files are in trouble; what Zoho says is recorded,
// and what ends the run early is the stopper's.
//
// One worker has a deal at a time and a deal has one worker, so that at most one write to a deal is in flight and its rows go in file order.
func (c *caller) run(ctx context.Context) error {
	// A signal must not cut the calls in flight: it drains the pacer instead, through the stopper. That nothing new begins after it does not wait for that.
	c.cancelled = ctx.Done()
	ctx = context.WithoutCancel(ctx)
	deals := make(chan dealRows)
	var g errgroup.Group
	g.Go(func() error {
		defer close(deals)
		return c.s.deals(func(d dealRows) bool {
			select {
			case deals <- d:
				return true
			case <-c.stop.done:
				return false
			}
		})
	})
	for range c.workers {
		g.Go(func() error {
			for d := range deals {
				if err := c.deal(ctx, d); err != nil {
					c.stop.stop(&Stop{Broken, err})
					return err
				}
			}
			return nil
		})
	}
	return g.Wait()
}

// deal does the rows of one deal, in file order.
func (c *caller) deal(ctx context.Context, d dealRows) error {
	rows := c.plan(d)
	var fresh map[int64]outcome // what repeats may need
	if slices.ContainsFunc(rows, func(r plannedRow) bool { return r.sameAs != 0 }) {
		fresh = map[int64]outcome{}
	}
	for _, batch := range c.batches(rows, c.done.has) {
		if c.over() {
			break
		}
		outcomes, err := c.send(ctx, d.deal.String(), batch)
		if err != nil {
			stop := stopOf(err)
			c.stop.stop(stop)
			if stop.Reason == Broken {
				return err
			}
			break
		}
		if fresh != nil {
			for _, o := range outcomes {
				fresh[o.row] = o
			}
		}
		if err := c.record(outcomes, true); err != nil {
			return err
		}
	}
	if fresh == nil {
		return nil
	}
	return c.repeats(rows, fresh)
}

// record hands outcomes to the recorder, and counts them once they are committed. sent says whether Zoho was asked.
func (c *caller) record(outcomes []outcome, sent bool) error {
	if len(outcomes) == 0 {
		return nil
	}
	if err := c.rec.add(outcomes...); err != nil {
		return err
	}
	for _, o := range outcomes {
		c.progress.finished(!o.ok())
		c.stop.count(!o.ok(), sent)
	}
	return nil
}

// repeats gives the rows that equal the latest earlier row of their contact that row's outcome. One whose original has none yet stays open, as its original does.
func (c *caller) repeats(rows []plannedRow, fresh map[int64]outcome) error {
	if err := c.recall(rows, fresh); err != nil {
		return err
	}
	var outcomes []outcome
	for _, r := range rows {
		if r.sameAs == 0 || c.done.has(r.row) {
			continue
		}
		original, ok := fresh[r.sameAs]
		if !ok {
			continue
		}
		o := repeatOf(original, r.row)
		fresh[r.row] = o
		outcomes = append(outcomes, o)
	}
	return c.record(outcomes, false)
}

// recall adds the outcomes that earlier processes recorded for the originals of open repeats.
func (c *caller) recall(rows []plannedRow, fresh map[int64]outcome) error {
	wanted := map[int64]bool{}
	for _, r := range rows {
		if r.sameAs != 0 && !c.done.has(r.row) && c.done.has(r.sameAs) {
			wanted[r.sameAs] = true
		}
	}
	if len(wanted) == 0 {
		return nil
	}
	recorded, err := c.s.outcomesOf(func(row int64) bool { return wanted[row] })
	maps.Copy(fresh, recorded)
	return err
}

// send makes one call and returns an outcome for each row of it. An error ends the run: nothing is known of these rows, and they stay open.
func (c *caller) send(ctx context.Context, deal string, batch []plannedRow) ([]outcome, error) {
	if c.command == Remove {
		return c.remove(ctx, deal, batch)
	}
	r := batch[0]
	role := c.roles[r.role].RoleRef
	a, err := c.zoho.AssignContactRole(ctx, deal, r.contact.String(), role)
	if err == nil {
		return []outcome{success(r.row, ActionAssigned, a)}, nil
	}
	e, err := ownError(err)
	if err != nil {
		return nil, err
	}
	o, err := c.settleAssign(ctx, deal, r, role, e)
	return []outcome{o}, err
}

// remove takes the contacts of a batch off the deal. The rows are noted first: after a kill that is how resume knows that the change may have been made.
func (c *caller) remove(ctx context.Context, deal string, batch []plannedRow) ([]outcome, error) {
	contacts, rows := make([]string, len(batch)), make([]int64, len(batch))
	for i, r := range batch {
		contacts[i], rows[i] = r.contact.String(), r.row
	}
	if err := c.rec.note(rows); err != nil {
		return nil, err
	}
	answers, err := c.zoho.RemoveContactRoles(ctx, deal, contacts)
	if err != nil {
		var e *api.Error
		if errors.As(err, &e) && !e.Uncertain {
			// A note of an earlier process stays: its DELETE may have been applied.
			if err := c.rec.forget(slices.DeleteFunc(rows, c.noted.has)); err != nil {
				return nil, err
			}
		}
		if e, err = ownError(err); err != nil {
			return nil, err
		}
		answers = make([]api.Outcome, len(batch))
		for i := range answers {
			answers[i] = api.Outcome{Contact: contacts[i], Known: true, Err: e, Answer: api.Answer{Attempts: e.Attempts, Uncertain: e.Uncertain}}
		}
		// One contact's refusal may come for the whole call: the same text arrives in either shape.
		return c.settleRemove(ctx, deal, batch, answers, len(batch) == 1 && e.Code == codeMandatoryNotFound)
	}
	return c.settleRemove(ctx, deal, batch, answers, true)
}
