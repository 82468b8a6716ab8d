package job

import (
	"runtime"
	"sync"
	"time"

	"zombiezen.com/go/sqlite"
)

// syncEvery is how often what was committed is also forced to the disk. A commit survives the death of the process at once; only the death of the machine can take back what was not forced
// yet, and then resume sends that again. Forcing each commit would make the disk what a run waits for.
const syncEvery = 200 * time.Millisecond

// recorder records outcomes. What it has committed is done; what it has not is sent again by resume. Whoever records waits for the commit, so that a kill never takes back more than the
// calls in flight; all who wait share one.
type recorder struct {
	s      *store
	insert *sqlite.Stmt
	failed func(error)
	also   func() error // what is written along whenever the disk is waited for

	adding sync.Mutex // guards those below
	next   *group
	nums   *answerNumbers

	committing sync.Mutex // guards those below; taken before adding
	err        error
	unsynced   bool
	synced     time.Time

	ended chan struct{} // closed by close
	idle  sync.WaitGroup
}

// group is what is committed together.
type group struct {
	packed  []byte // outcomes
	size    int64
	answers []newAnswer
	note    []int64 // rows whose DELETE is about to be sent
	forget  []int64 // rows whose DELETE was certainly not applied

	led  bool          // somebody commits it
	done chan struct{} // closed once it is committed, or err says why it is not
	err  error
}

func newGroup() *group { return &group{done: make(chan struct{})} }

// newAnswer is one that no outcome had before.
type newAnswer struct {
	answer

	number int64
}

// newRecorder starts to record. failed is called once when the store cannot be written; also writes, inside their transaction and several times a second, what is to be kept with the outcomes.
func newRecorder(s *store, failed func(error), also func() error) (*recorder, error) {
	r := &recorder{s: s, failed: failed, also: also, next: newGroup(), synced: time.Now(), ended: make(chan struct{})}
	var err error
	if r.nums, err = s.answerNumbers(); err != nil {
		return nil, err
	}
	if r.insert, err = s.conn.Prepare("INSERT INTO outcomes(size, packed) VALUES(?, ?)"); err != nil {
		return nil, err
	}
	r.idle.Go(r.syncIdle)
	return r, nil
}

// add records outcomes.
func (r *recorder) add(outcomes ...outcome) error {
	return r.commit(func(g *group) {
		for i := range outcomes {
			o := &outcomes[i]
			number, isNew := r.nums.number(o.answer)
			if isNew {
				g.answers = append(g.answers, newAnswer{o.answer, number})
			}
			stored := o.stored(number)
			g.packed = packOutcome(g.packed, &stored, nil)
		}
		g.size += int64(len(outcomes))
	})
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
		r.committing.Lock()
		runtime.Gosched() // those who were told of the commit before are about to record what they do next
		r.write(r.take())
		r.committing.Unlock()
	}
	<-g.done
	return g.err
}

// take begins a new group and returns the one before, which nobody adds to any more.
func (r *recorder) take() *group {
	r.adding.Lock()
	defer r.adding.Unlock()
	g := r.next
	r.next = newGroup()
	return g
}

// close ends the recording. No entry may follow.
func (r *recorder) close() error {
	close(r.ended)
	r.idle.Wait()
	r.committing.Lock()
	defer r.committing.Unlock()
	r.write(newGroup())
	return r.err
}

// syncIdle forces to the disk what no later commit does.
func (r *recorder) syncIdle() {
	tick := time.NewTicker(syncEvery)
	defer tick.Stop()
	for {
		select {
		case <-r.ended:
			return
		case <-tick.C:
			r.committing.Lock()
			if r.unsynced && time.Since(r.synced) >= syncEvery {
				r.write(newGroup())
			}
			r.committing.Unlock()
		}
	}
}

// write commits a group whole or not at all. An empty one forces to the disk what was committed before.
func (r *recorder) write(g *group) {
	if r.err == nil {
		if r.err = r.store(g); r.err != nil {
			r.failed(r.err)
		}
	}
	g.err = r.err
	close(g.done)
}

func (r *recorder) store(g *group) error {
	force := g.size == 0 || len(g.note) > 0 || time.Since(r.synced) >= syncEvery
	if err := r.s.force(force); err != nil {
		return err
	}
	r.unsynced = !force
	if !force && len(g.answers)+len(g.forget) == 0 { // as nearly always: one statement is a transaction by itself
		r.s.mu.Lock()
		defer r.s.mu.Unlock()
		return r.putOutcomes(g)
	}
	err := r.s.inTransaction(func() error {
		if err := r.putAll(g); err != nil || !force {
			return err
		}
		return r.also()
	})
	if force {
		r.synced = time.Now()
	}
	return err
}

// putAll writes a group, inside a transaction.
func (r *recorder) putAll(g *group) error {
	for _, a := range g.answers {
		if err := r.s.putAnswer(a.number, a.answer); err != nil {
			return err
		}
	}
	for _, row := range g.note {
		if err := r.s.exec("INSERT INTO noted VALUES(?)", row); err != nil {
			return err
		}
	}
	for _, row := range g.forget {
		if err := r.s.exec("DELETE FROM noted WHERE row = ?", row); err != nil {
			return err
		}
	}
	return r.putOutcomes(g)
}

// putOutcomes appends the outcomes of a group. The store's lock is held.
func (r *recorder) putOutcomes(g *group) error {
	if g.size == 0 {
		return nil
	}
	r.insert.BindInt64(1, g.size)
	r.insert.BindBytes(2, g.packed)
	return execute(r.insert)
}
