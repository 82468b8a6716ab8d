package cli

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
	"go.yaml.in/yaml/v3"
)

// flagDefault is the default that a profile gives a flag: a text, or a map of texts.
type flagDefault struct {
	value any
	line  int
}

// flagDefaults gives the command line the defaults of a profile. Kong's resolvers come before the environment, so it leaves out what is set there: the order is flag, environment, config file,
// default.
type flagDefaults struct {
	path   string
	values map[string]flagDefault
	used   []string // "--max-credits (line 7)"
}

// configure reads the config file as soon as the command line says which profile is meant, and before defaults are taken.
func (p *process) configure(line *kong.Context) error {
	p.conf.flags = settableFlags(line.Model.Node)
	p.conf.file = flagText(line, "config")
	name := cmp.Or(flagText(line, "profile"), flagText(line, "to")) // roles copy writes to the org of --to
	var err error
	if mayBeDefault(line) {
		name, err = p.profileOr(name)
	}
	if err == nil && (name == "" || name == profileEmulator) {
		return nil
	}
	var c *configFile
	if err == nil {
		c, err = p.config()
	}
	if err != nil && looksItself(line) {
		return nil
	}
	if err != nil {
		return err
	}
	used, err := c.profile(name)
	if _, ok := errors.AsType[*unknownProfileError](err); ok {
		return nil // it may be there to be made; who wants to connect hears of it
	}
	if err != nil {
		return err
	}
	p.conf.given = &flagDefaults{path: c.path, values: used.flags}
	line.AddResolver(p.conf.given)
	return nil
}

// flagText is what a flag of the command line, or else its variable, says; "" where it says nothing or is none.
func flagText(line *kong.Context, name string) string {
	for _, f := range line.Flags() {
		if f.Name == name {
			v, _ := line.FlagValue(f).(string)
			return v
		}
	}
	return ""
}

// settableFlags are the flags that a profile can give defaults for: those with a variable, of the commands that take a profile. What confirms or widens what a run may do has no variable,
// and is typed each time.
func settableFlags(n *kong.Node) map[string]*kong.Flag {
	all := map[string]*kong.Flag{}
	if slices.ContainsFunc(n.Flags, func(f *kong.Flag) bool { return f.Name == "profile" && len(f.Envs) > 0 }) {
		for _, f := range n.Flags {
			if len(f.Envs) > 0 && f.Name != "profile" {
				all[f.Name] = f
			}
		}
	}
	for _, child := range n.Children {
		maps.Copy(all, settableFlags(child))
	}
	return all
}

// readFlags reads the defaults of flags. Each is tried, so that a wrong one is found where it stands.
func (p *profile) readFlags(n *yaml.Node, flags map[string]*kong.Flag) error {
	p.flags = map[string]flagDefault{}
	if isNull(n) {
		return nil
	}
	return eachKey(n, "flags of profile "+p.name, func(key, value *yaml.Node) error {
		name := strings.TrimPrefix(key.Value, "--")
		flag := flags[name]
		if flag == nil {
			return at(key, fmt.Errorf("flags of profile %s: %w", p.name, unknown("flag", key.Value, slices.Sorted(maps.Keys(flags)))))
		}
		given, err := flagValue(flag, value)
		if err == nil {
			err = tryFlag(flag, given)
		}
		if err != nil {
			return at(value, fmt.Errorf("flags of profile %s: %s: %w", p.name, name, err))
		}
		if _, twice := p.flags[name]; twice {
			return at(key, fmt.Errorf("flags of profile %s: %s stands twice", p.name, name))
		}
		p.flags[name] = flagDefault{given, key.Line}
		return nil
	})
}

// flagValue is a value as kong takes it. A flag that may be repeated takes a mapping, or a list of what each would be given.
func flagValue(flag *kong.Flag, n *yaml.Node) (any, error) {
	if n.Kind == yaml.SequenceNode && flag.IsMap() {
		return repeatedValue(n)
	}
	if n.Kind != yaml.MappingNode {
		return text(n)
	}
	values := map[string]any{}
	err := eachKey(n, "the value", func(key, value *yaml.Node) error {
		v, err := text(value)
		values[key.Value] = v
		return err
	})
	return values, err
}

// repeatedValue is a list of KEY=VALUE, as on a command line.
func repeatedValue(n *yaml.Node) (any, error) {
	values := map[string]any{}
	for _, one := range n.Content {
		given, err := text(one)
		if err != nil {
			return nil, err
		}
		key, value, ok := strings.Cut(given, "=")
		if _, twice := values[key]; twice || !ok {
			return nil, fmt.Errorf("each part of the list is another KEY=VALUE, not %q", given)
		}
		values[key] = value
	}
	return values, nil
}

// tryFlag says what is wrong with a value for a flag.
func tryFlag(flag *kong.Flag, value any) error {
	if _, isMap := value.(map[string]any); isMap && !flag.IsMap() {
		return errors.New("it takes one value")
	}
	target := reflect.New(flag.Target.Type()).Elem()
	if target.Kind() == reflect.Pointer {
		target.Set(reflect.New(target.Type().Elem()))
	}
	scan := kong.Scan().PushTyped(value, kong.FlagValueToken)
	if err := flag.Mapper.Decode(&kong.DecodeContext{Value: flag.Value, Scan: scan}, target); err != nil {
		return err
	}
	if given, ok := value.(string); ok && flag.Enum != "" && !flag.EnumMap()[given] {
		return unknown("value", given, flag.EnumSlice())
	}
	return nil
}

// Validate implements kong.Resolver. What can be wrong was looked at when the file was read.
func (*flagDefaults) Validate(*kong.Application) error { return nil }

// Resolve implements kong.Resolver.
func (d *flagDefaults) Resolve(line *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	given, ok := d.values[flag.Name]
	if !ok || inEnvironment(flag) || keepsOwn(line, flag) {
		return nil, nil
	}
	d.used = append(d.used, fmt.Sprintf("--%s in line %d", flag.Name, given.line))
	return given.value, nil
}

func inEnvironment(flag *kong.Flag) bool {
	return slices.ContainsFunc(flag.Envs, func(name string) bool { _, set := os.LookupEnv(name); return set })
}

// looksItself says whether the command tells by itself what is wrong with the config file.
func looksItself(line *kong.Context) bool {
	node := line.Selected()
	if node == nil || !node.Target.CanAddr() {
		return false
	}
	_, ok := reflect.TypeAssert[interface{ looksItself() }](node.Target.Addr())
	return ok
}

// keepsOwn says whether the command goes on with what a run began with, which was asked for more closely than a default.
func keepsOwn(line *kong.Context, flag *kong.Flag) bool {
	node := line.Selected()
	if node == nil || !node.Target.CanAddr() {
		return false
	}
	own, ok := reflect.TypeAssert[interface{ keeps(flag string) bool }](node.Target.Addr())
	return ok && own.keeps(flag.Name)
}

// addTo says with a mistake in the arguments which of them the config file gave.
func (d *flagDefaults) addTo(err error) error {
	if d == nil || len(d.used) == 0 {
		return err
	}
	return fmt.Errorf("%w (%s gave %s)", err, d.path, strings.Join(d.used, ", "))
}
