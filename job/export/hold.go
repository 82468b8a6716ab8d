package export

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"rolecall/job"
	"rolecall/job/rundir"
	"rolecall/whole"
)

// The folders of an output in the state folder, beside lastFile.
const (
	runFolder = "run" // the current export
	dryFolder = "dry" // a dry run; it must not touch a stopped export
)

// homeOf returns the folder of an output in the state folder. Exports to the same file have the same folder, whichever
// of its names the user gives.
func homeOf(state, output string) string {
	output = whole.Key(output)
	stem := strings.TrimSuffix(filepath.Base(output), filepath.Ext(output))
	sum := sha256.Sum256([]byte(output))
	return filepath.Join(state, fmt.Sprintf("%s-%s", stem, hex.EncodeToString(sum[:4])))
}

// stdoutHomes is the prefix of the folders of exports to stdout. Each export has a folder of its own.
const stdoutHomes = "stdout-"

// take returns the folder of the run, and locks the output until the caller calls free.
func (q *Request) take() (dir string, free func(), err error) {
	var home string
	folder := runFolder
	if q.DryRun {
		folder = dryFolder
	}
	if q.Options.Output != Stdout {
		home = homeOf(q.State, q.Options.Output)
	} else {
		sweepStdout(q.State, q.Now())
		home = filepath.Join(q.State, fmt.Sprintf("%s%d-%d", stdoutHomes, os.Getpid(), q.Now().UnixNano()))
	}
	dir = filepath.Join(home, folder)
	free, err = hold(dir, q.Options.Output, q.Now())
	if err == nil && q.Options.Output != Stdout {
		whole.Sweep(q.Options.Output)
		whole.Sweep(q.Options.Changes)
	}
	return dir, free, err
}

// hold locks the output of the run in the folder dir until the caller calls free.
func hold(dir, output string, now time.Time) (free func(), err error) {
	let, err := rundir.Hold(filepath.Dir(dir), output, now)
	if err != nil {
		return nil, err
	}
	return func() { let(); leaveStdout(dir) }, nil
}

// holdRun implements Kind.Hold.
func holdRun(folder string, _ job.Settings, env *job.Env) (free func(), err error) {
	dir, err := filepath.Abs(folder)
	if err != nil {
		return nil, &job.UsageError{Err: err}
	}
	return hold(dir, folder, env.Now())
}

// settle implements Kind.Settle. It keeps the run.db of a finished export as lastFile, and removes the folder of the
// run.
func settle(folder string, set job.Settings, finished bool) error {
	dir, err := filepath.Abs(folder)
	if err != nil {
		return err
	}
	if finished && !ToStdout(set) {
		last := filepath.Join(filepath.Dir(dir), lastFile)
		if err := whole.Rename(filepath.Join(dir, rundir.Database), last); err != nil {
			return fmt.Errorf("the file is written, but not kept to find what changes until the next export: %w", err)
		}
	}
	return os.RemoveAll(dir)
}

// leaveStdout removes the folder of an export to stdout if its run's folder dir is gone. It leaves a stopped export,
// which the user can resume.
func leaveStdout(dir string) {
	home := filepath.Dir(dir)
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) && strings.HasPrefix(filepath.Base(home), stdoutHomes) {
		_ = os.RemoveAll(home)
	}
}

// staleAfter is the age from which sweepStdout removes a stopped export to stdout.
const staleAfter = 7 * 24 * time.Hour

// sweepStdout removes exports to stdout that stopped long ago, because they hold personal data. A stopped export to a
// file needs no sweep: the next export to that file removes it.
func sweepStdout(state string, now time.Time) {
	left, _ := filepath.Glob(filepath.Join(state, stdoutHomes+"*")) // the pattern is ours
	for _, home := range left {
		info, err := os.Stat(home)
		if err != nil || now.Sub(info.ModTime()) < staleAfter {
			continue
		}
		if free, err := rundir.Hold(home, Stdout, now); err == nil {
			free() // some systems keep a file that is open
			_ = os.RemoveAll(home)
		}
	}
}
