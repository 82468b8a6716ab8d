package profile

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	chars "unicode"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"rolecall/api/auth/private"
	"rolecall/job"
)

// LargestSecret is the largest size of a secret, in bytes. Zoho's secrets have less than 100.
const LargestSecret = 4 << 10

// Secret gets a secret from its source. The error is a *SecretError, or a usage error if others can read the secret. No
// error holds a secret.
func (p *Profiles) Secret(ctx context.Context, s Source) (string, error) {
	value, err := p.fetch(ctx, s)
	if err == nil && s.Kind == HeaderValue {
		value, err = headerValue(value)
	} else if err == nil {
		value, err = OneLine(value)
	}
	_, open := errors.AsType[*private.PermissionError](err)
	switch {
	case err == nil:
		return value, nil
	case ctx.Err() != nil:
		return "", job.EndOf(ctx)
	case open:
		return "", &job.UsageError{Err: fmt.Errorf("%s: %w", s.What(), err)}
	}
	return "", &SecretError{source: s, err: err, login: p.newSecret(s)}
}

// fetch gets a secret as it is stored.
func (p *Profiles) fetch(ctx context.Context, s Source) (string, error) {
	switch {
	case s.Env != "":
		if v := p.Getenv(s.Env); v != "" {
			return v, nil
		}
		return "", errors.New("that variable is not set")
	case s.File != "":
		path, err := p.besideConfig(s.File)
		if err != nil {
			return "", err
		}
		// systemd gives a service access to its credentials by an access list, which looks like a right of the group.
		if given := p.Getenv("CREDENTIALS_DIRECTORY"); given != "" && filepath.Dir(path) == filepath.Clean(given) {
			return readSecretFile(path, private.CheckWriter)
		}
		return ReadSecretFile(path)
	case len(s.Command) > 0:
		return p.commandSecret(ctx, s.Command, secretPatience)
	case s.Keyring:
		return keyringSecret(ctx, s.account())
	}
	return "", errors.New("the profile does not say where it is")
}

// besideConfig makes a path in the config file absolute. A relative path starts at the folder of the config file; ~ is
// the home folder, on Windows also before a backslash.
func (p *Profiles) besideConfig(path string) (string, error) {
	if rest, ok := strings.CutPrefix(filepath.ToSlash(path), "~/"); ok {
		home := p.Getenv("HOME")
		if home == "" {
			home = p.Getenv("USERPROFILE")
		}
		if home == "" {
			return "", fmt.Errorf("%s: there is no home folder", path)
		}
		return filepath.Join(home, rest), nil
	}
	if filepath.IsAbs(path) {
		return path, nil
	}
	config, err := p.Path()
	return filepath.Join(filepath.Dir(config), path), err
}

// OneLine trims a secret. It reads UTF-16 and a byte order mark, as Windows PowerShell writes them. It returns an error
// if the rest is not one printable word, as all of Zoho's secrets are.
func OneLine(value string) (string, error) {
	value, _, err := transform.String(unicode.BOMOverride(encoding.Nop.NewDecoder()), value)
	if err != nil {
		return "", errors.New("it is no text")
	}
	value = strings.TrimSpace(value)
	switch {
	case value == "":
		return "", errors.New("it is empty")
	case len(value) > LargestSecret:
		return "", errors.New("it is too long for a secret of Zoho's")
	case quoted(value):
		return "", errors.New("there are quotes around it, which do not belong to it: take them off")
	case strings.ContainsRune(value, 0):
		return "", errors.New("it is UTF-16 without its mark: write it as UTF-8")
	case strings.ContainsFunc(value, func(r rune) bool { return chars.IsSpace(r) || !chars.IsPrint(r) }):
		return "", errors.New("it is more than one word: want it alone")
	}
	return value, nil
}

// quoted reports whether a value is in quotes. docker --env-file and some .env files leave quotes around values.
func quoted(value string) bool {
	first := value[0]
	return len(value) > 1 && first == value[len(value)-1] && strings.IndexByte("\"'`", first) >= 0
}
