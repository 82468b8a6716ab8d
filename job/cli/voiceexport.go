package cli

import "rolecall/job/export"

// voiceExportCmd exports the contacts of Zoho Voice to a file.
type voiceExportCmd struct {
	exportFlags
	voiceURLFlag

	Full bool `help:"Read each contact alone, a call each, for what no list has: created_time and number."`
}

// Help is the part of --help below the flags.
func (*voiceExportCmd) Help() string {
	return `All contacts are exported, 50 to a call, in the order of their ids. The file is written whole or not at all.
rolecall voice import reads it. Voice never shows the status of a contact, so the file does not have it. Calls to Voice
cost no credits; signing in costs one.

Example:
  rolecall voice export -o contacts.csv --changes changes.csv`
}

// Run does the command.
func (c *voiceExportCmd) Run(p *process) error {
	o := c.options("voice")
	o.Module, o.Full = export.ModuleVoice, c.Full
	p.voiceURL = c.VoiceURL
	return c.start(p, export.Voice, export.Request{Options: o})
}
