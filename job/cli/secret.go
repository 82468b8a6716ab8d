package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"unicode"

	"rolecall/job"
)

// The secrets of a profile, as files and the keyring call them.
const (
	kindClientSecret = "client-secret"
	kindRefreshToken = "refresh-token"
)

// largestSecret bounds what is read of a secret, in bytes: Zoho's are less than a hundred.
const largestSecret = 4 << 10

// secretSource is where a secret of a profile is: exactly one of env, file, command and keyring. Its zero value is nowhere.
type secretSource struct {
	profile, kind string   // whose it is, and which
	stored        string   // what the keyring calls the profile, where that is not its name
	env           string   // a variable
	file          string   // a path; a relative one starts at the config file
	command       []string // a program with its arguments, run without a shell
	keyring       bool
}

// set says whether there is one.
func (s secretSource) set() bool {
	return s.env != "" || s.file != "" || len(s.command) > 0 || s.keyring
}

// what is the secret in words.
func (s secretSource) what() string {
	kind := strings.ReplaceAll(s.kind, "-", " ")
	if s.profile == "" {
		return kind
	}
	return kind + " of profile " + s.profile
}

// account is what the keyring calls the secret.
func (s secretSource) account() string { return cmp.Or(s.stored, s.profile) + "-" + s.kind }

// String says where the secret is. Of a command it tells the program alone: people put secrets in arguments.
func (s secretSource) String() string {
	switch {
	case s.env != "":
		return "env " + s.env
	case s.file != "":
		return "file " + s.file
	case len(s.command) > 0:
		return "command " + filepath.Base(s.command[0])
	case s.keyring:
		return "keyring"
	}
	return "-"
}

// GoString keeps %#v from printing the arguments.
func (s secretSource) GoString() string { return s.String() }

// secret gets a secret from where it is. One that is not there, or cannot be had, is an error of signing in; one that others can read is a usage error. No error holds a secret.
func (p *process) secret(ctx context.Context, s secretSource) (string, error) {
	value, err := p.fetchSecret(ctx, s)
	if err == nil {
		value, err = oneLine(value)
	}
	_, open := errors.AsType[*modeError](err)
	switch {
	case err == nil:
		return value, nil
	case ctx.Err() != nil:
		return "", &job.Stop{Reason: job.Interrupted, Err: job.ErrInterrupted}
	case open:
		return "", &errUsage{fmt.Errorf("%s: %w", s.what(), err)}
	}
	return "", &secretError{source: s, err: err, again: p.newSecret(s)}
}

func (p *process) fetchSecret(ctx context.Context, s secretSource) (string, error) {
	switch {
	case s.env != "":
		if v := p.getenv(s.env); v != "" {
			return v, nil
		}
		return "", errors.New("that variable is not set")
	case s.file != "":
		path, err := p.besideConfig(s.file)
		if err != nil {
			return "", err
		}
		return readSecretFile(path)
	case len(s.command) > 0:
		return p.commandSecret(ctx, s.command, secretPatience)
	case s.keyring:
		return keyringSecret(ctx, s.account())
	}
	return "", errors.New("the profile does not say where it is")
}

// besideConfig makes a path of the config file absolute, so that it is the same from each folder. ~ is the home folder.
func (p *process) besideConfig(path string) (string, error) {
	if rest, ok := strings.CutPrefix(path, "~/"); ok {
		home := p.getenv("HOME")
		if home == "" {
			home = p.getenv("USERPROFILE")
		}
		if home == "" {
			return "", fmt.Errorf("%s: there is no home folder", path)
		}
		return filepath.Join(home, rest), nil
	}
	if filepath.IsAbs(path) {
		return path, nil
	}
	config, err := p.configPath()
	return filepath.Join(filepath.Dir(config), path), err
}

// oneLine takes the line break off the end of a secret. What is not one printable word is none of Zoho's.
func oneLine(value string) (string, error) {
	value = strings.TrimSpace(value)
	switch {
	case value == "":
		return "", errors.New("it is empty")
	case len(value) > largestSecret:
		return "", errors.New("it is too long for a secret of Zoho's")
	case strings.ContainsFunc(value, func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) }):
		return "", errors.New("it is more than one word: want it alone")
	}
	return value, nil
}
