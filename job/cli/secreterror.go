package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"

	"rolecall/job/rundir"
)

// secretError is a secret that cannot be had: an error of signing in, which says where it is, what is wrong with it, and both ways on.
type secretError struct {
	source secretSource
	err    error
	again  string // the command that puts another in its place; "" where there is none
}

func (e *secretError) Error() string {
	if next := e.next(); next != "" {
		return e.problem() + "; " + next
	}
	return e.problem()
}

// Unwrap says that it is an error of signing in, and gives what lies below.
func (e *secretError) Unwrap() []error { return []error{&errSignIn{e.problem()}, e.err} }

// problem is what is wrong.
func (e *secretError) problem() string {
	return fmt.Sprintf("%s (%s): %v", e.source.what(), e.source, e.err)
}

// next is what to do where the secret is, or else in its place.
func (e *secretError) next() string {
	var ways []string
	for _, way := range []string{e.source.mend(e.err), e.again} {
		if way != "" {
			ways = append(ways, way)
		}
	}
	return strings.Join(ways, "; or ")
}

// mend is what to do where a secret is; "" where the error says it.
func (s secretSource) mend(err error) string {
	key := "secret"
	if s.kind == kindRefreshToken {
		key = "refresh_token"
	}
	switch {
	case s.env != "":
		return "set " + s.env + " to it, alone"
	case s.file != "" && errors.Is(err, fs.ErrPermission):
		return "make that file yours, and readable for yourself: chmod u+r " + rundir.ShellQuote(s.file)
	case s.file != "":
		return "have " + key + "_file name a file of yours with it, alone"
	case len(s.command) > 0:
		return "mend " + key + "_command, so that " + filepath.Base(s.command[0]) + " prints it, alone"
	}
	return ""
}

// newSecret is the command that puts another secret in the place of one that cannot be had.
func (p *process) newSecret(s secretSource) string {
	again := "rolecall auth login --profile " + rundir.ShellQuote(s.profile) + p.configFlag()
	switch {
	case s.profile == "":
		return ""
	case s.kind == kindClientSecret:
		return "have it asked for anew: " + again + " --new-secret"
	}
	return "sign in again: " + again
}
