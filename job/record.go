package job

import (
	"fmt"
	"sync"
	"time"

	"rolecall/job/rundb"
)

// syncEvery is how often the recorder forces its commits to disk. A commit survives the end of the process at once. If
// the machine fails, commits that were not forced are lost, and resume sends their rows again. Forcing each outcome
// would make the run wait for the disk.
const syncEvery = 200 * time.Millisecond

// recorder records outcomes, and regularly forces them to disk with what the run has spent so far.
type recorder struct {
	db     *rundb.DB
	spent  func() any  // returns what the run has spent
	failed func(error) // called once with the first error

	ended   chan struct{}
	ticking sync.WaitGroup

	mu     sync.Mutex
	fresh  bool  // there are outcomes that are not forced to disk
	broken error // the first error
}

// newRecorder returns a recorder and starts its regular forcing. It calls failed once if recording is no longer
// possible. The caller calls close.
func newRecorder(db *rundb.DB, spent func() any, failed func(error)) *recorder {
	r := &recorder{db: db, spent: spent, failed: failed, ended: make(chan struct{})}
	r.ticking.Go(r.tick)
	return r
}

// record records outcomes. When it returns, they survive the end of the process.
func (r *recorder) record(outcomes []Outcome) error {
	err := r.db.Record(outcomes)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.fresh = true
	return r.fail(err)
}

// fail stores the first error, and returns that error from then on: after it, no outcome counts as recorded.
func (r *recorder) fail(err error) error {
	if err != nil && r.broken == nil {
		r.broken = err
		r.failed(&Stop{Reason: Broken, Err: fmt.Errorf("record the outcomes in run.db: %w", err)})
	}
	return r.broken
}

// tick forces the outcomes to disk regularly until close.
func (r *recorder) tick() {
	tick := time.NewTicker(syncEvery)
	defer tick.Stop()
	for {
		select {
		case <-r.ended:
			return
		case <-tick.C:
			_ = r.force() // fail reports the first error, which ends the run
		}
	}
}

// force forces the recorded outcomes to disk.
func (r *recorder) force() error {
	r.mu.Lock()
	fresh := r.fresh
	r.fresh = false
	r.mu.Unlock()
	if !fresh {
		return nil
	}
	err := r.db.Put(factSpent, r.spent())
	if err == nil {
		err = r.db.Sync()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.fail(err)
}

// close ends the recording. When it returns, all outcomes are on disk.
func (r *recorder) close() error {
	close(r.ended)
	r.ticking.Wait()
	r.fresh = true
	return r.force()
}
