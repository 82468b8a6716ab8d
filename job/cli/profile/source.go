package profile

import (
	"cmp"
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"
)

// The kinds of secrets. They are parts of the names of files and keyring entries.
const (
	ClientSecret = "client-secret"
	RefreshToken = "refresh-token"
	HeaderValue  = "header-value" // of the header that a gateway wants
)

// Source is the place of a profile's secret: one of Env, File, Command and Keyring. The zero Source is not set.
type Source struct {
	Profile, Kind string   // the profile and the kind of the secret
	Env           string   // a variable
	File          string   // a path; a relative one starts at the config file
	Command       []string // a program with its arguments, run without a shell
	Keyring       bool

	stored string // the name of the profile in the keyring; "": its own name
}

// Set reports whether the profile says where the secret is.
func (s Source) Set() bool {
	return s.Env != "" || s.File != "" || len(s.Command) > 0 || s.Keyring
}

// What returns the secret in words.
func (s Source) What() string {
	kind := strings.ReplaceAll(s.Kind, "-", " ")
	if s.Profile == "" {
		return kind
	}
	return kind + " of profile " + s.Profile
}

// Folder returns, in words, where rolecall keeps the secret.
func (s Source) Folder() string {
	if s.Keyring {
		return "the system's keyring"
	}
	return filepath.Dir(s.File)
}

// account returns the name of the secret in the keyring.
func (s Source) account() string { return cmp.Or(s.stored, s.Profile) + "-" + s.Kind }

// String returns the source in words. It shows a command without its arguments, because people put secrets there.
func (s Source) String() string {
	switch {
	case s.Env != "":
		return "env " + s.Env
	case s.File != "":
		return "file " + s.File
	case len(s.Command) > 0:
		return "command " + filepath.Base(s.Command[0])
	case s.Keyring:
		return "keyring"
	}
	return "-"
}

// GoString keeps %#v from printing the arguments.
func (s Source) GoString() string { return s.String() }

// read reads one of the keys of a source. No error repeats a value, because it may be the secret.
func (s *Source) read(key, suffix string, n *yaml.Node) (err error) {
	if s.Set() {
		return fmt.Errorf("another %s_... says already where it is: keep one", strings.TrimSuffix(key, "_"+suffix))
	}
	switch suffix {
	case "env":
		s.Env, err = readVariable(n)
	case "file":
		s.File, err = text(n)
	case "command":
		s.Command, err = readCommand(n)
	case "keyring":
		s.stored, err = readKeyring(n)
		s.Keyring = true
	}
	return err
}

// write returns the key and the value of a source, for the file of auth login.
func (s Source) write(prefix string) (key, value string) {
	if s.Keyring {
		return prefix + "_keyring", cmp.Or(s.stored, "true")
	}
	return prefix + "_file", s.File
}

// variable matches the name of a variable. It does not match a token of Zoho.
var variable = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

func readVariable(n *yaml.Node) (string, error) {
	v, err := text(n)
	if err == nil && !variable.MatchString(v) {
		err = errors.New("it is the name of a variable, never the secret itself")
	}
	return v, err
}

func readCommand(n *yaml.Node) (command []string, err error) {
	if n.Kind != yaml.SequenceNode || len(n.Content) == 0 {
		return nil, errors.New("it is a list, a program and its arguments, such as [pass, show, zoho]: " +
			"no shell runs it")
	}
	for _, arg := range n.Content {
		if arg.Kind != yaml.ScalarNode || isNull(arg) {
			return nil, errors.New("each part of the command must be one text")
		}
		command = append(command, arg.Value)
	}
	if command[0] == "" {
		return nil, errors.New("the program has no name")
	}
	return command, nil
}

// readKeyring returns the name of the profile in the keyring, or "" if it is the profile's own name.
func readKeyring(n *yaml.Node) (stored string, err error) {
	v, err := text(n)
	switch {
	case err != nil || v == "true":
		return "", err
	case storedNames.MatchString(v):
		return v, nil
	}
	return "", errors.New("it is true, or what rolecall auth login put there, or the line is left out")
}
