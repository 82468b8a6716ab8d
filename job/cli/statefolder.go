package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	"rolecall/api/auth"
)

// stateFolder is where rolecall keeps what must last from one command to the next: access tokens, secrets and the emulator's org. It is made, readable by its owner only; one that others can get
// at is refused, and so are the folders of tokens and secrets in it. XDG_STATE_HOME wins on every system; otherwise it is the system's own place.
func (p *process) stateFolder() (string, error) {
	base, err := p.stateHome()
	if err != nil {
		return "", &errUsage{err}
	}
	folder := filepath.Join(base, "rolecall")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return "", &errUsage{fmt.Errorf("%w (rolecall's state folder: "+mendState+"; rolecall doctor looks at it)", err)}
	}
	for _, private := range []string{folder, filepath.Join(folder, tokensFolder), filepath.Join(folder, secretsFolder)} {
		if open, ok := errors.AsType[*auth.PermissionError](auth.CheckPrivate(private)); ok { // what is not there is made when it is needed
			return "", &errUsage{open}
		}
	}
	return folder, nil
}

// mendState is what to do about a folder that cannot be written.
const mendState = "make it yours and writable, or set XDG_STATE_HOME to a folder that is"

func (p *process) stateHome() (string, error) {
	if dir := p.getenv("XDG_STATE_HOME"); dir != "" {
		if !filepath.IsAbs(dir) {
			return "", errors.New("XDG_STATE_HOME is not an absolute path")
		}
		return dir, nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", errors.New("there is no home folder for rolecall's state: set XDG_STATE_HOME")
	}
	switch runtime.GOOS {
	case "windows":
		if dir := p.getenv("LocalAppData"); dir != "" {
			return dir, nil
		}
		return filepath.Join(home, "AppData", "Local"), nil
	case "darwin":
		return filepath.Join(home, "Library", "Application Support"), nil
	}
	return filepath.Join(home, ".local", "state"), nil
}
