package job

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"golang.org/x/sync/errgroup"

	"rolecall/api"
	"rolecall/job/rundb"
)

// caller is the call stage. It sends the open rows of a range of keys and records their outcomes. One worker at a time
// has a key, so at most one write to a key is in flight, and its rows go in file order.
type caller struct {
	store    *rundb.DB
	within   Range
	work     Work
	workers  int
	stop     *Stopper
	progress *Progress
	rec      *recorder
	flying   chan struct{}   // has an element for each call in flight, or whose outcomes are not recorded; see send
	ends     context.Context // ends with a signal, or when the time is up
	lastWins bool            // Settings.LastWins
	differ   string          // Kind.Differ
	look     func() error    // checks the run's folder before each call; nil: no check
	// spares reports whether the keys of a group need no call: see Sparer. nil: all may need one.
	spares func(*Group) bool
}

// newCaller returns the call stage of a run. The pacer keeps inFlight calls in flight. There are a quarter more workers
// than that: some prepare the next calls and record the last ones while the others wait for Zoho. A kill loses the
// outcomes of at most inFlight calls, or of a quarter more if they create something. With up to 3 calls in flight there
// are no extra workers. One worker does the keys in order.
func newCaller(store *rundb.DB, work Work, inFlight int, stop *Stopper, progress *Progress) *caller {
	return &caller{
		store: store, work: work, workers: inFlight + inFlight/4, stop: stop, progress: progress,
		flying: make(chan struct{}, inFlight),
	}
}

// over reports whether nothing new may be sent. It checks the context itself, because the goroutine of Stopper.Watch
// may be later.
func (c *caller) over() bool {
	if c.ends != nil && c.ends.Err() != nil {
		c.stop.Stop(EndOf(c.ends))
		return true
	}
	return c.stop.Stopped()
}

// run sends all open rows, phase by phase, until the stopper stops it. The stopper has the reason.
func (c *caller) run(ctx context.Context) {
	phases, err := c.store.Phases()
	if err != nil {
		c.end(broken(err))
		return
	}
	for _, phase := range phases {
		if !c.over() {
			c.phase(ctx, phase)
		}
	}
}

// end stops the calls because of an error of the job. Every error of a job ends the run.
func (c *caller) end(err error) {
	if err == nil {
		return
	}
	c.stop.Stop(AsStop(err))
}

// broken returns err, an error of the run's own files, as a Stop, or nil.
func broken(err error) error {
	if err == nil {
		return nil
	}
	return &Stop{Reason: Broken, Err: fmt.Errorf("record the outcomes in run.db: %w", err)}
}

// phase sends the open rows of one phase.
func (c *caller) phase(ctx context.Context, phase int) {
	groups := make(chan []*keyRows, c.workers) // a few groups ahead, so that no worker waits for the database
	var pool errgroup.Group
	pool.Go(func() error {
		defer close(groups)
		c.end(broken(c.hand(phase, groups)))
		return nil
	})
	for range c.workers {
		pool.Go(func() error {
			for keys := range groups {
				c.end(c.keys(ctx, keys))
			}
			return nil
		})
	}
	_ = pool.Wait() // the stopper has the error
}

// The limits of one Open, whatever Together returns.
const (
	rowsTogether = 1000 // rows; a key that begins below this limit is taken whole
	sparedKeys   = 100  // keys that need no call
)

// batch is the keys that the next Open takes.
type batch struct {
	keys []*keyRows
	rows int
}

// hand gives the keys that have open rows to the workers, as many at a time as the job opens at once. Keys that need no
// call come in batches of their own.
func (c *caller) hand(phase int, to chan<- []*keyRows) error {
	var calls, spared batch
	handOn := func(b *batch) bool {
		select {
		case to <- b.keys:
			*b = batch{}
			return true
		case <-c.stop.Done:
			return false
		}
	}
	for k, err := range byKey(c.store.ByKey(phase, c.within)) {
		if err != nil {
			return err
		}
		if !k.open() {
			continue
		}
		b, most := &calls, c.work.Together(phase)
		if c.spares != nil && c.spares(&k.group) {
			b, most = &spared, sparedKeys
		}
		b.keys, b.rows = append(b.keys, k), b.rows+len(k.group.Rows)
		if (len(b.keys) >= most || b.rows >= rowsTogether) && !handOn(b) {
			return nil
		}
	}
	for _, b := range []*batch{&calls, &spared} {
		if len(b.keys) > 0 && !handOn(b) {
			return nil
		}
	}
	return nil
}

// keys opens some keys together and does their rows in parallel. If the job does all of them by one Steps, its calls
// take rows of several keys.
func (c *caller) keys(ctx context.Context, keys []*keyRows) error {
	if c.over() {
		return nil
	}
	var groups []Group
	var open []*keyRows
	for _, k := range keys {
		if k.group.Open() > 0 {
			groups, open = append(groups, k.group), append(open, k)
		} else if err := c.follow(k, nil); err != nil {
			return err
		}
	}
	if len(groups) == 0 {
		return nil
	}
	steps, err := c.work.Open(ctx, groups)
	if err != nil {
		return err
	}
	if len(steps) == 1 {
		return c.key(ctx, joined(open), steps[0])
	}
	var side errgroup.Group
	for i := range steps {
		side.Go(func() error {
			c.end(c.key(ctx, open[i], steps[i])) // at once, so that the other keys stop too
			return nil
		})
	}
	return side.Wait()
}

// key does the rows of one key: record what needs no call, record what is about to be sent, send, record.
func (c *caller) key(ctx context.Context, k *keyRows, steps Steps) error {
	known := map[int64]*Outcome{} // for the followers
	for !c.over() {
		outcomes, call := steps.Next()
		if err := c.record(k, known, outcomes, false); err != nil {
			return err
		}
		if call == nil {
			break
		}
		if err := c.send(ctx, k, known, call); err != nil {
			return errors.Join(err, c.follow(k, known))
		}
	}
	return c.follow(k, known)
}

// creates reports whether a call creates something: it is forced to disk, and nothing was there before.
func (c *Call) creates() bool {
	return c.Force && !slices.ContainsFunc(c.Prior, func(before json.RawMessage) bool { return before != nil })
}

// send makes one call. First it waits until fewer than inFlight calls are sent and not recorded, so that a kill loses
// no more outcomes than that. A call that creates something does not wait: recording a hundred new records takes long,
// and resume never sends them twice.
func (c *caller) send(ctx context.Context, k *keyRows, known map[int64]*Outcome, call *Call) error {
	sending := make([]rundb.Sending, len(call.Rows))
	for i := range call.Rows {
		sending[i].Row = call.Rows[i].N
		if call.Prior != nil {
			sending[i].Prior = call.Prior[i]
		}
	}
	if len(sending) > 0 && !call.creates() {
		c.flying <- struct{}{}
		defer func() { <-c.flying }()
	}
	if c.over() {
		return nil
	}
	if c.look != nil {
		if err := c.look(); err != nil {
			return err
		}
	}
	if len(sending) > 0 && !call.Repeatable {
		if err := c.store.Send(sending, call.Force); err != nil {
			return broken(err)
		}
	}
	outcomes, err := call.Send(ctx)
	if err != nil {
		err = errors.Join(err, c.unsend(k, call, err))
	}
	for i := range call.Rows {
		k.sent[call.Rows[i].N] = true
	}
	return errors.Join(err, c.record(k, known, outcomes, true))
}

// unsend deletes the record that the rows of a call were about to be sent, if the error shows that Zoho did nothing.
// It leaves the record of an earlier call of a row, because that call may have been applied.
func (c *caller) unsend(k *keyRows, call *Call, err error) error {
	e, ok := errors.AsType[*api.Error](err)
	if !ok || e.Uncertain {
		return nil
	}
	var rows []int64
	for i := range call.Rows {
		if r := &call.Rows[i]; !r.Sent && !k.sent[r.N] {
			rows = append(rows, r.N)
		}
	}
	if len(rows) == 0 {
		return nil
	}
	return broken(c.store.Unsend(rows))
}

// record records outcomes and counts them. sent reports whether they are from a call. An outcome with an attempt counts
// as sent too: Zoho refused the read before the call.
func (c *caller) record(k *keyRows, known map[int64]*Outcome, outcomes []Outcome, sent bool) error {
	if len(outcomes) == 0 {
		return nil
	}
	if err := c.rec.record(outcomes); err != nil {
		return broken(err)
	}
	for i := range outcomes {
		o := &outcomes[i]
		failed := o.Status == Failed // not attempted, in a dry run, is no failure
		c.progress.Finished(failed)
		c.stop.Count(failed, sent || o.Attempts > 0)
		if len(k.followers) > 0 {
			known[o.Row] = o
		}
	}
	return nil
}

// follow records the outcomes of the rows that follow another row. If that row is open, its followers stay open too.
func (c *caller) follow(k *keyRows, known map[int64]*Outcome) error {
	if len(k.followers) == 0 {
		return nil
	}
	all := map[int64]*Outcome{}
	for i := range k.group.Rows {
		if r := &k.group.Rows[i]; r.Done != nil {
			all[r.N] = r.Done
		}
	}
	maps.Copy(all, known)
	var outcomes []Outcome
	for i := range k.followers {
		f := &k.followers[i]
		if f.row.Done != nil {
			all[f.row.N] = f.row.Done
			continue
		}
		if other := all[f.of]; other != nil {
			o := c.outcomeOf(f, other)
			outcomes, all[o.Row] = append(outcomes, o), &o
		}
	}
	return c.record(&keyRows{}, nil, outcomes, false)
}

// outcomeOf returns the outcome of a follower. other is the outcome of the row that it follows.
func (c *caller) outcomeOf(f *follower, other *Outcome) Outcome {
	if f.superseded {
		return supersede(f, c.differ, c.lastWins && other.Status != Failed) // in a dry run other is not attempted
	}
	return RepeatOf(other, f.row.N)
}
