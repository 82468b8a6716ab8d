// Package command holds what commands share: their process, the flags of several commands, the connection to an org,
// and the steps from flags to a run and from its result to an exit code.
package command

import (
	"errors"
	"io"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"rolecall/job"
	"rolecall/job/machine"
	"rolecall/job/report"
	"rolecall/job/rundir"
)

// Process is what a command uses of its process.
type Process struct {
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	Getenv         func(string) string
	shared         *machine.Machine // made by machine; nil: not used yet
	Version        string
	Quiet          bool
	needs          string                     // the command whose scopes are needed; "": not known
	Reconnect      string                     // what to do if a gateway lets no call through; "": there is no gateway
	VoiceURL       string                     // --voice-url; "": the data centre's
	Commands       func() (*kong.Node, error) // returns all commands with their flags
	ConfigFile     string                     // --config
	AllowOrgChange bool                       // --allow-org-change
	ReadOnly       string                     // the profile whose org a copy only reads; "": none
	conf           configuration
	Patience       time.Duration // how long to wait for a process that holds the access tokens; 0: the default
	object         []byte        // the JSON object of --json; nil: none yet
	Exit           *int          // the exit code of a command without an error
	AtEnd          []func()      // called at the end of the command, to clean up
}

// Fail shows an error and its hint, and returns the exit code. If only the reader of stdout went away, there is nothing
// to show.
func (p *Process) Fail(err error) int {
	if _, stopped := errors.AsType[*job.Stop](err); !stopped && errors.Is(err, rundir.ErrNoReader) {
		return ExitNoReader
	}
	ink := report.InksOf(p.Stderr)
	_ = report.Printf(p.Stderr, ink.Bad+"rolecall:"+ink.Off+" %s\n", strings.ReplaceAll(err.Error(), "\n", "; "))
	p.hint(err)
	return CodeOf(err)
}

// hint shows what to do about an error of the sign-in.
func (p *Process) hint(err error) {
	if hint := p.SignInHint(err); hint != "" {
		p.Say("  -> %s", hint)
	}
}

// Note shows a note, unless --quiet is given.
func (p *Process) Note(text string) {
	if !p.Quiet {
		p.Say("rolecall: %s", text)
	}
}

// Say writes a line to stderr.
func (p *Process) Say(format string, args ...any) {
	_ = report.Printf(p.Stderr, format+"\n", args...)
}
