package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"rolecall/job/rundir"

	"github.com/alecthomas/kong"
)

// largestConfig bounds what is read of a config file, in bytes: a profile is some three hundred.
const largestConfig = 1 << 20

// configuration is what a process knows of the config file, and what came of it.
type configuration struct {
	file     string                // --config
	flags    map[string]*kong.Flag // those that a profile can give a default for
	read     *configFile           // nil: not read yet
	given    *flagDefaults         // the flags that the profile in use gave; nil: none
	places   map[string]place      // what the profiles in use came to: a secret_command runs once
	inUse    string                // the profile that is signed in with
	unnamed  bool                  // nobody named it: it is the default one
	readOnly string                // of two profiles, the one whose org is only read; "": there are no two
	pin      pinning
}

// configFile is the config file as it was read.
type configFile struct {
	path     string
	there    bool
	text     []byte
	profiles []profile // in the file's order
	flags    map[string]*kong.Flag
	lockFile func() (string, error) // what is held while it is written
	flag     string                 // " --config FILE", where it is not the usual one
}

// configError is a mistake in the config file, or in how it is kept.
type configError struct {
	path string
	line int // 0: it is not about a line
	err  error
}

func (e *configError) Error() string {
	if e.line == 0 {
		return fmt.Sprintf("%s: %v", e.path, e.err)
	}
	return fmt.Sprintf("%s:%d: %v", e.path, e.line, e.err)
}

func (e *configError) Unwrap() error { return e.err }

// config reads the config file, once. One that is not there has no profiles. What is wrong with it is a usage error.
func (p *process) config() (*configFile, error) {
	if p.conf.read != nil {
		return p.conf.read, nil
	}
	path, err := p.configPath()
	if err != nil {
		return nil, &errUsage{err}
	}
	c := &configFile{path: path, flags: p.conf.flags, lockFile: p.configLock, flag: p.configFlag()}
	if err := c.load(); err != nil {
		return nil, &errUsage{err}
	}
	p.conf.read = c
	return c, nil
}

// configPath is where the config file is: --config, else the folder of XDG_CONFIG_HOME (on every system), else the system's own.
func (p *process) configPath() (string, error) {
	if p.conf.file != "" {
		return filepath.Abs(p.conf.file)
	}
	return p.usualConfigPath()
}

// usualConfigPath is where the config file is without --config.
func (p *process) usualConfigPath() (string, error) {
	base := p.getenv("XDG_CONFIG_HOME")
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

// configFlag is what a command to type next has to say of the config file: nothing where that is the usual one.
func (p *process) configFlag() string {
	if p.conf.file == "" {
		return ""
	}
	return " --config " + rundir.ShellQuote(p.conf.file)
}

// configLock names the lock of the config file. It is in the state folder: the config's may be kept by other tools.
func (p *process) configLock() (string, error) {
	folder, err := p.stateFolder()
	return filepath.Join(folder, "config.lock"), err
}

// load reads the file and what it says.
func (c *configFile) load() error {
	f, err := openRegular(c.path)
	if errors.Is(err, fs.ErrNotExist) {
		c.there, c.text, c.profiles = false, nil, nil
		return nil
	}
	if _, ok := errors.AsType[*fs.PathError](err); err != nil && !ok { // which names the file
		return &configError{path: c.path, err: err}
	}
	if err != nil {
		return err
	}
	defer f.Close()
	if err := checkConfigModes(f, c.path); err != nil {
		return err
	}
	text, err := io.ReadAll(io.LimitReader(f, largestConfig+1))
	if err != nil {
		return fmt.Errorf("read %s: %w", c.path, errors.Unwrap(err))
	}
	if len(text) > largestConfig {
		return &configError{path: c.path, err: errors.New("it is too large for a config file of rolecall's: more than 1 MiB")}
	}
	profiles, err := parseConfig(text, c.flags)
	if wrong, ok := errors.AsType[*configError](err); ok {
		wrong.path = c.path
	}
	if err != nil {
		return err
	}
	c.there, c.text, c.profiles = true, text, profiles
	return nil
}

// profile finds a profile. The error of an unknown name says which there are, and which is the nearest.
func (c *configFile) profile(name string) (profile, error) {
	if i := slices.IndexFunc(c.profiles, func(p profile) bool { return p.name == name }); i >= 0 {
		return c.profiles[i], nil
	}
	return profile{}, &unknownProfileError{name: name, path: c.path, there: c.there, names: c.names(), flag: c.flag}
}

// names are the profiles that there are.
func (c *configFile) names() []string {
	var names []string
	for _, p := range c.profiles {
		names = append(names, p.name)
	}
	return append(names, profileEmulator)
}

// unknownProfileError says that there is no profile of a name.
type unknownProfileError struct {
	name, path string
	there      bool // whether there is a config file
	names      []string
	flag       string // of its file
}

func (e *unknownProfileError) Error() string {
	text := fmt.Sprintf("there is no profile %q in %s", e.name, e.path)
	if !e.there {
		text = fmt.Sprintf("there is no profile %q: there is no file %s", e.name, e.path)
	}
	text += "; there is: " + strings.Join(e.names, ", ")
	if near := nearest(e.name, e.names); near != "" {
		text += fmt.Sprintf(" (did you mean %s?)", near)
	}
	return text + fmt.Sprintf("; rolecall auth login --profile %s%s makes it, and without --profile the connection variables %s, %s and %s serve",
		rundir.ShellQuote(e.name), e.flag, envClientID, envClientSecret, envRefreshToken)
}
