package command

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"rolecall/job/cli/profile"
	"rolecall/job/cli/savedmap"
)

// configuration is what a process knows about the config file and its profiles.
type configuration struct {
	flags    profile.Flags     // made by process.settableFlags; nil: not used yet
	profiles *profile.Profiles // made by process.profiles; nil: not used yet
	used     *savedmap.File    // the file of --use; nil: none
	given    *flagDefaults     // the defaults from the profile in use; nil: none
	move     func() error      // stores the org in the profile, before the first write; nil: the org did not change
}

// Profiles returns the profiles of the config file.
func (p *Process) Profiles() *profile.Profiles {
	if p.conf.profiles == nil {
		p.conf.profiles = &profile.Profiles{Getenv: p.Getenv, Config: p.ConfigFile, Flags: p.settableFlags}
	}
	return p.conf.profiles
}

// settableFlags returns the flags of all commands that can have a default in a profile.
func (p *Process) settableFlags() (profile.Flags, error) {
	if p.conf.flags == nil {
		all, err := p.Commands()
		if err != nil {
			return nil, err
		}
		p.conf.flags = profile.SettableFlags(all)
	}
	return p.conf.flags, nil
}

// Locate returns the place that a profile connects to. It does not connect.
func (p *Process) Locate(ctx context.Context, name string) (profile.Place, error) {
	return p.Profiles().Locate(ctx, name)
}

// ProfileOr returns name, or the default profile's name if name is "". It returns "" if the connection variables are
// used.
func (p *Process) ProfileOr(name string) (string, error) { return p.Profiles().Or(name) }

// StateFolder returns the folder of the files that last from one command to the next.
func (p *Process) StateFolder() (string, error) { return p.Profiles().StateFolder() }

// flagDefaults gives flags their defaults from a profile. Kong asks its resolvers before it reads the environment, so
// Resolve leaves out flags with a variable. The order is flag, environment, config file, default.
type flagDefaults struct {
	path   string
	values map[string]profile.FlagDefault
	used   []string // the defaults that were used, such as "--max-credits in line 7"
}

// Configure reads the config file once the profile is known from the command line, before kong sets the defaults.
func (p *Process) Configure(line *kong.Context) error {
	if err := p.defaults(line); err != nil {
		return err
	}
	return p.use(line)
}

// defaults reads the config file for the defaults of flags.
func (p *Process) defaults(line *kong.Context) error {
	preferGiven(line)
	p.ConfigFile = flagText(line, "config")
	name := cmp.Or(flagText(line, "profile"), flagText(line, "to")) // roles copy writes to the org of --to
	var err error
	if _, ok := selected[interface{ MayBeDefault() }](line); ok {
		name, err = p.ProfileOr(name)
	}
	if err == nil && (name == "" || name == profile.Emulator) {
		return nil
	}
	var f *profile.File
	if err == nil {
		f, err = p.Profiles().Read()
	}
	if _, ok := selected[interface{ LooksItself() }](line); err != nil && ok {
		return nil
	}
	if err != nil {
		return err
	}
	used, err := f.Profile(name)
	if _, ok := errors.AsType[*profile.UnknownError](err); ok {
		return nil // auth login may make the profile; other commands return the error when they connect
	}
	if err != nil {
		return err
	}
	p.conf.given = &flagDefaults{path: f.Path, values: used.Flags}
	line.AddResolver(p.conf.given)
	return nil
}

// preferGiven clears the flags from the environment that exclude a flag of the command line: the command line counts.
func preferGiven(line *kong.Context) {
	given := func(flag *kong.Flag) bool {
		return slices.ContainsFunc(line.Path, func(p *kong.Path) bool { return p.Flag == flag })
	}
	for _, f := range line.Flags() {
		if f.Set && !given(f) && isExcluded(line, f, given) {
			f.Target.SetZero()
			f.Set = false
		}
	}
}

// isExcluded reports whether a flag excludes another one that counts.
func isExcluded(line *kong.Context, flag *kong.Flag, counts func(*kong.Flag) bool) bool {
	return slices.ContainsFunc(line.Flags(), func(f *kong.Flag) bool {
		return f != flag && counts(f) && slices.ContainsFunc(f.Xor, func(group string) bool {
			return slices.Contains(flag.Xor, group)
		})
	})
}

// flagText returns the value of a flag, or else of its environment variable, or else "".
func flagText(line *kong.Context, name string) string {
	for _, f := range line.Flags() {
		if f.Name == name {
			v, _ := line.FlagValue(f).(string)
			return v
		}
	}
	return ""
}

// selected returns the command as a T. ok is false if the command does not have T's methods.
func selected[T any](line *kong.Context) (command T, ok bool) {
	node := line.Selected()
	if node == nil || !node.Target.CanAddr() {
		return command, false
	}
	return reflect.TypeAssert[T](node.Target.Addr())
}

// Validate implements kong.Resolver. It checks nothing, because reading the config file checks the values.
func (*flagDefaults) Validate(*kong.Application) error { return nil }

// Resolve implements kong.Resolver. It returns the default of a flag, or nil. It returns nil for a flag that the
// command keeps as its run began with it.
func (d *flagDefaults) Resolve(line *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	given, ok := d.values[flag.Name]
	if !ok || inEnvironment(flag) || isExcluded(line, flag, func(f *kong.Flag) bool { return f.Set }) {
		return nil, nil
	}
	if own, ok := selected[interface{ Keeps(flag string) bool }](line); ok && own.Keeps(flag.Name) {
		return nil, nil
	}
	d.used = append(d.used, fmt.Sprintf("--%s in line %d", flag.Name, given.Line))
	return given.Value, nil
}

// inEnvironment reports whether an environment variable of the flag is set.
func inEnvironment(flag *kong.Flag) bool {
	return slices.ContainsFunc(flag.Envs, func(name string) bool { _, set := os.LookupEnv(name); return set })
}

// AddDefaults adds to an error of the arguments which of them came from the config file.
func (p *Process) AddDefaults(err error) error {
	d := p.conf.given
	if d == nil || len(d.used) == 0 {
		return err
	}
	return fmt.Errorf("%w (%s gave %s)", err, d.path, strings.Join(d.used, ", "))
}
