package cli

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"rolecall/job/cli/profile"
)

// configuration is what a process knows of the config file, and what came of it.
type configuration struct {
	file     string        // --config
	flags    profile.Flags // those that a profile can give a default for
	profiles *profile.Profiles
	given    *flagDefaults // the flags that the profile in use gave; nil: none
	readOnly string        // of two profiles, the one whose org is only read; "": there are no two
	pin      pinning
}

// profiles returns the profiles of the config file.
func (p *process) profiles() *profile.Profiles {
	if p.conf.profiles == nil {
		p.conf.profiles = &profile.Profiles{Getenv: p.getenv, Config: p.conf.file, Flags: p.conf.flags}
	}
	return p.conf.profiles
}

// locate finds out where a profile connects to, without connecting.
func (p *process) locate(name string) (profile.Place, error) { return p.profiles().Locate(p.ctx, name) }

// profileOr returns the named profile, else the default profile where it serves; "" is the connection variables.
func (p *process) profileOr(name string) (string, error) { return p.profiles().Or(name) }

// stateFolder returns the folder for what must last from one command to the next.
func (p *process) stateFolder() (string, error) { return p.profiles().StateFolder() }

// flagDefaults gives the command line the defaults of a profile. Kong's resolvers come before the environment, so it
// leaves out what is set there: the order is flag, environment, config file, default.
type flagDefaults struct {
	path   string
	values map[string]profile.FlagDefault
	used   []string // "--max-credits (line 7)"
}

// configure reads the config file as soon as the command line says which profile is meant, and before defaults are
// taken.
func (p *process) configure(line *kong.Context) error {
	p.conf.flags = profile.SettableFlags(line.Model.Node)
	p.conf.file = flagText(line, "config")
	name := cmp.Or(flagText(line, "profile"), flagText(line, "to")) // roles copy writes to the org of --to
	var err error
	if _, ok := selected[interface{ mayBeDefault() }](line); ok {
		name, err = p.profileOr(name)
	}
	if err == nil && (name == "" || name == profile.Emulator) {
		return nil
	}
	var f *profile.File
	if err == nil {
		f, err = p.profiles().Read()
	}
	if _, ok := selected[interface{ looksItself() }](line); err != nil && ok {
		return nil
	}
	if err != nil {
		return err
	}
	used, err := f.Profile(name)
	if _, ok := errors.AsType[*profile.UnknownError](err); ok {
		return nil // auth login may make it; who wants to connect gets the error then
	}
	if err != nil {
		return err
	}
	p.conf.given = &flagDefaults{path: f.Path, values: used.Flags}
	line.AddResolver(p.conf.given)
	return nil
}

// flagText returns the value of a flag of the command line, or else of its variable; "" where there is none.
func flagText(line *kong.Context, name string) string {
	for _, f := range line.Flags() {
		if f.Name == name {
			v, _ := line.FlagValue(f).(string)
			return v
		}
	}
	return ""
}

// selected returns the command as a T; ok is false where it has not T's methods.
func selected[T any](line *kong.Context) (command T, ok bool) {
	node := line.Selected()
	if node == nil || !node.Target.CanAddr() {
		return command, false
	}
	return reflect.TypeAssert[T](node.Target.Addr())
}

// Validate implements kong.Resolver. The values are checked when the file is read.
func (*flagDefaults) Validate(*kong.Application) error { return nil }

// Resolve implements kong.Resolver. A command that goes on with a run keeps what the run began with: that was asked for
// more closely than a default.
func (d *flagDefaults) Resolve(line *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	given, ok := d.values[flag.Name]
	if !ok || inEnvironment(flag) {
		return nil, nil
	}
	if own, ok := selected[interface{ keeps(flag string) bool }](line); ok && own.keeps(flag.Name) {
		return nil, nil
	}
	d.used = append(d.used, fmt.Sprintf("--%s in line %d", flag.Name, given.Line))
	return given.Value, nil
}

func inEnvironment(flag *kong.Flag) bool {
	return slices.ContainsFunc(flag.Envs, func(name string) bool { _, set := os.LookupEnv(name); return set })
}

// addTo adds to a mistake in the arguments which of them the config file gave.
func (d *flagDefaults) addTo(err error) error {
	if d == nil || len(d.used) == 0 {
		return err
	}
	return fmt.Errorf("%w (%s gave %s)", err, d.path, strings.Join(d.used, ", "))
}
