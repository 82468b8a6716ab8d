package cli

import (
	"context"
	"errors"
	"io"
	"rolecall/job"
	"rolecall/job/machine"
	"rolecall/job/report"
	"rolecall/job/rundir"
	"strings"
	"time"

	"github.com/alecthomas/kong"
)

// process is what a command uses of its process.
type process struct {
	ctx            context.Context
	stdin          io.Reader
	stdout, stderr io.Writer
	getenv         func(string) string
	shared         *machine.Machine // made by machine; nil: not used yet
	version        string
	quiet          bool
	needs          string                     // the command whose scopes are needed; "": not known
	reconnect      string                     // what to do if a gateway lets no call through; "": there is no gateway
	voiceURL       string                     // --voice-url; "": the data centre's
	commands       func() (*kong.Node, error) // returns all commands with their flags
	configFile     string                     // --config
	allowOrgChange bool                       // --allow-org-change
	readOnly       string                     // the profile whose org a copy only reads; "": none
	conf           configuration
	patience       time.Duration // how long to wait for a process that holds the access tokens; 0: the default
	object         []byte        // the JSON object of --json; nil: none yet
	exit           *int          // the exit code of a command without an error
	atEnd          []func()      // called at the end of the command, to clean up
}

// fail shows an error and its hint, and returns the exit code. If only the reader of stdout went away, there is nothing
// to show.
func (p *process) fail(err error) int {
	if _, stopped := errors.AsType[*job.Stop](err); !stopped && errors.Is(err, rundir.ErrNoReader) {
		return exitNoReader
	}
	ink := report.InksOf(p.stderr)
	_ = report.Printf(p.stderr, ink.Bad+"rolecall:"+ink.Off+" %s\n", strings.ReplaceAll(err.Error(), "\n", "; "))
	p.hint(err)
	return codeOf(err)
}

// hint shows what to do about an error of the sign-in.
func (p *process) hint(err error) {
	if hint := p.signInHint(err); hint != "" {
		p.say("  -> %s", hint)
	}
}

// note shows a note, unless --quiet is given.
func (p *process) note(text string) {
	if !p.quiet {
		p.say("rolecall: %s", text)
	}
}

// say writes a line to stderr.
func (p *process) say(format string, args ...any) {
	_ = report.Printf(p.stderr, format+"\n", args...)
}
