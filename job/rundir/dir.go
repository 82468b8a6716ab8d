package rundir

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"rolecall/api/auth/whole"
	"rolecall/job/rundb"
)

// The files of a run's folder.
const (
	Database   = "run.db"
	Results    = "results.csv"
	Failed     = "failed.csv"
	FailedBook = "failed.xlsx" // failed.csv as a workbook, if the input is one
	Undo       = "undo.csv"
	Summary    = "summary.json"
	LogFile    = "log.jsonl"
)

// tempPattern is the temporary name of a run's folder, for os.MkdirTemp.
const tempPattern = ".rolecall-*.tmp"

// tempName matches the names that os.MkdirTemp makes of tempPattern: it puts 32 random bits in place of the star.
var tempName = regexp.MustCompile(`^\.rolecall-[0-9]{1,10}\.tmp$`)

// Dir is a run's folder. New makes it under a temporary name. Appear renames it once it holds all that resume needs.
type Dir struct {
	Path string // the current path of the folder
	Name string // the final path of the folder
	base string // Name without its number, if rolecall chose the name; else ""
}

// NameFor returns the path of a new run's folder: dir if the user gave one, else <stem>-<command>-<UTC time> in the
// current folder, with -2, -3, ... if that name is taken. base is the name without its number, or "" if the user gave
// the name. The error is a *[UsageError]: dir exists, or the current folder cannot be read.
func NameFor(dir, input, command string, now time.Time) (name, base string, err error) {
	if dir != "" {
		return filepath.Clean(dir), "", checkFree(dir)
	}
	stem := "stdin"
	if input != "-" {
		stem = strings.TrimSuffix(filepath.Base(input), ".gz")
		stem = strings.TrimSuffix(stem, filepath.Ext(stem))
	}
	stem = strings.ToValidUTF8(stem, "_") // people type the name of the folder
	base = fmt.Sprintf("%s-%s-%s", stem, strings.ReplaceAll(command, " ", "-"), now.UTC().Format("20060102T150405Z"))
	name, err = freeName(base)
	return name, base, err
}

// checkFree refuses a folder that exists. For the folder of a run, the error has the resume command.
func checkFree(dir string) error {
	if _, err := os.Lstat(filepath.Join(dir, Database)); err == nil {
		return usagef("%s is a run already: go on with it by: rolecall resume %s  (or choose another --run-dir)",
			dir, ShellQuote(Argument(dir)))
	}
	if _, err := os.Lstat(dir); err == nil {
		return usagef("%s exists already and is not the folder of a run: choose another --run-dir", dir)
	}
	return nil
}

// freeName returns base if no file has that name, else base with -2, -3, ... after it.
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

// New makes the folder under a temporary name, in the parent folder of name. It also removes the folders that killed
// processes left there long ago. base is that of NameFor. The error is a *[UsageError].
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
	if err := tryName(path, filepath.Base(name)); err != nil {
		_ = os.Remove(path)
		return nil, err
	}
	return &Dir{Path: path, Name: name, base: base}, nil
}

// tryName refuses a name that the operating system refuses, before the run does anything. It makes a folder of that
// name inside the temporary one, and removes it.
func tryName(folder, name string) error {
	try := filepath.Join(folder, name)
	err := checkName(name)
	if err == nil {
		err = os.Mkdir(try, 0o700)
	}
	if err == nil {
		err = os.Remove(try)
	}
	if err != nil {
		return usagef("the run's folder cannot be called \"%s\": %w: choose another --run-dir", name, err)
	}
	return nil
}

// Appear renames the folder to its final name. The caller closes every file in it before. If the name is taken
// meanwhile, Appear chooses the next number, or returns a *[UsageError] if the user gave the name.
func (f *Dir) Appear() error {
	for {
		_, err := os.Lstat(f.Name)
		if err != nil {
			if err = whole.Rename(f.Path, f.Name); err == nil { // fails if f.Name is a folder that is not empty
				break
			}
			if _, there := os.Lstat(f.Name); there != nil {
				return fmt.Errorf("make the run's folder: %w", err)
			}
		}
		if f.base == "" {
			return usagef("another process made %s in the meantime: choose another --run-dir", f.Name)
		}
		if f.Name, err = freeName(f.base); err != nil {
			return err
		}
	}
	f.Path = f.Name
	return whole.SyncFolder(filepath.Dir(f.Name))
}

// Discard removes the folder if it still has its temporary name.
func (f *Dir) Discard() {
	if f.Path != f.Name {
		_ = os.RemoveAll(f.Path)
	}
}

// File returns the path of one of the run's files.
func (f *Dir) File(name string) string { return filepath.Join(f.Path, name) }

// WriteWhole calls write with a writer of one of the run's files. The file appears under its name only if write
// succeeds.
func (f *Dir) WriteWhole(name string, write func(io.Writer) error) error {
	w, err := CreateWhole(f.File(name))
	if err != nil {
		return err
	}
	defer w.Discard()
	if err := write(w); err != nil {
		return err
	}
	return w.Commit()
}

// Open returns the folder of an existing run. The error is a *[UsageError]: dir holds no run.db.
func Open(dir string) (*Dir, error) {
	if _, err := os.Stat(filepath.Join(dir, Database)); err != nil {
		return nil, usagef("%s is no run of rolecall: it holds no %s (give the folder that the run made)",
			dir, Database)
	}
	return &Dir{Path: filepath.Clean(dir), Name: filepath.Clean(dir)}, nil
}

// Sweep removes the half-written files that a killed process left in the folder. The caller must hold the run's lock.
func (f *Dir) Sweep() {
	whole.Sweep(f.Path + string(filepath.Separator))
	for _, part := range whole.Left(f.Path, workbookParts) {
		_ = os.RemoveAll(f.File(part.Name()))
	}
}

// workbookParts matches the names under which csvio/xlsx holds the parts of a workbook.
var workbookParts = regexp.MustCompile(`^\.(sheet|xlsx)-[0-9]{1,10}\.tmp$`)

// staleAfter is the age from which sweepFolders removes a folder with a temporary name.
const staleAfter = 24 * time.Hour

// sweepFolders removes the folders that killed processes left in parent long ago, because they hold copies of inputs.
// It leaves a folder whose run.db another process holds.
func sweepFolders(parent string, now time.Time) {
	for _, folder := range whole.Left(parent, tempName) {
		if !folder.IsDir() || now.Sub(folder.ModTime()) < staleAfter {
			continue
		}
		path := filepath.Join(parent, folder.Name())
		s, err := rundb.Open(filepath.Join(path, Database))
		if errors.Is(err, rundb.ErrLocked) {
			continue
		}
		if err == nil {
			_ = s.Close()
		}
		_ = os.RemoveAll(path)
	}
}
