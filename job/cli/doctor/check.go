package doctor

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"rolecall/api"
	"rolecall/api/auth"
	"rolecall/job/cli/signin"
	"rolecall/job/report"
)

// The statuses of a check.
const (
	statusOK      = "ok"
	statusWarning = "warning"
	statusError   = "error"
)

// Trouble is a kind of error, named after what the user must correct.
type Trouble int

// The kinds of trouble. The user should correct the first kind first.
const (
	None          Trouble = iota
	Configuration         // the configuration, the file or the org
	SignIn                // the sign-in, its scopes or the clock
	Temporary             // a server that does not answer, or another process
	Other
)

// Check is the result of one check. New versions only add fields, and never rename a check.
type Check struct {
	Name    string `json:"name"`
	Status  string `json:"status"` // "ok", "warning" or "error"
	Message string `json:"message"`
	Next    string `json:"next"` // what to do; "": nothing

	UnknownRoles *report.UnknownRoles `json:"unknown_roles,omitempty"` // only of row-roles

	trouble Trouble // of an error
}

// Checkup is the result of all checks.
type Checkup struct {
	Checks     []Check  `json:"checks"`
	NotChecked []string `json:"not_checked,omitempty"` // names of checks that need an earlier one that failed
}

// Worst returns the kind of trouble that the user should correct first.
func (c *Checkup) Worst() Trouble {
	for _, kind := range []Trouble{Configuration, SignIn, Temporary, Other} {
		if slices.ContainsFunc(c.Checks, func(c Check) bool { return c.trouble == kind }) {
			return kind
		}
	}
	return None
}

// ok, warn and fail show the result of a check at once.
func (d *Doctor) ok(name, format string, args ...any) {
	d.show(Check{Name: name, Status: statusOK, Message: fmt.Sprintf(format, args...)})
}

func (d *Doctor) warn(name, message, next string) {
	d.show(Check{Name: name, Status: statusWarning, Message: message, Next: next})
}

func (d *Doctor) fail(trouble Trouble, name, message, next string) {
	d.show(Check{Name: name, Status: statusError, Message: message, Next: next, trouble: trouble})
}

func (d *Doctor) show(c Check) {
	c.Message = strings.ReplaceAll(c.Message, "\n", "; ")
	d.Findings.Checks = append(d.Findings.Checks, c)
	if d.Quiet {
		return
	}
	_ = report.Printf(d.Stdout, "%-8s %-14s %s\n", c.Status, c.Name, c.Message)
	if c.Next != "" {
		_ = report.Printf(d.Stdout, "%23s -> %s\n", "", c.Next)
	}
}

// skip records the names of checks that cannot be made.
func (d *Doctor) skip(names ...string) {
	d.Findings.NotChecked = append(d.Findings.NotChecked, names...)
}

// trouble returns the kind of an error of a call or a sign-in.
func (d *Doctor) trouble(err error) Trouble {
	if refused, ok := errors.AsType[*auth.Error](err); ok {
		if refused.Temporary() {
			return Temporary
		}
		return SignIn
	}
	if failed, ok := errors.AsType[*api.Error](err); ok {
		switch {
		case failed.Ends == api.EndRefused:
			return Configuration
		case failed.Temporary():
			return Temporary
		}
		return SignIn
	}
	return d.Trouble(signin.ConnectError(err))
}

func join(names []string) string { return strings.Join(names, ", ") }

// login returns the command that signs in again.
func (d *Doctor) login() string { return d.Profiles.Login(d.Name) }
