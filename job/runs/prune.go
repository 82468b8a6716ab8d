package runs

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"time"

	"rolecall/job"
	"rolecall/job/report"
	"rolecall/job/rundir"
)

// Plan is the runs of a folder that a prune removes, and those that it leaves.
type Plan struct {
	Remove []Found
	Leave  []Left
}

// Left is a run that stays, and why.
type Left struct {
	Found

	Why string
}

// Prune returns which runs in a folder to remove: those that finished before the time before. It removes nothing.
func Prune(folder string, before time.Time, env job.Env) (plan Plan, err error) {
	all, err := In(folder, env)
	if err != nil {
		return plan, err
	}
	for _, f := range all {
		if why := stays(&f, before); why != "" {
			plan.Leave = append(plan.Leave, Left{f, why})
		} else {
			plan.Remove = append(plan.Remove, f)
		}
	}
	return plan, nil
}

// stays returns why a run must not be removed, or "".
func stays(f *Found, before time.Time) string {
	switch {
	case f.State == report.Unreadable:
		return "it cannot be read: " + f.Problem
	case f.Process != nil:
		return "it is at work: " + f.Process.String()
	case f.State != report.Finished:
		return "it is not finished; go on with: " + f.Next
	case !f.Own:
		return "it was not made on this machine, or it was changed"
	case f.Finished.IsZero() || !f.Finished.Before(before):
		return "it finished at " + f.Finished.Local().Format(time.DateTime)
	}
	if err := onlyOwn(f); err != nil {
		return err.Error()
	}
	return ""
}

// onlyOwn returns an error if a run's folder holds anything but regular files of the run.
func onlyOwn(f *Found) error {
	entries, err := os.ReadDir(f.Dir)
	for _, e := range entries {
		if !slices.Contains(f.files, e.Name()) || !e.Type().IsRegular() {
			return fmt.Errorf("it holds %s, which the run did not write", e.Name())
		}
	}
	return err
}

// ownFiles returns the names of the files that a finished run wrote into its folder.
func ownFiles(p *job.Past) []string {
	f := &p.Files
	names := []string{rundir.Database, rundir.Database + "-wal", rundir.Database + "-shm", rundir.LogFile, p.Copy}
	for _, path := range []string{f.Results, f.Failed, f.FailedBook, f.Summary, f.Log, f.Undo, f.Before, f.Pruned} {
		if path != "" {
			names = append(names, filepath.Base(path))
		}
	}
	return names
}

// Remove removes a run that Prune chose. The error is [job.ErrLocked] if a process holds the run now. Remove deletes
// nothing outside the folder that the run is in, and no file that the run did not write.
func Remove(f *Found) error {
	parent, err := os.OpenRoot(filepath.Dir(f.Dir))
	if err != nil {
		return err
	}
	defer func() { _ = parent.Close() }()
	// A killed prune leaves this name, which a later run in the folder sweeps away.
	gone := fmt.Sprintf(".rolecall-%d.tmp", rand.Uint32())
	_, let, err := job.OpenResults(filepath.Join(f.Dir, rundir.Database))
	if err != nil {
		return err
	}
	let()                              // Windows cannot rename a folder with an open file in it
	if err := onlyOwn(f); err != nil { // somebody may have put a file there since Prune looked
		return err
	}
	if err := parent.Rename(filepath.Base(f.Dir), gone); err != nil {
		return err
	}
	root, err := parent.OpenRoot(gone)
	if err != nil {
		return err
	}
	defer func() { _ = root.Close() }()
	for _, name := range f.files {
		if err := root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return parent.Remove(gone)
}
