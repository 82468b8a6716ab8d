package job

import (
	"errors"
	"fmt"
	"io"

	"rolecall/api/pace"
	"rolecall/job/disk"
	"rolecall/job/report"
	"rolecall/job/rundir"
)

// Spender returns what writes down what a run has spent so far, this process with those before it. It runs inside a transaction.
func Spender(db *disk.DB, pacer *pace.Pacer) (func() error, error) {
	var before report.Spent
	err := db.Get("spent", &before)
	return func() error {
		return db.PutLocked("spent", before.Add(SpentBy(pacer)))
	}, err
}

// CheckOrg refuses, by a *[UsageError], to go on with the run of a folder on another org than the one that it began on.
func CheckOrg(db *disk.DB, dir *rundir.Dir, now Identity) error {
	var then Identity
	if err := db.Get("org", &then); err != nil {
		return err
	}
	if then.Same(now) {
		return nil
	}
	return usagef("%s belongs to another org (%s) than the one signed in to now (%s): sign in to the org that the run began on", dir.Name, then, now)
}

// KeepSummary writes summary.json, and marks the run as finished where it is: its tables are whole by then.
func KeepSummary(db *disk.DB, dir *rundir.Dir, sum *report.Summary, finished bool) error {
	if err := dir.WriteWhole(rundir.Summary, func(w io.Writer) error { return sum.WriteJSON(w, true) }); err != nil {
		return err
	}
	if !finished {
		return nil
	}
	return errors.Join(db.Put("summary", sum), db.Put("finished", true))
}

// Unwritten is the end of a run whose files cannot be written: what stopped it before, if anything did, what is in the way, and how to go on.
func Unwritten(stop *Stop, err error, resume string) error {
	err = fmt.Errorf("write results.csv and its companions: %w", err)
	if stop != nil {
		err = fmt.Errorf("%w; %w", stop.Err, err)
	}
	return &Stop{Broken, fmt.Errorf("%w (what was recorded stands; once that is mended, go on with: %s)", err, resume)}
}
