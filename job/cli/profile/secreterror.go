package profile

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"runtime"
	"strings"

	"rolecall/job/rundir"
)

// SignInError reports that there is nothing to sign in with.
type SignInError struct{ Message string }

func (e *SignInError) Error() string { return e.Message }

// SecretError is the error for a secret that cannot be read. It is a SignInError too. It names the source of the
// secret, what is wrong, and what to do.
type SecretError struct {
	source Source
	err    error
	login  string // the command that replaces the secret; "": none
}

func (e *SecretError) Error() string {
	if next := e.Next(); next != "" {
		return e.Problem() + "; " + next
	}
	return e.Problem()
}

// Unwrap returns a SignInError and the cause.
func (e *SecretError) Unwrap() []error { return []error{&SignInError{e.Problem()}, e.err} }

// Problem returns what is wrong.
func (e *SecretError) Problem() string {
	return fmt.Sprintf("%s (%s): %v", e.source.What(), e.source, e.err)
}

// Next returns what to do: correct the source of the secret, or replace the secret.
func (e *SecretError) Next() string {
	var ways []string
	for _, way := range []string{e.source.fix(e.err), e.login} {
		if way != "" {
			ways = append(ways, way)
		}
	}
	return strings.Join(ways, "; or ")
}

// awayError marks an error of a secret manager that does not answer, or fails, but may work later.
type awayError struct{ error }

func (e awayError) Unwrap() error { return e.error }

// Away reports whether the source does not answer, so that the same command may succeed later.
func (e *SecretError) Away() bool {
	_, away := errors.AsType[awayError](e.err)
	return away
}

// fix returns how to correct the source, or "" if the error itself says so.
func (s Source) fix(err error) string {
	key := map[string]string{ClientSecret: "secret", RefreshToken: "refresh_token", HeaderValue: "header"}[s.Kind]
	switch {
	case s.Env != "":
		return "set " + s.Env + " to it, alone"
	case s.File != "" && errors.Is(err, fs.ErrPermission):
		text := "make that file yours, and readable for yourself"
		if runtime.GOOS != "windows" {
			text += ": chmod u+r " + rundir.ShellQuote(s.File)
		}
		return text
	case s.File != "":
		return "have " + key + "_file name a file of yours with it, alone"
	case len(s.Command) > 0:
		return "correct " + key + "_command, so that " + filepath.Base(s.Command[0]) + " prints it, alone"
	case s.Kind == HeaderValue: // auth login puts the others there
		return "put it into the keyring, as the account " + s.account() + " of the service " + keyringService
	}
	return ""
}

// newSecret returns the command that replaces a secret, or "".
func (p *Profiles) newSecret(s Source) string {
	login := p.Login(s.Profile)
	switch {
	case s.Profile == "" || s.Kind == HeaderValue:
		return ""
	case s.Kind == ClientSecret:
		return "have it asked for anew: " + login + " --new-secret"
	}
	return "sign in again: " + login
}

// Login returns the command that signs in to a profile.
func (p *Profiles) Login(name string) string {
	if name == "" {
		return "rolecall auth login" + p.ConfigFlag()
	}
	return "rolecall auth login --profile " + rundir.ShellQuote(name) + p.ConfigFlag()
}
