package cli

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"rolecall/csvio"
	"rolecall/job"
	"rolecall/job/voice"
)

// voiceCmd is the commands for the contacts of Zoho Voice.
type voiceCmd struct {
	Export   voiceExportCmd   `cmd:"" help:"Write all contacts to a file."`
	Import   voiceImportCmd   `cmd:"" help:"Create or change a contact for each row of a table."`
	Get      voiceGetCmd      `cmd:"" help:"Show contacts by their ids."`
	Delete   voiceDeleteCmd   `cmd:"" help:"Delete contacts."`
	Statuses voiceStatusesCmd `cmd:"" help:"List the statuses that a contact may have."`
}

// voiceFileFlags are the flags of every command that makes a run over a table of contacts. The tables of other commands
// have other columns, so neither an environment variable nor a profile sets --map.
type voiceFileFlags struct {
	tableFlags
	paceFlags
	talkFlags
	pinFlags
	profileFlag
	voiceURLFlag

	RunDir string            `placeholder:"DIR" help:"Folder of the run (default: <file>-<command>-<UTC time>)."`
	DryRun bool              `short:"n" help:"Check everything, show the changes, and say the price; write nothing to Zoho."`
	Map    map[string]string `env:"-" mapsep:"none" placeholder:"FIELD=HEADER" help:"Which column a field is, such as mobile=\"Cell\"; may be repeated."`
}

// Keeps reports whether a profile's default of a flag must not count. That of --map is for other tables.
func (*voiceFileFlags) Keeps(flag string) bool { return flag == "map" }

// Validate refuses unknown fields in --map, and calls the Validate methods of its embedded flags.
func (f *voiceFileFlags) Validate() error {
	return errors.Join(checkMap(f.Map, voice.Columns()), f.tableFlags.Validate(), f.limitFlags.Validate())
}

// start does a new run of a job. input adds the input to its request.
func (f *voiceFileFlags) start(p *process, a asked, o voice.Options, input func(*job.Request) error) error {
	given := a.settings
	a.settings = f.settings(f.Map)
	a.settings.MaxDelete, a.settings.LastWins = given.MaxDelete, given.LastWins
	f.change(&a.settings)
	a.talkFlags, a.pinFlags, a.profile, a.options = f.talkFlags, f.pinFlags, f.Profile, o
	p.voiceURL = f.VoiceURL
	return p.start(a, func(q job.Request) (*job.Result, error) {
		q.RunDir, q.DryRun = f.RunDir, f.DryRun
		if err := input(&q); err != nil {
			return nil, err
		}
		return job.Start(p.ctx, q)
	})
}

// voiceImportCmd creates and changes contacts.
type voiceImportCmd struct {
	voiceFileFlags

	File string `arg:"" help:"CSV with a header (gzip is recognised), Excel workbook (XLSX) or JSON (Lines, or an array of objects); - is stdin."`

	DefaultCountry string `placeholder:"CC" help:"Country of the numbers that have no country code, such as US or DE (default: such a number is refused)."`
	Match          string `enum:"mobile,email," default:"" help:"Change the contact that has the same, and create only the others: all contacts are listed first."`
	FromCRM        bool   `name:"from-crm" env:"-" help:"The table is one of rolecall records export Contacts: its ids are not Voice's, and Account_Name is the company."`
	Contradictions string `enum:"error,last" default:"error" help:"Of rows that give one contact different values only the last is sent; the others fail (error), or are unchanged if the last one succeeds (last)."`
}

// Help is the part of --help below the flags.
func (*voiceImportCmd) Help() string {
	return `A row with a contact_id changes that contact, a row without one creates a contact. Columns: first_name and
mobile, which a new contact needs, and last_name, email, mobile1 to mobile3, phone, phone1 to phone3, company, address,
state, country, is_favourite, is_spam, contact_status (Active, In Active, VIP, or an id); without case, spaces, _ -
and . in them.
An empty cell leaves its field alone. Numbers are sent as +12015550123; what is no number fails before any call.
Rows with one contact_id, or without one and with one mobile, are about one contact: a repeat is not sent again.
Voice never shows the status of a contact, so it is sent whenever a row has one, and undo does not put it back.
One result row per input row is written to results.csv in the run's folder, with rc_contact_id. A create whose answer
was lost is never sent again: it is looked up by mobile and name at the end, or its row is OUTCOME_UNKNOWN. Calls to Voice
cost no credits; signing in costs one.

Example:
  rolecall voice import people.csv --default-country US --match mobile --profile emulator`
}

// Run does the command.
func (c *voiceImportCmd) Run(p *process) error {
	country := strings.ToUpper(c.DefaultCountry)
	if country != "" && !voice.IsCountry(country) {
		return &job.UsageError{Err: fmt.Errorf("--default-country %s: it is the two letters of a country, such as US, DE or IN",
			country)}
	}
	o := voice.Options{Country: country, Match: c.Match, FromCRM: c.FromCRM}
	a := asked{kind: voice.Import, settings: job.Settings{LastWins: c.Contradictions == "last"}}
	return c.start(p, a, o, fromFile(c.File))
}

// voiceDeleteCmd deletes contacts.
type voiceDeleteCmd struct {
	voiceFileFlags
	yesFlag

	Contacts  []string      `arg:"" name:"file|id" help:"A table with a column contact_id (- is stdin), or the ids of contacts."`
	MaxDelete job.Threshold `placeholder:"N" help:"Refuse to delete more contacts than this, with exit code 3 (default: no limit)."`
}

// Help is the part of --help below the flags.
func (*voiceDeleteCmd) Help() string {
	return `Each contact is read right before it is deleted. How many would go is asked about; where nobody can be asked
nothing goes without --yes (exit code 2). rolecall undo creates deleted contacts again: they have new ids.

Example:
  rolecall voice delete leavers.csv --dry-run`
}

// Run does the command.
func (c *voiceDeleteCmd) Run(p *process) error {
	input, err := c.input()
	if err != nil {
		return err
	}
	a := asked{kind: voice.Delete, yes: c.Yes, settings: job.Settings{MaxDelete: c.MaxDelete}}
	return c.start(p, a, voice.Options{}, input)
}

// input returns what adds the table, or the contacts that are named, to a request. A table called like an id is given
// as ./4150868.
func (c *voiceDeleteCmd) input() (func(*job.Request) error, error) {
	bad := slices.IndexFunc(c.Contacts, func(word string) bool { _, wrong := csvio.ParseID(word); return wrong != nil })
	if bad < 0 {
		return func(q *job.Request) (err error) { q.Made, err = voice.Named(c.Contacts); return err }, nil
	}
	word := c.Contacts[bad]
	_, err := os.Stat(word)
	switch isTable := word == "-" || err == nil; {
	case isTable && len(c.Contacts) == 1:
		return fromFile(word), nil
	case isTable:
		return nil, &job.UsageError{Err: fmt.Errorf("%s is a table: give it alone, or only ids of contacts", word)}
	}
	return nil, &job.UsageError{Err: fmt.Errorf("%.60q is neither a file nor the id of a contact: give one table, or ids such as "+
		"31500010000000001", word)}
}
