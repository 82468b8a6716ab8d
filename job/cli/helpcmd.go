package cli

import (
	"io"

	"rolecall/job"
	"rolecall/job/cli/command"
	"rolecall/job/cli/manual"
	"rolecall/job/report"
)

// widestPage is the width of the pages of the manual, in columns.
const widestPage = 100

// helpCmd shows the manual.
type helpCmd struct {
	Topic []string `arg:"" optional:"" help:"The page, or the command, to show (default: the list of pages)."`
}

// Help is the part of --help below the flags.
func (*helpCmd) Help() string {
	return `The manual is in the program. Without a topic the command lists the pages. If a command has no page, its name
shows its --help.

Example:
  rolecall help roundtrip`
}

// Run does the command.
func (c *helpCmd) Run(p *command.Process) error {
	if len(c.Topic) == 0 {
		if _, err := io.WriteString(p.Stdout, "The pages of the manual. rolecall help TOPIC shows one.\n"); err != nil {
			return err
		}
		return manual.List(p.Stdout)
	}
	text, err := "", error(nil)
	if len(c.Topic) == 1 {
		text, err = manual.Page(c.Topic[0])
	}
	if text == "" && showHelp(p, c.Topic) {
		return nil
	}
	if err != nil {
		return &job.UsageError{Err: err}
	}
	_, err = io.WriteString(p.Stdout, manual.Fit(text, columnsOf(p.Stdout, widestPage)))
	return err
}

// showHelp shows the --help of a command. It reports whether there is such a command.
func showHelp(p *command.Process, command []string) bool {
	shown := false
	parser, err := newParser(p, &commandLine{}, func() { shown = true })
	if err == nil {
		_, _ = parser.Parse(append(command, "--help")) // what it cannot parse is no command
	}
	return shown
}

// columnsOf returns the width of a terminal in columns, at most widest. The width of anything else is widest.
func columnsOf(w io.Writer, widest int) int {
	if columns := report.Columns(w); columns > 0 {
		return min(columns, widest)
	}
	return widest
}

// versionCmd shows the version.
type versionCmd struct{}

// Help is the part of --help below the flags.
func (*versionCmd) Help() string {
	return `Example:
  rolecall version`
}

// Run does the command.
func (*versionCmd) Run(p *command.Process) error {
	_, err := io.WriteString(p.Stdout, p.Version+"\n")
	return err
}
