package job

import (
	"time"
)

// commitEvery is how often the recorder commits: several times a second, so that a kill costs little to send again, and seldom enough that the disk is not what a run waits for.
const commitEvery = 200 * time.Millisecond

// recorder is the one writer of outcomes. What it has committed is done; what it has not is sent again by resume.
type recorder struct {
	s      *store
	w      *outcomeWriter
	in     chan entry
	done   chan struct{}
	failed func(error)
	also   func() error // what is committed along with each group
	err    error
}

// entry is either outcomes to append; or rows to note before their DELETE is sent, with a channel that tells once they are on the disk; or rows whose DELETE was not sent after all.
type entry struct {
	outcomes []outcome
	note     []int64
	forget   []int64
	durable  chan<- error
}

// newRecorder starts to record. failed is called once when the store cannot be written; also writes, inside their transaction, what is to be kept with the outcomes.
func newRecorder(s *store, failed func(error), also func() error) (*recorder, error) {
	w, err := newOutcomeWriter(s)
	if err != nil {
		return nil, err
	}
	r := &recorder{s: s, w: w, in: make(chan entry, 1024), done: make(chan struct{}), failed: failed, also: also}
	go r.loop()
	return r, nil
}

// add records outcomes; they are committed within commitEvery.
func (r *recorder) add(o ...outcome) { r.in <- entry{outcomes: o} }

// note writes down that the DELETE of these rows is about to be sent, and returns once that would survive a kill.
func (r *recorder) note(rows []int64) error {
	durable := make(chan error, 1)
	r.in <- entry{note: rows, durable: durable}
	return <-durable
}

// forget takes a note back: the DELETE of these rows was certainly not applied.
func (r *recorder) forget(rows []int64) { r.in <- entry{forget: rows} }

// close commits what is left. No add or note may follow.
func (r *recorder) close() error {
	close(r.in)
	<-r.done
	return r.err
}

func (r *recorder) loop() {
	defer close(r.done)
	tick := time.NewTicker(commitEvery)
	defer tick.Stop()
	var group []entry
	for {
		select {
		case e, ok := <-r.in:
			if !ok {
				r.commit(group)
				return
			}
			group = append(group, e)
			if e.durable == nil && len(group) < cap(r.in) {
				continue
			}
			group = r.waiting(group)
		case <-tick.C:
		}
		r.commit(group)
		group = group[:0]
	}
}

// waiting takes along what other workers are waiting to record, so that they share one commit.
func (r *recorder) waiting(group []entry) []entry {
	for len(group) < cap(r.in) {
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

// commit writes a group whole or not at all, and tells those who wait for it.
func (r *recorder) commit(group []entry) {
	if len(group) == 0 {
		return
	}
	if r.err == nil {
		r.err = r.s.inTransaction(func() error { return r.append(group) })
		if r.err != nil {
			r.failed(r.err)
		}
	}
	for _, e := range group {
		if e.durable != nil {
			e.durable <- r.err
		}
	}
}

func (r *recorder) append(group []entry) error {
	for _, e := range group {
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
	}
	return r.also()
}
