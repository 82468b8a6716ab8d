package cli

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"rolecall/api"
	"rolecall/api/auth"
	"rolecall/job/picklist"
	"rolecall/job/rundir"
)

// What a check can find.
const (
	statusOK      = "ok"
	statusWarning = "warning"
	statusError   = "error"
)

// check is what one look found. Fields are only ever added, and names of checks stay.
type check struct {
	Name    string `json:"name"`
	Status  string `json:"status"` // "ok", "warning" or "error"
	Message string `json:"message"`
	Next    string `json:"next"` // what to do; "" where nothing is to be done

	exit int // of an error
}

// checkup is all that was found.
type checkup struct {
	Checks     []check  `json:"checks"`
	NotChecked []string `json:"not_checked,omitempty"` // what could not be looked at because something before it is wrong
}

// doctor makes the checks, one after the other.
type doctor struct {
	*process
	name     string // of the profile; "" is the connection variables
	quiet    bool   // the checks are told at the end
	findings checkup
	orgRoles picklist.List // nil: not known
}

// ok, warn and fail tell what a check found, as soon as it is known.
func (d *doctor) ok(name, format string, args ...any) {
	d.tell(check{Name: name, Status: statusOK, Message: fmt.Sprintf(format, args...)})
}

func (d *doctor) warn(name, message, next string) {
	d.tell(check{Name: name, Status: statusWarning, Message: message, Next: next})
}

func (d *doctor) fail(exit int, name, message, next string) {
	d.tell(check{Name: name, Status: statusError, Message: message, Next: next, exit: exit})
}

func (d *doctor) tell(c check) {
	c.Message = strings.ReplaceAll(c.Message, "\n", "; ")
	d.findings.Checks = append(d.findings.Checks, c)
	if d.quiet {
		return
	}
	_, _ = fmt.Fprintf(d.stdout, "%-8s %-14s %s\n", c.Status, c.Name, c.Message)
	if c.Next != "" {
		_, _ = fmt.Fprintf(d.stdout, "%23s -> %s\n", "", c.Next)
	}
}

// skip names checks that cannot be made.
func (d *doctor) skip(names ...string) {
	d.findings.NotChecked = append(d.findings.NotChecked, names...)
}

// exitCode is that of the errors: what must be mended first comes first.
func (d *doctor) exitCode() int {
	for _, code := range []int{exitUsage, exitSignIn, exitTemporary} {
		if slices.ContainsFunc(d.findings.Checks, func(c check) bool { return c.exit == code }) {
			return code
		}
	}
	return exitOK
}

// exitOf is the exit code for a call or a sign-in that failed.
func exitOf(err error) int {
	if refused, ok := errors.AsType[*auth.Error](err); ok {
		if refused.Temporary() {
			return exitTemporary
		}
		return exitSignIn
	}
	if failed, ok := errors.AsType[*api.Error](err); ok {
		switch {
		case failed.Ends == api.EndRefused:
			return exitUsage
		case failed.Temporary():
			return exitTemporary
		}
		return exitSignIn
	}
	return codeOf(connectError(err))
}

// lacksScope says whether a call was refused for want of a scope.
func lacksScope(err error) bool {
	failed, ok := errors.AsType[*api.Error](err)
	return ok && failed.Code == "OAUTH_SCOPE_MISMATCH"
}

func joined(names []string) string { return strings.Join(names, ", ") }

// login is the command that signs in again.
func (d *doctor) login() string {
	if d.name == "" {
		return "rolecall auth login" + d.configFlag()
	}
	return "rolecall auth login --profile " + rundir.ShellQuote(d.name) + d.configFlag()
}
