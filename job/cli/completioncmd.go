package cli

import (
	"fmt"
	"io"

	"rolecall/job/cli/command"
	"rolecall/job/cli/completion"
	"rolecall/job/cli/manual"
)

// completionCmd writes the script that lets a shell complete rolecall's commands.
type completionCmd struct {
	Shell string `arg:"" enum:"bash,zsh,fish,powershell" help:"bash, zsh, fish or powershell."`
}

// Help is the part of --help below the flags.
func (*completionCmd) Help() string {
	return `The command writes a script to stdout. The first line of the script says where to put it.

Example:
  rolecall completion bash > /etc/bash_completion.d/rolecall`
}

// Run does the command.
func (c *completionCmd) Run(p *command.Process) error {
	script, err := completion.Script(c.Shell)
	if err != nil {
		return err
	}
	_, err = io.WriteString(p.Stdout, script)
	return err
}

// completeCmd writes what the current word may become. The scripts of completionCmd call it.
type completeCmd struct {
	Current string   `help:"The word to complete." env:"-"`
	Words   []string `arg:"" optional:"" help:"The words before it."`
}

// Run does the command. An unreadable config file adds no candidates.
func (c *completeCmd) Run(p *command.Process) error {
	all, err := p.Commands()
	if err != nil {
		return err
	}
	values := func(name string) (all []string) {
		switch name {
		case "topic":
			all = manual.Topics()
		case "profile", "from", "to":
			if conf, err := p.Profiles().Read(); err == nil {
				for _, one := range conf.Profiles {
					all = append(all, one.Name)
				}
			}
			all = append(all, "emulator")
		}
		return all
	}
	for _, candidate := range completion.Candidates(all, c.Words, c.Current, values) {
		if _, err := fmt.Fprintln(p.Stdout, candidate); err != nil {
			return err
		}
	}
	return nil
}
