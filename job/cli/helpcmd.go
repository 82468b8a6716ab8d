package cli

import (
	"io"

	"rolecall/job"
	"rolecall/job/cli/manual"
)

// helpCmd shows the manual.
type helpCmd struct {
	Topic string `arg:"" optional:"" help:"The page to show (default: the list of pages)."`
}

// Help is the part of --help below the flags.
func (*helpCmd) Help() string {
	return `The manual is in the program. Without a topic its pages are listed. Each command has its own --help too.

Example:
  rolecall help salesforce`
}

// Run does the command.
func (c *helpCmd) Run(p *process) error {
	if c.Topic == "" {
		_, err := io.WriteString(p.stdout, "The pages of the manual, shown by rolecall help TOPIC:\n\n")
		if err != nil {
			return err
		}
		return manual.List(p.stdout)
	}
	text, err := manual.Page(c.Topic)
	if err != nil {
		return &job.UsageError{Err: err}
	}
	_, err = io.WriteString(p.stdout, text)
	return err
}
