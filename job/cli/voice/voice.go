// Package voice holds the commands for the contacts of Zoho Voice.
package voice

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"rolecall/csvio"
	"rolecall/job"
	"rolecall/job/cli/command"
	"rolecall/job/voice"
)

// Commands are the commands for the contacts of Zoho Voice.
type Commands struct {
	Export   exportCmd   `cmd:"" help:"Write all contacts to a file."`
	Import   importCmd   `cmd:"" help:"Create or change a contact for each row of a table."`
	Get      getCmd      `cmd:"" help:"Show contacts by their ids."`
	Delete   deleteCmd   `cmd:"" help:"Delete contacts."`
	Statuses statusesCmd `cmd:"" help:"List the statuses that a contact may have."`
}

// fileFlags are the flags of every command that makes a run over a table of contacts. The tables of other commands
// have other columns, so neither an environment variable nor a profile sets --map.
type fileFlags struct {
	command.TableFlags
	command.PaceFlags
	command.TalkFlags
	command.PinFlags
	command.ProfileFlag
	command.VoiceURLFlag

	RunDir string            `placeholder:"DIR" help:"Folder of the run (default: <file>-<command>-<UTC time>)."`
	DryRun bool              `short:"n" help:"Check everything, and show the changes and the price; write nothing to Zoho."`
	Map    map[string]string `env:"-" mapsep:"none" placeholder:"FIELD=HEADER" help:"Column of a field, such as mobile=\"Cell\"; may be repeated."`
}

// Keeps reports whether a profile's default of a flag must not count. A default of --map is for other tables.
func (*fileFlags) Keeps(flag string) bool { return flag == "map" }

// Validate refuses unknown fields in --map, and calls the Validate methods of its embedded flags.
func (f *fileFlags) Validate() error {
	return errors.Join(command.CheckMap(f.Map, voice.Columns()), f.TableFlags.Validate(), f.LimitFlags.Validate())
}

// start does a new run of a job. input adds the input to its request.
func (f *fileFlags) start(
	ctx context.Context, p *command.Process, a command.Asked, o voice.Options, input func(*job.Request) error,
) error {
	given := a.Settings
	a.Settings = f.Settings(f.Map)
	a.Settings.MaxDelete, a.Settings.LastWins = given.MaxDelete, given.LastWins
	f.Change(&a.Settings)
	a.TalkFlags, a.PinFlags, a.Profile, a.Options = f.TalkFlags, f.PinFlags, f.Profile, o
	p.VoiceURL = f.VoiceURL
	return p.Start(ctx, a, func(ctx context.Context, q job.Request) (*job.Result, error) {
		q.RunDir, q.DryRun = f.RunDir, f.DryRun
		if err := input(&q); err != nil {
			return nil, err
		}
		return job.Start(ctx, q)
	})
}

// importCmd creates and changes contacts.
type importCmd struct {
	fileFlags

	File string `arg:"" help:"CSV with a header (gzip is recognised), Excel workbook (XLSX) or JSON (Lines, or an array of objects); - is stdin."`

	DefaultCountry string `placeholder:"CC" help:"Country of numbers without a country code, such as US or DE (default: rolecall refuses such numbers)."`
	Match          string `enum:"mobile,email," default:"" help:"List all contacts first; change the contact with the same mobile number or e-mail, and create only the others."`
	FromCRM        bool   `name:"from-crm" env:"-" help:"The table is from rolecall records export Contacts: its ids are not ids of Voice, and Account_Name is the company."`
	Contradictions string `enum:"error,last" default:"error" help:"If rows give one contact different values, send only the last of them. The others fail (error), or are unchanged if the last one succeeds (last)."`
}

// Help is the part of --help below the flags.
func (*importCmd) Help() string {
	return `A row with a contact_id changes that contact. A row without a contact_id creates a contact. Columns: first_name
and mobile, which a new contact needs, and last_name, email, mobile1 to mobile3, phone, phone1 to phone3, company,
address, state, country, is_favourite, is_spam, contact_status (Active, In Active, VIP, or an id). In headers, case,
spaces, _ - and . do not count.

An empty cell does not change its field. rolecall sends numbers as +12015550123; a cell that is no number fails before
any call. Rows with the same contact_id, or without one and with the same mobile, are about one contact: rolecall does
not send a repeat. Voice never shows the status of a contact. So rolecall always sends a status that a row has, and undo
does not put it back.

results.csv in the run's folder has one result row for each input row, with rc_contact_id. If the answer of a create is
lost, rolecall never sends the create again. It looks the contact up by mobile and name at the end, or the row is
OUTCOME_UNKNOWN. Calls to Voice cost no credits; signing in costs one.

Example:
  rolecall voice import people.csv --default-country US --match mobile --profile emulator`
}

// Run does the command.
func (c *importCmd) Run(ctx context.Context, p *command.Process) error {
	country := strings.ToUpper(c.DefaultCountry)
	if country != "" && !voice.IsCountry(country) {
		return &job.UsageError{Err: fmt.Errorf("--default-country %s: give the two letters of a country, "+
			"such as US, DE or IN", country)}
	}
	o := voice.Options{Country: country, Match: c.Match, FromCRM: c.FromCRM}
	a := command.Asked{Kind: voice.Import, Settings: job.Settings{LastWins: c.Contradictions == "last"}}
	return c.start(ctx, p, a, o, command.FromFile(c.File))
}

// deleteCmd deletes contacts.
type deleteCmd struct {
	fileFlags
	command.YesFlag

	Contacts  []string      `arg:"" name:"file|id" help:"A table with a column contact_id (- is stdin), or the ids of contacts."`
	MaxDelete job.Threshold `placeholder:"N" help:"Delete nothing, and end with exit code 3, if there are more contacts than this (default: no limit)."`
}

// Help is the part of --help below the flags.
func (*deleteCmd) Help() string {
	return `rolecall says how many contacts it would delete and asks first. Without a terminal it needs --yes, or it ends
with exit code 2. It reads each contact right before it deletes the contact. rolecall undo creates deleted contacts
again, with new ids.

Example:
  rolecall voice delete leavers.csv --dry-run`
}

// Run does the command.
func (c *deleteCmd) Run(ctx context.Context, p *command.Process) error {
	input, err := c.input()
	if err != nil {
		return err
	}
	a := command.Asked{Kind: voice.Delete, Yes: c.Yes, Settings: job.Settings{MaxDelete: c.MaxDelete}}
	return c.start(ctx, p, a, voice.Options{}, input)
}

// input returns a function that adds the table, or the named contacts, to a request. The user gives a table with a name
// like an id as ./4150868.
func (c *deleteCmd) input() (func(*job.Request) error, error) {
	bad := slices.IndexFunc(c.Contacts, func(word string) bool { _, wrong := csvio.ParseID(word); return wrong != nil })
	if bad < 0 {
		return func(q *job.Request) (err error) { q.Made, err = voice.Named(c.Contacts); return err }, nil
	}
	word := c.Contacts[bad]
	_, err := os.Stat(word)
	switch isTable := word == "-" || err == nil; {
	case isTable && len(c.Contacts) == 1:
		return command.FromFile(word), nil
	case isTable:
		return nil, &job.UsageError{Err: fmt.Errorf("%s is a table: give only the table, or only ids of contacts", word)}
	}
	return nil, &job.UsageError{Err: fmt.Errorf("%.60q is neither a file nor the id of a contact: "+
		"give one table, or ids such as 31500010000000001", word)}
}
