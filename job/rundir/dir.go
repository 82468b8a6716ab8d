package rundir

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"rolecall/job/disk"
)

// The files of a run's folder.
const (
	Database = "run.db"
	Results  = "results.csv"
	Failed   = "failed.csv"
	Summary  = "summary.json"
	Log      = "log.jsonl"
)

// tempPattern names a run's folder until it is whole.
const tempPattern = ".rolecall-*.tmp"

// Dir is a run's folder. It is made under a temporary name, and appears under its own once everything that resume needs is in it.
type Dir struct {
	Path string // where the files are now
	Name string // where they are to be
	base string // what rolecall named it after: when the name is taken meanwhile, the next one will do
}

// NameFor returns where a run is to live: dir where the user gave one, else <stem>-<command>-<UTC time> in the current folder, with -2, -3, ... when taken. That name
// without its number is the base.
func NameFor(dir, input, command string, now time.Time) (name, base string, err error) {
	if dir != "" {
		return filepath.Clean(dir), "", checkFree(dir)
	}
	stem := "stdin"
	if input != "-" {
		stem = strings.TrimSuffix(filepath.Base(input), ".gz")
		stem = strings.TrimSuffix(stem, filepath.Ext(stem))
	}
	base = fmt.Sprintf("%s-%s-%s", stem, strings.ReplaceAll(command, " ", "-"), now.UTC().Format("20060102T150405Z"))
	name, err = freeName(base)
	return name, base, err
}

// checkFree refuses a folder that exists, and names resume where it is a run.
func checkFree(dir string) error {
	if _, err := os.Lstat(filepath.Join(dir, Database)); err == nil {
		return usagef("%s is a run already: go on with it by: rolecall resume %s  (or choose another --run-dir)", dir, ShellQuote(Argument(dir)))
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
			return "", &UsageError{Err: fmt.Errorf("name the run's folder: %w (or choose a --run-dir)", err)}
		}
	}
}

// New makes the folder under a temporary name, beside its place. base is "" for a name that the user chose.
func New(name, base string) (*Dir, error) {
	parent := filepath.Dir(name)
	if err := os.MkdirAll(parent, 0o700); err != nil {
		return nil, &UsageError{Err: fmt.Errorf("make the run's folder: %w", err)}
	}
	sweepFolders(parent, time.Now())
	path, err := os.MkdirTemp(parent, tempPattern) // MkdirTemp makes it 0700
	if err != nil {
		return nil, &UsageError{Err: fmt.Errorf("make the run's folder: %w", err)}
	}
	return &Dir{Path: path, Name: name, base: base}, nil
}

// Appear gives the folder its name. Every file in it must be closed.
func (f *Dir) Appear() error {
	for {
		err := os.Rename(f.Path, f.Name) // it fails on a folder that holds anything
		if err == nil {
			break
		}
		if _, there := os.Lstat(f.Name); there != nil {
			return fmt.Errorf("make the run's folder: %w", err)
		}
		if f.base == "" {
			return usagef("%s was made by somebody else meanwhile: choose another --run-dir", f.Name)
		}
		if f.Name, err = freeName(f.base); err != nil {
			return err
		}
	}
	f.Path = f.Name
	return disk.SyncFolder(filepath.Dir(f.Name))
}

// Discard removes a folder that has not appeared.
func (f *Dir) Discard() {
	if f.Path != f.Name {
		_ = os.RemoveAll(f.Path)
	}
}

// File returns the path of one of the run's files.
func (f *Dir) File(name string) string { return filepath.Join(f.Path, name) }

// WriteWhole writes one of the run's files, which appears whole or not at all.
func (f *Dir) WriteWhole(name string, write func(io.Writer) error) error {
	w, err := disk.CreateWhole(f.File(name))
	if err != nil {
		return err
	}
	defer w.Discard()
	if err := write(w); err != nil {
		return err
	}
	return w.Commit()
}

// Open finds the folder of an existing run.
func Open(dir string) (*Dir, error) {
	if _, err := os.Stat(filepath.Join(dir, Database)); err != nil {
		return nil, usagef("%s is no run of rolecall: it holds no %s (give the folder that the run made)", dir, Database)
	}
	return &Dir{Path: filepath.Clean(dir), Name: filepath.Clean(dir)}, nil
}

// Sweep removes what a killed process left half written in the folder. The run's lock is held.
func (f *Dir) Sweep() {
	left, _ := filepath.Glob(f.File(".*.tmp")) // the pattern is ours
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
		s, err := disk.Open(filepath.Join(path, Database), disk.Schema{})
		if errors.Is(err, disk.ErrLocked) {
			continue
		}
		if err == nil {
			_ = s.Close()
		}
		_ = os.RemoveAll(path)
	}
}
