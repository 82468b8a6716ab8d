package export

import (
	"context"
	"fmt"

	"rolecall/csvio"
	"rolecall/job"
	"rolecall/job/rundir"
)

// Request is what the user asks of an export.
type Request struct {
	Kind       *job.Kind     // one of this package
	Settings   job.Settings  // without Options
	Options    Options       // Output and Changes as the user typed them; without Named
	DealsFile  string        // a table whose deals are exported; "": none. "-" is Stdin
	DealsTable csvio.Options // how to read the table: Encoding, Delimiter and Map
	RepairIDs  bool          // restore rounded ids of the table if the name of the deal proves them
	Deals      []string      // the ids of deals
	Afresh     bool          // do not continue a stopped export
	DryRun     bool          // list the deals and return the price; read nothing else

	State string // the folder in which each output has a folder of its own

	job.Env
}

// named returns the deals that the user named, or nil if the user named none.
func (q *Request) named(ctx context.Context) (*named, error) {
	switch {
	case q.DealsFile != "":
		f, closeFile, err := rundir.OpenInput(ctx, q.DealsFile, q.Stdin)
		if err != nil {
			return nil, err
		}
		defer closeFile()
		o := q.DealsTable
		o.Name = q.DealsFile
		o.Command = "rolecall export --deals " + rundir.InputArgument(q.DealsFile)
		if o.Name == "-" {
			o.Name = "stdin"
		}
		return q.readNamed(f, o)
	case len(q.Deals) == 0:
		return nil, nil
	}
	n := newNamed()
	for _, id := range q.Deals {
		if _, err := n.add(id, 0); err != nil {
			return nil, fmt.Errorf("--deal %s: %w", id, err)
		}
	}
	return n, nil
}

// setPaths makes the paths of the files absolute. It fails if a file cannot be written.
func (q *Request) setPaths() (err error) {
	o := &q.Options
	inputs := []rundir.Taken{
		{Path: q.DealsFile, What: "the table of --deals"}, {Path: q.Settings.Config, What: "the config file"},
	}
	if o.Output != Stdout {
		if o.Output, err = rundir.OutputPlace("--output", o.Output, inputs...); err != nil {
			return err
		}
	}
	if o.Changes == "" {
		return nil
	}
	export := rundir.Taken{Path: o.Output, What: "the export itself"}
	o.Changes, err = rundir.OutputPlace("--changes", o.Changes, append(inputs, export)...)
	return err
}
