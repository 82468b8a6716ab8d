package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"rolecall/job"
	"rolecall/job/cli/profile"
	"rolecall/job/machine"
	"rolecall/job/report"

	"github.com/alecthomas/kong"
)

// commandLine is the whole command surface.
type commandLine struct {
	Version kong.VersionFlag `help:"Show the version and exit." env:"-"`
	Config  string           `placeholder:"FILE" help:"File of the profiles (default: rolecall/config.yaml in $$XDG_CONFIG_HOME or the system's own place)."`

	Assign   assignCmd   `cmd:"" help:"Put each row's contact on its deal with its role."`
	Remove   removeCmd   `cmd:"" help:"Take each row's contact off its deal."`
	Export   exportCmd   `cmd:"" help:"Write who plays which role on which deal to a file."`
	Resume   resumeCmd   `cmd:"" help:"Go on with a run that was stopped, interrupted or killed."`
	Report   reportCmd   `cmd:"" help:"Show a run, and make its files again."`
	Roles    rolesCmd    `cmd:"" help:"The org's list of contact roles, by CSV."`
	Emulate  emulateCmd  `cmd:"" help:"Serve a Zoho to rehearse against, on this machine."`
	Auth     authCmd     `cmd:"" help:"Sign in to Zoho."`
	Profiles profilesCmd `cmd:"" help:"List the orgs of the config file."`
	Doctor   doctorCmd   `cmd:"" help:"Look at all that a run needs, and say what to mend."`
}

// process is what a command has of the process around it.
type process struct {
	ctx            context.Context
	stdin          io.Reader
	stdout, stderr io.Writer
	getenv         func(string) string
	shared         *machine.Machine // nil: not used yet; see machine
	version        string
	quiet          bool
	needs          string // the command whose scopes are needed, "" where that is not known
	conf           configuration
	patience       time.Duration // with another process that holds the access tokens; 0: the usual one
	exit           *int          // what the command ends with when it has no error
	atEnd          []func()      // what the command leaves behind is put away by these
}

// description is the head of --help.
const description = "rolecall moves who plays which role on which deal between spreadsheets and Zoho, in bulk.\n\n" +
	"Try it with no Zoho account: rolecall assign samples/deal_roles.csv --profile emulator\n\n" + exitCodes +
	"\n\nEach flag has an environment name by rule (--max-credits is ROLECALL_MAX_CREDITS), except those of auth login and those that confirm or widen what a run may do (--yes, --prune, --accept-*, --allow-*).\n" +
	"A profile of the config file can give any of these flags its default. Order: flag, environment, config file, default."

// Main runs rolecall and returns its exit code. SIGINT or SIGTERM once ends the calls and writes the results; twice leaves at once.
func Main(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	unsetEmpty(os.Environ())
	ctx, stop := onSignals(stderr, func() { os.Exit(exitInterrupted) })
	defer stop()
	return run(&process{ctx: ctx, stdin: stdin, stdout: stdout, stderr: stderr, getenv: os.Getenv, version: version()}, args)
}

// unsetEmpty takes variables of rolecall's that are set to nothing out of the environment: cron files and CI systems set what they mean to leave out.
func unsetEmpty(environ []string) {
	for _, e := range environ {
		if name, value, _ := strings.Cut(e, "="); value == "" && strings.HasPrefix(name, "ROLECALL_") {
			_ = os.Unsetenv(name) // it only fails for names that could not have been set
		}
	}
}

// run parses the arguments and runs the command.
func run(p *process, args []string) int {
	code := exitOK
	p.exit = &code
	answered := false // --help and --version answer while parsing
	var line commandLine
	parser, err := p.parser(&line, func() { answered = true })
	if err != nil {
		return p.fail(err)
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	parsed, err := parser.Parse(args)
	switch {
	case answered:
		return exitOK
	case err != nil:
		return p.fail(usageError(p.conf.given.addTo(err)))
	}
	err = parsed.Run(p)
	for _, end := range p.atEnd {
		end()
	}
	if err != nil {
		return p.fail(err)
	}
	return code
}

// parser makes what reads the arguments into line. answered is called when they asked for help or the version, which has been given.
func (p *process) parser(line *commandLine, answered func()) (*kong.Kong, error) {
	return kong.New(line, kong.Name("rolecall"), kong.Description(description), kong.Writers(p.stdout, p.stderr),
		kong.Exit(func(int) { answered() }), kong.DefaultEnvars("ROLECALL"), kong.Vars{"version": p.version, "default_profile": profile.Default}, kong.WithBeforeResolve(p.configure),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, NoExpandSubcommands: true, WrapUpperBound: 120}))
}

// usageError adds where to read on to a mistake in the arguments.
func usageError(err error) error {
	_, line := errors.AsType[*errUsage](err)
	if _, usage := errors.AsType[*job.UsageError](err); usage || line { // it says itself what to do
		return err
	}
	command := "rolecall"
	var parse *kong.ParseError
	if errors.As(err, &parse) && parse.Context != nil && parse.Context.Selected() != nil {
		command = parse.Context.Selected().FullPath()
	}
	return &errUsage{fmt.Errorf("%w (see %s --help)", err, command)}
}

// fail says what went wrong and returns the exit code for it.
func (p *process) fail(err error) int {
	_, _ = fmt.Fprintf(p.stderr, "rolecall: %s\n", report.Printable(strings.ReplaceAll(err.Error(), "\n", "; ")))
	p.hint(err)
	return codeOf(err)
}

// hint says what to do where signing in is what went wrong.
func (p *process) hint(err error) {
	if hint := p.signInHint(err); hint != "" {
		p.say("  -> %s", hint)
	}
}

// note says something that is no trouble; --quiet silences it.
func (p *process) note(text string) {
	if !p.quiet {
		p.say("rolecall: %s", text)
	}
}

// say tells people something.
func (p *process) say(format string, args ...any) {
	_, _ = fmt.Fprintf(p.stderr, format+"\n", args...)
}
