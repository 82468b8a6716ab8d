package voice

import (
	"context"

	"rolecall/job/cli/command"
	"rolecall/job/export"
)

// exportCmd exports the contacts of Zoho Voice to a file.
type exportCmd struct {
	command.ExportFlags
	command.VoiceURLFlag

	Full bool `help:"Read each contact with a call of its own, which adds created_time and number: no list has them."`
}

// Help is the part of --help below the flags.
func (*exportCmd) Help() string {
	return `The command exports all contacts, 50 to a call, in the order of their ids. It writes the file whole or not at
all. rolecall voice import reads the file. Voice never shows the status of a contact, so the file does not have it.
Calls to Voice cost no credits; signing in costs one.

Example:
  rolecall voice export -o contacts.csv --changes changes.csv`
}

// Run does the command.
func (c *exportCmd) Run(ctx context.Context, p *command.Process) error {
	o := c.Options("voice")
	o.Module, o.Full = export.ModuleVoice, c.Full
	p.VoiceURL = c.VoiceURL
	return c.Start(ctx, p, export.Voice, export.Request{Options: o})
}
