package runs

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"rolecall/job"
	"rolecall/job/report"
	"rolecall/job/rundir"
)

// Found is a run of a folder.
type Found struct {
	report.Run

	Own   bool     // this machine made the run, and nobody changed what it records
	files []string // the names that the run's own files have, if it is finished
}

// In returns the runs in a folder, the newest first, with those that cannot be read. It does not follow links. The
// error is a *[job.UsageError].
func In(folder string, env job.Env) ([]Found, error) {
	if _, err := os.Lstat(filepath.Join(folder, rundir.Database)); err == nil {
		return nil, &job.UsageError{Err: fmt.Errorf("%s is a run itself: give the folder that it is in "+
			"(rolecall report %s shows the run)", folder, rundir.ShellQuote(rundir.Argument(folder)))}
	}
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, &job.UsageError{Err: fmt.Errorf("list the runs: %w", err)}
	}
	var all []Found
	for _, entry := range entries {
		if !entry.IsDir() || strings.HasPrefix(entry.Name(), ".rolecall-") { // the latter is no run yet, or no longer
			continue
		}
		dir := filepath.Join(folder, entry.Name())
		info, err := os.Lstat(filepath.Join(dir, rundir.Database))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		var changed time.Time
		if err == nil {
			changed = info.ModTime()
		}
		all = append(all, find(dir, changed, env))
	}
	slices.SortStableFunc(all, func(a, b Found) int { return b.Started.Compare(a.Started) })
	return all, nil
}

// find returns the run in a folder. changed is when its run.db was changed last.
func find(dir string, changed time.Time, env job.Env) (f Found) {
	err := job.Again{RunDir: dir, Env: env}.Past(func(p *job.Past) error {
		f = Found{Run: p.Run, Own: p.Own}
		if p.State == report.Finished {
			f.files = ownFiles(p)
		}
		return nil
	})
	if err != nil {
		f = Found{Run: job.Unreadable(dir, changed, err)}
	}
	return f
}

// Newest returns the newest run in a folder. The error is a *[job.UsageError] if there is none.
func Newest(folder string, env job.Env) (Found, error) {
	all, err := In(folder, env)
	if err != nil {
		return Found{}, err
	}
	if len(all) == 0 {
		return Found{}, noneIn(folder)
	}
	return all[0], nil
}

// Unfinished returns the newest run in a folder, which resume can continue. The error is a *[job.UsageError] if there
// is none, or if the newest run is finished. It then names the newest unfinished run.
func Unfinished(folder string, env job.Env) (Found, error) {
	all, err := In(folder, env)
	if err != nil {
		return Found{}, err
	}
	if len(all) == 0 {
		return Found{}, noneIn(folder)
	}
	if all[0].State != report.Finished {
		return all[0], nil
	}
	next := "no run here is unfinished (rolecall runs lists them)"
	for i := range all {
		if all[i].Next != "" {
			next = "the newest run that is not finished goes on with: " + all[i].Next
			break
		}
	}
	return Found{}, &job.UsageError{Err: fmt.Errorf("the newest run here, %s, is finished: %s", all[0].Dir, next)}
}

// noneIn returns the error of a folder without a run.
func noneIn(folder string) error {
	if folder == "." {
		folder = "this folder"
	}
	return &job.UsageError{Err: fmt.Errorf("%s has no run: give the folder of a run "+
		"(rolecall runs FOLDER lists the runs of a folder)", folder)}
}
