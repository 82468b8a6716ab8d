package profile

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"rolecall/api/auth/private"
	"rolecall/job"
)

// tokensFolder is the folder of the access tokens, in the state folder.
const tokensFolder = "tokens"

// MendState returns the advice for a state folder that cannot be used.
func MendState(err error) string {
	if private.LacksLocks(err) {
		return "this file system keeps no locks: set XDG_STATE_HOME to a local folder"
	}
	return "make it yours and writable, or set XDG_STATE_HOME to a folder that is"
}

// StateFolder makes the state folder and returns it. The folder holds what lasts from one command to the next: access
// tokens, secrets and the emulator's org. StateFolder refuses the folder, and the folders of tokens and secrets in it,
// if others can enter them. XDG_STATE_HOME wins on every system, then systemd's STATE_DIRECTORY.
func (p *Profiles) StateFolder() (string, error) {
	base, err := p.stateHome()
	if err != nil {
		return "", &job.UsageError{Err: err}
	}
	folder := filepath.Join(base, "rolecall")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return "", &job.UsageError{
			Err: fmt.Errorf("%w (rolecall's state folder: %s; rolecall doctor looks at it)", err, MendState(err)),
		}
	}
	for _, name := range []string{"", tokensFolder, secretsFolder} {
		// A missing folder is made when it is needed.
		if open, ok := errors.AsType[*private.PermissionError](private.Check(filepath.Join(folder, name))); ok {
			return "", &job.UsageError{Err: open}
		}
	}
	return folder, nil
}

func (p *Profiles) stateHome() (string, error) {
	if dir := p.Getenv("XDG_STATE_HOME"); dir != "" {
		if !filepath.IsAbs(dir) {
			return "", errors.New("XDG_STATE_HOME is not an absolute path")
		}
		return dir, nil
	}
	// systemd gives a service its own folder, or several (systemd.exec(5), StateDirectory=).
	if dir, _, _ := strings.Cut(p.Getenv("STATE_DIRECTORY"), ":"); filepath.IsAbs(dir) {
		return dir, nil
	}
	if dir := p.Getenv("LocalAppData"); runtime.GOOS == "windows" && filepath.IsAbs(dir) {
		return dir, nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", errors.New("there is no home folder for rolecall's state: set XDG_STATE_HOME")
	}
	switch runtime.GOOS {
	case "windows":
		return filepath.Join(home, "AppData", "Local"), nil
	case "darwin":
		return filepath.Join(home, "Library", "Application Support"), nil
	}
	return filepath.Join(home, ".local", "state"), nil
}

// TokenFolder returns the folder of the access tokens. The error is a usage error.
func (p *Profiles) TokenFolder() (string, error) {
	folder, err := p.StateFolder()
	if err != nil {
		return "", err
	}
	return filepath.Join(folder, tokensFolder), nil
}

// CheckState checks that the state folder is writable, and that only the owner can read the secrets in it. It returns
// the folder.
func (p *Profiles) CheckState() (string, error) {
	folder, err := p.StateFolder()
	if err == nil {
		err = private.CheckStore(folder)
	}
	for _, name := range []string{tokensFolder, secretsFolder} {
		if err == nil {
			err = checkPrivateTree(filepath.Join(folder, name))
		}
	}
	return folder, err
}

// OtherReaders returns who can read the secrets in the state folder, beside this user and administrators. It finds
// somebody only on Windows, because CheckState refuses such a folder on other systems.
func (p *Profiles) OtherReaders(folder string) (all []string, err error) {
	for _, name := range []string{tokensFolder, secretsFolder} {
		err = cmp.Or(err, filepath.WalkDir(filepath.Join(folder, name), func(path string, _ fs.DirEntry, err error) error {
			var others []string
			if err == nil {
				others, err = private.OtherReaders(path)
			}
			for _, one := range others {
				if !slices.Contains(all, one) {
					all = append(all, one)
				}
			}
			if errors.Is(err, fs.ErrNotExist) {
				return nil
			}
			return err
		}))
	}
	return all, err
}

// Private returns the Windows command that gives a folder to this user, SYSTEM (S-1-5-18) and Administrators
// (S-1-5-32-544) alone (Microsoft Learn, icacls).
func Private(folder string) string {
	name := "YOUR-NAME"
	if me, err := user.Current(); err == nil {
		name = me.Username
	}
	return fmt.Sprintf(`icacls "%s" /inheritance:r /grant:r "%s:(OI)(CI)F" "*S-1-5-18:(OI)(CI)F" "*S-1-5-32-544:(OI)(CI)F"`,
		folder, name)
}

// checkPrivateTree checks a folder and what is in it. The folder need not exist.
func checkPrivateTree(folder string) error {
	return filepath.WalkDir(folder, func(path string, _ fs.DirEntry, err error) error {
		if err == nil {
			err = private.Check(path)
		}
		if errors.Is(err, fs.ErrNotExist) { // never made, or gone meanwhile, such as a file that is being renamed
			return nil
		}
		return err
	})
}
