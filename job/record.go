package job

import (
	"time"
)

// syncEvery is how often what was committed is also forced to the disk. A commit survives the death of the process at once; only the death of the machine can take back what was not forced
// yet, and then resume sends that again. Forcing each commit would make the disk what a run waits for.
const syncEvery = 200 * time.Millisecond

// maxGroup is how many entries share a commit at most.
const maxGroup = 1024

// recorder is the one writer of outcomes. What it has committed is done; what it has not is sent again by resume. Whoever records waits for the commit, so that a kill never takes back
// more than the calls in flight; all who wait share one.
type recorder struct {
	s        *store
	w        *outcomeWriter
	in       chan entry
	done     chan struct{}
	failed   func(error)
	also     func() error // what is written along whenever the disk is waited for
	err      error
	unsynced bool
	synced   time.Time
}

// entry is outcomes to append; or rows to note before their DELETE is sent; or rows whose DELETE was certainly not applied.
type entry struct {
	outcomes  []outcome
	note      []int64
	forget    []int64
	committed chan<- error
}

// newRecorder starts to record. failed is called once when the store cannot be written; also writes, inside their transaction and several times a second, what is to be kept with the outcomes.
func newRecorder(s *store, failed func(error), also func() error) (*recorder, error) {
	w, err := newOutcomeWriter(s)
	if err != nil {
		return nil, err
	}
	r := &recorder{s: s, w: w, in: make(chan entry, maxGroup), done: make(chan struct{}), failed: failed, also: also, synced: time.Now()}
	go r.loop()
	return r, nil
}

// add records outcomes.
func (r *recorder) add(o ...outcome) error { return r.commit(entry{outcomes: o}) }

// note writes down that the DELETE of these rows is about to be sent. That lasts also when the machine dies.
func (r *recorder) note(rows []int64) error { return r.commit(entry{note: rows}) }

// forget takes a note back: the DELETE of these rows was certainly not applied.
func (r *recorder) forget(rows []int64) error { return r.commit(entry{forget: rows}) }

// commit hands an entry over and waits until it is committed.
func (r *recorder) commit(e entry) error {
	committed := make(chan error, 1)
	e.committed = committed
	r.in <- e
	return <-committed
}

// close ends the recording. No entry may follow.
func (r *recorder) close() error {
	close(r.in)
	<-r.done
	return r.err
}

func (r *recorder) loop() {
	defer close(r.done)
	tick := time.NewTicker(syncEvery)
	defer tick.Stop()
	var group []entry
	for {
		select {
		case e, ok := <-r.in:
			if !ok {
				r.write(nil)
				return
			}
			group = r.waiting(append(group[:0], e))
			r.write(group)
		case <-tick.C:
			if r.unsynced {
				r.write(nil)
			}
		}
	}
}

// waiting takes along what other workers are waiting to record, so that they share one commit.
func (r *recorder) waiting(group []entry) []entry {
	for len(group) < maxGroup {
		select {
		case e, ok := <-r.in:
			if !ok {
				return group
			}
			group = append(group, e)
		default:
			return group
		}
	}
	return group
}

// write commits a group whole or not at all, and tells those who wait for it. No group at all forces to the disk what was committed before.
func (r *recorder) write(group []entry) {
	if r.err == nil {
		r.err = r.append(group)
		if r.err != nil {
			r.failed(r.err)
		}
	}
	for _, e := range group {
		e.committed <- r.err
	}
}

func (r *recorder) append(group []entry) error {
	force := len(group) == 0 || time.Since(r.synced) >= syncEvery
	for _, e := range group {
		force = force || e.note != nil
	}
	if err := r.s.force(force); err != nil {
		return err
	}
	err := r.s.inTransaction(func() error {
		for i := range group {
			if err := r.one(&group[i]); err != nil {
				return err
			}
		}
		if force {
			return r.also()
		}
		return nil
	})
	if r.unsynced = !force; force {
		r.synced = time.Now()
	}
	return err
}

// one writes an entry, inside a transaction.
func (r *recorder) one(e *entry) error {
	for i := range e.outcomes {
		if err := r.w.add(&e.outcomes[i]); err != nil {
			return err
		}
	}
	for _, row := range e.note {
		if err := r.s.exec("INSERT INTO noted VALUES(?)", row); err != nil {
			return err
		}
	}
	for _, row := range e.forget {
		if err := r.s.exec("DELETE FROM noted WHERE row = ?", row); err != nil {
			return err
		}
	}
	return nil
}
