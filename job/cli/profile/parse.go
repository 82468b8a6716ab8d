package profile

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"iter"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// document is the config file. Its fields and those of entry are all known keys.
type document struct {
	Profiles map[string]entry `yaml:"profiles"`
}

// entry is a profile in a file. Its values are nodes, because a node knows its line.
type entry struct {
	DC                  yaml.Node `yaml:"dc"`
	Environment         yaml.Node `yaml:"environment"`
	APIURL              yaml.Node `yaml:"api_url"`
	AccountsURL         yaml.Node `yaml:"accounts_url"`
	APIVersion          yaml.Node `yaml:"api_version"`
	Edition             yaml.Node `yaml:"edition"`
	Concurrency         yaml.Node `yaml:"concurrency"`
	ClientID            yaml.Node `yaml:"client_id"`
	SecretEnv           yaml.Node `yaml:"secret_env"`
	SecretFile          yaml.Node `yaml:"secret_file"`
	SecretCommand       yaml.Node `yaml:"secret_command"`
	SecretKeyring       yaml.Node `yaml:"secret_keyring"`
	RefreshTokenEnv     yaml.Node `yaml:"refresh_token_env"`
	RefreshTokenFile    yaml.Node `yaml:"refresh_token_file"`
	RefreshTokenCommand yaml.Node `yaml:"refresh_token_command"`
	RefreshTokenKeyring yaml.Node `yaml:"refresh_token_keyring"`
	OrgID               yaml.Node `yaml:"org_id"`
	Gateway             yaml.Node `yaml:"gateway"`
	BaseURL             yaml.Node `yaml:"base_url"`
	Header              yaml.Node `yaml:"header"`
	HeaderEnv           yaml.Node `yaml:"header_env"`
	HeaderFile          yaml.Node `yaml:"header_file"`
	HeaderCommand       yaml.Node `yaml:"header_command"`
	HeaderKeyring       yaml.Node `yaml:"header_keyring"`
	Flags               yaml.Node `yaml:"flags"`
}

// fileError is a mistake in a file, or in its permissions.
type fileError struct {
	path string
	line int // 0: the mistake has no line
	err  error

	ofEntry bool // the mistake is about a key of a profile
}

func (e *fileError) Error() string {
	if e.line == 0 {
		return fmt.Sprintf("%s: %v", e.path, e.err)
	}
	return fmt.Sprintf("%s:%d: %v", e.path, e.line, e.err)
}

func (e *fileError) Unwrap() error { return e.err }

// at adds the line of a node to an error, unless the error already has a line.
func at(n *yaml.Node, err error) error {
	if _, ok := errors.AsType[*fileError](err); ok || err == nil {
		return err
	}
	return &fileError{line: n.Line, err: err}
}

// parseConfig reads the profiles of a config file, in the order of the file. A mistake is a *fileError with its line,
// whose path the caller sets. No error repeats a value that could be a secret.
func parseConfig(raw []byte, path string, flags func() (Flags, error)) ([]Profile, error) {
	var root yaml.Node
	var doc document
	if err := decode(raw, &root); err != nil {
		return nil, err
	}
	names, err := profileNames(&root)
	if err == nil {
		err = nameProfile(decode(raw, &doc), names)
	}
	if err != nil {
		return nil, err
	}
	var profiles []Profile
	for _, name := range names {
		e := doc.Profiles[name.Value]
		p, err := e.profile(name.Value, path, flags)
		if err != nil {
			return nil, err
		}
		p.From[nameKey] = Origin{path, name.Line}
		if i := slices.IndexFunc(profiles, func(o Profile) bool { return strings.EqualFold(o.Name, p.Name) }); i >= 0 {
			return nil, at(name, fmt.Errorf("the profile %s differs from %s (line %d) only in case: rename one of them",
				p.Name, profiles[i].Name, profiles[i].From[nameKey].Line))
		}
		profiles = append(profiles, p)
	}
	return profiles, nil
}

// nameProfile adds the name of the profile to a mistake: the last profile that begins before the line.
func nameProfile(err error, names []*yaml.Node) error {
	if wrong, ok := errors.AsType[*fileError](err); ok && wrong.ofEntry {
		for _, name := range slices.Backward(names) {
			if name.Line <= wrong.line {
				wrong.err = fmt.Errorf("profile %s: %w", name.Value, wrong.err)
				break
			}
		}
	}
	return err
}

// nameKey is the key of [Profile.From] for the profile itself.
const nameKey = "name"

// profileNames returns the names of the profiles. It refuses a file that is not a mapping of profiles.
func profileNames(root *yaml.Node) (names []*yaml.Node, err error) {
	if len(root.Content) == 0 || isNull(root.Content[0]) {
		return nil, nil
	}
	if err := wantKeys(root.Content[0], "the config file"); err != nil {
		return nil, err
	}
	for key, value := range pairs(root.Content[0]) {
		if key.Value != "profiles" || isNull(value) {
			continue
		}
		if err := wantKeys(value, "profiles"); err != nil {
			return nil, err
		}
		for name, body := range pairs(value) {
			err := at(name, CheckName(name.Value))
			if err == nil {
				err = wantKeys(body, "the profile "+name.Value)
			}
			if err != nil {
				return nil, err
			}
			names = append(names, name)
		}
	}
	return names, nil
}

// wantKeys refuses a node that is not a mapping of words to values. It also refuses merge keys (<<), because all values
// of a profile must be in one place.
func wantKeys(n *yaml.Node, what string) error {
	switch {
	case n.Kind == yaml.AliasNode:
		return at(n, errAlias)
	case n.Kind != yaml.MappingNode:
		return at(n, fmt.Errorf("%s must be keys with values, such as  key: value", what))
	}
	for key := range pairs(n) {
		if key.Kind != yaml.ScalarNode {
			return at(key, fmt.Errorf("a key of %s must be a word", what))
		}
		if key.Value == "<<" {
			return at(key, fmt.Errorf("unknown key %q in %s: write it out", key.Value, what))
		}
	}
	return nil
}

// pairs yields the keys and values of a mapping.
func pairs(n *yaml.Node) iter.Seq2[*yaml.Node, *yaml.Node] {
	return func(yield func(key, value *yaml.Node) bool) {
		for i := 0; i+1 < len(n.Content); i += 2 {
			if !yield(n.Content[i], n.Content[i+1]) {
				return
			}
		}
	}
}

// parseEntry reads a file that auth login wrote.
func parseEntry(raw []byte, name, path string) (Profile, error) {
	var e entry
	if err := decode(raw, &e); err != nil {
		return Profile{}, err
	}
	p, err := e.profile(name, path, nil)
	p.From[nameKey] = Origin{path, 1}
	return p, err
}

// profile reads the values of an entry, in the order of their lines.
func (e *entry) profile(name, path string, flags func() (Flags, error)) (p Profile, err error) {
	p = Profile{Name: name, From: map[string]Origin{}}
	nodes := e.nodes()
	keys := slices.SortedFunc(maps.Keys(nodes), func(a, b string) int {
		return cmp.Or(cmp.Compare(nodes[a].Line, nodes[b].Line), cmp.Compare(nodes[a].Column, nodes[b].Column))
	})
	for _, key := range keys {
		if key == "flags" {
			var all Flags
			if all, err = flags(); err == nil {
				p.Flags, err = all.read(nodes[key], name)
			}
		} else if err = p.readValue(key, nodes[key]); err != nil {
			err = at(nodes[key], fmt.Errorf("%s of profile %s: %w", key, name, err))
		}
		if err != nil {
			return p, err
		}
		p.From[key] = Origin{path, nodes[key].Line}
	}
	return p, nil
}

// readValue reads the value of a key.
func (p *Profile) readValue(key string, n *yaml.Node) error {
	for _, f := range fields() {
		if f.key == key {
			v, err := text(n)
			if err == nil {
				err = f.check(v)
			}
			*f.of(p) = v
			return err
		}
	}
	i := strings.LastIndexByte(key, '_')
	prefix, suffix := key[:i], key[i+1:]
	s := p.sources()[prefix]
	s.Profile = p.Name
	s.Kind = map[string]string{"secret": ClientSecret, "refresh_token": RefreshToken, "header": HeaderValue}[prefix]
	return s.read(key, suffix, n)
}

// nodes returns the values that the entry has, by their keys.
func (e *entry) nodes() map[string]*yaml.Node {
	all := map[string]*yaml.Node{}
	v := reflect.ValueOf(e).Elem()
	for i, key := range keysOf[entry]() {
		if n, _ := reflect.TypeAssert[*yaml.Node](v.Field(i).Addr()); n.Kind != 0 {
			all[key] = n
		}
	}
	return all
}

// keysOf returns the keys of a struct, in the order of its fields.
func keysOf[T any]() (keys []string) {
	for f := range reflect.TypeFor[T]().Fields() {
		keys = append(keys, f.Tag.Get("yaml"))
	}
	return keys
}

// decode reads the one document of a YAML file into out, and refuses unknown keys. It does nothing for an empty file.
func decode(raw []byte, out any) error {
	d := yaml.NewDecoder(bytes.NewReader(raw))
	d.KnownFields(true)
	switch err := d.Decode(out); {
	case errors.Is(err, io.EOF):
		return nil
	case err != nil:
		return explain(raw, err)
	}
	var second yaml.Node
	switch err := d.Decode(&second); {
	case err == nil:
		return at(&second, errors.New("a second document begins here: a config file is one"))
	case !errors.Is(err, io.EOF):
		return explain(raw, err)
	}
	return nil
}

// The messages of the YAML library about a mistake.
var (
	unknownField = regexp.MustCompile(`^line (\d+): field (.+) not found in type (\S+)$`)
	repeatedKey  = regexp.MustCompile(`^line (\d+): mapping key (".+") already defined at line (\d+)$`)
	lineOf       = regexp.MustCompile(`^(?:yaml: )?line (\d+): (.*)$`)
	tabbed       = regexp.MustCompile(`(?m)^ *\t[ \t]*\S`) // a line that a tab indents, which YAML does not allow
)

// explain replaces an error of the YAML library by one with the line and the nearest key, and without any value. For a
// tab, the library names the wrong line, so explain finds the tab itself.
func explain(raw []byte, err error) error {
	message := err.Error()
	if wrong, ok := errors.AsType[*yaml.TypeError](err); ok {
		message = wrong.Errors[0]
	}
	line := func(digits string) int { n, _ := strconv.Atoi(digits); return n }
	if m := unknownField.FindStringSubmatch(message); m != nil {
		if m[3] == "profile.document" {
			return &fileError{line: line(m[1]), err: unknown("key", m[2], keysOf[document]())}
		}
		return &fileError{line: line(m[1]), err: unknownKey(m[2], keysOf[entry]()), ofEntry: true}
	}
	if m := repeatedKey.FindStringSubmatch(message); m != nil {
		return &fileError{line: line(m[1]), err: fmt.Errorf("%s stands twice (first in line %s)", m[2], m[3])}
	}
	puzzled := strings.Contains(message, "cannot start any token") || strings.Contains(message, "tab character")
	if found := tabbed.FindIndex(raw); found != nil && puzzled {
		return &fileError{line: 1 + bytes.Count(raw[:found[0]], []byte("\n")),
			err: errors.New("not YAML: a tab indents this line: use spaces")}
	}
	m := lineOf.FindStringSubmatch(message)
	switch {
	case m == nil:
		return &fileError{err: fmt.Errorf("not YAML: %s", strings.TrimPrefix(message, "yaml: "))}
	case strings.Contains(m[2], "escape character"), strings.Contains(m[2], "hexdecimal"): // "C:\temp", "C:\Users"
		return &fileError{line: line(m[1]), err: errors.New(`not YAML: a backslash in double quotes begins an escape: ` +
			`write the path without quotes, or in single quotes: 'C:\Users\...'`)}
	case strings.HasPrefix(m[2], "cannot unmarshal"): // this message repeats the value
		return &fileError{line: line(m[1]), err: errors.New("this must be keys with values, such as  key: value")}
	}
	return &fileError{line: line(m[1]), err: fmt.Errorf("not YAML: %s", m[2])}
}

// unknownKey returns the error for an unknown key. If the key looks like a secret, the error names the keys for where
// the secret is.
func unknownKey(key string, names []string) error {
	letters := strings.NewReplacer("_", "", "-", "", " ", "").Replace(strings.ToLower(key))
	for _, one := range []struct{ key, prefix string }{
		{"clientsecret", "secret"}, {"secret", "secret"}, {"refreshtoken", "refresh_token"}, {"token", "refresh_token"},
	} {
		if letters == one.key {
			return fmt.Errorf("unknown key %q: a secret never stands in the config file; say where it is: "+
				"%s_file, %[2]s_env, %[2]s_command or %[2]s_keyring (rolecall auth login keeps it)", key, one.prefix)
		}
	}
	return unknown("key", key, names)
}

// errAlias refuses aliases, so that a profile can be read by itself.
var errAlias = errors.New("*aliases are not read: write it out")

// text returns the text of a value as the file has it: no and 0123 are texts.
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
