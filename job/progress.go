package job

import "sync/atomic"

// Stage is a stage of a run.
type Stage int32

// The stages of a run. The first four come in this order.
const (
	Surveying Stage = iota
	Connecting
	Calling
	Writing

	Asking  // the user is asked whether to go on; no progress is shown
	Listing // an export lists the records
	Reading // an export reads the contacts of the records
)

// Progress is the stage of a run and its counts. It is safe for use by many goroutines.
type Progress struct {
	stage        atomic.Int32
	total        atomic.Int64
	done, failed atomic.Int64
}

// Snapshot returns the stage and the numbers of its rows: total (0: not known yet), done, and how many of the done
// rows failed.
func (p *Progress) Snapshot() (stage Stage, total, done, failed int64) {
	return Stage(p.stage.Load()), p.total.Load(), p.done.Load(), p.failed.Load()
}

// Enter begins a stage with total rows, done of which are finished already.
func (p *Progress) Enter(s Stage, total, done int64) {
	p.total.Store(total)
	p.done.Store(done)
	p.failed.Store(0)
	p.stage.Store(int32(s))
}

// Finished counts one finished row, or one finished unit of another kind.
func (p *Progress) Finished(failed bool) {
	p.done.Add(1)
	if failed {
		p.failed.Add(1)
	}
}

// Reached sets how many rows of the stage are finished.
func (p *Progress) Reached(done int64) { p.done.Store(done) }

// Reject adds to the failed rows some that were finished before the stage began.
func (p *Progress) Reject(failed int64) { p.failed.Add(failed) }
