package job

import (
	"errors"
	"sync"
	"time"
)

// commitEvery is how often what was recorded is committed to run.db, and so forced to the disk. The journal survives the death of the process at once; only the death of the machine can take
// back what was not forced yet, and then resume sends that again. Forcing each outcome would make the disk what a run waits for.
const commitEvery = 200 * time.Millisecond

// recorder records outcomes. What it has recorded is done; what it has not is sent again by resume, and that is never more than the calls in flight.
type recorder struct {
	s       *store
	failed  func(error)
	also    func() error // what is written along with each commit
	ended   chan struct{}
	ticking sync.WaitGroup

	adding  sync.Mutex // guards those below
	next    *group
	nums    *answerNumbers
	journal *journal
	err     error

	committing sync.Mutex // taken before adding
}

// newRecorder starts to record. failed is called once when that is not possible any more; also writes, inside each transaction, what is to be kept with the outcomes.
func newRecorder(s *store, failed func(error), also func() error) (*recorder, error) {
	r := &recorder{s: s, failed: failed, also: also, ended: make(chan struct{})}
	var err error
	if r.nums, err = s.answerNumbers(); err != nil {
		return nil, err
	}
	committed, err := s.committed()
	if err != nil {
		return nil, err
	}
	if r.journal, err = openJournal(s.Path, committed); err != nil {
		return nil, err
	}
	r.next = newGroup(r.journal.number)
	r.ticking.Go(r.tick)
	return r, nil
}

// add records outcomes: they survive the death of the process from its return on.
func (r *recorder) add(outcomes ...outcome) error {
	r.adding.Lock()
	defer r.adding.Unlock()
	if r.err == nil {
		r.fail(r.journal.write(func(b []byte) []byte { return r.next.pack(b, outcomes, r.nums) }))
	}
	return r.err
}

// fail takes note of trouble with the run's own files: nothing is recorded any more.
func (r *recorder) fail(err error) {
	if err != nil && r.err == nil {
		r.err = err
		r.failed(err)
	}
}

// note writes down that the DELETE of these rows is about to be sent. That lasts also when the machine dies.
func (r *recorder) note(rows []int64) error {
	return r.commit(func(g *group) { g.note = append(g.note, rows...) })
}

// forget takes a note back: the DELETE of these rows was certainly not applied.
func (r *recorder) forget(rows []int64) error {
	return r.commit(func(g *group) { g.forget = append(g.forget, rows...) })
}

// commit puts something into the next group and returns when that is committed. The first of those who wait commits for all of them.
func (r *recorder) commit(put func(*group)) error {
	r.adding.Lock()
	g := r.next
	put(g)
	leads := !g.led
	g.led = true
	r.adding.Unlock()
	if leads {
		r.write()
	}
	<-g.done
	return g.err
}

// close ends the recording. Nothing may be recorded any more.
func (r *recorder) close() error {
	close(r.ended)
	r.ticking.Wait()
	r.write()
	if r.err != nil {
		return r.err // the journal stays: resume takes it in
	}
	return r.journal.remove()
}

// tick commits now and then.
func (r *recorder) tick() {
	tick := time.NewTicker(commitEvery)
	defer tick.Stop()
	for {
		select {
		case <-r.ended:
			return
		case <-tick.C:
			r.write()
		}
	}
}

// write commits what was recorded so far, whole or not at all.
func (r *recorder) write() {
	r.committing.Lock()
	defer r.committing.Unlock()
	g, err := r.take()
	if err == nil && !g.empty() {
		err = r.s.InTransaction(func() error { return errors.Join(r.s.putGroup(g), r.also()) })
	}
	r.adding.Lock()
	r.fail(err)
	r.adding.Unlock()
	g.err = err
	close(g.done)
}

// take begins a new group and returns the one before, which nobody adds to any more.
func (r *recorder) take() (*group, error) {
	r.adding.Lock()
	defer r.adding.Unlock()
	g := r.next
	if r.err == nil && !g.empty() {
		r.fail(r.journal.turn())
	}
	r.next = newGroup(r.journal.number)
	return g, r.err
}
