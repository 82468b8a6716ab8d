package job

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"rolecall/job/disk"
)

// The files of a run's folder.
const (
	dbFile      = "run.db"
	resultsFile = "results.csv"
	failedFile  = "failed.csv"
	summaryFile = "summary.json"
	logFile     = "log.jsonl"
)

// tempPattern names a run's folder until it is whole.
const tempPattern = ".rolecall-*.tmp"

// folder is a run's folder. It is made under a temporary name, and appears under its own once everything that resume needs is in it.
type folder struct {
	path string // where the files are now
	name string // where they are to be
	base string // what rolecall named it after: when the name is taken meanwhile, the next one will do
}

// UsageError is a mistake in what was asked, or an input that cannot be used: nothing was sent.
type UsageError struct{ Err error }

func (e *UsageError) Error() string { return e.Err.Error() }

// Unwrap gives the mistake.
func (e *UsageError) Unwrap() error { return e.Err }

func usagef(format string, args ...any) error { return &UsageError{fmt.Errorf(format, args...)} }

// folderName returns where a run is to live: dir where the user gave one, else <stem>-<command>-<UTC time> in the current folder, with -2, -3, ... when taken. That name
// without its number is the base.
func folderName(dir, input string, command Command, now time.Time) (name, base string, err error) {
	if dir != "" {
		return filepath.Clean(dir), "", checkFree(dir)
	}
	stem := "stdin"
	if input != "-" {
		stem = strings.TrimSuffix(filepath.Base(input), ".gz")
		stem = strings.TrimSuffix(stem, filepath.Ext(stem))
	}
	base = fmt.Sprintf("%s-%s-%s", stem, command, now.UTC().Format("20060102T150405Z"))
	name, err = freeName(base)
	return name, base, err
}

// checkFree refuses a folder that exists, and names resume where it is a run.
func checkFree(dir string) error {
	if _, err := os.Lstat(filepath.Join(dir, dbFile)); err == nil {
		return usagef("%s is a run already: go on with it by: rolecall resume %s  (or choose another --run-dir)", dir, ShellQuote(asArgument(dir)))
	}
	if _, err := os.Lstat(dir); err == nil {
		return usagef("%s exists already and is no run that rolecall resume could go on with: choose another --run-dir", dir)
	}
	return nil
}

// freeName returns the name, or with -2, -3, ... after it when it is taken.
func freeName(base string) (string, error) {
	for n := 1; ; n++ {
		name := base
		if n > 1 {
			name = fmt.Sprintf("%s-%d", base, n)
		}
		if _, err := os.Lstat(name); errors.Is(err, fs.ErrNotExist) {
			return name, nil
		} else if err != nil {
			return "", &UsageError{fmt.Errorf("name the run's folder: %w (or choose a --run-dir)", err)}
		}
	}
}

// newFolder makes the folder under a temporary name, beside its place. base is "" for a name that the user chose.
func newFolder(name, base string) (*folder, error) {
	parent := filepath.Dir(name)
	if err := os.MkdirAll(parent, 0o700); err != nil {
		return nil, &UsageError{fmt.Errorf("make the run's folder: %w", err)}
	}
	sweepFolders(parent, time.Now())
	path, err := os.MkdirTemp(parent, tempPattern) // MkdirTemp makes it 0700
	if err != nil {
		return nil, &UsageError{fmt.Errorf("make the run's folder: %w", err)}
	}
	return &folder{path: path, name: name, base: base}, nil
}

// appear gives the folder its name. Every file in it must be closed.
func (f *folder) appear() error {
	for {
		err := os.Rename(f.path, f.name) // it fails on a folder that holds anything
		if err == nil {
			break
		}
		if _, there := os.Lstat(f.name); there != nil {
			return fmt.Errorf("make the run's folder: %w", err)
		}
		if f.base == "" {
			return usagef("%s was made by somebody else meanwhile: choose another --run-dir", f.name)
		}
		if f.name, err = freeName(f.base); err != nil {
			return err
		}
	}
	f.path = f.name
	return disk.SyncFolder(filepath.Dir(f.name))
}

// discard removes a folder that has not appeared.
func (f *folder) discard() {
	if f.path != f.name {
		_ = os.RemoveAll(f.path)
	}
}

// file returns the path of one of the run's files.
func (f *folder) file(name string) string { return filepath.Join(f.path, name) }

// openFolder finds the folder of an existing run.
func openFolder(dir string) (*folder, error) {
	if _, err := os.Stat(filepath.Join(dir, dbFile)); err != nil {
		return nil, usagef("%s is no run of rolecall: it holds no %s (give the folder that assign or remove made)", dir, dbFile)
	}
	return &folder{path: filepath.Clean(dir), name: filepath.Clean(dir)}, nil
}

// sweep removes what a killed process left half written in the folder. The run's lock is held.
func (f *folder) sweep() {
	left, _ := filepath.Glob(f.file(".*.tmp")) // the pattern is ours
	for _, path := range left {
		_ = os.RemoveAll(path)
	}
}

// staleAfter is when a folder under a temporary name is no survey at work any more.
const staleAfter = 24 * time.Hour

// sweepFolders removes the folders of surveys that were killed long ago: they hold a copy of somebody's input. One whose run.db is held is still at work.
func sweepFolders(parent string, now time.Time) {
	left, _ := filepath.Glob(filepath.Join(parent, tempPattern))
	for _, path := range left {
		info, err := os.Stat(path)
		if err != nil || !info.IsDir() || now.Sub(info.ModTime()) < staleAfter {
			continue
		}
		s, err := openStore(filepath.Join(path, dbFile), false)
		if errors.Is(err, ErrLocked) {
			continue
		}
		if err == nil {
			_ = s.Close()
		}
		_ = os.RemoveAll(path)
	}
}
