package export

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"rolecall/api/auth/whole"
	"rolecall/job"
	"rolecall/job/rundir"
)

// The folders of an output in the state folder, beside lastFile.
const (
	runFolder = "run" // the current export
	dryFolder = "dry" // a dry run; it must not touch a stopped export
)

// homeOf returns the folder of an output in the state folder. Exports to the same file have the same folder, even if
// the user gives the file by different names.
func homeOf(state, output string) string {
	output = whole.Key(output)
	stem := strings.TrimSuffix(filepath.Base(output), filepath.Ext(output))
	sum := sha256.Sum256([]byte(output))
	return filepath.Join(state, fmt.Sprintf("%s-%s", stem, hex.EncodeToString(sum[:4])))
}

// stdoutHomes is the prefix of the folders of exports to stdout. Each export has a folder of its own.
const stdoutHomes = "stdout-"

// stdoutHome matches the names of these folders: the process and the time in nanoseconds. The name of a file's folder,
// also that of stdout.csv, ends in eight hexadecimal digits.
var stdoutHome = regexp.MustCompile(`^stdout-[0-9]+-[0-9]{18,}$`)

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

// settle implements Kind.Settle. It removes the folder of the run. With --changes, it first moves the run.db of a
// finished export to lastFile. Without --changes, lastFile stays, so that the next change feed covers this export too.
func settle(folder string, set job.Settings, finished bool) error {
	dir, err := filepath.Abs(folder)
	if err != nil {
		return err
	}
	o, err := job.OptionsOf[Options](set)
	if err != nil {
		return err
	}
	if finished && o.Changes != "" {
		last := filepath.Join(filepath.Dir(dir), lastFile)
		if err := whole.Rename(filepath.Join(dir, rundir.Database), last); err != nil {
			return fmt.Errorf("the file is written, but not kept to find what changes until the next export: %w", err)
		}
	}
	return os.RemoveAll(dir)
}

// leaveStdout removes the folder of an export to stdout if its run's folder dir is gone. It keeps a stopped export,
// which the user can resume, and a log that the user wants. sweepStdout removes them later.
func leaveStdout(dir string) {
	home := filepath.Dir(dir)
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) && !hasLog(home) &&
		stdoutHome.MatchString(filepath.Base(home)) {
		_ = os.RemoveAll(home)
	}
}

// hasLog reports whether a folder has a log.
func hasLog(folder string) bool {
	_, err := os.Stat(filepath.Join(folder, rundir.LogFile))
	return err == nil
}

// staleAfter is the age from which sweepStdout removes a stopped export to stdout.
const staleAfter = 7 * 24 * time.Hour

// sweepStdout removes exports to stdout that stopped long ago, because they hold personal data. A stopped export to a
// file needs no sweep: the next export to that file removes it.
func sweepStdout(state string, now time.Time) {
	for _, folder := range whole.Left(state, stdoutHome) {
		if !folder.IsDir() || now.Sub(folder.ModTime()) < staleAfter {
			continue
		}
		home := filepath.Join(state, folder.Name())
		if free, err := rundir.Hold(home, Stdout, now); err == nil {
			free() // some systems keep a file that is open
			_ = os.RemoveAll(home)
		}
	}
}
