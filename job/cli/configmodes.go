package cli

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"rolecall/job/rundir"
)

// What others must not do.
const (
	othersWrite fs.FileMode = 0o022
	othersRead  fs.FileMode = 0o077
)

// modeError is a file or folder that other users of the machine can get at. It is not used, and mending it is the user's to do.
type modeError struct {
	path string
	mode fs.FileMode // as found
	can  string      // what others can do
	mend string      // the mode that chmod is to set
}

func (e *modeError) Error() string {
	return fmt.Sprintf("%s can be %s by other users (mode %#o); run: chmod %s %s", e.path, e.can, e.mode.Perm(), e.mend, rundir.ShellQuote(e.path))
}

// checkConfigModes refuses a config file that others can change, or exchange: it says which command to run and where secrets are sent. One that others can read is fine, as it
// holds no secret.
func checkConfigModes(f *os.File, path string) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if info.IsDir() {
		return &configError{path: path, err: fmt.Errorf("it is a folder: name the file, such as %s", filepath.Join(path, "config.yaml"))}
	}
	if err := refuseMode(path, info, othersWrite, "changed", "go-w"); err != nil {
		return err
	}
	return checkFolders(path)
}

// checkFolders refuses a file whose folder lets others exchange it: the folder that was named, and the one that a link leads to.
func checkFolders(path string) error {
	folders := []string{filepath.Dir(path)}
	if real, err := filepath.EvalSymlinks(path); err == nil && filepath.Dir(real) != folders[0] {
		folders = append(folders, filepath.Dir(real))
	}
	for _, folder := range folders {
		info, err := os.Stat(folder)
		if err != nil {
			return err
		}
		if info.Mode()&fs.ModeSticky != 0 { // as in /tmp, where nobody can exchange another's file
			continue
		}
		if err := refuseMode(folder, info, othersWrite, "changed", "go-w"); err != nil {
			return err
		}
	}
	return nil
}

// refuseMode is a *modeError if others may do more than they should. Windows has no such bits: there a user's folders are the user's own.
func refuseMode(path string, info fs.FileInfo, forbidden fs.FileMode, can, mend string) error {
	if runtime.GOOS == "windows" || info.Mode().Perm()&forbidden == 0 {
		return nil
	}
	return &modeError{path: path, mode: info.Mode(), can: can, mend: mend}
}
