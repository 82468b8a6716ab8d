// Package cli is the command line. A command turns its flags into a run and its result into an exit code.
//
// Data goes to stdout or to files. Messages for people go to stderr. A message has no capital at the start and no full
// stop at the end. It says what failed, then why, then what to type next. Only a terminal gets a bar, colours and
// folded lines (package screen).
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"rolecall/job"
	"rolecall/job/cli/command"
	"rolecall/job/cli/profile"
	"rolecall/job/cli/records"
	"rolecall/job/cli/roles"
	"rolecall/job/cli/screen"
	"rolecall/job/cli/signals"
	"rolecall/job/cli/voice"
	"rolecall/job/report"
	"rolecall/job/rundir"
)

// commandLine is the whole command line: its commands and global flags.
type commandLine struct {
	VersionFlag kong.VersionFlag `name:"version" help:"Show the version and exit." env:"-"`
	Config      string           `placeholder:"FILE" help:"File of the profiles (default: rolecall/config.yaml in $$XDG_CONFIG_HOME or the system's own place)."`

	Assign   assignCmd            `cmd:"" help:"Put each row's contact on its deal with its role."`
	Plan     planCmd              `cmd:"" help:"Show what would change to make the org match a file."`
	Apply    applyCmd             `cmd:"" help:"Make the org match a file, or do what a saved plan says."`
	Verify   verifyCmd            `cmd:"" help:"Check whether the org matches a file, or what a run wanted."`
	Remove   removeCmd            `cmd:"" help:"Take each row's contact off its deal."`
	Show     showCmd              `cmd:"" help:"Show who is on a deal."`
	Export   exportCmd            `cmd:"" help:"Write who plays which role on which deal to a file."`
	Resume   resumeCmd            `cmd:"" help:"Continue a run that was stopped, interrupted or killed."`
	Report   reportCmd            `cmd:"" help:"Show a run, and write its files again."`
	Why      whyCmd               `cmd:"" help:"Show what happened to one row of a run, and how rolecall knows it."`
	Runs     runsCmd              `cmd:"" help:"List the runs of a folder, and remove old ones."`
	Undo     undoCmd              `cmd:"" help:"Take back what a run did."`
	Roles    roles.Commands       `cmd:"" help:"Show and change the org's list of contact roles."`
	Records  records.Commands     `cmd:"" help:"Show, export and change contacts, leads, deals, accounts and the records of any module."`
	Users    records.UserCommands `cmd:"" help:"Export the org's users."`
	Voice    voice.Commands       `cmd:"" help:"Show, export and change the contacts of Zoho Voice."`
	Emulate  emulateCmd           `cmd:"" help:"Serve an emulated Zoho on this machine, to rehearse against."`
	Auth     authCmd              `cmd:"" help:"Sign in to Zoho."`
	Profiles profilesCmd          `cmd:"" help:"List the profiles, and where their values come from."`
	Doctor   doctorCmd            `cmd:"" help:"Check everything that a run needs, and say what to fix."`

	Help       helpCmd       `cmd:"" help:"Show a page of the manual."`
	Version    versionCmd    `cmd:"" help:"Show the version."`
	Completion completionCmd `cmd:"" help:"Write the script that lets a shell complete commands."`
	Complete   completeCmd   `cmd:"" hidden:""`
}

// description is the beginning of --help.
const description = "rolecall moves who plays which role on which deal between spreadsheets and Zoho, in bulk.\n\n" +
	"Try it with no Zoho account:\n  rolecall assign samples/deal_roles.csv --profile emulator\n\n" +
	"rolecall COMMAND --help shows the flags of a command. rolecall help shows the manual."

// moreHelp is the end of --help.
const moreHelp = command.ExitCodes +
	"\n\nEach flag has an environment name by rule (--max-credits is ROLECALL_MAX_CREDITS), " +
	"except the flags of auth login and the flags that confirm or widen what a run may do " +
	"(--yes, --prune, --accept-*, --allow-*).\n" +
	"A profile of the config file can give any of these flags its default. " +
	"Order: flag, environment, config file, default."

// Main runs rolecall with the arguments args and returns its exit code. The first SIGINT, SIGTERM or SIGHUP ends the
// calls, and the results are written. The second ends the process at once.
func Main(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	if code, did := signals.AsInit(); did {
		return code
	}
	signals.CrashBySignal()
	unsetEmpty(os.Environ())
	stderr = screen.New(stderr, os.Getenv)
	ctx, stop := signals.Watch(stderr, os.Exit)
	defer stop()
	return run(ctx, &command.Process{
		Stdin: stdin, Stdout: rundir.Patient(ctx, report.Terminal(stdout)),
		Stderr: rundir.Patient(ctx, stderr), Getenv: os.Getenv, Version: version(),
	}, args)
}

// version returns the version of rolecall, from the build information of the Go tool.
func version() string {
	v, revision := "unknown", ""
	if info, ok := debug.ReadBuildInfo(); ok {
		v = info.Main.Version
		for _, s := range info.Settings {
			switch {
			case s.Key == "vcs.revision" && len(s.Value) >= 12:
				revision = " " + s.Value[:12]
			case s.Key == "vcs.modified" && s.Value == "true":
				revision += " (modified)"
			}
		}
	}
	return fmt.Sprintf("rolecall %s%s %s %s/%s", v, revision, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

// unsetEmpty unsets rolecall's environment variables that are empty. Cron files and CI systems set variables to ""
// that should not count.
func unsetEmpty(environ []string) {
	for _, e := range environ {
		if name, value, _ := strings.Cut(e, "="); value == "" && strings.HasPrefix(name, "ROLECALL_") {
			_ = os.Unsetenv(name) // it fails only for names that cannot be set
		}
	}
}

// run parses the arguments and runs the command.
func run(ctx context.Context, p *command.Process, args []string) int {
	code := command.ExitOK
	p.Exit = &code
	p.Commands = func() (*kong.Node, error) { return allCommands(p) }
	answered := false // --help and --version answer while parsing
	parser, err := newParser(p, commandLineOf(args), func() { answered = true })
	if err != nil {
		return p.Fail(err)
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	parsed, err := parser.Parse(args)
	switch {
	case answered:
		return command.ExitOK
	case err != nil:
		err = usageError(p.AddDefaults(err))
		return p.WriteObject(p.Fail(err), err, p.WantsObject(nil, args))
	}
	parsed.BindTo(ctx, (*context.Context)(nil))
	err = parsed.Run(p)
	for _, end := range p.AtEnd {
		end()
	}
	if err != nil {
		code = p.Fail(err)
	}
	return p.WriteObject(code, err, p.WantsObject(parsed, args))
}

// commandLineOf returns the value into which the parser reads the arguments: a commandLine. If the first argument is a
// command, the other commands have no flags, because making the flags of all commands takes a third of the start time.
func commandLineOf(args []string) any {
	all := reflect.TypeFor[commandLine]()
	isCommand := func(f reflect.StructField) bool { _, ok := f.Tag.Lookup("cmd"); return ok }
	isFirst := func(f reflect.StructField) bool {
		return isCommand(f) && len(args) > 0 && strings.ToLower(f.Name) == args[0]
	}
	fields := reflect.VisibleFields(all)
	if !slices.ContainsFunc(fields, isFirst) {
		return &commandLine{}
	}
	for i, f := range fields {
		if isCommand(f) && !isFirst(f) {
			fields[i].Type = reflect.TypeFor[struct{}]()
		}
	}
	return reflect.New(reflect.StructOf(fields)).Interface()
}

// newParser returns the parser that reads the arguments into line, a commandLine or a value of commandLineOf.
// The parser calls answered once it has shown the help or the version.
func newParser(p *command.Process, line any, answered func()) (*kong.Kong, error) {
	bytes := kong.KindMapper(reflect.String, kong.MapperFunc(decodeText))
	return kong.New(line, bytes, kong.Name("rolecall"), kong.Description(description), kong.Writers(p.Stdout, p.Stderr),
		kong.Exit(func(int) { answered() }), kong.DefaultEnvars("ROLECALL"),
		kong.Vars{"version": p.Version, "default_profile": profile.Default}, kong.PostBuild(records.ExpandHelp),
		kong.WithBeforeResolve(p.Configure),
		kong.PostBuild(showChoices), kong.Help(helpPrinter(p)))
}

// allCommands returns all commands with their flags.
func allCommands(p *command.Process) (*kong.Node, error) {
	all, err := newParser(p, &commandLine{}, func() {})
	if err != nil {
		return nil, err
	}
	return all.Model.Node, nil
}

// decodeText takes an argument as it is. Kong's own mapper makes it UTF-8, but a file's name is bytes.
func decodeText(line *kong.DecodeContext, target reflect.Value) error {
	token := line.Scan.Pop()
	text, ok := token.Value.(string)
	if !ok { // the end, or what no file's name is
		line.Scan.PushToken(token)
		return line.Scan.PopValueInto("string", target.Addr().Interface())
	}
	target.SetString(text)
	return nil
}

// usageError adds the command that shows the help to a mistake in the arguments.
func usageError(err error) error {
	if _, ok := errors.AsType[*job.UsageError](err); ok { // the message has its own advice
		return err
	}
	command := "rolecall"
	text := strings.Replace(err.Error(), "expected a valid 64 bit int but got", "expected a whole number, not", 1)
	var parse *kong.ParseError
	if errors.As(err, &parse) && parse.Context != nil {
		selected := parse.Context.Selected()
		if selected != nil {
			command = selected.FullPath()
		}
		if wrong, is := strings.CutPrefix(text, "unexpected argument "); is && (selected == nil || !selected.Leaf()) {
			text = "unknown command " + wrong
		}
	}
	return &job.UsageError{Err: fmt.Errorf("%s (see %s --help)", text, command)}
}
