package cli

import (
	"errors"
	"fmt"
	"regexp"

	"go.yaml.in/yaml/v3"
)

// secretKeys are the four keys that say where a secret is, of which a profile has one.
func secretKeys(name, kind string, field func(*profile) *secretSource) []profileKey {
	form := func(suffix string, read func(*secretSource, *yaml.Node) error, write func(secretSource) *yaml.Node) profileKey {
		return profileKey{
			name: name + "_" + suffix,
			read: func(p *profile, n *yaml.Node) error {
				s := field(p)
				if s.set() {
					return fmt.Errorf("another %s_... says already where it is: keep one", name)
				}
				s.profile, s.kind = p.name, kind
				return read(s, n)
			},
			write: func(p profile) *yaml.Node { return write(*field(&p)) },
		}
	}
	return []profileKey{
		form("env", readVariable, func(s secretSource) *yaml.Node { return textNodeOf(s.env) }),
		form("file", func(s *secretSource, n *yaml.Node) (err error) { s.file, err = text(n); return err }, func(s secretSource) *yaml.Node { return textNodeOf(s.file) }),
		form("command", readCommand, writeCommand),
		form("keyring", readKeyring, func(s secretSource) *yaml.Node {
			if !s.keyring {
				return nil
			}
			if s.stored != "" {
				return textNode(s.stored)
			}
			return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!bool", Value: "true"}
		}),
	}
}

func textNodeOf(v string) *yaml.Node {
	if v == "" {
		return nil
	}
	return textNode(v)
}

// variable is a name that a variable can have, and that no token of Zoho's is.
var variable = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

func readVariable(s *secretSource, n *yaml.Node) error {
	v, err := text(n)
	if err == nil && !variable.MatchString(v) {
		err = errors.New("it is the name of a variable, never the secret itself") // which may be what stands there: it is not repeated
	}
	s.env = v
	return err
}

func readCommand(s *secretSource, n *yaml.Node) error {
	if n.Kind != yaml.SequenceNode || len(n.Content) == 0 {
		return errors.New("it is a list, a program and its arguments, such as [pass, show, zoho]: no shell runs it")
	}
	for _, arg := range n.Content {
		if arg.Kind != yaml.ScalarNode || isNull(arg) {
			return errors.New("each part of the command must be one text")
		}
		s.command = append(s.command, arg.Value)
	}
	if s.command[0] == "" {
		return errors.New("the program has no name")
	}
	return nil
}

func writeCommand(s secretSource) *yaml.Node {
	if len(s.command) == 0 {
		return nil
	}
	n := &yaml.Node{Kind: yaml.SequenceNode, Style: yaml.FlowStyle}
	for _, arg := range s.command {
		n.Content = append(n.Content, textNode(arg))
	}
	return n
}

func readKeyring(s *secretSource, n *yaml.Node) error {
	v, err := text(n)
	switch {
	case err != nil || v == "true":
	case storedNames.MatchString(v):
		s.stored = v
	default:
		err = errors.New("it is true, or what rolecall auth login put there, or the line is left out") // it may be the secret: it is not repeated
	}
	s.keyring = true
	return err
}
