package profile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"rolecall/api/auth/private"
	"rolecall/csvio/alike"
	"rolecall/job"
	"rolecall/job/rundir"
)

// largestConfig is the largest size of a config file, in bytes. A profile has about 300.
const largestConfig = 1 << 20

// Profiles are the profiles that one process knows.
type Profiles struct {
	Getenv func(string) string
	Config string                // --config; "": the usual config file
	Flags  func() (Flags, error) // returns the flags that a profile can set

	InUse   string // the profile that the process signs in with
	Unnamed bool   // InUse is the default profile: nobody named one

	file   *File            // nil: not read yet
	places map[string]Place // by profile, so that a secret_command runs only once
}

// File is the config file with the files of auth login.
type File struct {
	Path     string // of the config file
	Exists   bool   // the config file, or a file of auth login
	Profiles []Profile

	p *Profiles
}

// Read reads the config file and the files of auth login, once. A file that does not exist has no profiles. A mistake
// is a usage error.
func (p *Profiles) Read() (*File, error) {
	if p.file != nil {
		return p.file, nil
	}
	path, err := p.Path()
	if err != nil {
		return nil, &job.UsageError{Err: err}
	}
	f := &File{Path: path, p: p}
	if err := f.load(); err != nil {
		return nil, &job.UsageError{Err: err}
	}
	p.file = f
	return f, nil
}

// Path returns the path of the config file: --config, or else in XDG_CONFIG_HOME (on every system), or else in the
// system's own folder.
func (p *Profiles) Path() (string, error) {
	if p.Config != "" {
		return filepath.Abs(p.Config)
	}
	base := p.Getenv("XDG_CONFIG_HOME")
	switch {
	case base == "":
		var err error
		if base, err = p.platformConfigs(); err != nil {
			return "", errors.New("there is no home folder for rolecall's config file: name one by --config")
		}
	case !filepath.IsAbs(base):
		return "", errors.New("XDG_CONFIG_HOME is not an absolute path")
	}
	return inConfigs(base), nil
}

// ConfigFlag returns the --config flag for a command that the user types next, with a space before it, or "" for the
// usual config file.
func (p *Profiles) ConfigFlag() string {
	if p.Config == "" {
		return ""
	}
	return " --config " + rundir.ShellQuote(p.Config)
}

// load reads the files.
func (f *File) load() error {
	text, err := readConfig(f.Path)
	if err == nil {
		f.Exists = true
		f.Profiles, err = parseConfig(text, f.Path, f.p.Flags)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return inFile(f.Path, err)
	}
	return f.loadLogins()
}

// inFile adds the path to a mistake in a file.
func inFile(path string, err error) error {
	if wrong, ok := errors.AsType[*fileError](err); ok {
		wrong.path = path
	}
	return err
}

// readConfig reads a file that nobody else can change.
func readConfig(path string) ([]byte, error) {
	f, err := openRegular(path)
	if err != nil {
		if _, named := errors.AsType[*fs.PathError](err); named {
			return nil, err
		}
		return nil, &fileError{err: err}
	}
	defer f.Close()
	if err := checkConfigModes(f, path); err != nil {
		return nil, err
	}
	text, err := io.ReadAll(io.LimitReader(f, largestConfig+1))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, errors.Unwrap(err))
	}
	if len(text) > largestConfig {
		return nil, &fileError{err: errors.New("it is too large for a config file of rolecall's: more than 1 MiB")}
	}
	return text, nil
}

// checkConfigModes refuses a config file that others can change or replace: the file names commands to run, and servers
// to send secrets to. Others may read the file, because it holds no secret.
func checkConfigModes(f *os.File, path string) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if info.IsDir() {
		return &fileError{err: fmt.Errorf("it is a folder: name the file, such as %s",
			filepath.Join(path, "config.yaml"))}
	}
	if err := private.CheckWriter(path, info); err != nil {
		return err
	}
	return CheckFolders(path)
}

// Profile returns a profile by its name. The error for an unknown name is an *UnknownError.
func (f *File) Profile(name string) (Profile, error) {
	if i := slices.IndexFunc(f.Profiles, func(p Profile) bool { return p.Name == name }); i >= 0 {
		return f.Profiles[i], nil
	}
	return Profile{}, &UnknownError{name: name, file: f}
}

// Names returns the names of the profiles.
func (f *File) Names() []string {
	var names []string
	for _, p := range f.Profiles {
		names = append(names, p.Name)
	}
	return append(names, Emulator)
}

// UnknownError is the error for an unknown profile. It names the nearest profile and all others.
type UnknownError struct {
	name string
	file *File
}

func (e *UnknownError) Error() string {
	text := fmt.Sprintf("there is no profile %q in %s", e.name, e.file.Path)
	if !e.file.Exists {
		text = fmt.Sprintf("there is no profile %q: there is no file %s", e.name, e.file.Path)
	}
	names := e.file.Names()
	text += "; there is: " + strings.Join(names, ", ")
	if near := alike.Nearest(e.name, names); near != "" {
		text += fmt.Sprintf(" (did you mean %s?)", near)
	}
	return text + fmt.Sprintf("; %s makes it, and without --profile the connection variables %s, %s and %s serve",
		e.file.p.Login(e.name), EnvClientID, EnvClientSecret, EnvRefreshToken)
}
