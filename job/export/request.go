package export

import (
	"errors"
	"fmt"
	"os"

	"rolecall/job"
	"rolecall/job/report"
	"rolecall/job/rundir"
)

// Request is an export as the user asked for it.
type Request struct {
	Settings  Settings // Output and Changes as they were typed
	DealsFile string   // a table whose deals are exported; "": none. "-" is Stdin
	Deals     []string // the ids of deals
	Afresh    bool     // do not go on with an export of the same that stopped
	DryRun    bool     // list, and say the price; nobody on a deal is read

	Env
}

// Env is what an export uses of the process around it.
type Env struct {
	job.Env

	State    string                  // the folder in which outputs have theirs
	Announce func(report.ExportPlan) // told the price before the first read; nil: nobody
	Warn     func(text string)       // told what is also among the notes, and must not go unheard; nil: nobody
}

// Result is what an export says when it is over: the summary, and the stop where there was one.
type Result struct {
	Summary report.Export
	Stop    *job.Stop
}

// named reads which deals the user named; nil: all are exported that are selected otherwise.
func (q *Request) named() (*named, error) {
	q.Settings.Named = q.DealsFile != "" || len(q.Deals) > 0
	switch {
	case q.DealsFile == "-":
		return readNamed(q.Stdin, "stdin")
	case q.DealsFile != "":
		f, err := os.Open(q.DealsFile)
		if err != nil {
			return nil, err
		}
		defer func() { _ = f.Close() }()
		return readNamed(f, q.DealsFile)
	case !q.Settings.Named:
		return nil, nil
	}
	n := &named{}
	for _, id := range q.Deals {
		if err := n.add(id, 0); err != nil {
			return nil, fmt.Errorf("--deal %s: %w", id, err)
		}
	}
	return n, nil
}

// places looks at where files are to be.
func (q *Request) places() (err error) {
	if q.Settings.Output != Stdout {
		if q.Settings.Output, err = rundir.OutputPlace("--output", q.Settings.Output); err != nil {
			return err
		}
	}
	if q.Settings.Changes == "" {
		return nil
	}
	if q.Settings.Changes, err = rundir.OutputPlace("--changes", q.Settings.Changes); err == nil && q.Settings.Changes == q.Settings.Output {
		err = &job.UsageError{Err: errors.New("--changes names the export itself: choose another file")}
	}
	return err
}
