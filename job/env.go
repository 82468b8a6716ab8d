package job

import (
	"io"
	"time"

	"rolecall/job/report"
)

// Env is what a run uses of its process.
type Env struct {
	Stdin    io.Reader
	Stdout   io.Writer // gets the result table if the user asks for it there
	Connect  Connect
	Progress *Progress
	Announce func(report.Forecast)       // shows the price before the first write; nil: do not show it
	Confirm  func(report.Forecast) error // asks the user about deletions; an error ends the run; nil: do not ask
	Begins   func()                      // called before the first write; nil: do nothing
	Tell     func(text string)           // shows a note before the first call; nil: do not show it
	Warn     func(text string)           // shows a warning that people must see; nil: do not show it
	Kinds    func(name string) *Kind     // returns the kind with that name, or nil
	Notes    []string                    // notes for people at the start of the run
	Version  string                      // the version of rolecall, for the summary
	Verbose  bool                        // log every attempt
	Now      func() time.Time            // returns the current time

	// Seal returns this machine's seal of what a run records, which nobody else can make. nil: no run is trusted.
	Seal      func(record []byte) (string, error)
	WarnFirst func(text string) // shows a warning at once, before the first call; nil: do not show it
}

// Result is the end of a run.
type Result struct {
	Summary report.Summary
	Stop    *Stop // why the run ended early; nil: it did not
}
