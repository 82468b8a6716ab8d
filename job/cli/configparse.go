package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/alecthomas/kong"
	"go.yaml.in/yaml/v3"
)

// parseConfig reads the profiles of a config file. flags are those that a profile can give a default for. A mistake is a *configError with its line, whose path the caller sets; it never
// repeats a value that could be a secret.
func parseConfig(raw []byte, flags map[string]*kong.Flag) ([]profile, error) {
	root, err := readTree(raw)
	if root == nil || err != nil {
		return nil, err
	}
	var profiles []profile
	err = eachKey(root, "the config file", func(key, value *yaml.Node) error {
		if key.Value != "profiles" {
			return at(key, unknown("key", key.Value, []string{"profiles"}))
		}
		if isNull(value) {
			return nil
		}
		return eachKey(value, "profiles", func(name, body *yaml.Node) error {
			p, err := parseProfile(name, body, flags)
			if err != nil {
				return err
			}
			if i := slices.IndexFunc(profiles, func(o profile) bool { return strings.EqualFold(o.name, p.name) }); i >= 0 {
				return at(name, fmt.Errorf("the profile %s differs from %s (line %d) only in case: rename one of them", p.name, profiles[i].name, profiles[i].line))
			}
			profiles = append(profiles, p)
			return nil
		})
	})
	return profiles, err
}

// readTree reads the one document of a config file; nil where it has none.
func readTree(raw []byte) (*yaml.Node, error) {
	d := yaml.NewDecoder(bytes.NewReader(raw))
	var document yaml.Node
	switch err := d.Decode(&document); {
	case errors.Is(err, io.EOF):
		return nil, nil
	case err != nil:
		return nil, notYAML(raw, err)
	}
	var second yaml.Node
	switch err := d.Decode(&second); {
	case err == nil:
		return nil, at(&second, errors.New("a second document begins here: a config file is one"))
	case !errors.Is(err, io.EOF):
		return nil, notYAML(raw, err)
	}
	if len(document.Content) == 0 || isNull(document.Content[0]) {
		return nil, nil
	}
	return document.Content[0], nil
}

// tabbed is a line that a tab indents, which YAML does not allow.
var tabbed = regexp.MustCompile(`(?m)^ *\t[ \t]*\S`)

// notYAML puts the line, which the parser has in its text, where those of our own mistakes are. Of a tab it names another line, and says nothing that anybody understands.
func notYAML(raw []byte, err error) error {
	puzzled := strings.Contains(err.Error(), "cannot start any token") || strings.Contains(err.Error(), "tab character")
	if found := tabbed.FindIndex(raw); found != nil && puzzled {
		return &configError{line: 1 + bytes.Count(raw[:found[0]], []byte("\n")), err: errors.New("not YAML: a tab indents this line: use spaces")}
	}
	message := strings.TrimPrefix(err.Error(), "yaml: ")
	if rest, ok := strings.CutPrefix(message, "line "); ok {
		number, after, _ := strings.Cut(rest, ": ")
		if line, err := strconv.Atoi(number); err == nil {
			return &configError{line: line, err: fmt.Errorf("not YAML: %s", after)}
		}
	}
	return &configError{err: fmt.Errorf("not YAML: %s", message)}
}

// parseProfile reads one profile.
func parseProfile(name, body *yaml.Node, flags map[string]*kong.Flag) (profile, error) {
	p := profile{name: name.Value, line: name.Line}
	if err := checkProfileName(p.name); err != nil {
		return p, at(name, err)
	}
	keys := profileKeys()
	err := eachKey(body, "the profile "+p.name, func(key, value *yaml.Node) error {
		if key.Value == "flags" {
			return p.readFlags(value, flags)
		}
		i := slices.IndexFunc(keys, func(k profileKey) bool { return k.name == key.Value })
		if i < 0 {
			return at(key, fmt.Errorf("profile %s: %w", p.name, unknownKey(key.Value, keyNames(keys))))
		}
		if err := keys[i].read(&p, value); err != nil {
			return at(value, fmt.Errorf("%s of profile %s: %w", key.Value, p.name, err))
		}
		return nil
	})
	return p, err
}

// unknownKey says that there is no such key. Who means to write a secret down is told where to put it: it never stands in the config file.
func unknownKey(key string, names []string) error {
	for _, one := range []struct{ key, prefix string }{{"clientsecret", "secret"}, {"secret", "secret"}, {"refreshtoken", "refresh_token"}, {"token", "refresh_token"}} {
		if string(fold(key)) == one.key {
			return fmt.Errorf("unknown key %q: a secret never stands in the config file; say where it is: %s_file, %[2]s_env, %[2]s_command or %[2]s_keyring (rolecall auth login writes it)", key, one.prefix)
		}
	}
	return unknown("key", key, names)
}

func keyNames(keys []profileKey) []string {
	names := []string{"flags"}
	for _, k := range keys {
		names = append(names, k.name)
	}
	return names
}

// eachKey goes through the keys of a mapping. Twice the same is a mistake.
func eachKey(n *yaml.Node, what string, do func(key, value *yaml.Node) error) error {
	if n.Kind == yaml.AliasNode {
		return at(n, errAlias)
	}
	if n.Kind != yaml.MappingNode {
		return at(n, fmt.Errorf("%s must be keys with values, such as  key: value", what))
	}
	seen := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if key.Kind != yaml.ScalarNode {
			return at(key, fmt.Errorf("a key of %s must be a word", what))
		}
		if first, twice := seen[key.Value]; twice {
			return at(key, fmt.Errorf("%q stands twice in %s (first in line %d)", key.Value, what, first))
		}
		seen[key.Value] = key.Line
		if err := do(key, value); err != nil {
			return err
		}
	}
	return nil
}

// errAlias refuses anchors: what a profile says stands in it.
var errAlias = errors.New("*aliases are not read: write it out")

// text is the text of a value, as it stands: no and 0123 are what they look like.
func text(n *yaml.Node) (string, error) {
	switch {
	case n.Kind == yaml.AliasNode:
		return "", errAlias
	case n.Kind != yaml.ScalarNode:
		return "", errors.New("it must be one text")
	case isNull(n) || n.Value == "":
		return "", errors.New("it has no value: give it one, or take the line out")
	}
	return n.Value, nil
}

func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null" }

// textNode is a text that stays one: the ids of orgs are no numbers.
func textNode(v string) *yaml.Node { return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: v} }

// at says where in the file a mistake is, unless that is known already.
func at(n *yaml.Node, err error) error {
	if _, ok := errors.AsType[*configError](err); ok {
		return err
	}
	return &configError{line: n.Line, err: err}
}
