package job

import (
	"context"
	"io"
	"sync/atomic"
	"time"

	"rolecall/job/report"
)

// Env is what a run uses of its process.
type Env struct {
	Stdin    io.Reader
	Stdout   io.Writer // gets the result table if the user asks for it there
	Connect  Connect
	Progress *Progress
	Announce func(report.Forecast)                        // shows the price before the first write; nil: do not show it
	Confirm  func(context.Context, report.Forecast) error // asks about deletions; an error ends the run; nil: no
	Yes      bool                                         // the user agreed to deletions before they were known
	Begins   func()                                       // called before the first write; nil: do nothing
	Tell     func(text string)                            // shows a text at once; nil: do not show it
	Quiet    bool                                         // the user wants warnings only, and does not see the summary
	Kinds    func(name string) *Kind                      // returns the kind with that name, or nil
	Notes    []string                                     // notes for people at the start of the run
	Version  string                                       // the version of rolecall, for the summary
	Verbose  bool                                         // log every attempt
	Now      func() time.Time                             // returns the current time

	// Seal returns this machine's seal of what a run records, which nobody else can make. nil: no run is trusted.
	Seal func(record []byte) (string, error)
}

// tell shows a text at once, unless the user wants warnings only.
func (e *Env) tell(text string) {
	if e.Tell != nil && !e.Quiet {
		e.Tell(text)
	}
}

// Warn shows a warning at once.
func (e *Env) Warn(text string) {
	if e.Tell != nil {
		e.Tell("warning: " + text)
	}
}

// Result is the end of a run.
type Result struct {
	Summary report.Summary
	Stop    *Stop // why the run ended early; nil: it did not
}

// Stage is a stage of a run.
type Stage int32

// The stages of a run. The first four come in this order.
const (
	Surveying Stage = iota
	Connecting
	Calling
	Writing

	Looking // the state before is read, before the first write
	Asking  // the user is asked whether to go on; no progress is shown
	Listing // an export lists the records
	Reading // an export reads the contacts of the records
	Finding // names and e-mails are looked up
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

// Expect sets how many rows the stage has, once that is known.
func (p *Progress) Expect(total int64) { p.total.Store(total) }

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
