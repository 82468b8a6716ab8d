package cli

import (
	"cmp"
	"context"
	"strings"

	"rolecall/api"
	"rolecall/api/pace"
	"rolecall/csvio"
	"rolecall/job"
	"rolecall/job/cli/command"
	"rolecall/job/cli/doctor"
	"rolecall/job/cli/profile"
	"rolecall/job/report"
)

// doctorCmd checks everything that a run needs.
type doctorCmd struct {
	File string `arg:"" optional:"" help:"File to check as well; rolecall writes nothing of it to Zoho; - is stdin."`

	Encoding  string            `placeholder:"NAME" help:"Encoding of the file, such as windows-1252 (default: UTF-8, or UTF-16 by its BOM)."`
	Delimiter string            `placeholder:"CHAR" help:"Delimiter: , ; | or tab (default: found from the header)."`
	Map       map[string]string `mapsep:"none" placeholder:"FIELD=HEADER" help:"Column of a field, such as deal_id=\"Opportunity ID\"; may be repeated."`
	HeaderRow int               `default:"0" placeholder:"N" help:"Line of the header (default: the first line, or else the line among the first 50 that has the needed columns)."`
	Sheet     string            `placeholder:"NAME" help:"Sheet of a workbook (default: the first one, or else the sheet that has the needed columns)."`

	command.SavedFlags
	command.RoleNameFlags
	command.ExternalFlag
	command.ProfileFlag
	command.VoiceURLFlag

	Deep bool `help:"Look up all deals and contacts of FILE in the org, not only a sample: a credit for each 100 different ones."`
	JSON bool `help:"Write the checks as one JSON object."`
}

// Help is the part of --help below the flags.
func (*doctorCmd) Help() string {
	return `The command checks the config file, the secrets and who can read them, the clock, the connection to Zoho, the
sign-in and its scopes, the org with its limits and credits, and the roles. With FILE it also checks the form of the
file, its headers, ids and first rows, and whether the org has a sample of its deals and contacts (--deep: all of
them). Each line says ok, warning or error. The line below it says what to do. If the sign-in has the scopes of Zoho
Voice, or with --voice-url, the command asks Voice too.

The command writes nothing to Zoho. It costs about six credits, and with FILE up to six more.
If Zoho refuses the sign-in, rolecall sends the client id and the secrets to Zoho's other data centres too, to find the
data centre that knows them. It says so first.

The exit code is 0 if there are no errors. Otherwise it is the first of these that applies: 2 for an error of the
configuration, the file or the org, 4 for the sign-in, a scope or the clock, 5 for a server that cannot be reached.

Example:
  rolecall doctor samples/deal_roles.csv --profile emulator`
}

// file returns the flags that say how to read FILE.
func (c *doctorCmd) file() *command.FileFlags {
	return &command.FileFlags{File: c.File, Map: c.Map, TableFlags: command.TableFlags{
		Encoding: c.Encoding, Delimiter: c.Delimiter, HeaderRow: c.HeaderRow, Sheet: c.Sheet,
	}}
}

// Validate refuses flags with which no file can be read.
func (c *doctorCmd) Validate() error { return cmp.Or(c.file().Validate(), c.Check()) }

// LooksItself marks a command that reports an unusable config file itself, so that the file does not end it.
func (*doctorCmd) LooksItself() {}

// Run makes the checks and shows their findings.
func (c *doctorCmd) Run(ctx context.Context, p *command.Process) error {
	roles, err := c.RoleMap(p)
	if err != nil {
		return err
	}
	name, err := p.ProfileOr(c.Profile)
	if err != nil {
		name = c.Profile // the checks report the error of the config file
	}
	p.VoiceURL = c.VoiceURL
	d := doctorOf(p, name)
	d.Quiet = c.JSON
	set := c.file().Settings()
	p.UsedMap(&set)
	options := csvio.Options{
		Encoding: set.Encoding, Delimiter: set.Delimiter, Map: set.Map, HeaderRow: set.HeaderRow, Sheet: set.Sheet,
	}
	keys := c.Keys(p)
	d.Examine(ctx, doctor.File{
		Path: c.File, Options: options, RoleMap: roles, External: keys, SaveRoleMap: c.SaveRoleMap, Deep: c.Deep,
	})
	var notes report.Summary
	c.Save(&c.file().TableFlags, set.Map, roles, keys, &notes)
	for _, note := range notes.Notes {
		p.Say("rolecall: %s", note)
	}
	*p.Exit = codeOfTrouble(d.Findings.Worst())
	if ctx.Err() != nil {
		*p.Exit = command.ExitInterrupted
	}
	if c.JSON {
		return p.WriteJSON(&d.Findings)
	}
	if len(d.Findings.NotChecked) > 0 {
		err := report.Printf(p.Stdout, "not looked at, because of the errors above: %s\n",
			strings.Join(d.Findings.NotChecked, ", "))
		return err
	}
	return nil
}

// doctorOf returns a doctor that uses a process.
func doctorOf(p *command.Process, name string) *doctor.Doctor {
	return &doctor.Doctor{
		Command: signIn(p), Name: name, Usual: command.FallbackInFlight, Emulate: p.Emulate, Hint: p.SignInHint,
		Trouble: troubleOf,
		Share: func(pacer *pace.Pacer, here profile.Place) error {
			return p.Share(pacer, here, command.FallbackInFlight)
		},
		Account: func(pacer *pace.Pacer, here profile.Place, org api.Org) error {
			_, err := p.Account(pacer, here, org, job.Settings{})
			return err
		},
	}
}

// codeOfTrouble returns the exit code for the worst finding of doctor.
func codeOfTrouble(t doctor.Trouble) int {
	return map[doctor.Trouble]int{
		doctor.None: command.ExitOK, doctor.Configuration: command.ExitUsage,
		doctor.SignIn: command.ExitSignIn, doctor.Temporary: command.ExitTemporary, doctor.Other: command.ExitStopped,
	}[t]
}

// troubleOf returns the kind of an error for doctor. Other commands end with exit code 11 if another process uses the
// emulated org. Doctor has no such code: that error is temporary.
func troubleOf(err error) doctor.Trouble {
	switch command.CodeOf(err) {
	case command.ExitUsage:
		return doctor.Configuration
	case command.ExitSignIn:
		return doctor.SignIn
	case command.ExitTemporary, command.ExitLocked:
		return doctor.Temporary
	}
	return doctor.Other
}
