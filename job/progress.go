package job

import "sync/atomic"

// Stage is what a run is doing.
type Stage int32

// The stages of a run, in their order; those of an export after them.
const (
	Surveying Stage = iota
	Connecting
	Calling
	Writing

	Asking  // whether to go on: nothing is shown meanwhile
	Listing // an export: which records there are
	Reading // an export: who is on them
)

// Progress is how far a run is, for whoever shows it. It is safe to read while the run goes on.
type Progress struct {
	stage        atomic.Int32
	total        atomic.Int64
	done, failed atomic.Int64
	onEnter      func(Stage) // told of each stage as it begins; nil: nobody
}

// Snapshot returns the stage with its rows: how many there are (0: not known yet), how many are finished and how many of those failed.
func (p *Progress) Snapshot() (stage Stage, total, done, failed int64) {
	return Stage(p.stage.Load()), p.total.Load(), p.done.Load(), p.failed.Load()
}

// Enter begins a stage, of whose rows some are finished already.
func (p *Progress) Enter(s Stage, total, done int64) {
	p.total.Store(total)
	p.done.Store(done)
	p.failed.Store(0)
	p.stage.Store(int32(s))
	if p.onEnter != nil {
		p.onEnter(s)
	}
}

// Finished counts one row, or what else the stage goes by.
func (p *Progress) Finished(failed bool) {
	p.done.Add(1)
	if failed {
		p.failed.Add(1)
	}
}
