package job

import (
	"context"

	"rolecall/job/deals"

	"golang.org/x/sync/errgroup"
)

// caller is the call stage: it sends what is pending, deal by deal, and records the outcomes.
type caller struct {
	batcher

	zoho           Zoho
	s              *store
	rec            *recorder
	stop           *Stopper
	done           *rowSet // recorded before this process began
	noted          *rowSet // remove: their DELETE may have been sent before this process began
	ignoreNotFound bool
	collection     *collection   // assign: whether several contacts of a deal may go in one call
	reader         *deals.Reader // nil: deals are not read before they are written to
	workers        int
	progress       *Progress
	cancelled      <-chan struct{} // by a signal
}

// over says whether nothing new may be sent.
func (c *caller) over() bool {
	select {
	case <-c.cancelled:
		c.stop.Stop(&Stop{Interrupted, ErrInterrupted})
		return true
	default:
		return c.stop.Stopped()
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
	if err := c.mend(ctx); err != nil {
		return c.end(err)
	}
	groups := make(chan []dealRows, c.workers) // some ahead, so that nobody waits for the reading
	var g errgroup.Group
	g.Go(func() error {
		defer close(groups)
		return c.groupDeals(groups)
	})
	for range c.workers {
		g.Go(func() error {
			for group := range groups {
				if err := c.group(ctx, group); err != nil {
					c.stop.Stop(&Stop{Broken, err})
					return err
				}
			}
			return nil
		})
	}
	return g.Wait()
}

// end stops the calls because of an error that ends the run. It gives the error back where it is trouble with the run's own files.
func (c *caller) end(err error) error {
	stop := StopOf(err)
	c.stop.Stop(stop)
	if stop.Reason == Broken {
		return err
	}
	return nil
}

// groupDeals hands out the deals, as many together as one call reads.
func (c *caller) groupDeals(to chan<- []dealRows) error {
	var group []dealRows
	rows := 0
	handOn := func() bool {
		select {
		case to <- group:
			group, rows = nil, 0
			return true
		case <-c.stop.Done:
			return false
		}
	}
	err := c.s.deals(func(d dealRows) bool {
		group = append(group, d)
		rows += len(d.rows)
		return len(group) < c.together() && rows < rowsPerGroup || handOn()
	})
	if err == nil && len(group) > 0 {
		handOn()
	}
	return err
}

// rowsPerGroup bounds what a group of deals holds in memory: a larger deal is a group by itself.
const rowsPerGroup = 1000

// group reads the deals of a group where the run does that, and then does their rows.
func (c *caller) group(ctx context.Context, group []dealRows) error {
	read, err := c.read(ctx, group)
	if err != nil {
		return c.end(err)
	}
	for i, d := range group {
		if err := c.work(ctx, d, read[i]); err != nil {
			return err
		}
	}
	return nil
}
