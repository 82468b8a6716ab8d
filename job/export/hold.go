package export

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"rolecall/job"
	"rolecall/job/disk"

	"github.com/gofrs/flock"
)

// The files of the folder that an output has in the state folder.
const (
	runFolder  = "run" // of the export under way
	dryFolder  = "dry" // of a dry run, which leaves an export that had stopped alone
	lockFile   = "lock"
	holderFile = "holder.json"
	dbFile     = "export.db"
	logFile    = "log.jsonl"
)

// holder is who holds an output.
type holder struct {
	PID   int       `json:"pid"`
	Host  string    `json:"host"`
	Since time.Time `json:"since"`
}

// heldError is the answer to exporting to a file to which another process does.
type heldError struct {
	output string
	by     holder
}

func (e *heldError) Error() string {
	if e.by.PID == 0 {
		return fmt.Sprintf("another process exports to %s: wait for it, or stop it", e.output)
	}
	return fmt.Sprintf("process %d on %s exports to %s since %s: wait for it, or stop it", e.by.PID, e.by.Host, e.output, e.by.Since.Local().Format(time.DateTime))
}

// Is makes it what other commands say of a run that another process holds.
func (*heldError) Is(target error) bool { return target == job.ErrLocked }

// homeOf is the folder of an output: one for each, so that two exports of one name find each other.
func homeOf(state, output string) string {
	stem := strings.TrimSuffix(filepath.Base(output), filepath.Ext(output))
	sum := sha256.Sum256([]byte(output))
	return filepath.Join(state, fmt.Sprintf("%s-%s", stem, hex.EncodeToString(sum[:4])))
}

// writeWhole writes a file beside its place first: what is left of one that was not finished is in the output's own folder.
func writeWhole(name string, b []byte) error {
	w, err := disk.CreateWhole(name)
	if err != nil {
		return err
	}
	defer w.Discard()
	if _, err := w.Write(b); err != nil {
		return err
	}
	return w.Commit()
}

// stdoutHomes begins the names of the folders of exports to stdout, each of which has one of its own: nobody else writes there.
const stdoutHomes = "stdout-"

// take gives the folder in which the export is to work, whose output this process holds until the function it returns is called.
func (q *Request) take() (dir string, free func(), err error) {
	home, folder := homeOf(q.State, q.Settings.Output), runFolder
	if q.DryRun {
		folder = dryFolder
	}
	if q.Settings.Output != Stdout {
		if free, err = hold(home, q.Settings.Output, q.Now()); err == nil {
			disk.SweepWhole(q.Settings.Output)
			disk.SweepWhole(q.Settings.Changes)
		}
		return filepath.Join(home, folder), free, err
	}
	sweepStdout(q.State, q.Now())
	home = filepath.Join(q.State, fmt.Sprintf("%s%d-%d", stdoutHomes, os.Getpid(), q.Now().UnixNano()))
	dir = filepath.Join(home, folder)
	let, err := hold(home, q.Settings.Output, q.Now())
	return dir, func() { let(); leaveStdout(dir) }, err
}

// leaveStdout removes what an export to stdout has beside its own folder, once that is gone: one that stopped is gone on with from there; else nobody comes back.
func leaveStdout(dir string) {
	home := filepath.Dir(dir)
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) && strings.HasPrefix(filepath.Base(home), stdoutHomes) {
		_ = os.RemoveAll(home)
	}
}

// staleAfter is when nobody comes back any more to an export to stdout that stopped.
const staleAfter = 7 * 24 * time.Hour

// sweepStdout removes exports to stdout that stopped long ago: they hold people's data. Those of a name are given up for the next one.
func sweepStdout(state string, now time.Time) {
	left, _ := filepath.Glob(filepath.Join(state, stdoutHomes+"*")) // the pattern is ours
	for _, home := range left {
		info, err := os.Stat(home)
		if err != nil || now.Sub(info.ModTime()) < staleAfter {
			continue
		}
		if free, err := hold(home, Stdout, now); err == nil {
			free() // a system may not let go of a file that is open
			_ = os.RemoveAll(home)
		}
	}
}

// hold takes the folder of an output for this process, until the function it returns is called.
func hold(home, output string, now time.Time) (free func(), err error) {
	if err := os.MkdirAll(home, 0o700); err != nil {
		return nil, &job.UsageError{Err: err}
	}
	lock := flock.New(filepath.Join(home, lockFile), flock.SetPermissions(0o600))
	name := filepath.Join(home, holderFile)
	got, err := lock.TryLock()
	if err != nil {
		return nil, &job.UsageError{Err: fmt.Errorf("hold %s: %w", home, err)}
	}
	if !got {
		held := &heldError{output: output}
		if b, err := os.ReadFile(name); err == nil {
			_ = json.Unmarshal(b, &held.by) // who cannot be read goes without a name
		}
		return nil, held
	}
	host, _ := os.Hostname()
	b, err := json.Marshal(holder{PID: os.Getpid(), Host: host, Since: now.UTC()})
	if err == nil {
		err = writeWhole(name, b)
	}
	if err != nil {
		return nil, errors.Join(err, lock.Unlock())
	}
	return func() { _ = os.Remove(name); _ = lock.Unlock() }, nil
}
