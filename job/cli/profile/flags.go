package profile

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
	"go.yaml.in/yaml/v3"
)

// Flags are the flags that can have a default in a profile, by their long names.
type Flags map[string]*kong.Flag

// FlagDefault is a flag's default from a profile: a text, or a map of texts.
type FlagDefault struct {
	Value any
	Line  int
}

// SettableFlags returns the flags that a profile can set: those with an environment variable, of the commands that take
// a profile. Flags that confirm or widen what a run may do have no variable, so the user types them each time.
func SettableFlags(n *kong.Node) Flags {
	all := Flags{}
	takesProfile := func(f *kong.Flag) bool { return f.Name == "profile" && len(f.Envs) > 0 }
	if slices.ContainsFunc(n.Flags, takesProfile) {
		for _, f := range n.Flags {
			if len(f.Envs) > 0 && f.Name != "profile" {
				all[f.Name] = f
			}
		}
	}
	for _, child := range n.Children {
		maps.Copy(all, SettableFlags(child))
	}
	return all
}

// read reads the defaults of flags. It checks each value, so that an error names the line.
func (all Flags) read(n *yaml.Node, profile string) (map[string]FlagDefault, error) {
	given := map[string]FlagDefault{}
	if isNull(n) {
		return given, nil
	}
	if err := wantKeys(n, "flags of profile "+profile); err != nil {
		return nil, err
	}
	for key, value := range pairs(n) {
		name := strings.TrimPrefix(key.Value, "--")
		flag := all[name]
		if flag == nil {
			return nil, at(key, fmt.Errorf("flags of profile %s: %w", profile,
				unknown("flag", key.Value, slices.Sorted(maps.Keys(all)))))
		}
		v, err := flagValue(flag, value)
		if err == nil {
			err = tryFlag(flag, v)
		}
		if err != nil {
			return nil, at(value, fmt.Errorf("flags of profile %s: %s: %w", profile, name, err))
		}
		if _, twice := given[name]; twice {
			return nil, at(key, fmt.Errorf("flags of profile %s: %s stands twice", profile, name))
		}
		given[name] = FlagDefault{v, key.Line}
	}
	return given, nil
}

// flagValue returns a value in the form that kong takes. For a flag that may be repeated, the value is a mapping, or a
// list of KEY=VALUE.
func flagValue(flag *kong.Flag, n *yaml.Node) (any, error) {
	values := map[string]any{}
	switch {
	case n.Kind == yaml.SequenceNode && flag.IsMap():
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
	case n.Kind == yaml.MappingNode:
		if err := wantKeys(n, "the value"); err != nil {
			return nil, err
		}
		for key, value := range pairs(n) {
			v, err := text(value)
			if _, twice := values[key.Value]; twice && err == nil {
				err = fmt.Errorf("%q stands twice", key.Value)
			}
			if err != nil {
				return nil, err
			}
			values[key.Value] = v
		}
	default:
		return text(n)
	}
	return values, nil
}

// tryFlag returns an error if a flag does not accept a value.
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
